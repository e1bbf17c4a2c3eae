import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import { Rounds, toldAtOnceMax } from './rounds.ts';

function createCase(count: number) {
  const time = new VirtualTime();
  const members = new Set(Array.from({ length: count }, (_, at) => at));
  const told: number[] = [];
  const rounds = new Rounds<number>({ timers: time, clock: time }, (one) => told.push(one));
  return { time, members, told, begin: () => rounds.begin('mary', () => members) };
}

describe('telling many', () => {
  it('tells as many as may be at once, and one more in the next turn, before which others have theirs', async () => {
    const few = createCase(toldAtOnceMax);
    few.begin();
    expect(few.told).toHaveLength(toldAtOnceMax);
    const many = createCase(toldAtOnceMax + 1);
    many.time.at(0, () => many.told.push(-1));
    many.begin();
    expect(many.told).toHaveLength(toldAtOnceMax);
    await many.time.settle();
    expect(many.told.slice(-2)).toEqual([-1, toldAtOnceMax]);
    expect(many.told).toHaveLength(toldAtOnceMax + 2);
  });

  it('tells everybody again when there was news meanwhile, once, however often, with those who came since', async () => {
    const { time, members, told, begin } = createCase(2 * toldAtOnceMax + 1);
    begin();
    for (let news = 0; news < 5; news += 1) begin();
    members.add(-7);
    await time.settle();
    expect(told).toHaveLength(2 * (2 * toldAtOnceMax + 1) + 1);
    expect(told.filter((one) => one === 0)).toHaveLength(2);
    expect(told.at(-1)).toBe(-7);
    begin();
    await time.settle();
    expect(told.filter((one) => one === 0)).toHaveLength(3);
  });
});
