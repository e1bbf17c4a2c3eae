/**
 * Time that only moves when it is told to: clock and timers for tests and the simulation. Between two timers all
 * promises that are ready run, so asynchronous code sees the same order every time.
 */
import type { Clock, Millis } from './clock.ts';
import { TimerQueue } from './timer-queue.ts';
import type { TimerHandle, Timers } from './timers.ts';

export class VirtualTime implements Clock, Timers {
  readonly #queue = new TimerQueue();
  #now: Millis = 0;
  #wallOffset: Millis;

  constructor(wallStart: Millis = Date.UTC(2026, 10, 21, 9, 0, 0)) {
    this.#wallOffset = wallStart;
  }

  monotonic(): Millis {
    return this.#now;
  }

  wall(): Millis {
    return this.#wallOffset + this.#now;
  }

  /** A step of the wall clock, as an operator or a time server makes it; monotonic time does not move. */
  stepWall(byMs: Millis): void {
    this.#wallOffset += byMs;
  }

  at(deadline: Millis, run: (now: Millis) => void): TimerHandle {
    return this.#queue.add(Math.max(deadline, this.#now), run);
  }

  /** Moves on by `ms`, running what falls due in order; resolves when everything that followed at once has run. */
  async advance(ms: Millis): Promise<void> {
    const end = this.#now + ms;
    await this.settle();
    for (;;) {
      const next = this.#queue.nextDeadline();
      if (next === undefined || next > end) break;
      this.#now = Math.max(this.#now, next);
      this.#queue.runNext(this.#now);
      await this.settle();
    }
    this.#now = end;
    await this.settle();
  }

  /** Lets everything go on that can without time passing: promises, and timers that are due already. */
  async settle(): Promise<void> {
    do {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    } while (this.#queue.runNext(this.#now));
  }
}
