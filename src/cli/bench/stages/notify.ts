/** Notify: a PUBLISH that changes something is durable, and the NOTIFY of it comes to one watcher of everybody. */
import type { LoadPlan } from '../load/load-plan.ts';
import { measure, rowOfArrivals, warmUpOf, type Stage } from './stage.ts';

/** As wide as the bar for the slowest of a hundred is meant. */
const notifyWidth = 8;
/** Each is a change from whatever was before it. */
const warmUpMoods = ['happy', 'sad'];
const moods = ['calm', 'angry'];
/** Never cut short, since what is missing would look lost. */
const secondsMax = 3600;

export const notify: Stage = async (site, { users, messages }) => {
  const name = 'PUBLISH to NOTIFY';
  const row = await site.withRig({ name, users, transport: 'udp', isTrusted: true }, async (rig) => {
    const all = { firstUser: 0, users, width: notifyWidth, secondsMax, wantedStatus: 200 } as const;
    await rig.run('subscribing', { ...all, kind: 'subscribe', total: users, arrivals: users });
    const plan: LoadPlan = { ...all, kind: 'publish', total: messages, moods: warmUpMoods, awaitsArrival: true };
    await rig.run('warming up', warmUpOf(plan));
    const measured = { ...plan, moods };
    return rowOfArrivals(
      { stage: 'notify', name, remark: 'durable, 8 at once' },
      await measure(rig, 'publishing', measured),
      messages,
    );
  });
  return [row];
};
