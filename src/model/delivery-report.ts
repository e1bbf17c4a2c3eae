/** What a sender is told about one message and one recipient (RFC 5438 in words of no protocol; contract section 4). */
import type { Millis } from '../base/time/clock.ts';
import type { Address } from './address.ts';

/** What a sender may ask to be told, each at most once for one recipient. */
export type ReportKind = 'stored' | 'delivered' | 'displayed' | 'failed';

/** The protocol that a message came by: its sender is told over the same. */
export type Protocol = 'sip' | 'msrp' | 'imps' | 'http';

/** How somebody is told: in the way of the protocol that the message came by, or in plain words. */
export type ReportChannel = Protocol | 'words';

/**
 * Why a message was not delivered, or how it is kept. `forwarded`: its recipient sent it on without having read it, which is a
 * delivery to protocols that have no word for it.
 */
export type ReportedState =
  | 'held'
  | 'waiting'
  | 'delivered'
  | 'forwarded'
  | 'displayed'
  | 'rejected'
  | 'expired'
  | 'failed';

/** One report that is made and not yet told, or told a moment ago. */
export interface DeliveryReport {
  /** Grows by one with every report of one owner and protocol. */
  readonly number: number;
  /** The sender of the message: whom the report is for. */
  readonly owner: Address;
  readonly protocol: ReportChannel;
  readonly messageId: string;
  readonly recipient: Address;
  readonly kind: ReportKind;
  readonly state: ReportedState;
  readonly at: Millis;
  /** Of the message, as the endpoint of its protocol wrote it. */
  readonly reference?: string;
}

/** A report to be made in the same step as what it tells of. */
export type NewReport = Omit<DeliveryReport, 'number'>;

/** What is not wanted any more once these were told: never both that a message was delivered and that it failed. */
export function settledKinds(told: readonly ReportKind[]): ReportKind[] {
  return told.includes('delivered') || told.includes('failed') ? [...told, 'delivered', 'failed'] : [...told];
}
