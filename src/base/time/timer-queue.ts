/**
 * A binary heap of deadlines with removal by handle. Pure: it knows no clock. One queue serves a whole process.
 * Equal deadlines fire in the order in which they were added, so a run in virtual time is reproducible.
 */
import type { Millis } from './clock.ts';
import type { TimerHandle } from './timers.ts';

class QueuedTimer implements TimerHandle {
  readonly deadline: Millis;
  readonly order: number;
  run: ((now: Millis) => void) | undefined;
  index = -1;
  readonly #queue: TimerQueue;

  constructor(queue: TimerQueue, deadline: Millis, order: number, run: (now: Millis) => void) {
    this.#queue = queue;
    this.deadline = deadline;
    this.order = order;
    this.run = run;
  }

  cancel(): void {
    this.run = undefined;
    this.#queue.remove(this);
  }
}

export class TimerQueue {
  readonly #heap: QueuedTimer[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  add(deadline: Millis, run: (now: Millis) => void): TimerHandle {
    const timer = new QueuedTimer(this, deadline, this.#order++, run);
    this.#heap.push(timer);
    this.#siftUp(this.#heap.length - 1, timer);
    return timer;
  }

  nextDeadline(): Millis | undefined {
    return this.#heap[0]?.deadline;
  }

  /** Runs the earliest timer that is due at `now`; false when none is. */
  runNext(now: Millis): boolean {
    const timer = this.#heap[0];
    if (timer === undefined || timer.deadline > now) return false;
    this.remove(timer);
    timer.run?.(now);
    return true;
  }

  remove(timer: QueuedTimer): void {
    const { index } = timer;
    if (index < 0) return;
    timer.index = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === timer) return;
    this.#siftDown(index, last);
    if (last.index === index) this.#siftUp(index, last);
  }

  #siftUp(from: number, timer: QueuedTimer): void {
    let at = from;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = this.#heap[up];
      if (parent === undefined || !isBefore(timer, parent)) break;
      this.#place(at, parent);
      at = up;
    }
    this.#place(at, timer);
  }

  #siftDown(from: number, timer: QueuedTimer): void {
    let at = from;
    for (;;) {
      let down = 2 * at + 1;
      let child = this.#heap[down];
      if (child === undefined) break;
      const right = this.#heap[down + 1];
      if (right !== undefined && isBefore(right, child)) {
        down += 1;
        child = right;
      }
      if (!isBefore(child, timer)) break;
      this.#place(at, child);
      at = down;
    }
    this.#place(at, timer);
  }

  #place(index: number, timer: QueuedTimer): void {
    this.#heap[index] = timer;
    timer.index = index;
  }
}

function isBefore(a: QueuedTimer, b: QueuedTimer): boolean {
  return a.deadline < b.deadline || (a.deadline === b.deadline && a.order < b.order);
}
