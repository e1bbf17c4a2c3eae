/**
 * A request as bytes with places for numbers of a fixed width, so that sending one costs no more than writing a few digits
 * into a copy. Knows no header.
 */
import { assert } from '../../../../base/assert.ts';

/** Decimal, except `transaction`: eight hexadecimal digits of a number, three of a lane. */
export type TemplateField = 'user' | 'sender' | 'watcher' | 'round' | 'sequence' | 'transaction';

export const fieldWidths: Readonly<Record<TemplateField, number>> = {
  user: 7,
  sender: 7,
  watcher: 7,
  round: 7,
  sequence: 7,
  transaction: 11,
};

export class RequestTemplate {
  readonly #bytes: Buffer;
  readonly #places: Readonly<Record<TemplateField, readonly number[]>>;

  private constructor(bytes: Buffer, places: Readonly<Record<TemplateField, readonly number[]>>) {
    this.#bytes = bytes;
    this.#places = places;
  }

  /** `{user}` and so on mark the places; line ends become CRLF. */
  static parse(text: string): RequestTemplate {
    const places: Record<TemplateField, number[]> = {
      user: [],
      sender: [],
      watcher: [],
      round: [],
      sequence: [],
      transaction: [],
    };
    const pieces = text.replaceAll('\n', '\r\n').split(/\{(user|sender|watcher|round|sequence|transaction)\}/);
    let plain = '';
    for (const [at, piece] of pieces.entries()) {
      if (at % 2 === 0) plain += piece;
      else {
        const field = piece as TemplateField;
        places[field].push(plain.length);
        plain += '0'.repeat(fieldWidths[field]);
      }
    }
    return new RequestTemplate(Buffer.from(plain, 'latin1'), places);
  }

  get length(): number {
    return this.#bytes.length;
  }

  copy(): Buffer {
    return Buffer.from(this.#bytes);
  }

  /** Of a field that the template does not have, nothing is written. */
  writeDecimal(bytes: Buffer, field: Exclude<TemplateField, 'transaction'>, value: number): void {
    const width = fieldWidths[field];
    assert(Number.isInteger(value) && value >= 0 && value < 10 ** width, `${field} ${value} has its digits`);
    for (const place of this.#places[field]) {
      let rest = value;
      for (let at = place + width - 1; at >= place; at -= 1) {
        const next = Math.floor(rest / 10);
        bytes[at] = 48 + rest - next * 10;
        rest = next;
      }
    }
  }

  writeTransaction(bytes: Buffer, number: number, lane: number): void {
    for (const place of this.#places.transaction) {
      writeHex(bytes, place, 8, number);
      writeHex(bytes, place + 8, 3, lane);
    }
  }
}

const hexDigits = Buffer.from('0123456789abcdef', 'latin1');

function writeHex(bytes: Buffer, place: number, width: number, value: number): void {
  let rest = value;
  for (let at = place + width - 1; at >= place; at -= 1) {
    bytes[at] = hexDigits[rest & 15] ?? 48;
    rest >>>= 4;
  }
}

export function formatTransaction(number: number, lane: number): string {
  return (number >>> 0).toString(16).padStart(8, '0') + lane.toString(16).padStart(3, '0');
}
