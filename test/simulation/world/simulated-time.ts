/**
 * The time of a world: every packet, timer and commit is one event in one queue, and behind each event all promises run
 * that can. Cheaper than `VirtualTime`, which lets the event loop turn between two timers.
 */
import type { Clock, Millis } from '../../../src/base/time/clock.ts';
import { TimerQueue } from '../../../src/base/time/timer-queue.ts';
import type { TimerHandle, Timers } from '../../../src/base/time/timers.ts';

/** A Saturday. */
const wallStart = Date.UTC(2026, 10, 21, 9, 0, 0);

export class SimulatedTime implements Clock, Timers {
  /** Counts events, so that two things can be told to have happened in one. */
  event = 0;
  readonly #queue = new TimerQueue();
  #now: Millis = 0;
  #wallAtZero: Millis = wallStart;

  monotonic(): Millis {
    return this.#now;
  }

  /** Whole milliseconds, as a machine's clock tells them. */
  wall(): Millis {
    return Math.floor(this.#wallAtZero + this.#now);
  }

  /** The monotonic time at which the wall clock tells `wall`, as it goes now. */
  whenWall(wall: Millis): Millis {
    return wall - this.#wallAtZero;
  }

  stepWall(byMs: Millis): void {
    this.#wallAtZero += byMs;
  }

  at(deadline: Millis, run: (now: Millis) => void): TimerHandle {
    return this.#queue.add(Math.max(deadline, this.#now), run);
  }

  after(ms: Millis, run: () => void): TimerHandle {
    return this.at(this.#now + ms, run);
  }

  /** Timers of somebody who may die: none of them fires then. */
  timersWhile(isAlive: () => boolean): Timers {
    return {
      at: (deadline, run) =>
        this.at(deadline, (now) => {
          if (isAlive()) run(now);
        }),
    };
  }

  /** Lets time pass, event by event; `goesOn` is asked behind each. */
  async pass(ms: Millis, goesOn: () => boolean): Promise<void> {
    const end = this.#now + ms;
    await drained();
    while (goesOn()) {
      const next = this.#queue.nextDeadline();
      if (next === undefined || next > end) {
        this.#now = end;
        return;
      }
      this.#now = Math.max(this.#now, next);
      this.event += 1;
      this.#queue.runNext(this.#now);
      await drained();
    }
  }
}

/** The queue of ticks comes behind all promises that are ready, and behind those that they make ready. */
async function drained(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.nextTick(resolve);
  });
}
