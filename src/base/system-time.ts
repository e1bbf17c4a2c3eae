/** The machine's clock and one timer for the whole process. */
import type { Clock, Millis } from './clock.ts';
import { TimerQueue } from './timer-queue.ts';
import type { TimerHandle, Timers } from './timers.ts';

export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
};

const SLEEP_MS_MAX = 2 ** 31 - 1;

export class SystemTimers implements Timers {
  readonly #queue = new TimerQueue();
  readonly #clock: Clock;
  #armedFor: Millis | undefined;
  #hasStopped = false;
  #timeout: NodeJS.Timeout | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  at(deadline: Millis, run: (now: Millis) => void): TimerHandle {
    const handle = this.#queue.add(deadline, run);
    this.#arm();
    return handle;
  }

  /** No timer fires any more, also those that are added later; the process can end. */
  stop(): void {
    this.#hasStopped = true;
    if (this.#timeout !== undefined) clearTimeout(this.#timeout);
  }

  #arm(): void {
    const next = this.#queue.nextDeadline();
    if (this.#hasStopped || next === undefined || (this.#armedFor !== undefined && this.#armedFor <= next)) return;
    if (this.#timeout !== undefined) clearTimeout(this.#timeout);
    this.#armedFor = next;
    const delay = Math.min(Math.max(0, Math.ceil(next - this.#clock.monotonic())), SLEEP_MS_MAX);
    this.#timeout = setTimeout(() => this.#fire(), delay);
  }

  #fire(): void {
    // While timers run, those that they add are armed once, below.
    this.#armedFor = Number.NEGATIVE_INFINITY;
    const now = this.#clock.monotonic();
    // A timer that adds itself again in the past waits for the next turn, so that sockets are read in between.
    for (let left = this.#queue.size; left > 0 && !this.#hasStopped && this.#queue.runNext(now); left -= 1);
    this.#armedFor = undefined;
    this.#arm();
  }
}
