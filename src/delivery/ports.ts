/**
 * What delivery needs from outside: a durable mailbox, what a sender may see of a recipient, who blocks whom, who exists,
 * and the clients to deliver to. Adapters live in stores, presence, accounts and endpoints.
 */
import type { Millis } from '../base/time/clock.ts';
import type { Address } from '../model/address.ts';
import type { DeliveryReport, NewReport, ReportChannel } from '../model/delivery-report.ts';
import type { InstantMessage } from '../model/instant-message.ts';
import type { PresenceSnapshot } from '../model/presence-changed.ts';
import type { AttributeName, PresenceState } from '../model/presence-state.ts';
import type {
  EntryConfirmation,
  EntryEnd,
  EntrySummary,
  EntryUpdate,
  InboxItem,
  MailboxEntry,
  MessageState,
  NewMailboxEntry,
  OpenState,
  Step,
} from './mailbox-entry.ts';

/** The rows that the port hands over; adapters know them from here. */
export type * from './mailbox-entry.ts';

/** Limits that are checked in the step that stores, so that no number of senders at once passes them by one. */
export interface Quotas {
  /** Messages waiting and held for one recipient; at most half of them may be held. */
  readonly recipientMessages: number;
  /** Bytes of body, likewise; at most half may be held. What is kept apart has a quota of its own. */
  readonly recipientBytes: number;
  /** Bytes of bodies that are kept apart, likewise; so one of them crowds out no other messages. */
  readonly largeBytes: number;
  /** Messages of one sender to one recipient. */
  readonly pairMessages: number;
  /** Messages of one sender to everybody. */
  readonly senderMessages: number;
}

export type PutOutcome =
  | { readonly kind: 'stored'; readonly entry: MailboxEntry }
  | { readonly kind: 'duplicate'; readonly known: KnownDuplicate }
  | { readonly kind: 'offline-space-full' }
  | { readonly kind: 'sender-queue-full' };

export interface MessageToPut {
  readonly sender: Address;
  readonly recipient: Address;
  readonly state: OpenState;
  readonly bytes: number;
  readonly isLarge: boolean;
}

/** What the first answer to a message said, so that the same can be said again. */
export interface KnownDuplicate {
  readonly id: string;
  readonly state: MessageState;
  /** What the sender was told: how it was kept, or that it was delivered. */
  readonly acceptedState: OpenState | 'delivered';
  readonly acceptedAt: Millis;
  readonly expiresAt: Millis;
}

/**
 * At each start of a store the `attempts` of every open entry count as this many higher than they were written: attempts
 * that were open when the last process ended used numbers that nobody wrote down, and never more than this.
 */
export const attemptsPerRun = 64;

/**
 * The mailbox of every recipient. Writes resolve when they are durable and are applied in the order in which they were
 * issued; every method rejects with `StoreFault` (base) and nothing else.
 */
export interface MailboxStore {
  /** Duplicate check, quota check and insertion in one step. */
  put(entry: NewMailboxEntry, quotas: Quotas): Promise<PutOutcome>;
  /** What `put` would say of the quotas now. */
  mayPut(more: MessageToPut, quotas: Quotas): Promise<'fits' | 'offline-space-full' | 'sender-queue-full'>;
  /** False when surely none of the keys is remembered for this pair; costs no read. */
  mayKnow(sender: Address, recipient: Address, duplicateKeys: readonly string[]): boolean;
  findDuplicate(
    sender: Address,
    recipient: Address,
    duplicateKeys: readonly string[],
  ): Promise<KnownDuplicate | undefined>;
  /**
   * Changes open entries and answers the state that each had before; undefined for one that ended meanwhile, which is
   * left alone.
   */
  update(updates: readonly EntryUpdate[]): Promise<(OpenState | undefined)[]>;
  /** Ends open entries and answers the state that each had; duplicate keys of expired, failed and recalled ones go. */
  end(ends: readonly EntryEnd[]): Promise<(OpenState | undefined)[]>;
  /**
   * After its end. `displayed`: from the state delivered to displayed; false in any other. `delivered` and `failed`: false
   * unless that is still wanted to be reported of a message that was delivered; then neither is any more.
   */
  confirm(confirmation: EntryConfirmation): Promise<boolean>;

