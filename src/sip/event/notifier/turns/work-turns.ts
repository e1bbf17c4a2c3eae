/**
 * Work on many subscriptions in parts, so that packets which come meanwhile are read in between: a change that thousands
 * watch, thousands of times that end together. Knows not what the work is.
 */
import type { Clock } from '../../../../base/time/clock.ts';
import type { Timers } from '../../../../base/time/timers.ts';
import type { TerminationReason } from '../subscription.ts';
import type { Watch } from '../watch-list.ts';

/**
 * Subscriptions that are worked on before packets are read again. Few, since each is answered: with 50 the answers of 5,000
 * watchers filled the buffer of the socket, and messages were lost there.
 */
export const watchesPerTurnMax = 20;

/** What a subscription waits for; several things at once are one piece of work. */
export interface WatchWork {
  readonly isDue?: boolean;
  readonly isChanged?: boolean;
  readonly mustBeJudged?: boolean;
  readonly end?: TerminationReason;
}

export class WorkTurns {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #act: (watch: Watch, work: WatchWork) => void;
  /** In the order in which they came. */
  readonly #waiting = new Map<Watch, WatchWork>();
  #isScheduled = false;

  constructor(clock: Clock, timers: Timers, act: (watch: Watch, work: WatchWork) => void) {
    this.#clock = clock;
    this.#timers = timers;
    this.#act = act;
  }

  add(watch: Watch, work: WatchWork): void {
    const before = this.#waiting.get(watch);
    this.#waiting.set(watch, before === undefined ? work : { ...before, ...work });
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    this.#timers.at(this.#clock.monotonic(), () => {
      this.#isScheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    let left = watchesPerTurnMax;
    for (const [watch, work] of this.#waiting) {
      this.#waiting.delete(watch);
      this.#act(watch, work);
      left -= 1;
      if (left === 0) break;
    }
    this.#schedule();
  }
}
