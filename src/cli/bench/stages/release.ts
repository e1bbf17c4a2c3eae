/** Release: users for whom messages wait register, and get all of them, each once, in the order of acceptance. */
import type { BenchRow } from '../bench-row.ts';
import type { BenchSite } from '../bench-site.ts';
import type { BenchSizes } from '../bench-sizes.ts';
import type { LoadPlan, LoadTransport } from '../load/load-plan.ts';
import { measure, rowOfArrivals, type Stage } from './stage.ts';

const waitingEach = 10;
const waitingForOne = 1000;
/** Storing and delivering is never cut short, since what is missing would look lost. */
const secondsMax = 3600;

export const release: Stage = async (site, sizes) => [
  await releaseTo({ users: sizes.users, each: waitingEach, transport: 'udp' }, site, sizes),
  await releaseTo({ users: 1, each: waitingForOne, transport: 'udp' }, site, sizes),
  await releaseTo({ users: 1, each: waitingForOne, transport: 'tcp' }, site, sizes),
];

interface Waiting {
  readonly users: number;
  readonly each: number;
  readonly transport: LoadTransport;
}

async function releaseTo(waiting: Waiting, site: BenchSite, { width }: BenchSizes): Promise<BenchRow> {
  const { users, each, transport } = waiting;
  const total = users * each;
  const name = `release ${each} to ${users === 1 ? 'one user' : `each of ${users}`}, ${transport.toUpperCase()}`;
  return site.withRig({ name, users, transport, isTrusted: true }, async (rig) => {
    const plan: LoadPlan = { kind: 'message', firstUser: 0, users, total, width, secondsMax, wantedStatus: 202 };
    const stored = await rig.run('storing', plan);
    const register: LoadPlan = { ...plan, kind: 'register', total: users, wantedStatus: 200, arrivals: stored.ok };
    const run = await measure(rig, 'registering and delivering', register);
    const row = rowOfArrivals({ stage: 'release', name, remark: 'from REGISTER to arrival' }, run, total);
    return stored.failed === 0 ? row : { ...row, faults: [...row.faults, `${stored.failed} were not stored`] };
  });
}
