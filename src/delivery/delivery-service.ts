/**
 * The way into delivery: messages handed in, clients that come and go, presence that changes, accounts that end. Checks
 * what can be checked before a mailbox is touched, in the order of contract section 5, and finds the mailbox.
 */
import type { Millis } from '../base/time/clock.ts';
import { SlotMap } from '../base/collections/slot-map.ts';
import { StoreFault } from '../base/store-fault.ts';
import type { Address } from '../model/address.ts';
import type { PresenceChanged } from '../model/presence-changed.ts';
import { Acceptance } from './mailbox/acceptance.ts';
import { foresee } from './checks/foresight.ts';
import {
  keyNames,
  type PassedChecks,
  standingRefusal,
  SubmissionChecks,
  usedOtherwise,
} from './checks/submission-checks.ts';
import { bodyBytesOf } from '../model/instant-message.ts';
import type { Accepting } from './mailbox/new-row.ts';
import { ConditionBook } from './mailbox/condition-book.ts';
import { LargeBodies } from './bodies/large-bodies.ts';
import { PageSlots } from './pacing/page-slots.ts';
import { CatchUp } from './pacing/catch-up.ts';
import type { DeliverySurroundings } from './mailbox/delivery-surroundings.ts';
import { KeptRecipients } from './kept-recipients.ts';
import { DueQueue } from './due-queue.ts';
import { Mailbox } from './mailbox/mailbox.ts';
import type { BlobStore, DeliveryTarget, ReportStore } from './ports.ts';
import { HandOuts } from './desks/hand-outs.ts';
import { Inbox } from './desks/inbox.ts';
import { OperatorDesk } from './desks/operator-desk.ts';
import { channelOf, reportsOfEnd } from './report-policy.ts';
import { reportRelayed } from './mailbox/delivery-surroundings.ts';
import { type ClientReport, type ClientReportOutcome, ClientReports } from './desks/client-reports.ts';
import { ReportDesk } from './desks/report-desk.ts';
import { SentMessages } from './desks/sent-messages.ts';
import { SecondThoughts } from './desks/second-thoughts.ts';
import type {
  Preparation,
  RefusedSubmission,
  Submission,
  SubmissionHead,
  SubmissionOutcome,
  SubmissionRefusal,
} from './submission.ts';

export interface DeliveryWiring extends Omit<
  DeliverySurroundings,
  | 'bodies'
  | 'conditions'
  | 'pages'
  | 'noteDue'
  | 'settled'
  | 'reported'
  | 'reportRelayed'
  | 'whenReportsTold'
  | 'readyChanged'
  | 'kept'
> {
  readonly reports: ReportStore;
  readonly blobs: BlobStore;
}

/** What a sender is told to wait when the store cannot commit. */
const retryAfterMs = 5000;
const noBody = new Uint8Array();
const startPageRecipients = 1000;
/** Recipients of whom a page of rows is worked through at once; the others wait. */
const reevaluationsMax = 32;

export class DeliveryService {
  readonly #surroundings: DeliverySurroundings;
  readonly kept = new KeptRecipients();
  /** Recipients whose conditions rest on an older presence than there is: a crash fell between two commits. */
  readonly #behind: CatchUp;
  readonly #mailboxes = new SlotMap<Mailbox>();
  readonly #inFlight = new SlotMap<InFlight>();
  readonly #checks: SubmissionChecks;
  readonly #due: DueQueue;
  readonly secondThoughts: SecondThoughts;
  readonly sent: SentMessages;
  readonly inbox: Inbox;
  readonly handOuts: HandOuts;
  readonly reports: ReportDesk;
  readonly operator: OperatorDesk;
  readonly #clientReports: ClientReports;
  readonly #delivered: { value: number };
  #isStoreFailing = false;

