/**
 * One message that leaves (RFC 4975 7.1.1): the next chunk when there is room for one, each small enough that others on the
 * same connection do not wait long. Resumes behind what the other side has.
 */
import type { ByteRange } from '../message/byte-range.ts';
import type { ContinuationFlag } from '../message/msrp-message.ts';

/** Octets of one chunk. More than 2,048 may be interrupted, so its range leaves the end open (RFC 4975 7.1). */
export const chunkBytesMax = 16 * 1024;
const uninterruptibleMax = 2_048;

export interface OutgoingChunk {
  /** Where its octets stand in the message, counted from 0. */
  readonly offset: number;
  readonly length: number;
  readonly byteRange: ByteRange;
  readonly flag: ContinuationFlag;
}

export class OutgoingTransfer {
  readonly messageId: string;
  readonly size: number;
  #offset: number;
  #isDone = false;

  /** `from`: octets that the other side has already. */
  constructor(messageId: string, size: number, from = 0) {
    this.messageId = messageId;
    this.size = size;
    this.#offset = Math.min(from, size);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** Undefined when the last one is gone. */
  next(bytesMax: number = chunkBytesMax): OutgoingChunk | undefined {
    if (this.#isDone) return undefined;
    const offset = this.#offset;
    const length = Math.min(bytesMax, this.size - offset);
    this.#offset += length;
    this.#isDone = this.#offset === this.size;
    const start = offset + 1;
    const total = this.size;
    const byteRange = length > uninterruptibleMax ? { start, total } : { start, end: offset + length, total };
    return { offset, length, byteRange, flag: this.#isDone ? '$' : '+' };
  }

  /** The other side does not want the rest (413), or it is given up here. */
  stop(): void {
    this.#isDone = true;
  }
}
