/**
 * What stands in line together is done together: whoever comes while an earlier one has not begun shares its turn, so that
 * the work grows with the turns and not with those who come. In their order, and none is left out.
 */
import type { Turnstile } from './turnstile.ts';

export class GatheredTurns<T> {
  readonly #turnstile: Turnstile;
  readonly #max: number;
  readonly #work: (items: readonly T[]) => Promise<void>;
  /** Those whose turn has not come; undefined when nobody waits. */
  #waiting: T[] | undefined;
  #done: Promise<void> = Promise.resolve();

  /** At most `max` in one turn. */
  constructor(turnstile: Turnstile, max: number, work: (items: readonly T[]) => Promise<void>) {
    this.#turnstile = turnstile;
    this.#max = max;
    this.#work = work;
  }

  /** Resolves, or rejects, with the turn in which it is done. */
  add(item: T): Promise<void> {
    if (this.#waiting !== undefined && this.#waiting.length < this.#max) {
      this.#waiting.push(item);
      return this.#done;
    }
    const items = [item];
    this.#waiting = items;
    this.#done = this.#turnstile.exclusive(() => {
      if (this.#waiting === items) this.#waiting = undefined;
      return this.#work(items);
    });
    return this.#done;
  }
}
