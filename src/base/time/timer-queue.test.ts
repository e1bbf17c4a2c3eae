import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimerQueue } from './timer-queue.ts';
import type { TimerHandle } from './timers.ts';

describe('TimerQueue', () => {
  it('has no deadline when empty and runs nothing', () => {
    const queue = new TimerQueue();
    expect(queue.nextDeadline()).toBeUndefined();
    expect(queue.runNext(1e9)).toBe(false);
  });

  it('runs what is due at the very instant and not before', () => {
    const queue = new TimerQueue();
    const seen: number[] = [];
    queue.add(100, (now) => seen.push(now));
    expect(queue.runNext(99)).toBe(false);
    expect(queue.runNext(100)).toBe(true);
    expect(seen).toEqual([100]);
    expect(queue.size).toBe(0);
  });

  it('fires equal deadlines in the order in which they were added', () => {
    const queue = new TimerQueue();
    const seen: number[] = [];
    for (let n = 0; n < 50; n += 1) queue.add(7, () => seen.push(n));
    while (queue.runNext(7));
    expect(seen).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });

  it('lets a cancelled timer go at once, and cancelling twice or after it ran does nothing', () => {
    const queue = new TimerQueue();
    const first = queue.add(1, () => {});
    const second = queue.add(2, () => {});
    second.cancel();
    second.cancel();
    expect(queue.size).toBe(1);
    queue.runNext(1);
    first.cancel();
    expect(queue.size).toBe(0);
  });

  it('lets a timer cancel another and add new ones while it runs', () => {
    const queue = new TimerQueue();
    const seen: string[] = [];
    queue.add(1, () => {
      victim.cancel();
      queue.add(1, () => seen.push('added'));
    });
    const victim: TimerHandle = queue.add(1, () => seen.push('victim'));
    while (queue.runNext(1));
    expect(seen).toEqual(['added']);
  });

  it('agrees with a sorted list, whatever is added and cancelled', () => {
    const steps = fc.array(fc.record({ deadline: fc.nat(20), cancel: fc.option(fc.nat(60)) }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (plan) => {
        const queue = new TimerQueue();
        const seen: number[] = [];
        const timers = plan.map(({ deadline }, order) => ({
          deadline,
          order,
          handle: queue.add(deadline, () => seen.push(order)),
        }));
        const cancelled = new Set(plan.map(({ cancel }) => cancel));
        for (const { order, handle } of timers) if (cancelled.has(order)) handle.cancel();
        const kept = timers.filter(({ order }) => !cancelled.has(order));
        kept.sort((a, b) => a.deadline - b.deadline || a.order - b.order);
        expect(queue.size).toBe(kept.length);
        expect(queue.nextDeadline()).toBe(kept[0]?.deadline);
        while (queue.runNext(20));
        expect(seen).toEqual(kept.map(({ order }) => order));
      }),
    );
  });
});
