/** Login: a REGISTER that is challenged and sent again with digest; refreshes with and without digest. */
import type { LoadKind, LoadPlan } from '../load/load-plan.ts';
import type { Rig } from '../bench-site.ts';
import type { BenchRow } from '../bench-row.ts';
import { measure, rowOfAnswers, warmUpOf, type Stage } from './stage.ts';

export const login: Stage = async (site, sizes) => {
  const { users, messages: total, width, seconds: secondsMax } = sizes;
  const plan: LoadPlan = { kind: 'login', firstUser: 0, users, total, width, secondsMax, wantedStatus: 200 };
  const wish = { users, transport: 'udp' } as const;
  const withDigest = await site.withRig({ ...wish, name: 'login', isTrusted: false }, async (rig) => [
    await rate(rig, 'login, challenged', plan),
    await rate(rig, 'refresh with digest', { ...plan, kind: 'relogin' }),
  ]);
  const trusted = await site.withRig({ ...wish, name: 'refresh', isTrusted: true }, async (rig) => [
    await rate(rig, 'refresh, trusted', { ...plan, kind: 'register' satisfies LoadKind }),
  ]);
  return [...withDigest, ...trusted];
};

async function rate(rig: Rig, name: string, plan: LoadPlan): Promise<BenchRow> {
  const warmUp = warmUpOf(plan);
  // At least once for everybody, so that each is known when it counts.
  await rig.run(`${name}, warming up`, { ...warmUp, total: Math.max(warmUp.total, plan.users) });
  return rowOfAnswers({ stage: 'login', name }, await measure(rig, `${name}, measuring`, plan));
}
