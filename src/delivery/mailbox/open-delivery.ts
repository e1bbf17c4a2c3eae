/**
 * One message on its way: tried at once on all push clients of the highest priority, then on the next; the first that
 * takes it delivers it (contract section 4, Outcomes). Sums the outcomes up; what follows from them is decided elsewhere.
 */
import type { Lane, LaneItem, LaneOutcome } from './lane.ts';
import type { FinalState, MailboxEntry, TargetRefusal } from '../mailbox-entry.ts';
import { attemptsPerRun, type OutgoingMessage } from '../ports.ts';

/** What is delivered: a row, or a message that has none yet. */
export type DeliverySubject = Pick<
  MailboxEntry,
  'id' | 'message' | 'acceptedAt' | 'expiresAt' | 'state' | 'condition' | 'latches' | 'attempts' | 'refusedBy'
>;

export interface DeliveryHost {
  /** Whether it may be sent at this very moment; `not-now`: a moment later that will be known. */
  mayStart(delivery: OpenDelivery): boolean | 'not-now';
  lanes(): Iterable<Lane>;
  /** False where its device is reached over another one. */
  isNewestWay(lane: Lane): boolean;
  /** Rows that were accepted earlier wait for their turn. */
  readonly hasWaiting: boolean;
  /** An earlier row waits for room at a client. */
  hasEarlier(entry: MailboxEntry): boolean;
  deliveryEnded(delivery: OpenDelivery): void;
}

/** For the timeline. */
const toldStatus = 'told that it waits';

export class OpenDelivery implements LaneItem {
  readonly subject: DeliverySubject;
  /** The row, once there is one. */
  entry: MailboxEntry | undefined;
  /** Its sender was answered that it is kept: what is sent from now on is marked as deferred. */
  isDeferred: boolean;
  attempts: number;
  refusedBy: readonly TargetRefusal[];
  isDelivered = false;
  /** The client that took it says so to its sender by itself. */
  isReportedByClient = false;
  /** Its recipient sent it on. */
  isForwarded = false;
  /** A client was told that it waits. */
  isAnnounced = false;
  isWithdrawn = false;
  isRecalled = false;
  isTurnedAway = false;
  hasMessageFailed = false;
  mayPoison = false;
  hasEnded = false;
  /** Where nobody takes it, it has its place in the order: as a row, or behind those that are rows. */
  keepsPlace = false;
  /** It waits for its turn in that order rather than try the next client past what came before it. */
  isGivenBack = false;
  /** The ids of clients that asked for it: it goes to these alone, whatever their style and whatever it waits for. */
  asked: ReadonlySet<string> | undefined;
  /** What its row says by now of how it ended, where that follows from this delivery. */
  rowEnd: FinalState | undefined;
  /** For the sender's own transaction, as long as there is no row. */
  whenEnded: (() => void) | undefined;
  /** The newest refusal or failure, for the timeline. */
  lastStatus = '';
  readonly #host: DeliveryHost;
  readonly #tried: Lane[] = [];
  #whenClosed: (() => void)[] | undefined;
  /** The device that delivered it; having come back by another way it may stand in line for it once more. */
  #takenBy: string | undefined;
  #tierPriority = 0;
  #pending = 0;
  /** Of the pending ones those whose client is gone. */
  #left: Set<Lane> | undefined;
  #isStarting = false;
  #isClosed = false;

  constructor(subject: DeliverySubject, host: DeliveryHost, isDeferred: boolean) {
    this.subject = subject;
    this.#host = host;
    this.isDeferred = isDeferred;
    this.attempts = subject.attempts;
    this.refusedBy = subject.refusedBy;
  }

  begin(): void {
    this.#isStarting = true;
    const tier = this.#nextTier();
    this.#tierPriority = tier[0]?.target.priority ?? 0;
    for (const lane of tier) this.#try(lane);
    this.#isStarting = false;
    this.#goOn();
  }

