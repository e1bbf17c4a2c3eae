/**
 * What the server has to say to one client, in order: offered in the responses to its requests, as many at once as it takes,
 * and offered again under the same id until it answers. What it never answers is given back.
 */
import { assert } from '../../base/assert.ts';
import type { Millis } from '../../base/time/clock.ts';
import type { Extension } from '../message/extension.ts';
import type { OutgoingTransaction } from '../message/csp-message.ts';
import type { Primitive } from '../primitives/primitive.ts';

/** Waiting and offered, of one session. */
export const offersMax = 256;
/** Answers whose repetition is known, of one session; the oldest goes. */
export const answeredMax = 64;
/** Before the same is offered again: the answer may be on its way over another connection. */
export const offerAgainMs = 5_000;
/** Offered so often without an answer it is given back. */
export const offeringsMax = 5;
/** Offered, and neither answered nor asked for again, it is given back after that time. */
export const answerMs = 60_000;

export interface Offer {
  /** As the caller knows it. */
  readonly handle: number;
  readonly primitive: Primitive;
  readonly extension?: Extension;
  /** One that waits under the same word is replaced by this. */
  readonly replaces?: string;
  /** What the client's answer means has to be written down: the response to that answer waits until it is. */
  readonly isSettledLater?: boolean;
  /** Asked whenever it could leave: what may not go any more is not offered. Always, where it is missing. */
  mayGo?(): boolean;
}

export interface AnsweredOffer {
  readonly handle: number;
  readonly isSettledLater: boolean;
  /** The same answer came before: the response to it may have been lost. */
  readonly isAgain: boolean;
}

interface Waiting extends Offer {
  readonly id: string;
  /** When it was offered last; undefined before. */
  offeredAtMs: Millis | undefined;
  offerings: number;
  /** An answer still counts. */
  isStopped: boolean;
}

export class OutgoingTransactions {
  readonly #byId = new Map<string, Waiting>();
  readonly #answered = new Map<string, { readonly handle: number; readonly name: string }>();
  #lastNumber = 0;

  /** Whether it is taken, and the handle of what it takes the place of. */
  add(offer: Offer): { readonly isTaken: boolean; readonly replaced: number | undefined } {
    const { replaces } = offer;
    const replaced = replaces === undefined ? undefined : this.#findWaiting((other) => other.replaces === replaces);
    if (replaced !== undefined) this.#byId.delete(replaced.id);
    if (this.#byId.size >= offersMax) return { isTaken: false, replaced: undefined };
    this.#lastNumber += 1;
    const id = `s${this.#lastNumber}`;
    this.#byId.set(id, {
      ...offer,
      mayGo: () => offer.mayGo?.() ?? true,
      id,
      offeredAtMs: undefined,
      offerings: 0,
      isStopped: false,
    });
    return { isTaken: true, replaced: replaced?.handle };
  }

  /** Is not offered any more. True where it never was: then it is forgotten. */
  withdraw(handle: number): boolean {
    for (const waiting of this.#byId.values()) {
      if (waiting.handle !== handle) continue;
      waiting.isStopped = true;
      return waiting.offeredAtMs === undefined && this.#byId.delete(waiting.id);
    }
    return false;
  }

  /** What was never offered and may not go any more; it is forgotten. */
  dropLate(): number[] {
    const late = [...this.#byId.values()].filter((waiting) => waiting.offeredAtMs === undefined && !mayGo(waiting));
    for (const { id } of late) this.#byId.delete(id);
    return late.map(({ handle }) => handle);
  }

  /** What the next response may carry, in order, at most so many of which the client has not answered. */
  next(openMax: number, now: Millis): readonly OutgoingTransaction[] {
    const due: Waiting[] = [];
    let open = 0;
    for (const waiting of this.#byId.values()) {
      if (open >= openMax) break;
      open += 1;
      if (isDue(waiting, now)) due.push(waiting);
    }
    return due.map(({ id, primitive, extension }) => ({
      mode: 'Request',
      id,
      primitive,
      ...(extension === undefined ? {} : { extension }),
    }));
  }

  /** It has been put into a response. */
  noteOffered(id: string, now: Millis): void {
    const waiting = this.#byId.get(id);
    assert(waiting !== undefined, 'what is offered is known');
    waiting.offeredAtMs = now;
    waiting.offerings += 1;
  }

  /** What is answered by a primitive of that name; undefined for an id that is not open. */
  answer(id: string, name: string): AnsweredOffer | undefined {
    const before = this.#answered.get(id);
    if (before?.name === name) return { handle: before.handle, isSettledLater: false, isAgain: true };
    const waiting = this.#byId.get(id);
    if (waiting?.offeredAtMs === undefined) return undefined;
    const { handle, isSettledLater = false } = waiting;
    this.#byId.delete(id);
    this.#answered.set(id, { handle, name });
    const oldest = this.#answered.size > answeredMax ? this.#answered.keys().next().value : undefined;
    if (oldest !== undefined) this.#answered.delete(oldest);
    return { handle, isSettledLater, isAgain: false };
  }

  /** Its handle; it is forgotten, and what the client says to it is not heard. */
  drop(id: string): number {
    const waiting = this.#byId.get(id);
    assert(waiting !== undefined, 'what is dropped is known');
    this.#byId.delete(id);
    return waiting.handle;
  }

  /** What the client will not answer any more; it is forgotten. */
  giveUp(now: Millis): number[] {
    const lost = [...this.#byId.values()].filter((waiting) => deadlineOf(waiting) <= now);
    for (const { id } of lost) this.#byId.delete(id);
    return lost.map(({ handle }) => handle);
  }

  /** Everything, in order; nothing is left. */
  takeAll(): number[] {
    const handles = [...this.#byId.values()].map(({ handle }) => handle);
    this.#byId.clear();
    return handles;
  }

  /** When there is something to offer within a window of so many; undefined when nothing waits. */
  dueAt(openMax: number): Millis | undefined {
    let earliest: Millis | undefined;
    let open = 0;
    for (const waiting of this.#byId.values()) {
      const { offeredAtMs } = waiting;
      if (open >= openMax) break;
      open += 1;
      if (!mayGo(waiting)) continue;
      const at = offeredAtMs === undefined ? Number.NEGATIVE_INFINITY : offeredAtMs + offerAgainMs;
      if (earliest === undefined || at < earliest) earliest = at;
    }
    return earliest;
  }

  /** When something has to be given up. */
  deadline(): Millis | undefined {
    let earliest: Millis | undefined;
    for (const waiting of this.#byId.values()) {
      if (waiting.offeredAtMs === undefined) break;
      const at = deadlineOf(waiting);
      if (earliest === undefined || at < earliest) earliest = at;
    }
    return earliest;
  }

  #findWaiting(isMeant: (waiting: Waiting) => boolean): Waiting | undefined {
    for (const waiting of this.#byId.values()) {
      if (waiting.offeredAtMs === undefined && isMeant(waiting)) return waiting;
    }
    return undefined;
  }
}

function mayGo(waiting: Waiting): boolean {
  return !waiting.isStopped && (waiting.mayGo?.() ?? true);
}

function isDue(waiting: Waiting, now: Millis): boolean {
  const { offeredAtMs } = waiting;
  if (!mayGo(waiting)) return false;
  return offeredAtMs === undefined || now - offeredAtMs >= offerAgainMs;
}

function deadlineOf({ offeredAtMs, offerings }: Waiting): Millis {
  if (offeredAtMs === undefined) return Number.POSITIVE_INFINITY;
  return offeredAtMs + (offerings >= offeringsMax ? offerAgainMs : answerMs);
}
