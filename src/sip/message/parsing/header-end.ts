/** Finds the end of a header section in octets (RFC 3261 7). */
import { CR, LF } from '../grammar/characters.ts';

const ABSENT = -1;

/** The index behind the first empty line at or behind `start`, or -1. */
export function findHeaderEnd(bytes: Uint8Array, start: number): number {
  const { length } = bytes;
  // Looks at every fourth octet at most: the four octets looked for hold only CR and LF.
  for (let at = start + 3; at < length;) {
    const byte = bytes[at];
    if (byte === LF) {
      if (bytes[at - 1] === CR && bytes[at - 2] === LF && bytes[at - 3] === CR) return at + 1;
      at += 2;
    } else at += byte === CR ? 1 : 4;
  }
  return ABSENT;
}
