/**
 * From a 64-bit hash to a number, in typed arrays: open addressing, linear probing, no tombstones. Sixteen to forty
 * bytes an entry, no object. It knows no text; whoever asks has hashed it.
 */
import { assert } from '../../../base/assert.ts';

const slotsMin = 1_024;
const EMPTY = 0;

export class HashIndex {
  #lo = new Int32Array(slotsMin);
  #hi = new Int32Array(slotsMin);
  /** 0 is an empty slot. */
  #values = new Int32Array(slotsMin);
  #mask = slotsMin - 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** What the tables take. */
  get bytes(): number {
    return 12 * (this.#mask + 1);
  }

  /** The number kept for the hash, 0 when there is none. */
  get(lo: number, hi: number): number {
    const slot = this.#find(lo, hi);
    return this.#values[slot] ?? EMPTY;
  }

  /** Keeps a number, which is a signed 32-bit integer and not 0, in place of the one before. */
  set(lo: number, hi: number, value: number): void {
    assert(value !== EMPTY && (value | 0) === value, 'a value of the index is a 32-bit integer and not 0');
    let slot = this.#find(lo, hi);
    if (this.#values[slot] === EMPTY) {
      if (this.#size * 3 >= this.#mask * 2) {
        this.#resize(2 * (this.#mask + 1));
        slot = this.#find(lo, hi);
      }
      this.#size++;
    }
    this.#lo[slot] = lo;
    this.#hi[slot] = hi;
    this.#values[slot] = value;
  }

  /** Forgets the hash; false when it was not there. */
  delete(lo: number, hi: number): boolean {
    const slot = this.#find(lo, hi);
    if (this.#values[slot] === EMPTY) return false;
    this.#closeGap(slot);
    this.#size--;
    const slots = this.#mask + 1;
    if (slots > slotsMin && this.#size * 8 < slots) this.#resize(slots / 2);
    return true;
  }

  /** The slot of the hash, or the empty one where it would be. */
  #find(lo: number, hi: number): number {
    let slot = lo & this.#mask;
    while (this.#values[slot] !== EMPTY && (this.#lo[slot] !== lo || this.#hi[slot] !== hi)) {
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }

  /** Moves entries back over the freed slot, as far as each stays at or behind the slot that its hash asks for. */
  #closeGap(from: number): void {
    let gap = from;
    for (let slot = (gap + 1) & this.#mask; this.#values[slot] !== EMPTY; slot = (slot + 1) & this.#mask) {
      const home = (this.#lo[slot] ?? 0) & this.#mask;
      if (((slot - home) & this.#mask) < ((slot - gap) & this.#mask)) continue;
      this.#move(slot, gap);
      gap = slot;
    }
    this.#values[gap] = EMPTY;
  }

  #move(from: number, to: number): void {
    this.#lo[to] = this.#lo[from] ?? 0;
    this.#hi[to] = this.#hi[from] ?? 0;
    this.#values[to] = this.#values[from] ?? EMPTY;
  }

  #resize(slots: number): void {
    const [lo, hi, values] = [this.#lo, this.#hi, this.#values];
    this.#lo = new Int32Array(slots);
    this.#hi = new Int32Array(slots);
    this.#values = new Int32Array(slots);
    this.#mask = slots - 1;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? EMPTY;
      if (value === EMPTY) continue;
      const slot = this.#find(lo[i] ?? 0, hi[i] ?? 0);
      this.#lo[slot] = lo[i] ?? 0;
      this.#hi[slot] = hi[i] ?? 0;
      this.#values[slot] = value;
    }
  }
}
