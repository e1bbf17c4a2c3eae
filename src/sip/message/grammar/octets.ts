/**
 * Room for octets that live as long as one message. Each typed array of its own costs an allocation outside of the heap, four
 * times the price of a piece of a larger one; so small ones are cut from a block, which goes when the last of them does.
 */

export const blockBytes = 16_384;
/** Longer ones stand alone, so that little of a block is lost at its end. */
export const pieceBytesMax = 2_048;

let block = new Uint8Array(blockBytes);
let used = 0;

/** All zero, and nobody else's. */
export function takeOctets(length: number): Uint8Array {
  if (length > pieceBytesMax) return new Uint8Array(length);
  if (used + length > blockBytes) {
    block = new Uint8Array(blockBytes);
    used = 0;
  }
  const start = used;
  used += length;
  return block.subarray(start, used);
}

export function copyOctets(octets: Uint8Array): Uint8Array {
  const copy = takeOctets(octets.length);
  copy.set(octets);
  return copy;
}
