/**
 * What an event package (RFC 6665 5) tells the notifier. Packages live with what they speak of, are put into the list that
 * the notifier is made with, and call `resourceChanged` of the notifier whenever their state may have changed, however
 * often: pace, order, failures and what is no news are the notifier's affair.
 */
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
   * The state as this subscriber may see it at this moment; undefined for a NOTIFY without a body. Where it must be read
   * first, the NOTIFY waits for it; a `StoreFault` puts it off.
   */
  document(view: SubscriptionView): NotifyDocument | undefined | Promise<NotifyDocument | undefined>;
}

/**
 * `pending`: nobody has decided. `rejected`: 403. `no-such-resource`: 404. Whoever is to be deceived politely is `active`
 * and gets a document that is not true (RFC 6665 6.2).
 */
export type Authorisation = 'active' | 'pending' | 'rejected' | 'no-such-resource';

export interface SubscriptionView {
  /** Unique in this process. */
  readonly subscriptionId: string;
  readonly subscriber: string;
  readonly resource: string;
  readonly isPending: boolean;
  readonly contentType: string;
  /** How many documents this subscription was sent before. */
  readonly version: number;
  /** The first after a SUBSCRIBE, which must not be a mere difference. */
  readonly isAskedFor: boolean;
  /** It ends with this NOTIFY. */
  readonly isLast: boolean;
  /** Octets up to which the NOTIFY fits a datagram; undefined where there is none to fit. */
  readonly bodyBytesMax: () => number | undefined;
}

export interface NotifyDocument {
  /** With its parameters; one of `contentTypes` in front. */
  readonly contentType: string;
  readonly body: Uint8Array;
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
  readonly status: 'active' | 'pending' | 'terminated';
  /** Monotonic times. */
  readonly subscribedAt: number;
  readonly expiresAt: number;
}

/** Why a subscription changed (RFC 3857 4.7.1). */
export type SubscriptionEvent = 'subscribe' | 'approved' | TerminationReason;
