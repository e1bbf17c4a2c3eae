/** How many there are under each key. A key whose count is nothing takes no room. */
import { assert } from '../assert.ts';

export class Tally<Key> {
  readonly #counts = new Map<Key, number>();

  /** Keys that have a count. */
  get size(): number {
    return this.#counts.size;
  }

  of(key: Key): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: Key): void {
    this.#counts.set(key, this.of(key) + 1);
  }

  remove(key: Key): void {
    const left = this.of(key) - 1;
    assert(left >= 0, 'what is taken away was added');
    if (left === 0) this.#counts.delete(key);
    else this.#counts.set(key, left);
  }
}