  find(recipient: Address, id: string): Promise<MailboxEntry | undefined>;
  /** Waiting ones that may be attempted at `now`, in the order of acceptance. */
  ready(recipient: Address, page: ReadyPage): Promise<MailboxEntry[]>;
  /** Open ones whose condition mentions one of the attributes (`all`: any condition), in the order of acceptance. */
  mentioning(recipient: Address, attributes: readonly AttributeName[] | 'all', page: Page): Promise<MailboxEntry[]>;
  /** Open ones with a time at or before `now`: expiry, turning instant or retry; the earliest first. */
  due(now: Millis, limit: number): Promise<MailboxEntry[]>;
  nextDueAt(): Promise<Millis | undefined>;
  /** Everybody for whom something is kept, in pages; read once at the start. */
  recipients(after: Address | undefined, limit: number): Promise<RecipientSummary[]>;
  /** Open entries of one recipient, whatever their state; for the end of an account. */
  open(recipient: Address, page: Page): Promise<MailboxEntry[]>;
  /** Open ones that their recipient may look through, in the order of acceptance, those that are set aside too. */
  inbox(query: InboxQuery): Promise<MailboxEntry[]>;
  /** The same without content, for whoever only looks. */
  inboxItems(query: InboxQuery): Promise<InboxItem[]>;
  /** How many of each sender wait for a recipient, in no order; what expires by `now` does not count. */
  waitingBySender(recipient: Address, now: Millis): Promise<WaitingCount[]>;
  /** What waits, set aside or not, the newest first. */
  newestWaiting(recipient: Address, page: NewestPage): Promise<MailboxEntry[]>;
  /** The place of a message in the order of acceptance; 0 when it is not known any more. */
  sequenceOf(id: string): Promise<number>;
  /** The blobs that open entries name, in the order of their names, after `after`. */
  blobs(after: string | undefined, limit: number): Promise<string[]>;

  /** The operator's list, and a sender's. */
  list(query: ListQuery): Promise<EntrySummary[]>;
  /** One message whole, also after its end, while the history is kept. */
  story(id: string): Promise<{ readonly summary: EntrySummary; readonly steps: readonly Step[] } | undefined>;
  /** Forgets histories that ended before `historyBefore` and duplicate keys whose time is over. Bounded work a call. */
  sweep(now: Millis, historyBefore: Millis): Promise<{ readonly isDone: boolean }>;
}

/**
 * Bodies that are too large for the rows of a mailbox, by names that nobody can guess. Rejects with `StoreFault`, temporary
 * where the disk is full. A name is used once, and what is under it does not change after `sync`.
 */
export interface BlobStore {
  create(): Promise<BlobWriter>;
  /** Also one that is still being written: what was written of it by the time of a read. Undefined where there is none. */
  open(name: string): Promise<BlobReader | undefined>;
  /** Those that are there; durable when it resolves. Whoever reads one may read on. */
  remove(names: readonly string[]): Promise<void>;
  /** At a start, before anything is written: removes all but those that rows name, and answers which of these are missing. */
  sweep(kept: ReadonlySet<string>): Promise<BlobSweep>;
}

export interface BlobWriter {
  readonly name: string;
  /** Octets at a place, in any order; a gap reads as zeros. Takes effect before it resolves. */
  write(octets: Uint8Array, at: number): Promise<void>;
  /** Ends the writing; durable when it resolves. Only then may a row name it. Nothing is written after it. */
  sync(): Promise<void>;
  /** Ends the writing, and the blob. May be called at any time, also twice, and after `sync` as long as no row names it. */
  abandon(): Promise<void>;
}

export interface BlobReader {
  /** As far as it is written. */
  readonly bytes: number;
  /** At most `length` octets from `offset` on; fewer at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface BlobSweep {
  readonly removed: number;
  readonly missing: readonly string[];
}

export interface Page {
  /** Entries after this sequence; 0 for the first page. */
  readonly after: number;
  readonly limit: number;
}

export interface ReadyPage extends Page {
  readonly now: Millis;
}

export interface InboxQuery extends ReadyPage {
  readonly recipient: Address;
  /** Everything of this sender, held or waiting; without one, what waits. */
  readonly sender?: Address;
}

export interface WaitingCount {
  readonly sender: Address;
  readonly count: number;
}

export interface NewestPage {
  /** Entries before this sequence; without it, from the newest on. */
  readonly before?: number;
  readonly limit: number;
  readonly now: Millis;
}

export interface ListQuery {
  readonly recipient?: Address;
  readonly sender?: Address;
  readonly state?: MessageState;
  readonly after?: number;
  readonly limit: number;
}

/**
 * Reports that are made (in the step of what they tell of) and not told yet, and those that were told a moment ago, so that
 * a client that lost its connection can go on where it was. At most `reportsMax` of one owner and protocol: one more is
 * not made. Rejects with `StoreFault`.
 */
export interface ReportStore {
  /** Numbers above `after`, told ones too; without it what was not told, the oldest first. */
  reports(query: ReportQuery): Promise<DeliveryReport[]>;
  /** Of messages that have no row; the others' are made in the step of what they tell of. */
  add(reports: readonly NewReport[]): Promise<void>;
  /** Everybody for whom something of this protocol is not told yet, in pages; read once at the start. */
  owners(protocol: ReportChannel, after: Address | undefined, limit: number): Promise<Address[]>;
  /** Up to and including this number everything was told. */
  told(owner: Address, protocol: ReportChannel, number: number): Promise<void>;
}

export interface ReportQuery {
  readonly owner: Address;
  readonly protocol: ReportChannel;
  readonly after?: number;
  readonly limit: number;
}

