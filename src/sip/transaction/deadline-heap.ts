/**
 * The next deadline of each active transaction, by its slot number: a binary heap in typed arrays, so that a
 * transaction costs no timer object and no closure. It knows no clock.
 */
import { assert } from '../../base/assert.ts';
import type { Millis } from '../../base/time/clock.ts';

const slotsMin = 256;
const ABSENT = -1;

export class DeadlineHeap {
  #heap = new Int32Array(slotsMin);
  #deadlines = new Float64Array(slotsMin);
  /** In which order the deadlines were set: equal ones are due in that order. */
  #orders = new Float64Array(slotsMin);
  #order = 0;
  /** Where a slot stands in the heap, or `ABSENT`. */
  #places = new Int32Array(slotsMin).fill(ABSENT);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The earliest deadline; undefined when there is none. */
  next(): Millis | undefined {
    return this.#size === 0 ? undefined : this.#deadlines[this.#heap[0] ?? 0];
  }

  /** The slot with the earliest deadline if that is due; it stays until its deadline is set anew. */
  due(now: Millis): number | undefined {
    const next = this.next();
    return next === undefined || next > now ? undefined : this.#heap[0];
  }

  /** That of a slot that is in it. */
  deadlineOf(slot: number): Millis | undefined {
    return this.#deadlines[slot];
  }

  /** Sets or moves the deadline of a slot; undefined takes it out. */
  set(slot: number, deadline: Millis | undefined): void {
    if (slot >= this.#places.length) this.#grow(slot + 1);
    const place = this.#places[slot] ?? ABSENT;
    if (deadline === undefined) {
      if (place !== ABSENT) this.#remove(place);
      return;
    }
    assert(!Number.isNaN(deadline), 'a deadline is a number');
    this.#deadlines[slot] = deadline;
    this.#orders[slot] = this.#order++;
    if (place === ABSENT) this.#siftUp(this.#size++, slot);
    else this.#settle(place, slot);
  }

  #remove(place: number): void {
    this.#places[this.#heap[place] ?? 0] = ABSENT;
    this.#size--;
    const last = this.#heap[this.#size] ?? 0;
    if (place < this.#size) this.#settle(place, last);
  }

  #settle(place: number, slot: number): void {
    this.#siftDown(place, slot);
    const settled = this.#places[slot] ?? 0;
    if (settled === place) this.#siftUp(place, slot);
  }

  #siftUp(from: number, slot: number): void {
    let at = from;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = this.#heap[up] ?? 0;
      if (!this.#isBefore(slot, parent)) break;
      this.#place(at, parent);
      at = up;
    }
    this.#place(at, slot);
  }

  #siftDown(from: number, slot: number): void {
    let at = from;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= this.#size) break;
      let child = this.#heap[down] ?? 0;
      if (down + 1 < this.#size) {
        const right = this.#heap[down + 1] ?? 0;
        if (this.#isBefore(right, child)) {
          down += 1;
          child = right;
        }
      }
      if (!this.#isBefore(child, slot)) break;
      this.#place(at, child);
      at = down;
    }
    this.#place(at, slot);
  }

  #isBefore(slot: number, other: number): boolean {
    const [deadline, otherDeadline] = [this.#deadlines[slot] ?? 0, this.#deadlines[other] ?? 0];
    return (
      deadline < otherDeadline || (deadline === otherDeadline && (this.#orders[slot] ?? 0) < (this.#orders[other] ?? 0))
    );
  }

  #place(at: number, slot: number): void {
    this.#heap[at] = slot;
    this.#places[slot] = at;
  }

  #grow(slots: number): void {
    const length = Math.max(slots, 2 * this.#places.length);
    const [heap, deadlines, orders, places] = [this.#heap, this.#deadlines, this.#orders, this.#places];
    this.#heap = new Int32Array(length);
    this.#heap.set(heap);
    this.#deadlines = new Float64Array(length);
    this.#deadlines.set(deadlines);
    this.#orders = new Float64Array(length);
    this.#orders.set(orders);
    this.#places = new Int32Array(length).fill(ABSENT);
    this.#places.set(places);
  }
}
