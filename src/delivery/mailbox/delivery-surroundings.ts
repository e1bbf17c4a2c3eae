/** What every mailbox of one server shares: the ports and the settings. */
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { Counters } from '../../base/counters.ts';
import type { IdSource } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { Timers } from '../../base/time/timers.ts';
import type { Address } from '../../model/address.ts';
import type { NewReport } from '../../model/delivery-report.ts';
import type { LargeBodies } from '../bodies/large-bodies.ts';
import type { ConditionBook } from './condition-book.ts';
import type { PageSlots } from '../pacing/page-slots.ts';
import type { DeliveryPolicy } from '../delivery-policy.ts';
import { type Reported, reportsOfConfirmation } from '../report-policy.ts';
import type { MailboxStore, PresenceView, ReachabilityListener, RecipientDirectory } from '../ports.ts';

export interface DeliverySurroundings {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: IdSource;
  readonly log: Log;
  readonly counters: Counters;
  readonly policy: DeliveryPolicy;
  readonly store: MailboxStore;
  readonly bodies: LargeBodies;
  readonly presence: PresenceView;
  readonly directory: RecipientDirectory;
  readonly reachability: ReachabilityListener;
  readonly conditions: ConditionBook;
  readonly pages: PageSlots;
  /** Something of this recipient has a time of its own: expiry, turning instant or retry. Wall time. */
  noteDue(at: Millis): void;
  /** A report of this message is in the store, for its sender. */
  reported(message: Reported): void;
  /** Reports on a message that has no row are to be kept; nobody waits for it. */
  reportRelayed(reports: readonly NewReport[]): void;
  /** Resolves when the reports that waited for this principal are told; undefined when none is under way. */
  whenReportsTold(principal: Address): Promise<unknown> | undefined;
  /** Other messages are ready for this recipient than before; `isMore`: one more is. */
  readyChanged(recipient: Address, isMore: boolean): void;
  /** One more message is kept for this recipient. */
  kept(recipient: Address): void;
  /** A mailbox may have become idle. */
  settled(recipient: Address): void;
}

/**
 * Where the client that took it cannot say so to its sender, whose own client waits for that word; a person who is told in
 * words has the answer.
 */
export function reportRelayed(id: string, message: Reported, { clock, ...to }: DeliverySurroundings): void {
  if (message.reportsInWords === true || !message.reportsWanted.includes('delivered')) return;
  to.reportRelayed(reportsOfConfirmation(id, message, 'delivered', clock.wall()));
}
