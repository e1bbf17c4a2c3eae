/**
 * Everything that goes on for one recipient while there is something going on: the lanes of its clients, the messages on
 * their way, and the release of what waits, in the order of acceptance. Decisions come from `decideDelivery`; rows are
 * kept by `MailboxLedger`.
 */
import { SlotMap } from '../../base/collections/slot-map.ts';
import type { Address } from '../../model/address.ts';
import type { PresenceChanged } from '../../model/presence-changed.ts';
import { decideDelivery } from '../decide-delivery.ts';
import { Collection } from './collection.ts';
import type { Acceptance } from './acceptance.ts';
import type { KeptCounts, KeptRecipients } from '../kept-recipients.ts';
import type { DeliverySurroundings } from './delivery-surroundings.ts';
import { Lane, type LaneListener } from './lane.ts';
import type { MailboxEntry } from '../mailbox-entry.ts';
import { afterLook, type Mentions } from '../mentions.ts';
import { MailboxLedger } from './mailbox-ledger.ts';
import type { DeliveryHost, DeliverySubject, OpenDelivery } from './open-delivery.ts';
import type { DeliveryTarget } from '../ports.ts';
import { Release } from './release.ts';
import { GatheredTurns } from '../pacing/gathered-turns.ts';
import { Turnstile } from '../pacing/turnstile.ts';

const noLanes: readonly Lane[] = [];

/** Clients of one principal at once; endpoints limit registrations below it. */
export const targetsMax = 64;

/** Changes of presence worked into the rows at once: every sender of a row may see each of them differently. */
export const changesTogetherMax = 64;

export class Mailbox implements LaneListener, DeliveryHost {
  readonly recipient: Address;
  /** Acceptances at work, and those of them that are being written: nothing later may overtake them. */
  submissions = 0;
  writing = 0;
  /** How often the account behind it was removed: what was on its way to the old one is not for a new one. */
  removals = 0;
  readonly #kept: KeptRecipients;
  readonly #surroundings: DeliverySurroundings;
  /** A change makes a new list. */
  #lanes = noLanes;
  #arrivals = 0;
  #work: MailboxWork | undefined;
  #wasPresent = false;
  #wasReachable = false;

  constructor(recipient: Address, kept: KeptRecipients, surroundings: DeliverySurroundings) {
    this.recipient = recipient;
    this.#kept = kept;
    this.#surroundings = surroundings;
  }

  /** How much is kept for this recipient; not to be held beyond a turn. */
  get counts(): Readonly<KeptCounts> {
    return this.#kept.countsOf(this.recipient);
  }

  get turnstile(): Turnstile {
    return this.#atWork.turnstile;
  }

  get ledger(): MailboxLedger {
    return this.#atWork.ledger;
  }

  get release(): Release {
    return this.#atWork.release;
  }

  get collection(): Collection {
    return this.#atWork.collection;
  }

  /** Acceptances that may yet get a row and have none, the oldest first. */
  get unwritten(): Acceptance[] {
    return this.#atWork.unwritten;
  }

  get isIdle(): boolean {
    return this.#lanes.length === 0 && this.#isAtRest;
  }

  /** Nothing but its clients' lanes need be remembered. */
  get #isAtRest(): boolean {
    return this.submissions === 0 && (this.#work === undefined || this.#work.isIdle);
  }

  get #atWork(): MailboxWork {
    return (this.#work ??= new MailboxWork(this, this.#surroundings));
  }

