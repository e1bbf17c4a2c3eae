/**
 * A map for entries that come and go with every message. V8's own Map makes a new table for each few dozen of them and lets
 * the old one point to the new: once such a dead table is promoted, all that passed through its successors survives with
 * it. Here the tables hold numbers only, and the values stand in an array that stays.
 */
export class SlotMap<V> {
  readonly #slotOf = new Map<string, number>();
  readonly #values: (V | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#slotOf.size;
  }

  get(key: string): V | undefined {
    const slot = this.#slotOf.get(key);
    return slot === undefined ? undefined : this.#values[slot];
  }

  has(key: string): boolean {
    return this.#slotOf.has(key);
  }

  set(key: string, value: V): void {
    let slot = this.#slotOf.get(key);
    if (slot === undefined) {
      slot = this.#free.pop() ?? this.#values.length;
      this.#slotOf.set(key, slot);
    }
    this.#values[slot] = value;
  }

  /** False when it was not there. */
  delete(key: string): boolean {
    const slot = this.#slotOf.get(key);
    if (slot === undefined) return false;
    this.#slotOf.delete(key);
    this.#values[slot] = undefined;
    this.#free.push(slot);
    return true;
  }

  /** In the order in which the keys came. */
  *values(): IterableIterator<V> {
    for (const slot of this.#slotOf.values()) {
      const value = this.#values[slot];
      if (value !== undefined) yield value;
    }
  }
}
