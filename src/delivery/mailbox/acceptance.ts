/**
 * The acceptance of one message, in its sender's own transaction: sent on at once where that may be, else kept, and in
 * either case answered only when it is true. `undecided` is the time in which a client may still take it.
 */
import type { Millis } from '../../base/time/clock.ts';
import type { Address } from '../../model/address.ts';
import { blockedWhy, decideDelivery } from '../decide-delivery.ts';
import { undecidedMsMax } from '../delivery-policy.ts';
import { type DeliverySurroundings, reportRelayed } from './delivery-surroundings.ts';
import type { Mailbox } from './mailbox.ts';
import type { KeptFate } from './mailbox-ledger.ts';
import type { MailboxEntry, OpenState } from '../mailbox-entry.ts';
import { type Accepting, NewRow, type Putting, type WriteOutcome } from './new-row.ts';
import { type DeliverySubject, OpenDelivery } from './open-delivery.ts';
import type { KnownDuplicate } from '../ports.ts';
import { answerRepetition } from '../checks/repetition.ts';
import type { SubmissionOutcome, SubmissionRefusal } from '../submission.ts';

type QuotaRefusal = 'offline-space-full' | 'sender-queue-full';

/** There is no space for a row. */
interface WithoutRow {
  readonly full: QuotaRefusal;
  readonly timeIsUp: Promise<unknown>;
  /** It was given back since kept ones came before it: its attempts go on from here. */
  readonly before?: OpenDelivery;
}

export class Acceptance {
  readonly #accepting: Accepting;
  readonly #mailbox: Mailbox;
  readonly #surroundings: DeliverySurroundings;
  readonly #row: NewRow;
  readonly #startedAt: Millis;
  #whenInLine: (() => void)[] | undefined;
  /** While it is tried without a row. */
  #relaying: OpenDelivery | undefined;

  constructor(accepting: Accepting, mailbox: Mailbox, surroundings: DeliverySurroundings) {
    this.#accepting = accepting;
    this.#mailbox = mailbox;
    this.#surroundings = surroundings;
    this.#row = new NewRow(accepting, mailbox, surroundings);
    this.#startedAt = surroundings.clock.monotonic();
  }

  async run(): Promise<SubmissionOutcome> {
    this.#mailbox.submissions += 1;
    try {
      return await this.#decide();
    } finally {
      this.#inLine();
      this.#mailbox.submissions -= 1;
      this.#surroundings.settled(this.#mailbox.recipient);
    }
  }

  #decide(): SubmissionOutcome | Promise<SubmissionOutcome> {
    const { submission, validityMs, isBlocked } = this.#accepting;
    const decision = decideDelivery({
      kind: 'submitted',
      facts: {
        policy: this.#surroundings.policy,
        isBlocked,
        holds: this.#row.holdsNow(),
        isReachable: this.#mailbox.isReachable,
        isQueueBusy: this.#isQueueBusy,
        isTransient: submission.isTransient,
        isLarge: this.#isLarge,
        isKeptFirst: submission.keepFirst !== undefined,
        validityMs,
      },
    });
    switch (decision.kind) {
      case 'relay':
        if (this.#mayKeep) this.#mailbox.unwritten.push(this);
        return this.#relay();
      case 'keep':
        return decision.mayAttempt ? this.#keepAndAttempt() : this.#keep(decision.state);
      case 'refuse':
        return refused(decision.refusal);
      default:
        return { kind: 'dropped' };
    }
  }

