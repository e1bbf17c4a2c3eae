/**
 * When subscriptions want to be woken, with one timer for all: a hundred thousand of them wait for their end, and a timer with a
 * function for each would be a tenth of what they weigh. Knows not what is done then.
 */
import type { Millis } from '../../../../base/time/clock.ts';
import type { TimerHandle, Timers } from '../../../../base/time/timers.ts';
import { DeadlineHeap } from '../../../transaction/deadline-heap.ts';
import type { Watch } from '../watch-list.ts';

export class WatchDeadlines {
  readonly #timers: Timers;
  readonly #onDue: (watch: Watch) => void;
  readonly #heap = new DeadlineHeap();
  /** By slot. */
  readonly #waiting: (Watch | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #wake = (now: Millis): void => this.#runDue(now);
  #timer: TimerHandle | undefined;

  /** `onDue` is called when the time has come; nothing is set for that subscription any more then. */
  constructor(timers: Timers, onDue: (watch: Watch) => void) {
    this.#timers = timers;
    this.#onDue = onDue;
  }

  /** In place of what was set before; undefined is never. */
  set(watch: Watch, deadline: Millis | undefined): void {
    if (deadline === undefined) {
      this.#clear(watch);
      return;
    }
    if (watch.slot === undefined) {
      watch.slot = this.#free.pop() ?? this.#waiting.length;
      this.#waiting[watch.slot] = watch;
    } else if (this.#heap.deadlineOf(watch.slot) === deadline) return;
    this.#heap.set(watch.slot, deadline);
    if (this.#timer === undefined || deadline < this.#timer.deadline) this.#arm(deadline);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #clear(watch: Watch): void {
    const { slot } = watch;
    if (slot === undefined) return;
    this.#heap.set(slot, undefined);
    this.#waiting[slot] = undefined;
    this.#free.push(slot);
    watch.slot = undefined;
  }

  #arm(deadline: Millis): void {
    this.#timer?.cancel();
    this.#timer = this.#timers.at(deadline, this.#wake);
  }

  #runDue(now: Millis): void {
    this.#timer = undefined;
    for (let slot = this.#heap.due(now); slot !== undefined; slot = this.#heap.due(now)) {
      const watch = this.#waiting[slot];
      if (watch === undefined) break;
      this.#clear(watch);
      this.#onDue(watch);
    }
    const next = this.#heap.next();
    if (next !== undefined && this.#timer === undefined) this.#arm(next);
  }
}
