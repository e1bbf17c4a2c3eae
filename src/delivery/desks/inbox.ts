/**
 * What a recipient does with what is kept for them (contract sections 4 and 7): look at what is ready, or at everything of
 * one sender, read it, say that they have it, or turn it away. A reading alone delivers nothing. Never tells why it waited.
 */
import { StoreFault } from '../../base/store-fault.ts';
import type { Address } from '../../model/address.ts';
import { bodyIsMissing } from '../bodies/large-bodies.ts';
import { reportsOfConfirmation } from '../report-policy.ts';
import type { DeliverySurroundings } from '../mailbox/delivery-surroundings.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import type { EntryConfirmation, EntrySummary, FinalState, InboxItem, MailboxEntry } from '../mailbox-entry.ts';
import type { BlobReader, InboxQuery, WaitingCount } from '../ports.ts';

/** Messages that one look answers at most. */
export const inboxPageMax = 100;

export interface InboxLook {
  /** With a sender: everything of theirs, also what is not ready. */
  readonly sender?: Address;
  /** The id of the last message of the page before. */
  readonly after?: string;
  /** At most `inboxPageMax`. */
  readonly limit: number;
}

export interface InboxPage {
  readonly entries: readonly MailboxEntry[];
  readonly hasMore: boolean;
}

export interface OpenedMessage {
  readonly entry: MailboxEntry;
  readonly content: BlobReader;
}

export interface InboxList {
  readonly items: readonly InboxItem[];
  readonly hasMore: boolean;
}

/** `done`: now, or before. `ended`: it came to another end. `unknown`: there is no such message of this recipient. */
export type CollectOutcome = { readonly kind: 'done' } | { readonly kind: 'unknown' } | CollectedOtherwise;

export interface CollectedOtherwise {
  readonly kind: 'ended';
  readonly state: FinalState;
}

/** What is ready for a recipient: how many of each sender, and the newest. */
export interface ReadySummary {
  readonly senders: readonly WaitingCount[];
  readonly total: number;
  readonly newest: readonly MailboxEntry[];
}

/** Hears that other messages are ready for somebody than before; `isMore`: one more is. */
export type ReadyListener = (recipient: Address, isMore: boolean) => void;

export class Inbox {
  readonly #surroundings: DeliverySurroundings;
  readonly #mailboxOf: (recipient: Address) => Mailbox;
  readonly #listeners: ReadyListener[] = [];

  constructor(surroundings: DeliverySurroundings, mailboxOf: (recipient: Address) => Mailbox) {
    this.#surroundings = surroundings;
    this.#mailboxOf = mailboxOf;
  }

  onChanged(listener: ReadyListener): void {
    this.#listeners.push(listener);
  }