  constructor(wiring: DeliveryWiring) {
    this.#surroundings = {
      ...wiring,
      bodies: new LargeBodies(wiring),
      conditions: new ConditionBook(),
      pages: new PageSlots(reevaluationsMax),
      noteDue: (at) => this.#due.note(at),
      reported: (message) => this.reports.made(message.sender, channelOf(message)),
      reportRelayed: (reports) => void this.reports.addOrLose(reports),
      whenReportsTold: (principal) => this.reports.whenTold(principal),
      readyChanged: (recipient, isMore) => this.inbox.changed(recipient, isMore),
      kept: (recipient) => this.kept.grown(recipient),
      settled: (recipient) => {
        this.kept.settled(recipient);
        this.#letGo(recipient);
      },
    };
    this.#checks = new SubmissionChecks(this.#surroundings);
    this.#delivered = wiring.counters.counter('restante_messages_delivered_at_once_total');
    wiring.counters.gauge('restante_mailboxes_active', () => this.#mailboxes.size);
    const mailboxOf = (recipient: Address): Mailbox => this.#mailbox(recipient);
    this.#behind = new CatchUp(wiring, (recipient) => this.#evaluateAnew(recipient));
    this.#due = new DueQueue(this.#surroundings, mailboxOf, () => this.#lookAtAll());
    this.secondThoughts = new SecondThoughts(this.#surroundings, mailboxOf);
    this.sent = new SentMessages(wiring.store);
    this.inbox = new Inbox(this.#surroundings, mailboxOf);
    this.handOuts = new HandOuts(this.#surroundings, mailboxOf);
    this.reports = new ReportDesk(wiring.reports, wiring.counters);
    const { store, clock, counters } = wiring;
    this.#clientReports = new ClientReports({ store, clock, counters, desk: this.reports, inbox: this.inbox });
    this.operator = new OperatorDesk(this.#surroundings, mailboxOf);
  }

  /** Learns for whom something is kept; nothing is sent yet. To be awaited before anything else. Rejects with `StoreFault`. */
  async load(): Promise<void> {
    await this.#surroundings.bodies.sweep();
    let after: Address | undefined;
    for (;;) {
      const page = await this.#surroundings.store.recipients(after, startPageRecipients);
      for (const { recipient, entries, waiting, conditional } of page) {
        this.kept.load(recipient, { entries, waiting, conditional });
        // Nobody can tell what changed meanwhile, or whether the clock was set back.
        if (conditional > 0) this.#behind.add(recipient);
      }
      after = page.at(-1)?.recipient;
      if (page.length < startPageRecipients) return;
    }
  }

  /** Acts on what fell due. Clients may come from now on. */
  async begin(): Promise<void> {
    await this.#due.start();
  }

  /** Acts on presence that changed while nobody looked. */
  catchUp(): Promise<void> {
    return this.#behind.run();
  }

  /** Resolves with the answer for the sender, when it is true: durable where it says accepted. */
  submit(submission: Submission): Promise<SubmissionOutcome> {
    const { message } = submission;
    const outcome = this.#submit(submission);
    return message.large === undefined ? outcome : outcome.finally(() => this.#surroundings.bodies.submitted(message));
  }

  #submit(submission: Submission): Promise<SubmissionOutcome> {
    const { message } = submission;
    const { bodyBytesMax, largeBytesMax } = this.#surroundings.policy;
    const bytesMax = message.large === undefined ? bodyBytesMax : largeBytesMax;
    const refusal = this.#checks.atOnce(submission, { bytes: bodyBytesOf(message), bytesMax });
    if (refusal !== undefined) return Promise.resolve(this.#refused(refusal));
    const names = keyNames(submission);
    for (const name of names) {
      const same = this.#inFlight.get(name);
      if (same === undefined) continue;
      return same.contentKey === submission.contentKey ? same.outcome : Promise.resolve(usedOtherwise);
    }
    const outcome = this.#submitOnce(submission, names);
    const inFlight = { outcome, contentKey: submission.contentKey };
    for (const name of names) this.#inFlight.set(name, inFlight);
    return outcome;
  }

  /** What would become of a message whose body is yet to come: checked like a submission; nothing is written. */
  async prepare({ bytes = 0, ...head }: SubmissionHead): Promise<Preparation> {
    const submission = { ...head, message: { ...head.message, body: noBody } };
    const { largeBytesMax: bytesMax } = this.#surroundings.policy;
    const refusal = this.#checks.atOnce(submission, { bytes, bytesMax });
    if (refusal !== undefined) return this.#refused(refusal);
    const preparation = await this.#prepareInTurn(submission, bytes).catch(this.#unavailable);
    return preparation.kind === 'refused' ? this.#refused(preparation.refusal) : preparation;
  }

  /** It was `prepared`, and its recipient has it through its sender's own session; written nowhere. */
  relayed(submission: Submission, isReportedByClient: boolean): SubmissionOutcome {
    const accepting = this.#accepting({ kind: 'passed', submission, condition: undefined, isBlocked: false });
    const { id, acceptedAt, validityMs } = accepting;
    this.#deliveredAtOnce(submission, keyNames(submission));
    if (!isReportedByClient) reportRelayed(id, submission.message, this.#surroundings);
    return { kind: 'delivered', id, expiresAt: acceptedAt + validityMs };
  }

  /** Their sender was answered for others as well, and is told of these where the messages asked for that. */
  async reportRefused(refused: readonly RefusedSubmission[]): Promise<void> {
    const { ids, clock } = this.#surroundings;
    const reports = refused.flatMap(({ submission, refusal: { reason } }) => {
      const state = reason === 'blocked' || reason === 'refused-by-recipient' ? 'rejected' : 'failed';
      return reportsOfEnd(ids.timeOrderedId(), submission.message, state, clock.wall());
    });
    if (reports.length > 0) await this.reports.addOrLose(reports);
  }

  async #prepareInTurn(submission: Submission, bytes: number): Promise<Preparation> {
    const checked = await this.#checks.inTurn(submission, keyNames(submission));
    if (checked.kind !== 'passed') return checked;
    const { recipient } = submission.message;
    const accepting = this.#accepting(checked);
    const foresight = await foresee({ accepting, bytes }, this.#mailbox(recipient), this.#surroundings);
    this.#letGo(recipient);
    this.#storeFails(false);
    const { id, acceptedAt, validityMs } = accepting;
    const prepared = { id, acceptedAt, expiresAt: acceptedAt + validityMs };
    return foresight.kind === 'refused' ? foresight : { ...foresight, prepared };
  }

  /** What a recipient's client reports by itself; checked like a message to the sender of what it reports on. */
  async takeReport(report: ClientReport, isTrusted: boolean): Promise<SubmissionRefusal | ClientReportOutcome> {
    const { directory, policy } = this.#surroundings;
    const { sender, recipient } = report;
    const slowedDown = this.#checks.rateOf(recipient, isTrusted);
    if (slowedDown !== undefined) return slowedDown;
    try {
      const refusal = standingRefusal(await directory.lookUp(sender));
      if (refusal !== undefined) return refusal;
      if (await directory.hasBlocked(sender, recipient)) {
        return policy.blockedAnswer === 'refuse' ? { reason: 'blocked' } : 'repeated';
      }
      return await this.#clientReports.take(report);
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      this.#storeFails(true, fault.message);
      return { reason: 'store-unavailable', retryAfterMs };
    }
  }

  targetUp(principal: Address, target: DeliveryTarget): boolean {
    return this.#mailbox(principal).targetUp(target);
  }

  targetDown(principal: Address, targetId: string): void {
    this.#mailboxes.get(principal)?.targetDown(targetId);
  }

  /** Any request of a client shows that it is alive. */
  targetHeard(principal: Address, targetId: string): void {
    this.#mailboxes.get(principal)?.targetHeard(targetId);
  }

  /** Resolves when everything that the change means for kept messages is durable; undefined where it means nothing. */
  presenceChanged(change: PresenceChanged): Promise<void> | undefined {
    // What changed before the start was evaluated by nobody: it is now, before anything is sent.
    const event = this.#behind.take(change.presentity) ? { ...change, changed: 'all' as const } : change;
    const mailbox = this.#mailboxes.get(event.presentity);
    if (mailbox !== undefined) return mailbox.presenceChanged(event);
    if (!this.kept.mayTurn(event)) return undefined;
    const work = this.#mailbox(event.presentity).presenceChanged(event);
    if (work !== undefined) return work.then(() => this.#letGo(event.presentity));
    this.#letGo(event.presentity);
    return undefined;
  }

  /** The account is gone: what waits for it fails; what it sent stays. */
  async principalRemoved(principal: Address): Promise<void> {
    const { store } = this.#surroundings;
    const mailbox = this.#mailbox(principal);
    mailbox.removals += 1;
    for (;;) {
      const entries = await store.open(principal, { after: 0, limit: 256 });
      await Promise.all(entries.map((entry) => mailbox.ledger.endEntry(entry, 'failed', 'the account was removed')));
      if (entries.length === 0) break;
    }
    this.#letGo(principal);
  }

  /** Messages whose senders wait for an answer right now; the server drains them before it stops. */
  get submissionsInFlight(): number {
    return this.#inFlight.size;
  }

  stop(): void {
    this.#behind.clear();
    this.#due.stop();
  }

  /** Where bodies are put that come before their messages. */
  get bodies(): LargeBodies {
    return this.#surroundings.bodies;
  }

  #refused(refusal: SubmissionRefusal): Refused {
    this.#surroundings.counters.add(`restante_messages_refused_total{reason="${refusal.reason}"}`);
    return { kind: 'refused', refusal };
  }

  async #submitOnce(submitted: Submission, names: readonly string[]): Promise<SubmissionOutcome> {
    try {
      const outcome = await this.#outcomeOf(submitted, names);
      return outcome.kind === 'refused' ? this.#refused(outcome.refusal) : outcome;
    } catch (fault) {
      return this.#refused(this.#unavailable(fault).refusal);
    } finally {
      for (const name of names) this.#inFlight.delete(name);
    }
  }

  async #outcomeOf(submitted: Submission, names: readonly string[]): Promise<SubmissionOutcome> {
    const checked = await this.#checks.inTurn(submitted, names);
    if (checked.kind === 'refused') return checked;
    if (checked.kind === 'repeated') return checked.outcome;
    const { submission } = checked;
    const { recipient } = submission.message;
    const outcome = await new Acceptance(this.#accepting(checked), this.#mailbox(recipient), this.#surroundings).run();
    this.#storeFails(false);
    if (outcome.kind === 'delivered' && !submission.isTransient) this.#deliveredAtOnce(submission, names);
    return outcome;
  }

  #deliveredAtOnce({ message }: Submission, names: readonly string[]): void {
    this.#delivered.value += 1;
    this.#checks.delivered(names);
    if (message.reportReference !== undefined) this.#clientReports.relayed(names);
  }

  /** What the store cannot do now is asked for again by the sender. */
  readonly #unavailable = (fault: unknown): Refused => {
    if (!(fault instanceof StoreFault)) throw fault;
    this.#storeFails(true, fault.message);
    return { kind: 'refused', refusal: { reason: 'store-unavailable', retryAfterMs } };
  };

  /** Said once when it begins and once when it is over, not for every message. */
  #storeFails(isFailing: boolean, fault = ''): void {
    if (isFailing) this.#surroundings.counters.add('restante_store_refusals_total');
    if (isFailing === this.#isStoreFailing) return;
    this.#isStoreFailing = isFailing;
    const { log } = this.#surroundings;
    if (isFailing) log.error({ fault }, 'messages cannot be kept; senders are asked to come again');
    else log.info({}, 'messages are kept again');
  }

  #accepting({ submission, condition, isBlocked }: PassedChecks): Accepting {
    const { clock, ids, policy } = this.#surroundings;
    const asked: Millis = submission.validityMs ?? policy.validityDefaultMs;
    const { id, acceptedAt } = submission.prepared ?? { id: ids.timeOrderedId(), acceptedAt: clock.wall() };
    return { id, submission, condition, acceptedAt, validityMs: Math.min(asked, policy.validityMaxMs), isBlocked };
  }

  #mailbox(recipient: Address): Mailbox {
    let mailbox = this.#mailboxes.get(recipient);
    if (mailbox === undefined) {
      mailbox = new Mailbox(recipient, this.kept, this.#surroundings);
      this.#mailboxes.set(recipient, mailbox);
    }
    return mailbox;
  }

  #letGo(recipient: Address): void {
    this.kept.dropIfEmpty(recipient);
    const mailbox = this.#mailboxes.get(recipient);
    if (mailbox === undefined || mailbox.isIdle) this.#mailboxes.delete(recipient);
  }

  /** Tests of time may hold again. */
  #lookAtAll(): void {
    for (const recipient of this.kept.conditionalRecipients()) this.#behind.add(recipient);
    void this.catchUp();
  }

  async #evaluateAnew(recipient: Address): Promise<void> {
    const snapshot = this.#surroundings.presence.current(recipient);
    await this.presenceChanged({ presentity: recipient, snapshot, changed: 'all' });
  }
}

interface InFlight {
  readonly outcome: Promise<SubmissionOutcome>;
  readonly contentKey: string | undefined;
}

type Refused = Extract<SubmissionOutcome, { kind: 'refused' }>;