  get #isLarge(): boolean {
    return this.#accepting.submission.message.large !== undefined;
  }

  get sender(): Address {
    return this.#accepting.submission.message.sender;
  }

  /** Whether it gets a row where nobody takes it in time. */
  get #mayKeep(): boolean {
    const { submission, validityMs } = this.#accepting;
    return this.#surroundings.policy.isStoreOffline && validityMs > 0 && !submission.isTransient;
  }

  /** What its sender wrote later follows when this is on its way to the store; a change of presence may come before. */
  #put(putting: Omit<Putting, 'whenIssued'>): Promise<WriteOutcome> {
    return this.#row.put({ ...putting, whenIssued: () => this.#inLine() });
  }

  /** Its place among the rows is taken, or it will have none: what its sender wrote later may be written. */
  #inLine(): void {
    const place = this.#mailbox.unwritten.indexOf(this);
    if (place !== -1) this.#mailbox.unwritten.splice(place, 1);
    for (const resolve of this.#whenInLine?.splice(0) ?? []) resolve();
  }

  /** Earlier messages of the same sender are being tried and have no row yet; this one's row must come after theirs. */
  #afterEarlier(): Promise<void> | undefined {
    const { unwritten } = this.#mailbox;
    if (!unwritten.includes(this)) unwritten.push(this);
    if (unwritten[0] === this) return undefined;
    const earlier = unwritten.slice(0, unwritten.indexOf(this)).filter((each) => each.sender === this.sender);
    return earlier.length === 0 ? undefined : this.#afterThese(earlier);
  }

  async #afterThese(earlier: readonly Acceptance[]): Promise<void> {
    const { unwritten } = this.#mailbox;
    for (const each of earlier) {
      if (!unwritten.includes(each)) continue;
      await new Promise<void>((resolve) => {
        (each.#whenInLine ??= []).push(resolve);
      });
    }
  }

  get #isQueueBusy(): boolean {
    const { counts, writing } = this.#mailbox;
    return counts.waiting > 0 || writing > 0 || this.#row.hasLatch || this.#hasEarlierOutOfLine;
  }

  /** What its sender wrote before is on its way to no client, and not to the store either, but will be. */
  get #hasEarlierOutOfLine(): boolean {
    const { unwritten } = this.#mailbox;
    return unwritten.some((each) => each !== this && each.sender === this.sender && each.#relaying?.hasEnded !== false);
  }

  async #relay(without?: WithoutRow): Promise<SubmissionOutcome> {
    const mayKeep = without === undefined && this.#mayKeep;
    const { policy } = this.#surroundings;
    const { id, submission, condition, acceptedAt, validityMs } = this.#accepting;
    const subject: DeliverySubject = {
      id,
      state: 'waiting',
      ...(condition === undefined ? {} : { condition: condition.text }),
      latches: this.#row.latches(),
      message: submission.message,
      acceptedAt,
      // Validity 0 is now or never: the client has as long as the sender's transaction can wait.
      expiresAt: acceptedAt + (validityMs === 0 ? undecidedMsMax : validityMs),
      attempts: without?.before?.attempts ?? 0,
      refusedBy: without?.before?.refusedBy ?? [],
    };
    const delivery = new OpenDelivery(subject, this.#mailbox, false);
    delivery.keepsPlace = mayKeep || without !== undefined;
    this.#relaying = delivery;
    this.#mailbox.open(delivery);
    delivery.begin();
    const withinMs = validityMs === 0 ? policy.answerWithinMs : Math.min(policy.answerWithinMs, validityMs);
    if (!delivery.hasEnded) await this.#ended(delivery, withinMs);
    const decided = this.#decided(delivery);
    if (decided !== undefined) return decided;
    if (submission.isTransient) return this.#dropped(delivery);
    if (without !== undefined && delivery.hasEnded && delivery.isGivenBack) {
      this.#mailbox.closed(id);
      return this.#sendWithoutRow({ ...without, before: delivery });
    }
    if (!mayKeep) return this.#decideWithoutStore(delivery, without?.full ?? 'not-stored');
    await this.#afterEarlier();
    return this.#decided(delivery) ?? this.#keepUndelivered(delivery);
  }

  /** What the clients have said so far, where that is an answer. */
  #decided(delivery: OpenDelivery): SubmissionOutcome | undefined {
    if (delivery.isDelivered) return this.#delivered(delivery);
    const isRefused = delivery.hasEnded && this.#mailbox.isRefusedByAll(delivery);
    return isRefused ? this.#refusedByAll(delivery) : undefined;
  }

  /** Resolves at the end of the delivery or after `withinMs`, whichever is first; after its time nothing more leaves. */
  #ended(delivery: OpenDelivery, withinMs: Millis): Promise<void> {
    const validMs = Math.max(0, delivery.subject.expiresAt - this.#surroundings.clock.wall());
    return validMs > withinMs ? this.#endedWithin(delivery, withinMs) : this.#endedLate(delivery, validMs, withinMs);
  }

  async #endedLate(delivery: OpenDelivery, validMs: Millis, withinMs: Millis): Promise<void> {
    if (validMs > 0) await this.#endedWithin(delivery, validMs);
    if (delivery.hasEnded) return;
    delivery.stopSending();
    if (withinMs > validMs) await this.#endedWithin(delivery, withinMs - validMs);
  }

  #endedWithin(delivery: OpenDelivery, withinMs: Millis): Promise<void> {
    const { timers, clock } = this.#surroundings;
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel();
        delivery.whenEnded = undefined;
        resolve();
      };
      const timer = timers.at(clock.monotonic() + withinMs, end);
      delivery.whenEnded = end;
    });
  }

  /** No client took it within `--answer-within`: from here on it must survive this process. */
  async #keepUndelivered(delivery: OpenDelivery): Promise<SubmissionOutcome> {
    const outcome = await this.#put({ delivery, isAnswer: true }).catch((fault: unknown) => {
      this.#letGo(delivery);
      throw fault;
    });
    if (outcome.kind === 'duplicate') {
      this.#letGo(delivery);
      return this.#repeated(outcome.known);
    }
    if (outcome.kind === 'unknown-recipient') {
      this.#letGo(delivery);
      return refused({ reason: outcome.kind });
    }
    if (outcome.kind !== 'stored') return this.#decideWithoutStore(delivery, outcome.kind);
    const { entry } = outcome;
    delivery.entry = entry;
    delivery.isDeferred = !delivery.isDelivered;
    if (delivery.hasEnded) {
      const { isDelivered } = delivery;
      const { ledger } = this.#mailbox;
      // Its sender still waits for the answer that follows.
      ledger.senderWaits(entry.id, () => {});
      void ledger.closeDelivery(delivery, entry);
      if (isDelivered) return { kind: 'delivered', id: entry.id, expiresAt: entry.expiresAt };
    }
    return this.#accepted(entry);
  }

  /** It may not be kept: the client that is being tried has a little more time, then the sender gets the refusal. */
  async #decideWithoutStore(delivery: OpenDelivery, reason: 'not-stored' | QuotaRefusal): Promise<SubmissionOutcome> {
    const restMs = this.#startedAt + undecidedMsMax - this.#surroundings.clock.monotonic();
    if (!delivery.hasEnded && restMs > 0) await this.#ended(delivery, restMs);
    const decided = this.#decided(delivery);
    if (decided !== undefined) return decided;
    this.#letGo(delivery);
    return refused({ reason });
  }

  #delivered(delivery: OpenDelivery): SubmissionOutcome {
    const { id, submission, acceptedAt, validityMs } = this.#accepting;
    if (!delivery.isReportedByClient) reportRelayed(id, submission.message, this.#surroundings);
    this.#mailbox.closed(delivery.subject.id);
    return { kind: 'delivered', id, expiresAt: acceptedAt + validityMs };
  }

  #refusedByAll(delivery: OpenDelivery): SubmissionOutcome {
    this.#mailbox.closed(delivery.subject.id);
    return refused({ reason: 'refused-by-recipient', status: delivery.refusal });
  }

  /** Nothing more of it leaves, also where it only stands in line, and nobody waits for how it ends. */
  #letGo(delivery: OpenDelivery): void {
    delivery.recall();
    this.#mailbox.closed(delivery.subject.id);
  }

  #dropped(delivery: OpenDelivery): SubmissionOutcome {
    this.#letGo(delivery);
    return { kind: 'dropped' };
  }

  async #keep(state: OpenState): Promise<SubmissionOutcome> {
    // What is held stands in nobody's way, and nobody in its.
    const earlier = state === 'waiting' ? this.#afterEarlier() : undefined;
    if (earlier !== undefined) await earlier;
    const outcome = await this.#put({ isAnswer: true });
    if (outcome.kind === 'duplicate') return this.#repeated(outcome.known);
    if (outcome.kind !== 'stored') return refused({ reason: outcome.kind });
    const { ledger, release } = this.#mailbox;
    // Nobody waits for it, so that a blocked sender is not answered later than others are.
    if (this.#accepting.isBlocked) void ledger.setAside(outcome.entry, blockedWhy);
    // Somebody may have come while it was being written.
    else if (outcome.entry.state === 'waiting') release.wantedFor(outcome.entry);
    return this.#accepted(outcome.entry);
  }

  /** Kept first because it must not overtake; where its turn comes in time, the sender still hears of the delivery. */
  async #keepAndAttempt(): Promise<SubmissionOutcome> {
    const { ledger, release } = this.#mailbox;
    const { id, submission } = this.#accepting;
    const { timers, clock, policy } = this.#surroundings;
    const waitMs = submission.keepFirst?.waitMs ?? policy.answerWithinMs;
    let tell: (fate: KeptFate) => void = () => {};
    const fate = new Promise<KeptFate>((resolve) => {
      tell = resolve;
    });
    ledger.senderWaits(id, tell);
    const timer = timers.at(clock.monotonic() + waitMs, () => tell({ kind: 'kept' }));
    try {
      const earlier = this.#afterEarlier();
      if (earlier !== undefined) await earlier;
      const outcome = await this.#put({ isAnswer: false });
      if (outcome.kind === 'duplicate') return await this.#repeated(outcome.known);
      if (outcome.kind === 'unknown-recipient') return refused({ reason: outcome.kind });
      if (outcome.kind !== 'stored') return await this.#sendWithoutRow({ full: outcome.kind, timeIsUp: fate });
      if (outcome.entry.state === 'held') return this.#accepted(outcome.entry);
      release.wantedFor(outcome.entry);
      const end = await fate;
      if (end.kind === 'delivered') return { kind: 'delivered', id, expiresAt: outcome.entry.expiresAt };
      if (end.kind === 'refused') return refused({ reason: 'refused-by-recipient', status: end.status });
      this.#isDeferredNow();
      await ledger.reportKeeping(outcome.entry);
      return this.#accepted(outcome.entry);
    } finally {
      timer.cancel();
      ledger.senderGone(id);
    }
  }

  /** Its sender is told that it is kept: what leaves from now on says so, also where it stands in line already. */
  #isDeferredNow(): void {
    const { id } = this.#accepting;
    this.#mailbox.ledger.senderGone(id);
    const delivery = this.#mailbox.openDelivery(id);
    if (delivery !== undefined) delivery.isDeferred = true;
  }

  /** What goes to somebody who is there needs no space: it is sent on behind everything that was ready before it. */
  async #sendWithoutRow(without: WithoutRow): Promise<SubmissionOutcome> {
    if (this.#isLarge) return refused({ reason: without.full });
    await Promise.race([this.#readyOffered(), without.timeIsUp]);
    const { release, turnstile, isReachable } = this.#mailbox;
    const isNext = release.isIdle && !turnstile.isBusy;
    const maySend = isNext && isReachable && !this.#row.hasLatch && this.#row.holdsNow();
    return maySend ? this.#relay(without) : refused({ reason: without.full });
  }

  /** With what a change of presence that is being worked in makes ready. */
  async #readyOffered(): Promise<void> {
    const { release, turnstile } = this.#mailbox;
    do {
      await turnstile.passed();
      release.wanted();
      await release.passed();
    } while (turnstile.isBusy);
  }

  #accepted(entry: MailboxEntry): SubmissionOutcome {
    const { state, acceptedAt, expiresAt, id } = entry;
    const isThere = this.#mailbox.isReachable || this.#mailbox.collection.isAwaited;
    // To somebody who is blocked the recipient is away.
    const isForMoment = state === 'held' || (isThere && !this.#accepting.isBlocked);
    return { kind: 'accepted', id, state, isForMoment, acceptedAt, expiresAt };
  }

  async #repeated(known: KnownDuplicate): Promise<SubmissionOutcome> {
    const outcome = await answerRepetition(this.#surroundings.store, this.#accepting.submission, known);
    // It ended just now: whoever sends it once more sends a new one.
    return outcome ?? refused({ reason: 'store-unavailable', retryAfterMs: 1000 });
  }
}

function refused(refusal: SubmissionRefusal): SubmissionOutcome {
  return { kind: 'refused', refusal };
}
