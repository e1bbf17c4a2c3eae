/** Store: a MESSAGE to a user who is away is answered 202 when it is durable. */
import type { LoadPlan } from '../load/load-plan.ts';
import { measure, rowOfAnswers, warmUpOf, type Stage } from './stage.ts';

export const store: Stage = async (site, { users, messages: total, width, seconds: secondsMax }) => {
  const plan: LoadPlan = { kind: 'message', firstUser: 0, users, total, width, secondsMax, wantedStatus: 202 };
  const name = 'store';
  const row = await site.withRig({ name, users, transport: 'udp', isTrusted: true }, async (rig) => {
    await rig.run('warming up', warmUpOf(plan));
    return rowOfAnswers({ stage: 'store', name }, await measure(rig, 'measuring', plan));
  });
  return [row];
};
