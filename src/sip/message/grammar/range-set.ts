/** Tells whether a name occurs twice among the ranges of one text, without making strings of them. */
const LOWER_CASE = 0x20;

export class RangeSet {
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  #size = 0;

  constructor(max: number) {
    this.#starts = new Uint32Array(max);
    this.#ends = new Uint32Array(max);
  }

  clear(): void {
    this.#size = 0;
  }

  /** Adds a range; answers what is wrong with it when the set is full or has that name, in any case. */
  add(codes: Uint8Array, start: number, end: number): string | undefined {
    const size = this.#size;
    for (let i = 0; i < size; i++) {
      const other = this.#starts[i] ?? 0;
      if ((this.#ends[i] ?? 0) - other === end - start && isSameRange(codes, other, start, end - start)) {
        return 'parameter occurs twice';
      }
    }
    if (size === this.#starts.length) return 'too many parameters';
    this.#starts[size] = start;
    this.#ends[size] = end;
    this.#size = size + 1;
    return undefined;
  }
}

function isSameRange(codes: Uint8Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) {
    if (((codes[a + i] ?? 0) | LOWER_CASE) !== ((codes[b + i] ?? 0) | LOWER_CASE)) return false;
  }
  return true;
}
