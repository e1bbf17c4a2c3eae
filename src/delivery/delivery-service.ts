/**
 * The way into delivery: messages handed in, clients that come and go, presence that changes, accounts that end. Checks
 * what can be checked before a mailbox is touched, in the order of contract section 5, and finds the mailbox.
 */
import type { Millis } from '../base/time/clock.ts';
import { SlotMap } from '../base/slot-map.ts';
import { StoreFault } from '../base/store-fault.ts';
import type { Condition } from '../conditions/condition.ts';
import type { Address } from '../model/address.ts';
import type { ReportKind } from '../model/delivery-report.ts';
import type { PresenceChanged } from '../model/presence-changed.ts';
import { Acceptance } from './mailbox/acceptance.ts';
import { ConditionBook } from './mailbox/condition-book.ts';
import { relayedRememberedMs } from './delivery-policy.ts';
import { PageSlots } from './pacing/page-slots.ts';
import { CatchUp } from './pacing/catch-up.ts';
import type { DeliverySurroundings } from './mailbox/delivery-surroundings.ts';
import { KeptRecipients } from './kept-recipients.ts';
import { DueQueue } from './due-queue.ts';
import { Mailbox } from './mailbox/mailbox.ts';
import type { DeliveryTarget, RecipientStanding, ReportStore } from './ports.ts';
import { RateLimiter } from './rate-limiter.ts';
import { RecentKeys } from './recent-keys.ts';
import { HandOuts } from './desks/hand-outs.ts';
import { Inbox } from './desks/inbox.ts';
import { OperatorDesk } from './desks/operator-desk.ts';
import { channelOf } from './report-policy.ts';
import { answerRepetition } from './repetition.ts';
import { submissionName } from '../model/submission-name.ts';
import { type ClientReport, type ClientReportOutcome, ClientReports } from './desks/client-reports.ts';
import { ReportDesk } from './desks/report-desk.ts';
import { SentMessages } from './desks/sent-messages.ts';
import { SecondThoughts } from './desks/second-thoughts.ts';
import type { Submission, SubmissionOutcome, SubmissionRefusal } from './submission.ts';

export interface DeliveryWiring extends Omit<
  DeliverySurroundings,
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
}

