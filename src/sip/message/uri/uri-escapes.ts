/** Percent escapes of URIs (RFC 3261 19.1.2), undone once only, and the UTF-8 behind them. */
import { ABOVE_ASCII, DIGIT, HEX, isOf, PERCENT } from '../grammar/characters.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Whether `%` and two hexadecimal digits stand at `at`. */
export function isEscapeAt(codes: Uint8Array, at: number, end: number): boolean {
  return at + 2 < end && codes[at] === PERCENT && isOf(codes[at + 1] ?? 0, HEX) && isOf(codes[at + 2] ?? 0, HEX);
}

/** Undoes every escape once; undefined when the octets behind them are not UTF-8. */
export function unescapeUriText(text: string): string | undefined {
  if (!text.includes('%')) return text;
  const codes = encoder.encode(text);
  const octets = new Uint8Array(codes.length);
  let length = 0;
  for (let at = 0; at < codes.length; length++) {
    if (isEscapeAt(codes, at, codes.length)) {
      octets[length] = hexValue(codes[at + 1] ?? 0) * 16 + hexValue(codes[at + 2] ?? 0);
      at += 3;
    } else octets[length] = codes[at++] ?? 0;
  }
  try {
    return utf8.decode(octets.subarray(0, length));
  } catch {
    return undefined;
  }
}

function hexValue(code: number): number {
  return isOf(code, DIGIT) ? code & 15 : (code & 7) + 9;
}

function isAllOf(plain: string, bits: number): boolean {
  for (let at = 0; at < plain.length; at++) {
    const code = plain.charCodeAt(at);
    if (code >= ABOVE_ASCII || !isOf(code, bits)) return false;
  }
  return true;
}

/** Writes every character outside the classes of `bits` as escapes of its UTF-8 octets. */
export function escapeUriText(plain: string, bits: number): string {
  if (isAllOf(plain, bits)) return plain;
  let escaped = '';
  for (const character of plain) {
    if (character.charCodeAt(0) < ABOVE_ASCII && isOf(character.charCodeAt(0), bits)) {
      escaped += character;
      continue;
    }
    for (const octet of encoder.encode(character)) {
      escaped += `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
    }
  }
  return escaped;
}
