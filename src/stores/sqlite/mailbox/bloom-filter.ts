/** A Bloom filter over hashes in base64url: never says no to what was added, and seldom yes to what was not. */

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

  add(hash: string): void {
    const first = foldLetters(hash, 0);
    const second = foldLetters(hash, 1) | 1;
    for (let probe = 0; probe < probes; probe += 1) {
      const bit = ((first + Math.imul(probe, second)) >>> 0) % this.#bits;
      const word = bit >>> 5;
      this.#words[word] = (this.#words[word] ?? 0) | (1 << (bit & 31));
    }
    this.#added += 1;
  }

  mayHave(hash: string): boolean {
    const first = foldLetters(hash, 0);
    const second = foldLetters(hash, 1) | 1;
    for (let probe = 0; probe < probes; probe += 1) {
      const bit = ((first + Math.imul(probe, second)) >>> 0) % this.#bits;
      if (((this.#words[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }
}

/** 32 bits out of every second letter from `start`; the letters are of a good hash, so they only have to be spread. */
function foldLetters(hash: string, start: 0 | 1): number {
  let value: number = start;
  for (let index = start; index < hash.length; index += 2)
    value = Math.imul(value ^ hash.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}