  changed(recipient: Address, isMore: boolean): void {
    for (const listener of this.#listeners) listener(recipient, isMore);
  }

  /** At most `limit` of the newest. What is held does not count. Rejects with `StoreFault`. */
  async summary(recipient: Address, limit: number): Promise<ReadySummary> {
    const { store, clock, directory } = this.#surroundings;
    const counts = await store.waitingBySender(recipient, clock.wall());
    const senders: WaitingCount[] = [];
    for (const count of counts) if (!(await directory.hasBlocked(recipient, count.sender))) senders.push(count);
    const total = senders.reduce((sum, { count }) => sum + count, 0);
    const newest: MailboxEntry[] = [];
    let before: number | undefined;
    while (newest.length < Math.min(total, limit)) {
      const now = clock.wall();
      const page = await store.newestWaiting(recipient, before === undefined ? { limit, now } : { before, limit, now });
      for (const entry of page) {
        before = entry.sequence;
        if (newest.length < limit && (await this.#mayShow(recipient, entry.message.sender))) newest.push(entry);
      }
      if (page.length < limit) break;
    }
    return { senders, total, newest };
  }

  /** In the order of acceptance. Rejects with `StoreFault`. */
  async look(recipient: Address, look: InboxLook): Promise<InboxPage> {
    const { store } = this.#surroundings;
    const read = (query: InboxQuery): Promise<MailboxEntry[]> => store.inbox(query);
    const [entries, hasMore] = await this.#page(recipient, look, read, ({ message }) => message.sender);
    return { entries, hasMore };
  }

  /** The same without content. Rejects with `StoreFault`. */
  async list(recipient: Address, look: InboxLook): Promise<InboxList> {
    const { store } = this.#surroundings;
    const read = (query: InboxQuery): Promise<InboxItem[]> => store.inboxItems(query);
    const [items, hasMore] = await this.#page(recipient, look, read, ({ sender }) => sender);
    return { items, hasMore };
  }

  async #page<T extends { readonly sequence: number }>(
    recipient: Address,
    { sender, after, limit }: InboxLook,
    read: (query: InboxQuery) => Promise<T[]>,
    senderOf: (one: T) => Address,
  ): Promise<[shown: T[], hasMore: boolean]> {
    const { store, clock } = this.#surroundings;
    const pageLimit = Math.min(limit, inboxPageMax);
    const shown: T[] = [];
    let place = after === undefined ? 0 : await store.sequenceOf(after);
    for (;;) {
      // One more than is answered tells whether there is more.
      const wanted = pageLimit + 1 - shown.length;
      const query = { recipient, after: place, limit: wanted, now: clock.wall() };
      const page = await read(sender === undefined ? query : { ...query, sender });
      for (const one of page) {
        place = one.sequence;
        const mayShow = this.#mayShow(recipient, senderOf(one));
        if (typeof mayShow === 'boolean' ? mayShow : await mayShow) shown.push(one);
      }
      if (page.length < wanted || shown.length > pageLimit) break;
    }
    return [shown.slice(0, pageLimit), shown.length > pageLimit];
  }

  /** Undefined when there is none to be read. Rejects with `StoreFault`. */
  async read(recipient: Address, id: string): Promise<MailboxEntry | undefined> {
    const { store, clock, bodies } = this.#surroundings;
    const entry = await store.find(recipient, id);
    if (
      entry === undefined ||
      entry.expiresAt <= clock.wall() ||
      !(await this.#mayShow(recipient, entry.message.sender))
    )
      return undefined;
    const message = await bodies.whole(entry.message);
    if (message === undefined) throw new StoreFault(`message ${id}: ${bodyIsMissing}`, false);
    return { ...entry, message };
  }

  /** The same with its body, piece by piece; to be closed. Undefined when there is none to be read. Rejects with `StoreFault`. */
  async open(recipient: Address, id: string): Promise<OpenedMessage | undefined> {
    const entry = await this.read(recipient, id);
    if (entry === undefined) return undefined;
    const content = await this.#surroundings.bodies.open(entry.message);
    if (content === undefined) throw new StoreFault(`message ${id}: ${bodyIsMissing}`, false);
    return { entry, content };
  }

  /** They have it: delivered. Durable when it resolves. Rejects with `StoreFault`. */
  take(recipient: Address, id: string): Promise<CollectOutcome> {
    return this.#collect(recipient, id, 'delivered');
  }

  /** They sent it on to somebody else: delivered, and its sender is told why. Durable likewise. Rejects with `StoreFault`. */
  forward(recipient: Address, id: string): Promise<CollectOutcome> {
    return this.#collect(recipient, id, 'forwarded');
  }

  /** They have seen it; delivered too, if nobody had said so. Rejects with `StoreFault`. */
  async show(recipient: Address, id: string): Promise<CollectOutcome> {
    const outcome = await this.#collect(recipient, id, 'displayed');
    if (outcome.kind !== 'ended' || outcome.state !== 'delivered') return outcome;
    const isKnown = (await this.#confirm(recipient, id, 'displayed')) !== 'unknown';
    return { kind: isKnown ? 'done' : 'unknown' };
  }

  /**
   * Their client reports by itself what became of it (RFC 5438): true where that is news for its sender. One that is not
   * delivered yet is, since a client has it. Rejects with `StoreFault`.
   */
  async report(recipient: Address, id: string, kind: EntryConfirmation['kind']): Promise<boolean> {
    const outcome = await this.#collect(recipient, id, kind === 'displayed' ? 'displayed' : 'delivered');
    // Its end made the report, where it came to it just now.
    if (kind === 'displayed' && outcome.kind !== 'ended') return outcome.kind === 'done';
    return (await this.#confirm(recipient, id, kind)) === 'new';
  }

  async #confirm(recipient: Address, id: string, kind: EntryConfirmation['kind']): Promise<'new' | 'old' | 'unknown'> {
    const summary = await this.#finished(recipient, id);
    if (summary === undefined) return 'unknown';
    const { store, clock } = this.#surroundings;
    const at = clock.wall();
    const reports = reportsOfConfirmation(id, summary, kind, at);
    const step = { at, what: confirmedWords[kind], ...(kind === 'displayed' ? { state: kind } : {}) };
    const confirmation = { id, recipient, kind, step };
    const isNew = await store.confirm(reports.length === 0 ? confirmation : { ...confirmation, reports });
    if (isNew && reports.length > 0) this.#surroundings.reported(summary);
    return isNew ? 'new' : 'old';
  }

  /** They do not want it. Rejects with `StoreFault`. */
  reject(recipient: Address, id: string): Promise<CollectOutcome> {
    return this.#collect(recipient, id, 'rejected');
  }

  async #collect(recipient: Address, id: string, how: keyof typeof endWords): Promise<CollectOutcome> {
    const wished = how === 'forwarded' ? 'delivered' : how;
    const delivery = this.#mailboxOf(recipient).openDelivery(id);
    if (delivery !== undefined) {
      // It is on its way to another client: that ends first, whichever way, and where it is just being written, as its row.
      const closed = delivery.closed();
      if (how === 'rejected') delivery.turnAway();
      else delivery.taken(how === 'forwarded');
      await closed;
      const { entry, isDelivered, isTurnedAway, rowEnd } = delivery;
      const isDoneWithoutRow = how === 'rejected' ? isTurnedAway : isDelivered;
      const isDone = entry === undefined ? isDoneWithoutRow : rowEnd === wished;
      return isDone ? { kind: 'done' } : this.#collect(recipient, id, how);
    }
    const entry = await this.#surroundings.store.find(recipient, id);
    if (entry === undefined) {
      this.#surroundings.settled(recipient);
      return this.#afterEnd(recipient, id, wished);
    }
    // One that was idle may have been let go while the row was read: whoever comes from here on must find the end of this one.
    const mailbox = this.#mailboxOf(recipient);
    if (mailbox.isOpen(id)) return this.#collect(recipient, id, how);
    const isNow = await mailbox.ledger.endEntry(entry, wished, endWords[how], how === 'forwarded');
    return isNow ? { kind: 'done' } : this.#afterEnd(recipient, id, wished);
  }

  async #afterEnd(recipient: Address, id: string, wished: FinalState): Promise<CollectOutcome> {
    const summary = await this.#finished(recipient, id);
    if (summary === undefined) return { kind: 'unknown' };
    const state = summary.state as FinalState;
    const isDone = state === wished || (wished === 'delivered' && state === 'displayed');
    return isDone ? { kind: 'done' } : { kind: 'ended', state };
  }

  async #finished(recipient: Address, id: string): Promise<EntrySummary | undefined> {
    const story = await this.#surroundings.store.story(id);
    return story?.summary.recipient === recipient ? story.summary : undefined;
  }

  /** What somebody wrote whom the recipient has blocked since is not offered (contract section 4). */
  #mayShow(recipient: Address, sender: Address): boolean | Promise<boolean> {
    const blocked = this.#surroundings.directory.hasBlocked(recipient, sender);
    return typeof blocked === 'boolean' ? !blocked : blocked.then((isBlocked) => !isBlocked);
  }
}

const endWords = {
  delivered: 'its recipient fetched it',
  forwarded: 'its recipient sent it on',
  displayed: 'its reader saw it',
  rejected: 'its recipient turned it away',
} as const;

const confirmedWords = {
  delivered: 'its client reported that it was delivered',
  failed: 'its client reported that it was not delivered',
  displayed: 'displayed: its reader saw it',
} as const;
