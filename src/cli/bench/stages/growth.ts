/**
 * Growth: what a presence change costs that releases one message while many others are held, and how long it takes until
 * the message arrives; then what one costs that releases nothing. One change at a time, so that nothing is hidden by a queue.
 */
import type { BenchRow } from '../bench-row.ts';
import { benchDomain, type BenchSite } from '../bench-site.ts';
import type { BenchSizes } from '../bench-sizes.ts';
import type { Stores } from '../../../stores/stores.ts';
import { fillHeldMessages, otherMood, releasingMoods } from '../held-messages.ts';
import type { LoadPlan } from '../load/load-plan.ts';
import { measure, rowOfAnswers, rowOfArrivals, type Stage } from './stage.ts';

export const growth: Stage = async (site, sizes) => {
  const rows: BenchRow[] = [];
  for (const held of sizes.held) rows.push(...(await growTo(held, site, sizes)));
  return rows;
};

async function growTo(held: number, site: BenchSite, { users, width }: BenchSizes): Promise<BenchRow[]> {
  const name = `change, ${held} held`;
  const prepare = async ({ mailbox }: Stores): Promise<void> => {
    let stored = 0;
    site.progress.step(`${name}: filling the store`, () => stored / held);
    await fillHeldMessages(mailbox, { domain: benchDomain, users, held }, (count) => {
      stored = count;
    });
  };
  return site.withRig({ name, users, transport: 'udp', isTrusted: true, prepare }, async (rig) => {
    const all = { firstUser: 0, users, total: users, secondsMax: 3600, wantedStatus: 200 } as const;
    await rig.run('registering', { ...all, kind: 'register', width });
    // A phone that has published is settled, and its next change is only a change.
    const publish: LoadPlan = { ...all, kind: 'publish', width };
    await rig.run('publishing', { ...publish, moods: [otherMood] });
    const release: LoadPlan = { ...publish, arrivals: users, awaitsArrival: true };
    const [warmUpMood, mood] = releasingMoods;
    await rig.run('warming up', { ...release, moods: [warmUpMood] });
    const plan: LoadPlan = { ...release, moods: [mood], width: 1 };
    const run = await measure(rig, 'changing', plan);
    const readySeconds = rig.readyAfterMs / 1000;
    const row = rowOfArrivals(
      { stage: 'growth', name, remark: `server ready in ${readySeconds.toFixed(1)} s` },
      run,
      users,
    );
    const forNobody = await measure(rig, 'changing for nobody', { ...publish, moods: [otherMood], width: 1 });
    return [
      { ...row, details: { ...row.details, held, readySeconds } },
      rowOfAnswers({ stage: 'growth', name: `change for nobody, ${held} held`, remark: 'to the 200' }, forNobody),
    ];
  });
}
