/**
 * One message that leaves, piece by piece as its octets are there (RFC 4975 7.1.1): which range and flag each chunk has. The
 * size may be known only at the end. Resumes behind what the other side has.
 */
import type { ByteRange } from '../message/byte-range.ts';
import type { ContinuationFlag } from '../message/msrp-message.ts';

/**
 * Octets of one chunk: few enough that others on the same connection do not wait long, many enough that heads and answers cost
 * little.
 */
export const chunkBytesMax = 128 * 1024;
/** More than these may be interrupted, so that their range leaves the end open (RFC 4975 7.1). */
export const uninterruptibleBytesMax = 2_048;

export interface OutgoingChunk {
  readonly byteRange: ByteRange;
  readonly flag: ContinuationFlag;
}

export class OutgoingTransfer {
  readonly #size: number | undefined;
  #offset: number;
  #isDone = false;

  /** `from`: octets that the other side has already. */
  constructor(size: number | undefined, from = 0) {
    this.#size = size;
    this.#offset = size === undefined ? from : Math.min(from, size);
  }

  /** Octets before the next chunk. */
  get offset(): number {
    return this.#offset;
  }

  /** The last chunk has been made, or it is given up. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Octets that the next chunk may have. */
  get room(): number {
    return this.#size === undefined ? chunkBytesMax : Math.min(chunkBytesMax, this.#size - this.#offset);
  }

  /** The chunk of so many octets; undefined where they are not those of a message of that size. */
  next(length: number, isEnd: boolean): OutgoingChunk | undefined {
    const end = this.#offset + length;
    const size = this.#size ?? (isEnd ? end : undefined);
    if (size !== undefined && (end > size || (isEnd && end < size))) return undefined;
    const start = this.#offset + 1;
    this.#offset = end;
    this.#isDone = end === size;
    const byteRange = {
      start,
      ...(length > uninterruptibleBytesMax ? {} : { end }),
      ...(size === undefined ? {} : { total: size }),
    };
    return { byteRange, flag: this.#isDone ? '$' : '+' };
  }

  /** The chunk that says that nothing follows: the other side does not want the rest, or it is given up here. */
  giveUp(): OutgoingChunk {
    this.#isDone = true;
    const total = this.#size === undefined ? {} : { total: this.#size };
    return { byteRange: { start: this.#offset + 1, end: this.#offset, ...total }, flag: '#' };
  }
}
