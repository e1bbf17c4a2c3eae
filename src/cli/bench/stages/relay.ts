/** Relay: a MESSAGE to a user who is there and answers 200 is answered 200 to its sender and written nowhere. */
import type { BenchRow } from '../bench-row.ts';
import type { BenchSite } from '../bench-site.ts';
import type { BenchSizes } from '../bench-sizes.ts';
import type { LoadPlan, LoadTransport } from '../load/load-plan.ts';
import { measure, rowOfAnswers, warmUpOf, type Stage } from './stage.ts';

export const relay: Stage = async (site, sizes) => {
  const rows: BenchRow[] = [];
  for (const transport of ['udp', 'tcp'] as const) rows.push(await relayOver(transport, site, sizes));
  return rows;
};

async function relayOver(transport: LoadTransport, site: BenchSite, sizes: BenchSizes): Promise<BenchRow> {
  const { users, messages, width, seconds } = sizes;
  const name = `relay ${transport.toUpperCase()}`;
  return site.withRig({ name, users, transport, isTrusted: true }, async (rig) => {
    const register: LoadPlan = {
      kind: 'register',
      firstUser: 0,
      users,
      total: users,
      width,
      secondsMax: seconds,
      wantedStatus: 200,
    };
    await rig.run('registering', register);
    const plan: LoadPlan = { ...register, kind: 'message', total: messages, forgetsArrivals: true };
    await rig.run('warming up', warmUpOf(plan));
    const run = await measure(rig, 'measuring', plan);
    const row = rowOfAnswers({ stage: 'relay', name }, run);
    const missing = run.report.ok - run.report.arrivals.count;
    return missing === 0 ? row : { ...row, faults: [...row.faults, `${missing} were answered 200 and did not arrive`] };
  });
}
