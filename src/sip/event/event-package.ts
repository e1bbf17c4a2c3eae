/**
 * What an event package (RFC 6665 5) tells the notifier. Packages live with what they speak of and are put into the list that
 * the notifier is made with. Whoever changes what a package speaks of calls `resourceChanged` of the notifier, however
 * often, and `authorisationChanged` when somebody may see more or less: pace, order, failures, restarts and what is no news
 * are the notifier's affair. Subscriptions outlive the process; what a package keeps for them in memory does not.
 */
import type { Millis } from '../../base/time/clock.ts';
import type { Flow } from '../registrar/ports.ts';
import type { TerminationReason } from './notifier/subscription.ts';

export interface EventPackage {
  /** As in Event, in lower case: `presence`, `presence.winfo`. */
  readonly name: string;
  /** Seconds: without Expires; the least but 0, less is refused with 423; the most, more is cut. */
  readonly expiresDefault: number;
  readonly expiresMin: number;
  readonly expiresMax: number;
  /** The least time between two NOTIFYs of one subscription that nobody asked for; milliseconds. */
  readonly paceMs: number;
  /** Media types that it can write, the best first; the first is sent to who says no Accept. */
  readonly contentTypes: readonly string[];
  /** Decided at once, without waiting for any person (RFC 6665 4.2.1.1). Asked again when rules change. */
  authorise(subscriber: string, resource: string): Authorisation | Promise<Authorisation>;
  /**
   * The state as this subscriber may see it at this moment; undefined for a NOTIFY without a body. Cheap: it is called for
   * each subscriber, and what is as it was last time is not sent. A package whose documents are numbered says `no-news`
   * itself, but only to a view with a mark. Where it must be read first, the NOTIFY waits for it; a `StoreFault` puts it off.
   */
  document(view: SubscriptionView): DocumentFor | Promise<DocumentFor>;
}

export type DocumentFor = NotifyDocument | 'no-news' | undefined;

/**
 * `pending`: nobody has decided. `rejected`: 403. `no-such-resource`: 404. Whoever is to be deceived politely is `active`
 * and gets a document that is not true (RFC 6665 6.2).
 */
export type Authorisation = 'active' | 'pending' | 'rejected' | 'no-such-resource';

export interface SubscriptionView {
  /** Unique over all subscriptions, and the same after a restart. */
  readonly subscriptionId: string;
  readonly subscriber: string;
  readonly resource: string;
  readonly isPending: boolean;
  readonly contentType: string;
  /** Higher with each document of this subscription: one more, or a jump after a restart. */
  readonly version: number;
  /** The first after a SUBSCRIBE. */
  readonly isAskedFor: boolean;
  /** It ends with this NOTIFY. */
  readonly isLast: boolean;
  /** The `mark` of the document that the subscriber has; without it only a whole state will do. */
  readonly mark: number | undefined;
  /** Octets up to which the NOTIFY fits a datagram; undefined where there is none to fit. */
  readonly bodyBytesMax: () => number | undefined;
}

export interface NotifyDocument {
  /** With its parameters; one of `contentTypes` in front. */
  readonly contentType: string;
  readonly body: Uint8Array;
  /** For packages that send differences: what the package must be told to make the next one. */
  readonly mark?: number;
}

/** One subscription for watcher information and the operator. */
export interface SubscriptionSummary {
  readonly id: string;
  readonly packageName: string;
  readonly resource: string;
  readonly subscriber: string;
  /** Where its NOTIFYs go. */
  readonly remoteTarget: string;
  readonly flow: Flow;
  /** How the subscriber wrote their own name. */
  readonly displayName: string | undefined;
  readonly status: 'active' | 'pending' | 'terminated';
  /** Nobody has decided about the subscriber, or had until the end. */
  readonly isUndecided: boolean;
  /** It waited for a decision once. */
  readonly wasPending: boolean;
  /** A mere question (RFC 6665 4.4.3). */
  readonly isQuestion: boolean;
  /** Wall times. */
  readonly subscribedAt: Millis;
  readonly expiresAt: Millis;
}

/** Why a subscription changed (RFC 3857 4.7.1). */
export type SubscriptionEvent = 'subscribe' | 'approved' | TerminationReason;
