/**
 * Remembers for a while that a key was seen, in typed arrays: 8 bytes a key and no garbage, since every relayed message
 * leaves one behind. Two generations of open addressing; a key lives between one and two periods.
 */
import type { Millis } from '../../base/time/clock.ts';

/** Keys of one generation; at the limit the older generation is dropped early and the generations turn. */
export const recentKeysMax = 1 << 20;

const FIRST_SLOTS = 1 << 10;
const lowSeed = 0x811c9dc5;
const highSeed = 0x9747b28c;

export class RecentKeys {
  readonly #periodMs: Millis;
  #young = new KeySet(FIRST_SLOTS);
  #old = new KeySet(FIRST_SLOTS);
  #turnsAt: Millis;

  constructor(periodMs: Millis, now: Millis) {
    this.#periodMs = periodMs;
    this.#turnsAt = now + periodMs;
  }

  has(key: string, now: Millis): boolean {
    this.#turn(now);
    const low = hash(key, lowSeed);
    const high = highHash(key);
    return this.#young.has(low, high) || this.#old.has(low, high);
  }

  add(key: string, now: Millis): void {
    this.#turn(now);
    if (this.#young.size >= recentKeysMax) this.#replace(now);
    this.#young.add(hash(key, lowSeed), highHash(key));
  }

  #turn(now: Millis): void {
    if (now < this.#turnsAt) return;
    if (now >= this.#turnsAt + this.#periodMs) this.#young = new KeySet(FIRST_SLOTS);
    this.#replace(now);
  }

  #replace(now: Millis): void {
    this.#old = this.#young;
    this.#young = new KeySet(FIRST_SLOTS);
    this.#turnsAt = now + this.#periodMs;
  }
}

/** A set of 64-bit keys; the high half is never 0, which marks a free slot. */
class KeySet {
  size = 0;
  #slots: Uint32Array;
  #mask: number;

  constructor(slots: number) {
    this.#slots = new Uint32Array(2 * slots);
    this.#mask = slots - 1;
  }

  has(low: number, high: number): boolean {
    return this.#slots[2 * this.#find(low, high) + 1] !== 0;
  }

  add(low: number, high: number): void {
    if (4 * this.size > 3 * this.#mask) this.#grow();
    const at = 2 * this.#find(low, high);
    if (this.#slots[at + 1] !== 0) return;
    this.#slots[at] = low;
    this.#slots[at + 1] = high;
    this.size += 1;
  }

  #find(low: number, high: number): number {
    let slot = low & this.#mask;
    for (;;) {
      const there = this.#slots[2 * slot + 1];
      if (there === 0 || (there === high && this.#slots[2 * slot] === low)) return slot;
      slot = (slot + 1) & this.#mask;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#mask = 2 * this.#mask + 1;
    this.#slots = new Uint32Array(2 * (this.#mask + 1));
    this.size = 0;
    for (let at = 0; at < old.length; at += 2) {
      const high = old[at + 1] ?? 0;
      if (high !== 0) this.add(old[at] ?? 0, high);
    }
  }
}

/** FNV-1a over UTF-16 units with a final mix; the two seeds make 64 bits, so that an accidental match is out of reach. */
function hash(key: string, seed: number): number {
  let value = seed;
  for (let index = 0; index < key.length; index += 1) value = Math.imul(value ^ key.charCodeAt(index), 0x01000193);
  value ^= value >>> 15;
  value = Math.imul(value, 0x2c1b3c6d);
  return (value ^ (value >>> 12)) >>> 0;
}

function highHash(key: string): number {
  return (hash(key, highSeed) | 1) >>> 0;
}
