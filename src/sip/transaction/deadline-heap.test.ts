import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeadlineHeap } from './deadline-heap.ts';

describe('DeadlineHeap', () => {
  it('knows the earliest after any sequence of changes', () => {
    const deadline = fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined });
    const step = fc.record({ slot: fc.integer({ min: 0, max: 600 }), deadline });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const heap = new DeadlineHeap();
        const model = new Map<number, number>();
        for (const each of steps) {
          heap.set(each.slot, each.deadline);
          if (each.deadline === undefined) model.delete(each.slot);
          else model.set(each.slot, each.deadline);
          const earliest = model.size === 0 ? undefined : Math.min(...model.values());
          expect(heap.next()).toBe(earliest);
          expect(heap.size).toBe(model.size);
          const due = heap.due(earliest ?? 0);
          expect(due === undefined ? undefined : model.get(due)).toBe(earliest);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('yields what is due in order and nothing that is not', () => {
    const heap = new DeadlineHeap();
    for (const [slot, deadline] of [
      [4, 30],
      [2, 10],
      [9, 20],
    ] as const) {
      heap.set(slot, deadline);
    }
    expect(heap.due(9)).toBeUndefined();
    const order: (number | undefined)[] = [];
    for (let due = heap.due(20); due !== undefined; due = heap.due(20)) {
      order.push(due);
      heap.set(due, undefined);
    }
    expect(order).toEqual([2, 9]);
    expect(heap.next()).toBe(30);
  });

  it('yields what is due at the same moment in the order in which it was set', () => {
    const heap = new DeadlineHeap();
    for (let slot = 40; slot > 0; slot--) heap.set(slot, 10);
    // Set anew, it is behind the others.
    heap.set(33, 20);
    heap.set(33, 10);
    const order: (number | undefined)[] = [];
    for (let due = heap.due(10); due !== undefined; due = heap.due(10)) {
      order.push(due);
      heap.set(due, undefined);
    }
    const fallingSlots = Array.from({ length: 40 }, (_, index) => 40 - index).filter((slot) => slot !== 33);
    expect(order).toEqual([...fallingSlots, 33]);
  });

  it('takes no deadline that is no number', () => {
    expect(() => new DeadlineHeap().set(0, Number.NaN)).toThrow('number');
  });
});
