import { describe, expect, it } from 'vitest';
import { VirtualTime } from './virtual-time.ts';

describe('VirtualTime', () => {
  it('moves both kinds of time together, and a step moves the wall only', async () => {
    const time = new VirtualTime(1_000_000);
    await time.advance(500);
    expect([time.monotonic(), time.wall()]).toEqual([500, 1_000_500]);
    time.stepWall(-3_000);
    expect([time.monotonic(), time.wall()]).toEqual([500, 997_500]);
  });

  it('runs timers in order of their deadlines, each at its own time, and none past the end', async () => {
    const time = new VirtualTime();
    const seen: number[] = [];
    for (const deadline of [300, 100, 200, 301]) time.at(deadline, (now) => seen.push(now));
    await time.advance(300);
    expect(seen).toEqual([100, 200, 300]);
    await time.advance(1);
    expect(seen).toEqual([100, 200, 300, 301]);
  });

  it('runs a deadline in the past at the present', async () => {
    const time = new VirtualTime();
    await time.advance(1000);
    const seen: number[] = [];
    time.at(5, (now) => seen.push(now));
    await time.advance(0);
    expect(seen).toEqual([1000]);
  });

  it('lets the promises behind one timer go on before the next timer runs', async () => {
    const time = new VirtualTime();
    const seen: string[] = [];
    const work = async (): Promise<void> => {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      seen.push('promise');
    };
    time.at(1, () => void work());
    time.at(2, () => seen.push('timer'));
    await time.advance(2);
    expect(seen).toEqual(['promise', 'timer']);
  });

  it('runs what a timer adds within the same advance', async () => {
    const time = new VirtualTime();
    const seen: number[] = [];
    time.at(10, (now) => void time.at(now + 10, (later) => seen.push(later)));
    await time.advance(20);
    expect(seen).toEqual([20]);
  });
});
