import { describe, expect, it } from 'vitest';
import { watchesPerTurnMax } from '../../src/sip/event/notifier/turns/work-turns.ts';
import { createCase } from './notifier-rig.ts';

const mary = 'mary@example.com';
const limits = { subscriptionsMax: 9_999, perSubscriberMax: 9_999, perResourceMax: 9_999 };

describe('a change that thousands watch', () => {
  it.each([
    [watchesPerTurnMax, 1],
    [watchesPerTurnMax + 1, 2],
    [5_000, Math.ceil(5_000 / watchesPerTurnMax)],
  ])('of %i is told in %i turns, with other work between them', async (count, turns) => {
    const rig = createCase({ limits, paceMs: 0 });
    const { notifier, sent, state, time } = rig;
    for (let n = 0; n < count; n += 1) await rig.subscribe({ callId: `c${n}` });
    await rig.look();
    state.text = 'busy';
    notifier.resourceChanged('presence', mary);
    expect(sent.length, 'nothing within the turn that brought the change').toBe(0);
    /** How many NOTIFYs had left each time that something else had its turn. */
    const seen: number[] = [];
    const lookOn = (): void => {
      seen.push(sent.length);
      if (sent.length < count) time.at(time.monotonic(), lookOn);
    };
    time.at(time.monotonic(), lookOn);
    await time.settle();
    const steps = seen.map((left, at) => left - (seen[at - 1] ?? 0));
    expect(Math.max(...steps)).toBe(watchesPerTurnMax < count ? watchesPerTurnMax : count);
    expect(steps).toHaveLength(turns);
    expect((await rig.look()).filter((line) => line.endsWith('busy'))).toHaveLength(count);
  });

  it('twice within the pace comes again, in turns too, with the last state', async () => {
    const rig = createCase({ limits });
    const { notifier, sent, state, time } = rig;
    for (let n = 0; n < 120; n += 1) await rig.subscribe({ callId: `c${n}` });
    await rig.look();
    await time.advance(10_000);
    for (const text of ['a', 'b', 'c']) {
      state.text = text;
      notifier.resourceChanged('presence', mary);
      await rig.look();
    }
    const seen: number[] = [];
    time.at(time.monotonic() + 5_000, () => {
      const lookOn = (): void => {
        seen.push(sent.length);
        if (seen.length < 4) time.at(time.monotonic(), lookOn);
      };
      lookOn();
    });
    await time.advance(5_000);
    expect(Math.max(...seen.map((left, at) => left - (seen[at - 1] ?? 0)))).toBeLessThanOrEqual(watchesPerTurnMax);
    expect((await rig.look()).filter((line) => line.endsWith(' c'))).toHaveLength(120);
  });
});