/** Reports kept for one owner and protocol (contract section 4). */
export const reportsMax = 10_000;
/** How long a report waits for its owner (contract section 4). */
export const reportKeptMs: Millis = 7 * 24 * 3600 * 1000;
/** Told ones that are kept for a client that lost its connection: the newest of one owner and protocol. */
export const reportsToldMax = 1_000;

export interface RecipientSummary {
  readonly recipient: Address;
  readonly entries: number;
  /** How many of them are in the state waiting. */
  readonly waiting: number;
  /** How many of them have a condition. */
  readonly conditional: number;
}

/** What one watcher may see of a presentity; a politely blocked one sees a fake and may not know. */
export interface VisiblePresence {
  readonly state: PresenceState;
  readonly lastKnown: PresenceState;
  mayRead(attribute: AttributeName): boolean;
  readonly isSettled: boolean;
}

export interface PresenceView {
  current(presentity: Address): PresenceSnapshot;
  /** `snapshot` as `watcher` may see it under the rules of this moment. */
  visiblePresence(presentity: Address, watcher: Address, snapshot: PresenceSnapshot): VisiblePresence;
}

/** Delivery tells presence who can be reached, since that is the attribute `online`. */
export interface ReachabilityListener {
  /** `isPresent`: has a registered contact or an open session; `isReachable`: one of them is not known to be silent. */
  reachabilityChanged(principal: Address, isPresent: boolean, isReachable: boolean): void;
}

export interface RecipientDirectory {
  /** What an address is to this server; a value where it is known at once, which is the usual case. */
  lookUp(address: Address): RecipientStanding | Promise<RecipientStanding>;
  hasBlocked(owner: Address, other: Address): boolean | Promise<boolean>;
  /** Whether somebody has asked to be told in plain words what becomes of all that they send. */
  wantsReportsInWords?(sender: Address): boolean | Promise<boolean>;
}

export type RecipientStanding = 'known' | 'unknown' | 'not-served';

/** One client of a principal. Made by an endpoint when a client registers, logs in or opens a stream. */
export interface DeliveryTarget {
  /** The same for the same way to a client over time: of a contact, its key. */
  readonly id: string;
  /** The same for the same device, whatever its way: what it refused for good is kept by this. */
  readonly device: string;
  /** Higher is tried first (RFC 3261 20.10 q); 0 to 1. */
  readonly priority: number;
  /** How many messages may be under way to it at once. */
  readonly window: number;
  readonly style: DeliveryStyle;
  /** Where it is reached. When that changes, what is open over the old way is tried over the new one. */
  readonly way: string;
  /**
   * Of a push client, and of any that asks for a message. `onApart`: it goes over a connection of its own from now on, so
   * that others may go beside it.
   */
  attempt(message: OutgoingMessage, onOutcome: (outcome: AttemptOutcome) => void, onApart: () => void): OpenAttempt;
  /** Of a notify client: this one waits to be fetched. The same may come again. Resolves when there is room for the next. */
  announce?(message: AnnouncedMessage): void | Promise<void>;
}

/** push: messages are sent. notify: the client is told that one waits. pull: nothing is sent; it asks. */
export type DeliveryStyle = 'push' | 'notify' | 'pull';

/** A message as one client sees it. Says nothing of conditions, so that no endpoint can tell. */
export interface AnnouncedMessage {
  readonly id: string;
  readonly message: InstantMessage;
  readonly acceptedAt: Millis;
  readonly expiresAt: Millis;
  /** It was not delivered in its sender's own transaction, and is marked so. */
  readonly isDeferred: boolean;
  /** Grows with every attempt of one message, over all clients and restarts. */
  readonly attemptNumber: number;
}

/** One on its way to one client. One with a body that is kept apart (`large`) has a row, and may be fetched by other means. */
export interface OutgoingMessage extends AnnouncedMessage {
  /** Asked again where it cannot leave at once, or leaves in another form: whether it may go at that moment. */
  mayStillGo(): boolean;
  /**
   * After the outcome was told: resolves when what it means for the message is written, so that a client may be told that its
   * answer is known for good. Undefined where that is so already, or other clients decide.
   */
  settled(): Promise<void> | undefined;
}

export interface OpenAttempt {
  /** No retransmission leaves any more; an answer that still arrives counts. */
  stopSending(): void;
}

/** The outcomes of contract section 4, in words of no protocol. `status` names it for the sender and the operator. */
export type AttemptOutcome =
  /** `isReportedByClient`: it was asked by the message itself to report that, and can (RFC 5438 7.2). */
  | { readonly kind: 'delivered'; readonly isReportedByClient?: boolean }
  | { readonly kind: 'client-failed'; readonly status: string; readonly retryAfterMs?: Millis }
  | { readonly kind: 'message-failed'; readonly status: string; readonly mayPoison: boolean }
  | { readonly kind: 'refused'; readonly status: string }
  /**
   * It is too large for this client, which was told instead that it waits and how to fetch it, and took that. The client is
   * done with it; the message waits on.
   */
  | { readonly kind: 'announced' }
  /** It did not leave, since it was stopped before or may not go any more; its client is well. */
  | { readonly kind: 'withdrawn' };
