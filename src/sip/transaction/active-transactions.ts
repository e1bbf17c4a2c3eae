/**
 * The transactions that still wait for something: a slot number for each, their deadlines in one heap, one timer for
 * all. It knows neither messages nor tables.
 */
import { assert } from '../../base/assert.ts';
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { TimerHandle, Timers } from '../../base/time/timers.ts';
import { DeadlineHeap } from './deadline-heap.ts';

export interface ActiveTransaction {
  /** Where it stands; -1 outside. */
  slot: number;
  /** When it wants a tick. */
  deadline(): Millis | undefined;
  tick(now: Millis): void;
}

export class ActiveTransactions<T extends ActiveTransaction> {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #slots: (T | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #heap = new DeadlineHeap();
  readonly #wake: (now: Millis) => void;
  #armed: TimerHandle | undefined;
  #size = 0;
  /** While deadlines run out, the timer is set once, behind the last. */
  #isRunning = false;

  constructor(clock: Clock, timers: Timers) {
    this.#clock = clock;
    this.#timers = timers;
    this.#wake = (now) => this.#runDue(now);
  }

  get size(): number {
    return this.#size;
  }

  get(slot: number): T | undefined {
    return this.#slots[slot];
  }

  /** Takes it in, gives it a slot and wakes it from now on. */
  add(transaction: T): void {
    assert(transaction.slot === -1, 'a transaction has one slot');
    const slot = this.#free.pop() ?? this.#slots.length;
    this.#slots[slot] = transaction;
    transaction.slot = slot;
    this.#size++;
    this.reschedule(transaction);
  }

  /** To be called whenever its deadline may have changed. */
  reschedule(transaction: T): void {
    const deadline = transaction.deadline();
    this.#heap.set(transaction.slot, deadline);
    if (deadline === undefined || this.#isRunning) return;
    if (this.#armed === undefined || deadline < this.#armed.deadline) this.#arm(deadline);
  }

  remove(transaction: T): void {
    const { slot } = transaction;
    assert(this.#slots[slot] === transaction, 'the transaction is active');
    this.#heap.set(slot, undefined);
    this.#slots[slot] = undefined;
    this.#free.push(slot);
    transaction.slot = -1;
    this.#size--;
  }

  #arm(deadline: Millis): void {
    this.#armed?.cancel();
    this.#armed = this.#timers.at(deadline, this.#wake);
  }

  #runDue(now: Millis): void {
    this.#armed = undefined;
    this.#isRunning = true;
    try {
      this.#tickAll(Math.max(now, this.#clock.monotonic()));
    } finally {
      this.#isRunning = false;
      const next = this.#heap.next();
      if (next !== undefined) this.#arm(next);
    }
  }

  #tickAll(now: Millis): void {
    for (;;) {
      const slot = this.#heap.due(now);
      if (slot === undefined) return;
      const transaction = this.#slots[slot];
      assert(transaction !== undefined, 'only active transactions have deadlines');
      transaction.tick(now);
      if (this.#slots[slot] === transaction) this.reschedule(transaction);
    }
  }
}
