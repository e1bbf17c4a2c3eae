/**
 * Writes refreshes and expiries behind, many in one call. A crash may take the last moments of them along: such a contact ends
 * at its older time unless its client comes before. A Call-ID of which the store knows nothing is another one than that of the
 * row, so it is taken with any CSeq (RFC 3261 10.3 step 7). Keeps them in order with other writes.
 */
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { Log } from '../../base/log.ts';
import type { TimerHandle, Timers } from '../../base/time/timers.ts';
import type { BindingChange, BindingStore } from './ports.ts';

/** How long a refresh waits for others to be written with it. */
export const refreshDelayMs: Millis = 50;
/** Refreshes that wait for the store; at the limit a REGISTER is answered 503. */
export const refreshesWaitingMax = 50_000;

export interface RefreshWriterPlan {
  readonly store: BindingStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

export class RefreshWriter {
  readonly #plan: RefreshWriterPlan;
  #waiting: BindingChange[] = [];
  #underWay = 0;
  #writes: Promise<unknown> = Promise.resolve();
  #timer: TimerHandle | undefined;

  constructor(plan: RefreshWriterPlan) {
    this.#plan = plan;
  }

  /** Whether no more can be taken until the store has caught up. */
  get isFull(): boolean {
    return this.#waiting.length + this.#underWay >= refreshesWaitingMax;
  }

  add(refresh: BindingChange): void {
    this.#waiting.push(refresh);
    if (this.#timer !== undefined || this.#underWay > 0) return;
    const { clock, timers } = this.#plan;
    this.#timer = timers.at(clock.monotonic() + refreshDelayMs, () => this.flush());
  }

  /** Issues what waits, so that a write that is issued next comes after it. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const changes = this.#waiting;
    if (changes.length === 0) return;
    this.#waiting = [];
    this.#underWay += changes.length;
    this.#writes = this.#plan.store
      .change(changes)
      .catch((fault: unknown) => {
        // They hold in memory, and the next refresh of each is written again.
        this.#plan.log.warn({ fault: String(fault), changes: changes.length }, 'refreshes could not be written');
      })
      .then(() => {
        this.#underWay -= changes.length;
        if (this.#underWay === 0) this.flush();
      });
  }

  /** Resolves when everything is written or has failed. */
  async drain(): Promise<void> {
    this.flush();
    while (this.#underWay > 0) await this.#writes;
  }
}
