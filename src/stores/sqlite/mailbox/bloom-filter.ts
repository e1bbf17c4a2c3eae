/** A Bloom filter over hashes of 48 bits: never says no to what was added, and seldom yes to what was not. */

const bitsPerKey = 12;
const probes = 8;
/** Beyond this many keys it says yes more often; 64 MiB. */
export const capacityMax = Math.floor((64 * 1024 * 1024 * 8) / bitsPerKey);

export class BloomFilter {
  /** For how many keys it was made: with so many, about 3 of 1,000 others are mistaken for one of them. */
  readonly capacity: number;
  readonly #words: Uint32Array;
  readonly #bits: number;
  #added = 0;

  constructor(wantedCapacity: number) {
    this.capacity = Math.min(wantedCapacity, capacityMax);
    this.#words = new Uint32Array(Math.ceil((this.capacity * bitsPerKey) / 32));
    this.#bits = this.#words.length * 32;
  }

  get added(): number {
    return this.#added;
  }

  add(hash: number): void {
    const first = firstWord(hash);
    const second = secondWord(hash);
    for (let probe = 0; probe < probes; probe += 1) {
      const bit = ((first + Math.imul(probe, second)) >>> 0) % this.#bits;
      const word = bit >>> 5;
      this.#words[word] = (this.#words[word] ?? 0) | (1 << (bit & 31));
    }
    this.#added += 1;
  }

  mayHave(hash: number): boolean {
    const first = firstWord(hash);
    const second = secondWord(hash);
    for (let probe = 0; probe < probes; probe += 1) {
      const bit = ((first + Math.imul(probe, second)) >>> 0) % this.#bits;
      if (((this.#words[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }
}

/** The low 32 bits. */
function firstWord(hash: number): number {
  return hash >>> 0;
}

/** The high 32 bits, odd so that no probe meets another; half of them are of the first word too, so they are mixed. */
function secondWord(hash: number): number {
  const high = Math.floor(hash / 0x10000) >>> 0;
  const value = Math.imul(high ^ (high >>> 15), 0x2c1b3c6d);
  return ((value ^ (value >>> 13)) | 1) >>> 0;
}
