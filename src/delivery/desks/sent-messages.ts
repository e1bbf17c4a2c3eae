/**
 * What a sender may know of what they sent (contract section 7): states, times and their own conditions. Nothing of the
 * recipient's values, clients and their answers; somebody else's message is as unknown as one that never was.
 */
import type { Millis } from '../../base/time/clock.ts';
import type { Address } from '../../model/address.ts';
import type { EntrySummary, MessageState } from '../mailbox-entry.ts';
import type { MailboxStore } from '../ports.ts';

/** Messages that one page has at most. */
export const sentPageMax = 100;

export interface SentQuery {
  readonly recipient?: Address;
  readonly state?: MessageState;
  /** The id of the last message of the page before. */
  readonly after?: string;
  /** At most `sentPageMax`. */
  readonly limit: number;
}

export interface SentPage {
  readonly messages: readonly EntrySummary[];
  readonly hasMore: boolean;
}

/** A state, and since when. */
export interface TimelinePoint {
  readonly state: MessageState;
  readonly at: Millis;
}

export class SentMessages {
  readonly #store: MailboxStore;

  constructor(store: MailboxStore) {
    this.#store = store;
  }

  /** In the order of acceptance, ended ones as long as the history is kept. Rejects with `StoreFault`. */
  async list(sender: Address, { recipient, state, after, limit }: SentQuery): Promise<SentPage> {
    const pageLimit = Math.min(limit, sentPageMax);
    const messages = await this.#store.list({
      sender,
      after: after === undefined ? 0 : await this.#store.sequenceOf(after),
      limit: pageLimit + 1,
      ...(recipient === undefined ? {} : { recipient }),
      ...(state === undefined ? {} : { state }),
    });
    return { messages: messages.slice(0, pageLimit), hasMore: messages.length > pageLimit };
  }

  /** Rejects with `StoreFault`. */
  async story(
    sender: Address,
    id: string,
  ): Promise<{ readonly message: EntrySummary; readonly timeline: readonly TimelinePoint[] } | undefined> {
    const story = await this.#store.story(id);
    if (story === undefined || story.summary.sender !== sender) return undefined;
    const { acceptedState, acceptedAt } = story.summary;
    const timeline: TimelinePoint[] = [{ state: acceptedState, at: acceptedAt }];
    for (const { state, at } of story.steps) {
      if (state !== undefined && state !== timeline.at(-1)?.state) timeline.push({ state, at });
    }
    return { message: story.summary, timeline };
  }
}
