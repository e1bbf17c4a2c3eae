/**
 * What a recipient's client reports of a message by itself (RFC 5438; contract section 4): matched with what was sent, told to
 * the sender once of each kind, over the protocol that the message came by. What nobody sent is ignored and counted.
 */
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { Counters } from '../../base/counters.ts';
import type { Address } from '../../model/address.ts';
import type { ReportedState, ReportKind } from '../../model/delivery-report.ts';
import { submissionName } from '../../model/submission-name.ts';
import type { MailboxStore } from '../ports.ts';
import { RecentKeys } from '../checks/recent-keys.ts';
import type { Inbox } from './inbox.ts';
import type { ReportDesk } from './report-desk.ts';

export interface ClientReport {
  /** Of the message that is reported on. */
  readonly sender: Address;
  /** Whose client reports. */
  readonly recipient: Address;
  /** As its sender's client named it, and as the duplicates of it are known (`Submission.duplicateKeys`). */
  readonly messageId: string;
  readonly duplicateKey: string;
  /** In place of both, where the client names it as this server does. */
  readonly id?: string;
  readonly kind: ReportKind;
  readonly state: ReportedState;
  /** See `InstantMessage.reportReference`; needed for a message that was written nowhere. */
  readonly reference?: string;
  /** When the message says that it was written; wall time. */
  readonly writtenAt?: Millis;
}

/** `repeated`: that was told before, or is told by this server. `unknown`: nobody sent such a message. */
export type ClientReportOutcome = 'told' | 'repeated' | 'unknown';

/** How long reports on a message that was relayed, and so written nowhere, are known to belong to one; up to twice as long. */
export const relayedReportableMs: Millis = 3.5 * 24 * 3600 * 1000;

export interface ClientReportsPlan {
  readonly store: MailboxStore;
  readonly desk: ReportDesk;
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly counters: Counters;
}

export class ClientReports {
  readonly #plan: ClientReportsPlan;
  readonly #relayed: RecentKeys;
  readonly #told: RecentKeys;
  /** Relayed before that is remembered by nobody. Wall time. */
  readonly #startedAt: Millis;

  constructor(plan: ClientReportsPlan) {
    const { clock } = plan;
    this.#plan = plan;
    this.#relayed = new RecentKeys(relayedReportableMs, clock.monotonic());
    this.#told = new RecentKeys(relayedReportableMs, clock.monotonic());
    this.#startedAt = clock.wall();
  }

  /** A message whose recipient's client was left to report was sent on without a row. */
  relayed(names: readonly string[]): void {
    for (const name of names) this.#relayed.add(name, this.#plan.clock.monotonic());
  }

  /** Durable when it resolves. Rejects with `StoreFault`. */
  async take(report: ClientReport): Promise<ClientReportOutcome> {
    const outcome = (await this.#ofRow(report)) ?? (await this.#ofRelayed(report));
    this.#plan.counters.add(`restante_client_reports_total{outcome="${outcome}"}`);
    return outcome;
  }

  /** Undefined where no row is known under that name. */
  async #ofRow(report: ClientReport): Promise<ClientReportOutcome | undefined> {
    const { recipient, kind } = report;
    const id = await (report.id === undefined ? this.#idOf(report) : this.#ownId(report, report.id));
    if (id === undefined) return undefined;
    if (kind === 'stored') return 'repeated';
    return (await this.#plan.inbox.report(recipient, id, kind)) ? 'told' : 'repeated';
  }

  async #idOf({ sender, recipient, duplicateKey }: ClientReport): Promise<string | undefined> {
    const { store } = this.#plan;
    if (!store.mayKnow(sender, recipient, [duplicateKey])) return undefined;
    return (await store.findDuplicate(sender, recipient, [duplicateKey]))?.id;
  }

  async #ownId({ sender, recipient }: ClientReport, id: string): Promise<string | undefined> {
    const summary = (await this.#plan.store.story(id))?.summary;
    return summary?.sender === sender && summary.recipient === recipient ? id : undefined;
  }

  async #ofRelayed(report: ClientReport): Promise<ClientReportOutcome> {
    const { sender, recipient, id, duplicateKey, kind, state, reference, messageId, writtenAt } = report;
    if (id !== undefined) return 'unknown';
    const { clock, desk } = this.#plan;
    const now = clock.monotonic();
    const name = submissionName(sender, recipient, duplicateKey);
    const isOlder = writtenAt !== undefined && writtenAt < this.#startedAt;
    if ((!isOlder && !this.#relayed.has(name, now)) || reference === undefined) return 'unknown';
    // Never both that it was delivered and that it failed (RFC 5438 7.2.1).
    const toldName = `${name}\n${kind === 'failed' ? 'delivered' : kind}`;
    if (this.#told.has(toldName, now)) return 'repeated';
    this.#told.add(toldName, now);
    // What is written nowhere came by the one protocol that relays.
    const about = { owner: sender, protocol: 'sip', messageId, recipient, kind, state, reference } as const;
    await desk.add([{ ...about, at: clock.wall() }]);
    return 'told';
  }
}
