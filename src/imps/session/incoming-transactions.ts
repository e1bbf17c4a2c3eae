/**
 * The requests of one client: which are under way, and what the latest were answered, so that one that comes again over HTTP is
 * answered as the first time and done once. The same id with another content, later, is a new request: clients count round.
 */
import type { IncomingTransaction, OutgoingTransaction } from '../message/csp-message.ts';
import type { Millis } from '../../base/time/clock.ts';

/** Under way at once, of one session. */
export const openRequestsMax = 16;
/** Answers that are remembered, of one session; the oldest goes. */
export const keptAnswersMax = 16;
/** Of an answer that is remembered. Larger ones are those to looks, which may be had again. */
export const keptAnswerBytesMax = 8_192;
/** A repetition that comes later is a new request. */
export const repetitionMs = 300_000;

export type Admission =
  | { readonly kind: 'new' }
  /** The answer is on its way to both. */
  | { readonly kind: 'under-way' }
  | { readonly kind: 'answered'; readonly answer: OutgoingTransaction }
  /** Another request with this id is under way. */
  | { readonly kind: 'id-in-use' }
  | { readonly kind: 'too-many' };

interface Answered {
  readonly fingerprint: number;
  readonly answer: OutgoingTransaction;
  readonly atMs: Millis;
}

export class IncomingTransactions {
  readonly #open = new Map<string, number>();
  readonly #answered = new Map<string, Answered>();

  admit(transaction: IncomingTransaction, now: Millis): Admission {
    const { id } = transaction;
    const fingerprint = fingerprintOf(transaction);
    const open = this.#open.get(id);
    if (open !== undefined) return { kind: open === fingerprint ? 'under-way' : 'id-in-use' };
    const answered = this.#answered.get(id);
    if (answered?.fingerprint === fingerprint && now - answered.atMs < repetitionMs) {
      return { kind: 'answered', answer: answered.answer };
    }
    if (this.#open.size >= openRequestsMax) return { kind: 'too-many' };
    this.#open.set(id, fingerprint);
    return { kind: 'new' };
  }

  /** Nothing for a request that is not under way. */
  close(answer: OutgoingTransaction, bytes: number, now: Millis): void {
    const { id } = answer;
    const fingerprint = this.#open.get(id);
    if (fingerprint === undefined) return;
    this.#open.delete(id);
    this.#answered.delete(id);
    if (bytes > keptAnswerBytesMax) return;
    this.#answered.set(id, { fingerprint, answer, atMs: now });
    const oldest = this.#answered.size > keptAnswersMax ? this.#answered.keys().next().value : undefined;
    if (oldest !== undefined) this.#answered.delete(oldest);
  }
}

/** Of what is asked, in 32 bits: it tells requests apart that have the same id. */
function fingerprintOf({ primitive, extension }: IncomingTransaction): number {
  const text = JSON.stringify([primitive, extension]);
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
