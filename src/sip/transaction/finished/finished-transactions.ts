/**
 * Server transactions that are answered and only absorb retransmissions: state Completed of RFC 3261 17.2.2 without
 * an object. Timer J is the same for all, so the first kept is the first to go. It arms no timer; whoever does asks.
 */
import type { Millis } from '../../../base/time/clock.ts';
import type { SipRequest, SipResponse } from '../../message/sip-message.ts';
import { AnswerArena } from './answer-arena.ts';
import type { HashIndex } from './hash-index.ts';
import { cutAnswer, formatKeptAnswer } from './kept-answer.ts';

export interface Exchange {
  readonly request: SipRequest;
  readonly response: SipResponse;
  /** The response as it was sent. */
  readonly bytes: Uint8Array;
}

export class FinishedTransactions {
  readonly #arena: AnswerArena;
  readonly #index: HashIndex;
  readonly #forget: (lo: number, hi: number) => void;

  /** The index is shared with the active transactions: here its values are positive. */
  constructor(index: HashIndex, bytesMax: number, chunkBytes?: number) {
    this.#arena = new AnswerArena(bytesMax, chunkBytes);
    this.#index = index;
    this.#forget = (lo, hi) => {
      this.#index.delete(lo, hi);
    };
  }

  get size(): number {
    return this.#arena.size;
  }

  /** Records only; the index counts for itself. */
  get usedBytes(): number {
    return this.#arena.usedBytes;
  }

  get isFull(): boolean {
    return this.#arena.isFull;
  }

  /** Keeps the answer until then; false when there is no room, and the transaction must stay what it is. */
  keep(lo: number, hi: number, until: Millis, exchange: Exchange): boolean {
    const { bytes, response, request } = exchange;
    const answer = cutAnswer(bytes, response, request);
    const ref = answer === undefined ? undefined : this.#arena.append(lo, hi, until, answer);
    if (ref !== undefined) this.#index.set(lo, hi, ref);
    return ref !== undefined;
  }

  /** The answer to a retransmission; `ref` is what the index says. */
  answer(ref: number, request: SipRequest): Uint8Array {
    return formatKeptAnswer(this.#arena.read(ref), request);
  }

  nextExpiry(): Millis | undefined {
    return this.#arena.nextExpiry();
  }

  expire(now: Millis): void {
    this.#arena.expire(now, this.#forget);
  }
}
