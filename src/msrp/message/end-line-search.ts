/**
 * Looks for the end line of a body (RFC 4975 7.1) in the octets at hand, without looking at each of them (Horspool's search):
 * most steps are as long as the line. Copies nothing.
 */
const CR = 0x0d;
const LF = 0x0a;
const encoder = new TextEncoder();
const tableLength = 256;

export class EndLineSearch {
  /** CR LF, seven dashes and the transaction id. */
  readonly marker: Uint8Array;
  /** How far to go on from an octet that stands where the marker's last one would. */
  readonly #steps: Uint8Array;

  constructor(transactionId: string) {
    this.marker = encoder.encode(`\r\n-------${transactionId}`);
    const last = this.marker.length - 1;
    this.#steps = new Uint8Array(tableLength).fill(this.marker.length);
    for (let at = 0; at < last; at += 1) this.#steps[this.marker[at] ?? 0] = last - at;
  }

  /** Where the whole marker begins; -1 where it does not. */
  find(bytes: Uint8Array, from: number): number {
    const { marker } = this;
    const last = marker.length - 1;
    const lastOctet = marker[last] ?? 0;
    for (let end = from + last; end < bytes.length;) {
      const octet = bytes[end] ?? 0;
      if (octet === lastOctet && beginsWith(bytes, marker, end - last)) return end - last;
      end += this.#steps[octet] ?? 1;
    }
    return -1;
  }

  /** How many octets at the end may be the beginning of the marker. */
  heldBack(bytes: Uint8Array): number {
    for (let count = Math.min(this.marker.length - 1, bytes.length); count > 0; count -= 1) {
      const at = bytes.length - count;
      if (bytes[at] === CR && beginsWith(bytes, this.marker, at)) return count;
    }
    return 0;
  }
}

/** Whether the octets from `at` on are those of the word, as far as either goes. */
export function beginsWith(bytes: Uint8Array, word: Uint8Array, at: number): boolean {
  const length = Math.min(word.length, bytes.length - at);
  for (let index = 0; index < length; index += 1) if (bytes[at + index] !== word[index]) return false;
  return true;
}

/** Where the line ends that goes on at `at` with a flag; `more` where that is not there yet; undefined where it is none. */
export function endOfEndLine(bytes: Uint8Array, at: number): number | 'more' | undefined {
  if (at >= bytes.length) return 'more';
  if (!isFlag(bytes[at])) return undefined;
  if (at + 1 >= bytes.length) return 'more';
  if (bytes[at + 1] === LF) return at + 2;
  if (bytes[at + 1] !== CR) return undefined;
  if (at + 2 >= bytes.length) return 'more';
  return bytes[at + 2] === LF ? at + 3 : undefined;
}

/** `$`, `+` and `#`. */
function isFlag(octet: number | undefined): boolean {
  return octet === 0x24 || octet === 0x2b || octet === 0x23;
}
