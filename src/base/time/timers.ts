/**
 * The timer service that drivers of machines are handed. There is one queue behind it per process; in tests and in
 * the simulation it is `VirtualTime`.
 */
import type { Millis } from './clock.ts';

export interface TimerHandle {
  /** Monotonic time at which it fires. */
  readonly deadline: Millis;
  cancel(): void;
}

export interface Timers {
  /** Runs `run` once, at or after the monotonic `deadline`; a deadline in the past fires on the next turn. */
  at(deadline: Millis, run: (now: Millis) => void): TimerHandle;
}
