/**
 * Who waits for their turn to begin a subscription, so that a restart does not flood the server with all of them at once: so
 * many a second, those that somebody waits for before those that were there before. Knows no subscription.
 */
import type { Millis } from '../../../base/time/clock.ts';

/** Subscriptions that begin in one second, unless told otherwise. */
export const startsPerSecondMax = 50;

export class StartLine<T> {
  readonly #intervalMs: Millis;
  readonly #urgent = new Set<T>();
  readonly #others = new Set<T>();
  #nextAt: Millis = 0;

  constructor(perSecond: number = startsPerSecondMax) {
    this.#intervalMs = 1_000 / perSecond;
  }

  get size(): number {
    return this.#urgent.size + this.#others.size;
  }

  add(item: T, isUrgent: boolean): void {
    if (isUrgent) {
      this.#others.delete(item);
      this.#urgent.add(item);
    } else if (!this.#urgent.has(item)) this.#others.add(item);
  }

  remove(item: T): void {
    this.#urgent.delete(item);
    this.#others.delete(item);
  }

  /** Whose turn it is, if it is anybody's. */
  take(now: Millis): T | undefined {
    if (now < this.#nextAt) return undefined;
    for (const line of [this.#urgent, this.#others]) {
      for (const item of line) {
        line.delete(item);
        this.#nextAt = Math.max(this.#nextAt, now) + this.#intervalMs;
        return item;
      }
    }
    return undefined;
  }

  /** When it is the next one's turn; undefined when nobody waits. */
  deadline(): Millis | undefined {
    return this.size === 0 ? undefined : this.#nextAt;
  }
}
