/** What the notifier needs from outside: durable subscriptions. */
import type { Millis } from '../../base/time/clock.ts';
import type { KeptDialog } from '../dialog/dialog.ts';
import type { Flow } from '../registrar/ports.ts';

/**
 * How many NOTIFYs of one subscription can leave between two writes of their number. The store counts as many more for each
 * start of the server, so that a CSeq is never used twice, whatever a crash took along.
 */
export const notifiesPerRun = 10_000;

/** One subscription (RFC 6665 4.4) with all that its NOTIFYs need. */
export interface KeptSubscription extends SubscriptionProgress {
  /** As in Event, without parameters. */
  readonly packageName: string;
  readonly resource: string;
  readonly subscriber: string;
  /** The value of Event in its NOTIFYs. */
  readonly event: string;
  readonly contentType: string;
  readonly dialog: KeptDialog;
  /** Where the last SUBSCRIBE came from. */
  readonly flow: Flow;
  /** Wall time. */
  readonly subscribedAt: Millis;
}

/** What a refresh changes. */
export interface SubscriptionProgress {
  /** Also the local tag of its dialog. */
  readonly id: string;
  readonly standing: 'active' | 'pending';
  /** It waited for somebody's decision once. */
  readonly wasPending: boolean;
  /** Wall time. */
  readonly expiresAt: Millis;
  readonly remoteCSeq: number;
  /** The CSeq of the last NOTIFY. */
  readonly localCSeq: number;
  /** What the subscriber was told last, as a number. Read back only in the next run after the one that wrote it. */
  readonly told?: number;
}

export type SubscriptionChange =
  | { readonly kind: 'put'; readonly subscription: KeptSubscription }
  /** Nothing where there is no such subscription. */
  | { readonly kind: 'refresh'; readonly progress: SubscriptionProgress }
  | { readonly kind: 'remove'; readonly id: string };

/** Writes resolve when durable and are applied in order, each call as a whole or not at all; rejects with `StoreFault`. */
export interface SubscriptionStore {
  change(changes: readonly SubscriptionChange[]): Promise<void>;
  /** At the start: all of them, in pages by id. `localCSeq` is higher than any that was sent. */
  subscriptions(after: string | undefined, limit: number): Promise<KeptSubscription[]>;
}