/** What a sender is told to wait when the store cannot commit. */
const retryAfterMs = 5000;
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
  readonly #relayed: RecentKeys;
  readonly #rates: RateLimiter;
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
    this.#relayed = new RecentKeys(relayedRememberedMs, wiring.clock.monotonic());
    this.#rates = new RateLimiter(wiring.policy.rate);
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
    let after: Address | undefined;
    for (;;) {
      const page = await this.#surroundings.store.recipients(after, startPageRecipients);
      for (const { recipient, entries, waiting, conditional, seenVersion } of page) {
        this.kept.load(recipient, { entries, waiting, conditional });
        if (conditional > 0 && seenVersion < this.#surroundings.presence.current(recipient).version) {
          this.#behind.add(recipient);
        }
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
  async submit(submission: Submission): Promise<SubmissionOutcome> {
    const refusal = this.#checkAtOnce(submission);
    if (refusal !== undefined) return this.#refused(refusal);
    const names = keyNames(submission);
    for (const name of names) {
      const same = this.#inFlight.get(name);
      if (same === undefined) continue;
      return same.contentKey === submission.contentKey ? same.outcome : usedOtherwise;
    }
    const outcome = this.#submitOnce(submission, names);
    const inFlight = { outcome, contentKey: submission.contentKey };
    for (const name of names) this.#inFlight.set(name, inFlight);
    try {
      const answer = await outcome;
      return answer.kind === 'refused' ? this.#refused(answer.refusal) : answer;
    } finally {
      for (const name of names) this.#inFlight.delete(name);
    }
  }

  /** What a recipient's client reports by itself; checked like a message to the sender of what it reports on. */
  async takeReport(report: ClientReport, isTrusted: boolean): Promise<SubmissionRefusal | ClientReportOutcome> {
    const { directory, clock, policy } = this.#surroundings;
    const { sender, recipient } = report;
    const waitMs = isTrusted ? 0 : this.#rates.take(recipient, clock.monotonic());
    if (waitMs > 0) return { reason: 'too-many-requests', retryAfterMs: waitMs };
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

  /** Resolves when everything that the change means for kept messages is durable. */
  async presenceChanged(change: PresenceChanged): Promise<void> {
    // What changed before the start was evaluated by nobody: it is now, before anything is sent.
    const event = this.#behind.take(change.presentity) ? { ...change, changed: 'all' as const } : change;
    const mailbox = this.#mailboxes.get(event.presentity);
    if (mailbox !== undefined) return mailbox.presenceChanged(event);
    if (!this.kept.hasConditional(event.presentity)) return;
    await this.#mailbox(event.presentity).presenceChanged(event);
    this.#letGo(event.presentity);
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

  #refused(refusal: SubmissionRefusal): SubmissionOutcome {
    this.#surroundings.counters.add(`restante_messages_refused_total{reason="${refusal.reason}"}`);
    return { kind: 'refused', refusal };
  }

  #checkAtOnce({ message, condition, isTrusted }: Submission): SubmissionRefusal | undefined {
    const { policy, conditions, clock } = this.#surroundings;
    if (!isTrusted) {
      const waitMs = this.#rates.take(message.sender, clock.monotonic());
      if (waitMs > 0) return { reason: 'too-many-requests', retryAfterMs: waitMs };
    }
    if (condition !== undefined) {
      const parsed = conditions.parse(condition);
      if (!parsed.ok) {
        return { reason: 'malformed-condition', position: parsed.error.position, detail: parsed.error.reason };
      }
    }
    if (message.body.length > policy.bodyBytesMax) return { reason: 'too-large', bytesMax: policy.bodyBytesMax };
    return undefined;
  }

  async #submitOnce(submitted: Submission, names: readonly string[]): Promise<SubmissionOutcome> {
    const { recipient, sender } = submitted.message;
    const { directory, clock } = this.#surroundings;
    try {
      const reporting = directory.wantsReportsInWords?.(sender) ?? false;
      const submission = toldInWords(submitted, typeof reporting === 'boolean' ? reporting : await reporting);
      const standing = directory.lookUp(recipient);
      const refusal = standingRefusal(typeof standing === 'string' ? standing : await standing);
      if (refusal !== undefined) return { kind: 'refused', refusal };
      const known = this.#knownOutcome(submission, names);
      if (known !== undefined) {
        const outcome = await known;
        if (outcome !== undefined) return outcome;
      }
      // Looked up first, since a block may show itself as presence that is not true; acted on last (contract section 5).
      const blocked = directory.hasBlocked(recipient, sender);
      const isBlocked = typeof blocked === 'boolean' ? blocked : await blocked;
      const condition = this.#conditionOf(submission);
      const unauthorised = this.#checkCondition(submission, condition);
      if (unauthorised !== undefined) return { kind: 'refused', refusal: unauthorised };
      const outcome = await this.#acceptanceOf(submission, condition, isBlocked).run();
      this.#storeFails(false);
      if (outcome.kind === 'delivered' && !submission.isTransient) {
        this.#delivered.value += 1;
        for (const name of names) this.#relayed.add(name, clock.monotonic());
        if (submission.message.reportReference !== undefined) this.#clientReports.relayed(names);
      }
      return outcome;
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      this.#storeFails(true, fault.message);
      return { kind: 'refused', refusal: { reason: 'store-unavailable', retryAfterMs } };
    }
  }

  /** Said once when it begins and once when it is over, not for every message. */
  #storeFails(isFailing: boolean, fault = ''): void {
    if (isFailing) this.#surroundings.counters.add('restante_store_refusals_total');
    if (isFailing === this.#isStoreFailing) return;
    this.#isStoreFailing = isFailing;
    const { log } = this.#surroundings;
    if (isFailing) log.error({ fault }, 'messages cannot be kept; senders are asked to come again');
    else log.info({}, 'messages are kept again');
  }

  /** The same message again is answered as the first time. Undefined at once where it is surely new, which is usual. */
  #knownOutcome(
    submission: Submission,
    names: readonly string[],
  ): SubmissionOutcome | Promise<SubmissionOutcome | undefined> | undefined {
    const { message, duplicateKeys, contentKey } = submission;
    const { store, clock } = this.#surroundings;
    const now = clock.monotonic();
    for (const name of names) {
      if (!this.#relayed.has(name, now)) continue;
      const isSame = contentKey === undefined || this.#relayed.has(contentNameOf(submission), now);
      return isSame ? { kind: 'delivered', id: '', expiresAt: 0 } : usedOtherwise;
    }
    if (!store.mayKnow(message.sender, message.recipient, duplicateKeys)) return undefined;
    return this.#storedOutcome(submission);
  }

  async #storedOutcome(submission: Submission): Promise<SubmissionOutcome | undefined> {
    const { message, duplicateKeys } = submission;
    const { store } = this.#surroundings;
    const known = await store.findDuplicate(message.sender, message.recipient, duplicateKeys);
    return known === undefined ? undefined : answerRepetition(store, submission, known);
  }

  #conditionOf({ condition }: Submission): Condition | undefined {
    return condition === undefined ? undefined : this.#surroundings.conditions.compiled(condition);
  }

  #checkCondition({ message }: Submission, condition: Condition | undefined): SubmissionRefusal | undefined {
    if (condition === undefined) return undefined;
    const { policy, presence } = this.#surroundings;
    if (!policy.isConditional) return { reason: 'conditional-delivery-not-supported' };
    const { recipient, sender } = message;
    const visible = presence.visiblePresence(recipient, sender, presence.current(recipient));
    const attributes = condition.attributes.filter((attribute) => !visible.mayRead(attribute));
    return attributes.length > 0 ? { reason: 'attribute-not-authorised', attributes } : undefined;
  }

  #acceptanceOf(submission: Submission, condition: Condition | undefined, isBlocked: boolean): Acceptance {
    const { clock, ids, policy } = this.#surroundings;
    const asked: Millis = submission.validityMs ?? policy.validityDefaultMs;
    const accepting = {
      id: ids.timeOrderedId(),
      submission,
      condition,
      acceptedAt: clock.wall(),
      validityMs: Math.min(asked, policy.validityMaxMs),
      isBlocked,
    };
    return new Acceptance(accepting, this.#mailbox(submission.message.recipient), this.#surroundings);
  }

  #mailbox(recipient: Address): Mailbox {
    let mailbox = this.#mailboxes.get(recipient);
    if (mailbox === undefined) {
      mailbox = new Mailbox(recipient, this.kept.countsOf(recipient), this.#surroundings);
      this.#mailboxes.set(recipient, mailbox);
    }
    return mailbox;
  }

  #letGo(recipient: Address): void {
    const mailbox = this.#mailboxes.get(recipient);
    if (mailbox !== undefined && !mailbox.isIdle) return;
    this.#mailboxes.delete(recipient);
    this.kept.dropIfEmpty(recipient);
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

const usedOtherwise: SubmissionOutcome = { kind: 'refused', refusal: { reason: 'key-used-otherwise' } };

/** Who asked for reports with the message itself is told in that way alone; a program is told nothing that it must read. */
function toldInWords(submission: Submission, isWanted: boolean): Submission {
  const { message, isTransient, isAutomatic = false } = submission;
  if (!isWanted || isTransient || isAutomatic || message.reportsWanted.length > 0) return submission;
  return { ...submission, message: { ...message, reportsWanted: reportKinds, reportsInWords: true } };
}

const reportKinds: readonly ReportKind[] = ['stored', 'delivered', 'displayed', 'failed'];

function keyNames({ message, duplicateKeys }: Submission): string[] {
  return duplicateKeys.map((key) => submissionName(message.sender, message.recipient, key));
}

function contentNameOf({ message, contentKey = '' }: Submission): string {
  return submissionName(message.sender, message.recipient, contentKey);
}

function standingRefusal(standing: RecipientStanding): SubmissionRefusal | undefined {
  if (standing === 'known') return undefined;
  return { reason: standing === 'unknown' ? 'unknown-recipient' : 'domain-not-served' };
}