  /** A client came while others are being tried: it need not wait for the end of their silence. */
  join(lane: Lane): void {
    if (this.hasEnded || this.isRecalled || lane.target.priority < this.#tierPriority || !this.#mayTry(lane)) return;
    this.#try(lane);
  }

  /** A client asks for it while others are being tried. */
  ask(lane: Lane): void {
    if (!this.hasEnded && !this.isRecalled && !this.#tried.includes(lane)) this.#try(lane);
  }

  start(lane: Lane): OutgoingMessage | 'not-now' | undefined {
    const mayGo = this.#mayGoTo(lane);
    const hasPlace = this.entry !== undefined || this.keepsPlace;
    if (mayGo !== true) return mayGo === 'not-now' && hasPlace ? mayGo : undefined;
    const mayStillGo = (): boolean => this.#mayGoTo(lane) === true;
    this.attempts += 1;
    const { id, message, acceptedAt, expiresAt } = this.subject;
    const { isDeferred, attempts: attemptNumber } = this;
    const settled = (): Promise<void> | undefined => (this.hasEnded && !this.#isClosed ? this.closed() : undefined);
    return { id, message, acceptedAt, expiresAt, isDeferred, attemptNumber, mayStillGo, settled };
  }

  left(lane: Lane, hasMoved: boolean): void {
    (this.#left ??= new Set()).add(lane);
    // Over its new way the client gets it in its turn.
    if (!hasMoved && !this.hasEnded && !this.#isAwaited && this.#mayGoOn) this.begin();
  }

  ended(lane: Lane, outcome: LaneOutcome): void {
    this.#pending -= 1;
    this.#left?.delete(lane);
    // A client that failed for the time being may be tried again as soon as its lane is up, though others are still silent.
    if (outcome.kind === 'client-failed' || outcome.kind === 'turned-away') this.#forgetTry(lane);
    switch (outcome.kind) {
      case 'delivered':
        if (!this.isDelivered) this.isReportedByClient = outcome.isReportedByClient === true;
        this.isDelivered = true;
        this.#takenBy = lane.target.device;
        break;
      case 'withdrawn':
        this.isWithdrawn = true;
        break;
      case 'refused':
        this.refusedBy = [...this.refusedBy, { targetId: lane.target.device, status: outcome.status }];
        this.lastStatus = outcome.status;
        break;
      case 'announced':
        this.isAnnounced = true;
        this.lastStatus = toldStatus;
        if (this.hasRefused(lane)) break;
        this.refusedBy = [...this.refusedBy, { targetId: lane.target.device, status: toldStatus, isTold: true }];
        break;
      case 'message-failed':
        this.hasMessageFailed = true;
        this.mayPoison ||= outcome.mayPoison;
        this.lastStatus = outcome.status;
        break;
      case 'client-failed':
        this.lastStatus = outcome.status;
        break;
      case 'turned-away':
        this.lastStatus = outcome.status;
        this.isGivenBack ||= this.entry !== undefined || (this.keepsPlace && !this.#isNext(outcome.isNext));
        break;
    }
    this.#goOn();
  }

  /** Its time is over: no retransmission leaves, a late 2xx counts. */
  stopSending(): void {
    for (const lane of this.#tried) lane.stopSending(this);
  }

  /** Its sender takes it back: nothing more of it leaves, what is under way may still be answered. */
  recall(): void {
    this.isRecalled = true;
    this.stopSending();
  }

  /** The recipient has it by other means: it is delivered, whatever its clients still answer. */
  taken(isForwarded = false): void {
    if (this.hasEnded) return;
    if (!this.isDelivered) this.isForwarded = isForwarded;
    this.isDelivered = true;
    this.stopSending();
    this.#goOn();
  }

  /** The recipient does not want it: that ends it, whatever its clients still answer. */
  turnAway(): void {
    if (this.hasEnded) return;
    this.isTurnedAway = true;
    this.lastStatus = 'turned away by its recipient';
    this.stopSending();
    this.hasEnded = true;
    this.#host.deliveryEnded(this);
  }

  /** Resolves when its row says how it ended, or it has none and is over. */
  closed(): Promise<void> {
    return new Promise((resolve) => {
      (this.#whenClosed ??= []).push(resolve);
    });
  }

  rowClosed(): void {
    this.#isClosed = true;
    for (const resolve of this.#whenClosed ?? []) resolve();
  }

  /** Why nobody takes it, where somebody has refused it, whatever became of clients that have left since. */
  get refusal(): string {
    const refusal = this.isTurnedAway ? undefined : this.refusedBy.findLast(({ isTold }) => isTold !== true);
    return refusal?.status ?? this.lastStatus;
  }

  hasRefused(lane: Lane): boolean {
    return this.refusedBy.some((refusal) => refusal.targetId === lane.target.device);
  }

  #goOn(): void {
    if (this.hasEnded || this.#isStarting) return;
    if (!this.isDelivered) {
      if (this.#isAwaited) return;
      if (this.#mayGoOn) {
        // The next client's line is not for whoever comes from another one past what has waited for it.
        this.isGivenBack = this.entry !== undefined && this.#host.hasEarlier(this.entry);
        if (!this.isGivenBack) {
          this.begin();
          return;
        }
      }
      if (this.#pending > 0) return;
    }
    this.hasEnded = true;
    this.#host.deliveryEnded(this);
  }

  /** Delivered already: the other clients of the same priority that stood in line still get their copy. */
  #mayGoTo(lane: Lane): boolean | 'not-now' {
    if (this.isWithdrawn || this.isRecalled || this.isTurnedAway) return false;
    if (lane.target.device === this.#takenBy) return false;
    return this.#host.mayStart(this);
  }

  /** A client that is there still has it. */
  get #isAwaited(): boolean {
    return this.#pending > (this.#left?.size ?? 0);
  }

  get #mayGoOn(): boolean {
    const isOver = this.isDelivered || this.isWithdrawn || this.isRecalled || this.isGivenBack;
    return !isOver && this.#hasNextTier();
  }

  #isNext(isNextInLine: boolean): boolean {
    return isNextInLine && !this.#host.hasWaiting;
  }

  #try(lane: Lane): void {
    this.#tried.push(lane);
    this.#pending += 1;
    if (!lane.add(this)) this.#pending -= 1;
  }

  #forgetTry(lane: Lane): void {
    const place = this.#tried.indexOf(lane);
    if (place !== -1) this.#tried.splice(place, 1);
  }

  #hasNextTier(): boolean {
    for (const lane of this.#host.lanes()) if (this.#mayTry(lane)) return true;
    return false;
  }

  #nextTier(): Lane[] {
    let tier: Lane[] = [];
    for (const lane of this.#host.lanes()) {
      if (!this.#mayTry(lane)) continue;
      const best = tier[0]?.target.priority ?? -1;
      if (lane.target.priority > best) tier = [lane];
      else if (lane.target.priority === best) tier.push(lane);
    }
    return tier;
  }

  #mayTry(lane: Lane): boolean {
    // Attempts are numbered again from what is durable after a crash, so that there may not be more of them.
    if (this.attempts - this.subject.attempts >= attemptsPerRun) return false;
    return lane.isUp && this.#isMeantFor(lane) && !this.#tried.includes(lane);
  }

  #isMeantFor(lane: Lane): boolean {
    if (this.asked !== undefined) return this.asked.has(lane.target.id);
    return lane.target.style === 'push' && !this.hasRefused(lane) && this.#host.isNewestWay(lane);
  }
}
