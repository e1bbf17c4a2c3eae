/**
 * Records of answers in chunks of bytes, first in first out: all live equally long, so the oldest always goes first
 * and whole chunks are given back. The garbage collector never sees a record.
 */
import { assert } from '../../../base/assert.ts';
import type { Millis } from '../../../base/time/clock.ts';
import type { CutAnswer, KeptAnswer } from './kept-answer.ts';

/** One chunk; a record never spans two, so nothing longer is kept. */
export const arenaChunkBytes = 1_048_576;

/** While less than this is left, the arena calls itself full; what is still under way goes into the rest. */
const reserveBytes = 65_536;

const LENGTH = 0;
const HASH_LO = 4;
const HASH_HI = 8;
const EXPIRES_AT = 12;
const START_LINE_LENGTH = 20;
const TAG_LENGTH = 22;
const TEXTS = 24;

/** The longest start line and the longest tag: their lengths take two octets. */
const shortTextBytesMax = 65_535;

/** A reference to a record, as long as it has not expired: 1 to 2^31 - 1. */
export type AnswerRef = number;

interface Chunk {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

export class AnswerArena {
  readonly #chunkBytes: number;
  readonly #slots: (Chunk | undefined)[];
  #spare: Chunk | undefined;
  /** The chunk with the oldest record and where that begins. */
  #headSlot = 0;
  #headAt = 0;
  /** The chunk that is written to and where its free part begins. */
  #tailSlot = 0;
  #tailAt = 0;
  #records = 0;

  /** At least two chunks, at most 2 GiB. */
  constructor(bytesMax: number, chunkBytes = arenaChunkBytes) {
    const slots = Math.floor(bytesMax / chunkBytes);
    assert(slots >= 2 && slots * chunkBytes < 2 ** 31, `an arena of ${bytesMax} bytes is too small or too large`);
    this.#chunkBytes = chunkBytes;
    this.#slots = Array.from({ length: slots });
    this.#slots[0] = createChunk(chunkBytes);
  }

  get size(): number {
    return this.#records;
  }

