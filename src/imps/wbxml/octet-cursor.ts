/** Walks over the octets of a WBXML document: octets, mb_u_int32 (WBXML 1.3, 5.1), strings. Faults leave by exception. */
import { CspReadFault } from '../csp-element.ts';
import { charsets } from './wbxml-tokens.ts';

export class OctetCursor {
  readonly #bytes: Uint8Array;
  #at = 0;
  #isLatin1 = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Strings are UTF-8 until another set is named. */
  useCharset(charset: number): void {
    const { unknown, usAscii, latin1, utf8 } = charsets;
    if (charset !== unknown && charset !== usAscii && charset !== latin1 && charset !== utf8) {
      throw new CspReadFault(`character set ${charset} is not accepted`);
    }
    this.#isLatin1 = charset === latin1;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  octet(): number {
    const octet = this.#bytes[this.#at];
    if (octet === undefined) throw new CspReadFault('the document ends early');
    this.#at += 1;
    return octet;
  }

  peek(): number | undefined {
    return this.#bytes[this.#at];
  }

  multiByte(): number {
    let value = 0;
    for (let count = 0; count < multiByteOctetsMax; count += 1) {
      const octet = this.octet();
      value = value * 128 + (octet & 0x7f);
      if (octet < 0x80) {
        if (value > 0xffff_ffff) break;
        return value;
      }
    }
    throw new CspReadFault('a number is longer than 32 bits');
  }

  /** A view of the next octets. */
  take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw new CspReadFault('the document ends early');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** A string that ends in NUL. */
  string(): string {
    const ends = this.#bytes.indexOf(0, this.#at);
    if (ends < 0) throw new CspReadFault('a string does not end');
    const text = this.decode(this.#bytes.subarray(this.#at, ends));
    this.#at = ends + 1;
    return text;
  }

  decode(bytes: Uint8Array): string {
    const text = this.#isLatin1 ? decodeLatin1(bytes) : decodeUtf8(bytes);
    if (text === undefined) throw new CspReadFault('a string is not UTF-8');
    return text;
  }
}

const multiByteOctetsMax = 5;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Undefined for what is none. Most strings are short and ASCII, for which the decoder of the platform is slow. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (bytes.length <= shortBytes && isAscii(bytes)) return String.fromCharCode(...bytes);
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

const shortBytes = 48;

function isAscii(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte >= 0x80) return false;
  return true;
}

function decodeLatin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
