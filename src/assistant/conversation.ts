/**
 * What the assistant remembers of each conversation: which message each number means that it gave out, and what is left of
 * a long answer. In memory alone: after a restart, or an hour of silence, numbers mean nothing any more, and it says so.
 */
import type { Millis } from '../base/time/clock.ts';
import type { Address } from '../model/address.ts';

/** Conversations remembered; the one that was silent longest is forgotten for a new one. */
export const conversationsMax = 10_000;
/** From the last command on. */
export const conversationMs: Millis = 3_600_000;
/** Numbers given out in one list; what would be beyond is not listed. */
export const numbersMax = 500;

/** Where a list goes on. */
export interface ListPosition {
  readonly from?: Address;
  readonly after: string;
}

export class Conversation {
  /** The ids of what was listed for the asker, and of what they sent, in the order of their numbers from 1. */
  readonly received: string[] = [];
  readonly sent: string[] = [];
  /** Lines that did not fit into the last answer. */
  rest: readonly string[] = [];
  /** Messages that did not fit into the last list. */
  next: ListPosition | undefined;

  /** The number of a message in a list; the one it has already, or the next. Undefined past `numbersMax`. */
  numberOf(list: string[], id: string): number | undefined {
    const known = list.indexOf(id);
    if (known !== -1) return known + 1;
    if (list.length >= numbersMax) return undefined;
    return list.push(id);
  }

  /** A new list: old numbers mean nothing any more. */
  begin(list: string[]): void {
    list.length = 0;
    this.next = undefined;
  }
}

interface Remembered {
  readonly conversation: Conversation;
  usedAt: Millis;
}

export class Conversations {
  readonly #known = new Map<Address, Remembered>();

  /** `now` is monotonic. */
  of(owner: Address, now: Millis): Conversation {
    const known = this.#known.get(owner);
    this.#known.delete(owner);
    const isFresh = known !== undefined && now - known.usedAt < conversationMs;
    const conversation = isFresh ? known.conversation : new Conversation();
    if (this.#known.size >= conversationsMax) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    this.#known.set(owner, { conversation, usedAt: now });
    return conversation;
  }

  forget(owner: Address): void {
    this.#known.delete(owner);
  }
}
