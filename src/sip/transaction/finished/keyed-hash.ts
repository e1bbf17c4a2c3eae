/**
 * HalfSipHash-1-3 (Aumasson and Bernstein's SipHash on 32-bit words) over UTF-16 units, 64 bits out. The texts come
 * from peers, who must not be able to choose two that collide: hence a hash with a secret key.
 */
import type { IdSource } from '../../../base/ids.ts';

export class KeyedHash {
  /** With 64 random bits as its key; a fraction brings 16 of them. */
  static withRandomKey(ids: IdSource): KeyedHash {
    const word = (): number => ((ids.fraction() * 65_536) << 16) | (ids.fraction() * 65_536);
    return new KeyedHash(word(), word());
  }

  /** The two halves of the last hash, as signed 32-bit integers. */
  lo = 0;
  hi = 0;
  readonly #k0: number;
  readonly #k1: number;
  #v0 = 0;
  #v1 = 0;
  #v2 = 0;
  #v3 = 0;

  /** Two random 32-bit integers. */
  constructor(k0: number, k1: number) {
    this.#k0 = k0 | 0;
    this.#k1 = k1 | 0;
  }

  begin(): this {
    this.#v0 = this.#k0;
    this.#v1 = this.#k1 ^ 0xee;
    this.#v2 = this.#k0 ^ 0x6c796765;
    this.#v3 = this.#k1 ^ 0x74656462;
    return this;
  }

  /** Takes a text with its length, so that the same letters cut elsewhere make another hash. */
  add(text: string): this {
    const { length } = text;
    let i = 0;
    for (; i + 1 < length; i += 2) this.#absorb(text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16));
    if (i < length) this.#absorb(text.charCodeAt(i));
    return this.addNumber(length);
  }

  addNumber(value: number): this {
    this.#absorb(value | 0);
    return this;
  }

  /** Leaves the hash in `lo` and `hi`. */
  end(): this {
    this.#v2 ^= 0xee;
    this.#finish();
    this.lo = this.#v1 ^ this.#v3;
    this.#v1 ^= 0xdd;
    this.#finish();
    this.hi = this.#v1 ^ this.#v3;
    return this;
  }

  #absorb(word: number): void {
    this.#v3 ^= word;
    this.#round();
    this.#v0 ^= word;
  }

  #finish(): void {
    this.#round();
    this.#round();
    this.#round();
  }

  #round(): void {
    let v0 = this.#v0;
    let v1 = this.#v1;
    let v2 = this.#v2;
    let v3 = this.#v3;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    this.#v0 = v0;
    this.#v1 = v1;
    this.#v2 = v2;
    this.#v3 = v3;
  }
}
