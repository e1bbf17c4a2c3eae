/**
 * Numbers by numbers, in typed arrays: no garbage, and a third of the cost of a Map, whose keys beyond 31 bits are objects.
 * Open addressing; what is removed keeps its slot until the table grows or is cleared.
 */

const FREE = -1;
const REMOVED = -1;
const fewestSlots = 256;

export class HashTable {
  #size = 0;
  /** Slots that are not free. */
  #taken = 0;
  #keys: Float64Array;
  #values: Float64Array;
  #mask: number;

  /** For `expected` keys without growing. */
  constructor(expected: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(fewestSlots, 2 * expected)));
    this.#keys = new Float64Array(slots).fill(FREE);
    this.#values = new Float64Array(slots);
    this.#mask = slots - 1;
  }

  get size(): number {
    return this.#size;
  }

  get(key: number): number | undefined {
    const slot = this.#find(key);
    return this.#has(slot) ? this.#values[slot] : undefined;
  }

  /** Key and value are whole numbers from 0 up. */
  set(key: number, value: number): void {
    if (2 * this.#taken > this.#mask) this.#grow();
    const slot = this.#find(key);
    if (this.#keys[slot] === FREE) this.#taken += 1;
    if (!this.#has(slot)) this.#size += 1;
    this.#keys[slot] = key;
    this.#values[slot] = value;
  }

  delete(key: number): void {
    const slot = this.#find(key);
    if (!this.#has(slot)) return;
    this.#values[slot] = REMOVED;
    this.#size -= 1;
  }

  clear(): void {
    this.#keys.fill(FREE);
    this.#size = 0;
    this.#taken = 0;
  }

  sortedKeys(): Float64Array {
    const keys = new Float64Array(this.#size);
    let at = 0;
    for (let slot = 0; slot <= this.#mask; slot += 1) if (this.#has(slot)) keys[at++] = this.#keys[slot] ?? FREE;
    return keys.sort();
  }

  #has(slot: number): boolean {
    return this.#keys[slot] !== FREE && this.#values[slot] !== REMOVED;
  }

  /** Where the key is, or the free slot where it belongs. */
  #find(key: number): number {
    let slot = (key ^ Math.floor(key / 0x1_0000_0000)) & this.#mask;
    for (;;) {
      const there = this.#keys[slot];
      if (there === key || there === FREE) return slot;
      slot = (slot + 1) & this.#mask;
    }
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    const slots = 2 * this.#size > this.#mask / 2 ? 2 * keys.length : keys.length;
    this.#keys = new Float64Array(slots).fill(FREE);
    this.#values = new Float64Array(slots);
    this.#mask = slots - 1;
    this.#size = 0;
    this.#taken = 0;
    for (const [slot, key] of keys.entries()) {
      const value = values[slot] ?? REMOVED;
      if (key !== FREE && value !== REMOVED) this.set(key, value);
    }
  }
}
