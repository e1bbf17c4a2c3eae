/** Octets one after the other, and numbers of several octets (WBXML 1.3, 5.1). */
export class OctetWriter {
  #bytes = new Uint8Array(512);
  #length = 0;

  octet(octet: number): void {
    this.#makeRoom(1);
    this.#bytes[this.#length] = octet;
    this.#length += 1;
  }

  multiByte(value: number): void {
    let rest = Math.floor(value / 128);
    const octets = [value % 128];
    for (; rest > 0; rest = Math.floor(rest / 128)) octets.unshift((rest % 128) | 0x80);
    for (const octet of octets) this.octet(octet);
  }

  /** UTF-8, without an end. */
  text(text: string): void {
    this.#makeRoom(text.length * 3);
    this.#length += encoder.encodeInto(text, this.#bytes.subarray(this.#length)).written;
  }

  octets(octets: Uint8Array): void {
    this.#makeRoom(octets.length);
    this.#bytes.set(octets, this.#length);
    this.#length += octets.length;
  }

  get length(): number {
    return this.#length;
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #makeRoom(octets: number): void {
    const needed = this.#length + octets;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

const encoder = new TextEncoder();
