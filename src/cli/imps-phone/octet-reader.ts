/** Octets from the first to the last, with the numbers and strings of WBXML 1.3 (5.1, 5.8.4.1). Throws where they end too early. */

export class OctetReader {
  readonly #octets: Uint8Array;
  #at = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#octets.length;
  }

  get at(): number {
    return this.#at;
  }

  octet(): number {
    const value = this.#octets[this.#at];
    if (value === undefined) throw new Error(`the document ends at ${this.#at}`);
    this.#at += 1;
    return value;
  }

  /** Seven bits in each octet, the highest first. */
  number(): number {
    let value = 0;
    for (;;) {
      const octet = this.octet();
      value = value * 128 + (octet & 0x7f);
      if (value > 0xffff_ffff) throw new Error(`a number of more than 32 bits before ${this.#at}`);
      if (octet < 0x80) return value;
    }
  }

  take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#octets.length) throw new Error(`${length} octets at ${this.#at} are not there`);
    const taken = this.#octets.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** Up to its NUL. */
  text(): string {
    const end = this.#octets.indexOf(0, this.#at);
    if (end === -1) throw new Error(`a string without an end at ${this.#at}`);
    const text = Buffer.from(this.take(end - this.#at)).toString('utf8');
    this.#at += 1;
    return text;
  }
}

export function writeNumber(value: number): number[] {
  const octets = [value & 0x7f];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
    octets.unshift((rest & 0x7f) | 0x80);
  return octets;
}
