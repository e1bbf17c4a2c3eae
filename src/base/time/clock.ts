/** Milliseconds. Monotonic values count from an arbitrary start; wall values count from 1970-01-01T00:00:00Z. */
export type Millis = number;

/**
 * Two kinds of time: monotonic for timers that live in memory, wall for anything stored or shown.
 * Never compare one kind with the other.
 */
export interface Clock {
  monotonic(): Millis;
  wall(): Millis;
}
