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
  #immediate: NodeJS.Immediate | undefined;

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
    this.#disarm();
  }

  #arm(): void {
    const next = this.#queue.nextDeadline();
    if (this.#hasStopped || next === undefined || (this.#armedFor !== undefined && this.#armedFor <= next)) return;
    this.#disarm();
    this.#armedFor = next;
    const delay = Math.ceil(next - this.#clock.monotonic());
    // A timeout of 0 takes a millisecond; what is due goes with the next turn.
    if (delay <= 0) this.#immediate = setImmediate(() => this.#fire());
    else this.#timeout = setTimeout(() => this.#fire(), Math.min(delay, SLEEP_MS_MAX));
  }

  #disarm(): void {
    if (this.#timeout !== undefined) clearTimeout(this.#timeout);
    if (this.#immediate !== undefined) clearImmediate(this.#immediate);
    this.#timeout = undefined;
    this.#immediate = undefined;
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