  /** Undefined where nothing waits and nothing goes on: then there is nobody to be told of clients. */
  get #workOnHand(): MailboxWork | undefined {
    return this.#work ?? (this.counts.waiting === 0 ? undefined : this.#atWork);
  }

  /** A client can be tried now, and has said enough of itself for the operator's policy. */
  get isReachable(): boolean {
    return this.hasPushLaneUp && this.#hasSaidEnough;
  }

  get #hasSaidEnough(): boolean {
    const { policy, presence } = this.#surroundings;
    return policy.deliverOn === 'register' || presence.current(this.recipient).isPublished;
  }

  get hasPushLaneUp(): boolean {
    for (const lane of this.#lanes) if (lane.isUp && lane.target.style === 'push') return true;
    return false;
  }

  lanes(): Iterable<Lane> {
    return this.#lanes;
  }

  #laneOf(targetId: string): Lane | undefined {
    return this.#lanes.find(({ target }) => target.id === targetId);
  }

  /** A device that can be reached in several ways is reached by the one over which it came last. */
  isNewestWay({ target, arrival }: Lane): boolean {
    for (const other of this.#lanes) {
      if (other.target.device === target.device && other.arrival > arrival && other.isUp) return false;
    }
    return true;
  }

  /** A client came, or came again: it is alive, and what waits for it may go. False at `targetsMax`. */
  targetUp(target: DeliveryTarget): boolean {
    const lane = this.#laneOf(target.id);
    if (lane === undefined && this.#lanes.length >= targetsMax) return false;
    const isSameWay = lane !== undefined && lane.target.way === target.way;
    this.#arrivals += 1;
    if (isSameWay) {
      lane.target = target;
      lane.arrival = this.#arrivals;
      lane.heard();
    } else {
      const fresh = new Lane(target, this, this.#surroundings);
      fresh.arrival = this.#arrivals;
      this.#lanes =
        lane === undefined ? [...this.#lanes, fresh] : this.#lanes.map((each) => (each === lane ? fresh : each));
    }
    this.#tellReachability();
    this.#workOnHand?.release.anew();
    this.#workOnHand?.collection.wanted();
    // Only now, so that what was open and what stood in line behind it keep their order on the new way.
    if (!isSameWay) lane?.close(true);
    return true;
  }

  targetDown(targetId: string): void {
    const lane = this.#laneOf(targetId);
    if (lane === undefined) return;
    this.#lanes = this.#lanes.filter((each) => each !== lane);
    lane.close();
    this.#tellReachability();
    this.#workOnHand?.release.roomChanged();
    this.#workOnHand?.collection.wanted();
    this.#surroundings.settled(this.recipient);
  }

  targetHeard(targetId: string): void {
    this.#laneOf(targetId)?.heard();
    // A client that is heard of now and then may have nothing sent for hours.
    if (this.#work !== undefined && this.#isAtRest) this.#work = undefined;
  }

  laneFreed(): void {
    this.#workOnHand?.release.roomChanged();
  }

  laneTurned(): void {
    this.#tellReachability();
    const work = this.#workOnHand;
    if (this.hasPushLaneUp) work?.release.anew();
    else {
      work?.release.roomChanged();
      work?.collection.wanted();
    }
  }

  /** Resolves when what follows for the rows is durable; undefined where nothing does. */
  presenceChanged(event: PresenceChanged): Promise<void> | undefined {
    // While a condition is being written nobody knows of it yet.
    if (this.mayTurn(event) || this.#work?.turnstile.isIdle === false) {
      return this.#atWork.changes.add(event).then(() => this.#workOnHand?.release.wanted());
    }
    this.#workOnHand?.release.wanted();
    return undefined;
  }

  /** A change of presence cannot be written: nothing conditional can be accepted until the store does again. */
  get isStuck(): boolean {
    return this.#work?.isStuck === true;
  }

  set isStuck(isStuck: boolean) {
    this.#atWork.isStuck = isStuck;
  }

  /** Resolves when the changes of presence that stand in line are worked in, or when they have to wait for the store. */
  async changesPassed(): Promise<void> {
    await this.#work?.changesPassed();
  }

  isOpen(id: string): boolean {
    return this.#work?.open.has(id) === true;
  }

  openDelivery(id: string): OpenDelivery | undefined {
    return this.#work?.open.get(id);
  }

  /** The caller begins it. */
  open(delivery: OpenDelivery): void {
    this.#atWork.open.set(delivery.subject.id, delivery);
  }

  closed(id: string): void {
    const delivery = this.#work?.open.get(id);
    this.#work?.open.delete(id);
    this.#surroundings.settled(this.recipient);
    delivery?.rowClosed();
  }

  mayStart(delivery: OpenDelivery): boolean | 'not-now' {
    const subject = delivery.entry ?? delivery.subject;
    if (delivery.asked !== undefined) return this.#mayBeHandedOut(subject, delivery.entry === undefined);
    // A change that is not worked in yet may unset what the row still says.
    if (subject.condition !== undefined && this.turnstile.isBusy) return 'not-now';
    if (!this.#hasSaidEnough) return false;
    const facts = this.ledger.factsOf(subject, this.#isKnownToBlock(subject.message.sender));
    return decideDelivery({ kind: 'may-start', facts }).kind === 'attempt';
  }

  /**
   * Whoever asks for it gets it before its moment, but not after its time, and nothing of somebody who is blocked. A notice
   * is of the server's making, whomever it speaks of.
   */
  #mayBeHandedOut(subject: DeliverySubject, isNotice: boolean): boolean {
    const facts = this.ledger.factsOf(subject, !isNotice && this.#isKnownToBlock(subject.message.sender));
    const isOver = this.ledger.isEnding(subject.id);
    return !isOver && decideDelivery({ kind: 'may-start', facts: { ...facts, holds: true } }).kind === 'attempt';
  }

  hasEarlier(entry: MailboxEntry): boolean {
    return this.#workOnHand?.release.hasEarlier(entry) === true;
  }

  deliveryEnded(delivery: OpenDelivery): void {
    if (delivery.entry === undefined) delivery.whenEnded?.();
    else void this.ledger.closeDelivery(delivery, delivery.entry);
  }

  /** Every client that is there has refused it for good, and there was one. One that fetches by itself may still take it. */
  isRefusedByAll(delivery: OpenDelivery): boolean {
    if (delivery.isTurnedAway) return true;
    // Who was told that it waits may fetch it.
    if (delivery.refusedBy.some(({ isTold }) => isTold)) return false;
    for (const lane of this.#lanes) if (!delivery.hasRefused(lane)) return false;
    return delivery.refusedBy.length > 0;
  }

  hasRoomFor(entry: MailboxEntry): 'room' | 'busy' | 'nobody' {
    let answer: 'busy' | 'nobody' = 'nobody';
    for (const lane of this.#lanes) {
      if (!lane.isUp || lane.target.style !== 'push' || !this.isNewestWay(lane)) continue;
      if (entry.refusedBy.some((refusal) => refusal.targetId === lane.target.device)) continue;
      if (lane.hasRoom) return 'room';
      answer = 'busy';
    }
    return answer;
  }

  /** So many more or fewer are kept; `mentions`: of a condition among them. */
  count(change: Partial<KeptCounts>, mentions?: Mentions): void {
    this.#kept.count(this.recipient, change, mentions);
  }

  /** A condition with these may be kept, whatever the store said. */
  mention(mentions: Mentions): void {
    this.#kept.mention(this.recipient, mentions);
  }

  /** All conditions that mention what was asked for were looked at, alone, and mention `found` in all. */
  lookedAt(asked: PresenceChanged['changed'], found: Mentions): void {
    const { recipient } = this;
    this.#kept.onlyMention(recipient, afterLook(this.#kept.mentionsOf(recipient), asked, found));
  }

  /** False where no condition that is kept turns on this change. */
  mayTurn(change: PresenceChanged): boolean {
    return this.#kept.mayTurn(change);
  }

  get hasWaiting(): boolean {
    return this.counts.waiting > 0;
  }

  /** What is on its way already goes to a client that came meanwhile, too. */
  join(delivery: OpenDelivery): void {
    for (const lane of this.#lanes) delivery.join(lane);
  }

  /** The same for everything that has no row, and so no place among the rows. */
  joinUnwritten(): void {
    for (const delivery of this.#work?.open.values() ?? []) if (delivery.entry === undefined) this.join(delivery);
  }

  /** Nobody can wait here; where the list must be read first, it was asked before the message came into line. */
  #isKnownToBlock(sender: Address): boolean {
    const blocked = this.#surroundings.directory.hasBlocked(this.recipient, sender);
    if (typeof blocked === 'boolean') return blocked;
    blocked.catch(() => undefined);
    return false;
  }

  #tellReachability(): void {
    if (!this.hasPushLaneUp) this.#work?.ledger.nobodyIsThere();
    const isPresent = this.#lanes.length > 0;
    let isReachable = false;
    for (const lane of this.#lanes) if (lane.isUp) isReachable = true;
    if (isPresent === this.#wasPresent && isReachable === this.#wasReachable) return;
    this.#wasPresent = isPresent;
    this.#wasReachable = isReachable;
    this.#surroundings.reachability.reachabilityChanged(this.recipient, isPresent, isReachable);
  }
}

/**
 * What a mailbox needs only while something goes on for its recipient: nearly everybody who is registered has nothing on
 * its way, and pays for none of this.
 */
class MailboxWork {
  readonly turnstile = new Turnstile();
  readonly ledger: MailboxLedger;
  readonly release: Release;
  readonly collection: Collection;
  readonly changes: GatheredTurns<PresenceChanged>;
  /** Acceptances that may yet get a row and have none, the oldest first. */
  readonly unwritten: Acceptance[] = [];
  /** Messages on their way or being closed, by id: no second delivery of one starts while it stands here. */
  readonly open = new SlotMap<OpenDelivery>();
  #isStuck = false;
  readonly #whenStuck = new Set<() => void>();

  constructor(mailbox: Mailbox, surroundings: DeliverySurroundings) {
    this.ledger = new MailboxLedger(mailbox, surroundings);
    this.changes = new GatheredTurns(this.turnstile, changesTogetherMax, (changes) => this.ledger.reevaluate(changes));
    this.release = new Release(mailbox, surroundings);
    this.collection = new Collection(mailbox, surroundings);
  }

  get isIdle(): boolean {
    const isQuiet = this.open.size === 0 && this.unwritten.length === 0 && this.turnstile.isIdle;
    return isQuiet && this.ledger.isIdle && this.release.isIdle && this.collection.isIdle;
  }

  /** See `Mailbox.isStuck`. */
  get isStuck(): boolean {
    return this.#isStuck;
  }

  set isStuck(isStuck: boolean) {
    this.#isStuck = isStuck;
    if (isStuck) for (const resolve of this.#whenStuck) resolve();
  }

  /** See `Mailbox.changesPassed`. */
  async changesPassed(): Promise<void> {
    if (this.#isStuck) return;
    await new Promise<void>((resolve) => {
      this.#whenStuck.add(resolve);
      void this.turnstile.passed().then(resolve);
    }).finally(() => this.#whenStuck.clear());
  }
}
