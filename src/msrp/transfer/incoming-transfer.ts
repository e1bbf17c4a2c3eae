/**
 * One message that arrives (RFC 4975 7.3.1): its chunks in any order, cut anywhere, interrupted and repeated. Says for each
 * piece where it belongs, and when the whole is there; trusts the octets that came and not what a range promised.
 */
import type { ContinuationFlag, MsrpRequestHead } from '../message/msrp-message.ts';
import { ReceivedRanges } from './received-ranges.ts';

export interface Placed {
  /** The octet of the message that the piece begins with, counted from 0. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** `too-large`, `too-many-gaps` and `mixed-types` end it (413, 413, 400); the message is not wanted any further. */
export type TransferFault = 'too-large' | 'too-many-gaps' | 'mixed-types' | 'beyond-its-end';

export type ChunkEnd =
  | { readonly kind: 'open' }
  /** Every octet is there; at most once. */
  | { readonly kind: 'complete'; readonly size: number }
  | { readonly kind: 'given-up' }
  | { readonly kind: 'fault'; readonly fault: TransferFault };

/** A chunk that is being received. */
interface OpenChunk {
  readonly start: number;
  next: number;
}

export class IncomingTransfer {
  readonly messageId: string;
  readonly #sizeMax: number;
  readonly #received = new ReceivedRanges();
  #contentType: string | undefined;
  #chunk: OpenChunk | undefined;
  /** Known when the last chunk has come. */
  #size: number | undefined;
  #fault: TransferFault | undefined;
  #isComplete = false;

  /** `sizeMax`: octets of the whole; `received`: so many are there already. */
  constructor(messageId: string, sizeMax: number, received = 0) {
    this.messageId = messageId;
    this.#sizeMax = sizeMax;
    this.#received.add(1, received);
  }

  get contentType(): string | undefined {
    return this.#contentType;
  }

  /** What the sender said or showed so far of the size; undefined where it said nothing. */
  get expectedSize(): number | undefined {
    return this.#size;
  }

  get receivedContiguously(): number {
    return this.#received.contiguousEnd;
  }

  /** The fault, if this chunk is not wanted. */
  begin({ byteRange, contentType }: MsrpRequestHead): TransferFault | undefined {
    const start = byteRange?.start ?? 1;
    this.#chunk = { start, next: start };
    if (contentType !== undefined) {
      this.#contentType ??= contentType;
      if (this.#contentType !== contentType) this.#fault ??= 'mixed-types';
    }
    // A total that is too large is refused before its octets have come.
    if (Math.max(byteRange?.total ?? 0, start - 1) > this.#sizeMax) this.#fault ??= 'too-large';
    return this.#fault;
  }

  /** Undefined for a piece that is not wanted. */
  take(bytes: Uint8Array): Placed | undefined {
    const chunk = this.#chunk;
    if (chunk === undefined || this.#fault !== undefined || this.#isComplete) return undefined;
    const offset = chunk.next - 1;
    if (offset + bytes.length > this.#sizeMax) this.#fault = 'too-large';
    else if (this.#size !== undefined && offset + bytes.length > this.#size) this.#fault = 'beyond-its-end';
    if (this.#fault !== undefined) return undefined;
    chunk.next += bytes.length;
    return { offset, bytes };
  }

  /** `flag`: with which the chunk ended. A chunk whose connection broke has none: see `cut`. */
  end(flag: ContinuationFlag): ChunkEnd {
    const chunk = this.#chunk;
    if (chunk === undefined) return { kind: 'open' };
    this.#chunk = undefined;
    if (this.#fault !== undefined) return { kind: 'fault', fault: this.#fault };
    if (flag === '#') return { kind: 'given-up' };
    if (this.#isComplete) return { kind: 'open' };
    if (!this.#received.add(chunk.start, chunk.next - 1)) this.#fault = 'too-many-gaps';
    if (flag === '$') this.#setSize(chunk.next - 1);
    return this.#fault === undefined ? this.#state() : { kind: 'fault', fault: this.#fault };
  }

  /** The connection is gone within a chunk: what came of it is there all the same. */
  cut(): void {
    const chunk = this.#chunk;
    this.#chunk = undefined;
    if (chunk !== undefined && this.#fault === undefined) this.#received.add(chunk.start, chunk.next - 1);
  }

  /** The last chunk fixes the size (RFC 4975 7.1.1); octets beyond it are of another message or a lie. */
  #setSize(size: number): void {
    if ((this.#size !== undefined && this.#size !== size) || this.#received.highest > size)
      this.#fault = 'beyond-its-end';
    else this.#size = size;
  }

  #state(): ChunkEnd {
    if (this.#size === undefined || !this.#received.covers(this.#size)) return { kind: 'open' };
    this.#isComplete = true;
    return { kind: 'complete', size: this.#size };
  }
}