  /** What the records take, and what is lost at the end of chunks. */
  get usedBytes(): number {
    const { length } = this.#slots;
    const chunks = (this.#tailSlot - this.#headSlot + length) % length;
    return chunks * this.#chunkBytes + this.#tailAt - this.#headAt;
  }

  /** Whether whoever begins something that may end in here must be refused. */
  get isFull(): boolean {
    const isLastChunk = this.#nextSlot(this.#tailSlot) === this.#headSlot;
    return isLastChunk && this.#chunkBytes - this.#tailAt < Math.min(reserveBytes, this.#chunkBytes / 2);
  }

  /** Keeps an answer until `expiresAt`, or until all before it have expired; undefined when there is no room for it. */
  append(lo: number, hi: number, expiresAt: Millis, answer: CutAnswer): AnswerRef | undefined {
    const { bytes, startLineEnd, toTag } = answer;
    // The whole response is copied first and its middle taken out then: one copy without a view is the cheapest.
    const room = TEXTS + bytes.length;
    const isKeepable = startLineEnd <= shortTextBytesMax && toTag.length <= shortTextBytesMax;
    if (!isKeepable || room > this.#chunkBytes) return undefined;
    if (this.#tailAt + room > this.#chunkBytes && !this.#addChunk()) return undefined;
    const at = this.#tailAt;
    const end = this.#write(at, answer);
    const { view } = this.#chunkAt(this.#tailSlot);
    view.setUint32(at + LENGTH, end - at);
    view.setInt32(at + HASH_LO, lo);
    view.setInt32(at + HASH_HI, hi);
    view.setFloat64(at + EXPIRES_AT, expiresAt);
    this.#tailAt = end;
    this.#records++;
    return this.#tailSlot * this.#chunkBytes + at + 1;
  }

  /** A view of the record: to be used before the next one expires. */
  read(ref: AnswerRef): KeptAnswer {
    const { bytes, view } = this.#chunkAt(Math.floor((ref - 1) / this.#chunkBytes));
    const at = (ref - 1) % this.#chunkBytes;
    const tagAt = at + TEXTS + view.getUint16(at + START_LINE_LENGTH);
    const tailAt = tagAt + view.getUint16(at + TAG_LENGTH);
    return {
      startLine: bytes.subarray(at + TEXTS, tagAt),
      toTag: String.fromCharCode(...bytes.subarray(tagAt, tailAt)),
      tail: bytes.subarray(tailAt, at + view.getUint32(at + LENGTH)),
    };
  }

  /** When the oldest record expires; undefined when there is none. */
  nextExpiry(): Millis | undefined {
    return this.#records === 0 ? undefined : this.#head().view.getFloat64(this.#headAt + EXPIRES_AT);
  }

  /** Forgets what has expired, the oldest first, and names the hash of each. */
  expire(now: Millis, forget: (lo: number, hi: number) => void): void {
    while (this.#records > 0) {
      const { view } = this.#head();
      if (view.getFloat64(this.#headAt + EXPIRES_AT) > now) return;
      const [lo, hi] = [view.getInt32(this.#headAt + HASH_LO), view.getInt32(this.#headAt + HASH_HI)];
      this.#headAt += view.getUint32(this.#headAt + LENGTH);
      this.#records--;
      forget(lo, hi);
    }
    this.#freeUntil(this.#tailSlot);
    this.#headAt = this.#tailAt = 0;
  }

  /** The chunk with the oldest record; one that has none left is given back first. */
  #head(): Chunk {
    const chunk = this.#chunkAt(this.#headSlot);
    const isAtEnd = this.#headAt + TEXTS > this.#chunkBytes || chunk.view.getUint32(this.#headAt + LENGTH) === 0;
    if (!isAtEnd || this.#headSlot === this.#tailSlot) return chunk;
    this.#freeUntil(this.#nextSlot(this.#headSlot));
    this.#headAt = 0;
    return this.#chunkAt(this.#headSlot);
  }

  #freeUntil(slot: number): void {
    while (this.#headSlot !== slot) {
      this.#spare ??= this.#slots[this.#headSlot];
      this.#slots[this.#headSlot] = undefined;
      this.#headSlot = this.#nextSlot(this.#headSlot);
    }
  }

  #addChunk(): boolean {
    const next = this.#nextSlot(this.#tailSlot);
    if (next === this.#headSlot) return false;
    // A length of zero says that no further record follows in this chunk.
    if (this.#tailAt + TEXTS <= this.#chunkBytes) this.#chunkAt(this.#tailSlot).view.setUint32(this.#tailAt, 0);
    this.#slots[next] = this.#spare ?? createChunk(this.#chunkBytes);
    this.#spare = undefined;
    this.#tailSlot = next;
    this.#tailAt = 0;
    return true;
  }

  /** Writes what is behind the times and answers where it ends. */
  #write(at: number, answer: CutAnswer): number {
    const { bytes: chunk, view } = this.#chunkAt(this.#tailSlot);
    const { bytes, startLineEnd, tailStart, toTag } = answer;
    const start = at + TEXTS;
    const tagAt = start + startLineEnd;
    const tailAt = tagAt + toTag.length;
    chunk.set(bytes, start);
    chunk.copyWithin(tailAt, start + tailStart, start + bytes.length);
    for (let i = 0; i < toTag.length; i++) chunk[tagAt + i] = toTag.charCodeAt(i);
    view.setUint16(at + START_LINE_LENGTH, startLineEnd);
    view.setUint16(at + TAG_LENGTH, toTag.length);
    return tailAt + bytes.length - tailStart;
  }

  #chunkAt(slot: number): Chunk {
    const chunk = this.#slots[slot];
    assert(chunk !== undefined, 'the arena has no such chunk');
    return chunk;
  }

  #nextSlot(slot: number): number {
    return slot + 1 === this.#slots.length ? 0 : slot + 1;
  }
}

function createChunk(length: number): Chunk {
  const bytes = new Uint8Array(length);
  return { bytes, view: new DataView(bytes.buffer) };
}
