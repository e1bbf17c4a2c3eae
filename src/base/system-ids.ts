/** Randomness and ids from node:crypto. Random bytes are drawn in blocks, since each draw costs a system call. */
import { randomFillSync, randomUUIDv7 } from 'node:crypto';
import type { IdSource } from './ids.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const BITS_PER_LETTER = 5;
const BLOCK_BYTES = 4096;

const block = new Uint8Array(BLOCK_BYTES);
let used = BLOCK_BYTES;

export const systemIds: IdSource = {
  randomToken(bits) {
    let token = '';
    for (let have = 0; have < bits; have += BITS_PER_LETTER) token += ALPHABET[nextByte() & 31];
    return token;
  },
  timeOrderedId: () => randomUUIDv7(),
  fraction: () => (nextByte() * 256 + nextByte()) / 65536,
};

function nextByte(): number {
  if (used === BLOCK_BYTES) {
    randomFillSync(block);
    used = 0;
  }
  return block[used++] ?? 0;
}
