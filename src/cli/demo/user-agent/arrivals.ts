/** What arrived and has not been taken yet, and who waits for it. Knows nothing of what it holds. */

/** Beyond this many untaken arrivals the newest is refused. */
export const arrivalsMax = 20_000;

export class Arrivals<T> {
  readonly #what: string;
  readonly #max: number;
  #untaken: T[] = [];
  #waiters: Waiter<T>[] = [];

  /** `what` names the thing in the error of a wait that was in vain. */
  constructor(what: string, max: number = arrivalsMax) {
    this.#what = what;
    this.#max = max;
  }

  /** False when nobody waits for it and the room is full. */
  push(item: T): boolean {
    const index = this.#waiters.findIndex((waiter) => waiter.fits(item));
    const waiter = index < 0 ? undefined : this.#waiters.splice(index, 1)[0];
    if (waiter) {
      waiter.take(item);
      return true;
    }
    if (this.#untaken.length >= this.#max) return false;
    this.#untaken.push(item);
    return true;
  }

  /** The oldest untaken arrival that fits, now or within `withinMs`; rejects when none came. */
  next(withinMs: number, fits: (item: T) => boolean = () => true): Promise<T> {
    const index = this.#untaken.findIndex(fits);
    const found = this.#untaken[index];
    if (found !== undefined) {
      this.#untaken.splice(index, 1);
      return Promise.resolve(found);
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(new Error(`no ${this.#what} within ${withinMs} ms`));
      }, withinMs);
      const waiter: Waiter<T> = {
        fits,
        take(item) {
          clearTimeout(timer);
          resolve(item);
        },
      };
      this.#waiters.push(waiter);
    });
  }

  /** Takes all that is there. */
  drain(): T[] {
    const all = this.#untaken;
    this.#untaken = [];
    return all;
  }
}

interface Waiter<T> {
  readonly fits: (item: T) => boolean;
  take(item: T): void;
}
