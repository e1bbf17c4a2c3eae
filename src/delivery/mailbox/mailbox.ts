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
import type { DeliverySurroundings, KeptCounts } from './delivery-surroundings.ts';
import { Lane, type LaneListener } from './lane.ts';
import type { MailboxEntry } from '../mailbox-entry.ts';
import { MailboxLedger } from './mailbox-ledger.ts';
import type { DeliveryHost, DeliverySubject, OpenDelivery } from './open-delivery.ts';
import type { DeliveryTarget } from '../ports.ts';
import { Release } from './release.ts';
import { GatheredTurns } from '../pacing/gathered-turns.ts';
import { Turnstile } from '../pacing/turnstile.ts';

/** Clients of one principal at once; endpoints limit registrations below it. */
export const targetsMax = 64;

/** Changes of presence worked into the rows at once: every sender of a row may see each of them differently. */
export const changesTogetherMax = 64;

export class Mailbox implements LaneListener, DeliveryHost {
  readonly recipient: Address;
  readonly counts: KeptCounts;
  readonly turnstile = new Turnstile();
  readonly ledger: MailboxLedger;
  readonly release: Release;
  readonly collection: Collection;
  /** Acceptances at work, and those of them that are being written: nothing later may overtake them. */
  submissions = 0;
  writing = 0;
  /** How often the account behind it was removed: what was on its way to the old one is not for a new one. */
  removals = 0;
  /** Acceptances that may yet get a row and have none, the oldest first. */
  readonly unwritten: Acceptance[] = [];
  readonly #surroundings: DeliverySurroundings;
  readonly #changes: GatheredTurns<PresenceChanged>;
  readonly #lanes = new Map<string, Lane>();
  #arrivals = 0;
  /** Messages on their way or being closed, by id: no second delivery of one starts while it stands here. */
  readonly #open = new SlotMap<OpenDelivery>();
  #isStuck = false;
  readonly #whenStuck = new Set<() => void>();
  #wasPresent = false;
  #wasReachable = false;

  constructor(recipient: Address, counts: KeptCounts, surroundings: DeliverySurroundings) {
    this.recipient = recipient;
    this.counts = counts;
    this.#surroundings = surroundings;
    this.ledger = new MailboxLedger(this, surroundings);
    this.#changes = new GatheredTurns(this.turnstile, changesTogetherMax, (changes) => this.ledger.reevaluate(changes));
    this.release = new Release(this, surroundings);
    this.collection = new Collection(this, surroundings);
  }

  get isIdle(): boolean {
    const isQuiet = this.#lanes.size === 0 && this.#open.size === 0 && this.submissions === 0;
    return isQuiet && this.turnstile.isIdle && this.release.isIdle && this.collection.isIdle;
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
    for (const lane of this.#lanes.values()) if (lane.isUp && lane.target.style === 'push') return true;
    return false;
  }

  lanes(): Iterable<Lane> {
    return this.#lanes.values();
  }

  /** A device that can be reached in several ways is reached by the one over which it came last. */
  isNewestWay({ target, arrival }: Lane): boolean {
    for (const other of this.#lanes.values()) {
      if (other.target.device === target.device && other.arrival > arrival && other.isUp) return false;
    }
    return true;
  }

  /** A client came, or came again: it is alive, and what waits for it may go. False at `targetsMax`. */
  targetUp(target: DeliveryTarget): boolean {
    const lane = this.#lanes.get(target.id);
    if (lane === undefined && this.#lanes.size >= targetsMax) return false;
    const isSameWay = lane?.target.way === target.way;
    this.#arrivals += 1;
    if (lane !== undefined && isSameWay) {
      lane.target = target;
      lane.arrival = this.#arrivals;
      lane.heard();
    } else {
      const { timers, clock } = this.#surroundings;
      const time = { timers, monotonic: () => clock.monotonic(), wall: () => clock.wall() };
      const fresh = new Lane(target, this, time);
      fresh.arrival = this.#arrivals;
      this.#lanes.set(target.id, fresh);
    }
    this.#tellReachability();
    this.release.anew();
    this.collection.wanted();
    // Only now, so that what was open and what stood in line behind it keep their order on the new way.
    if (!isSameWay) lane?.close(true);
    return true;
  }

  targetDown(targetId: string): void {
    const lane = this.#lanes.get(targetId);
    if (lane === undefined) return;
    this.#lanes.delete(targetId);
    lane.close();
    this.#tellReachability();
    this.release.roomChanged();
    this.collection.wanted();
    this.#surroundings.settled(this.recipient);
  }

  targetHeard(targetId: string): void {
    this.#lanes.get(targetId)?.heard();
  }

  laneFreed(): void {
    this.release.roomChanged();
  }

  laneTurned(): void {
    this.#tellReachability();
    if (this.hasPushLaneUp) this.release.anew();
    else {
      this.release.roomChanged();
      this.collection.wanted();
    }
  }

  /** Resolves when what follows for the rows is durable. */
  async presenceChanged(event: PresenceChanged): Promise<void> {
    if (this.counts.conditional > 0 || !this.turnstile.isIdle) {
      await this.#changes.add(event);
    }
    this.release.wanted();
  }

  /** A change of presence cannot be written: nothing conditional can be accepted until the store does again. */
  get isStuck(): boolean {
    return this.#isStuck;
  }

  set isStuck(isStuck: boolean) {
    this.#isStuck = isStuck;
    if (isStuck) for (const resolve of this.#whenStuck) resolve();
  }

  /** Resolves when the changes of presence that stand in line are worked in, or when they have to wait for the store. */
  async changesPassed(): Promise<void> {
    if (this.#isStuck) return;
    await new Promise<void>((resolve) => {
      this.#whenStuck.add(resolve);
      void this.turnstile.passed().then(resolve);
    }).finally(() => this.#whenStuck.clear());
  }

  isOpen(id: string): boolean {
    return this.#open.has(id);
  }

  openDelivery(id: string): OpenDelivery | undefined {
    return this.#open.get(id);
  }

  /** The caller begins it. */
  open(delivery: OpenDelivery): void {
    this.#open.set(delivery.subject.id, delivery);
  }

  closed(id: string): void {
    this.#open.delete(id);
    this.#surroundings.settled(this.recipient);
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

  deliveryEnded(delivery: OpenDelivery): void {
    if (delivery.entry === undefined) delivery.whenEnded?.();
    else void this.ledger.closeDelivery(delivery, delivery.entry);
  }

  /** Every client that is there has refused it for good, and there was one. One that fetches by itself may still take it. */
  isRefusedByAll(delivery: OpenDelivery): boolean {
    if (delivery.isTurnedAway) return true;
    // Who was told that it waits may fetch it.
    if (delivery.refusedBy.some(({ isTold }) => isTold)) return false;
    for (const lane of this.#lanes.values()) if (!delivery.hasRefused(lane)) return false;
    return delivery.refusedBy.length > 0;
  }

  hasRoomFor(entry: MailboxEntry): 'room' | 'busy' | 'nobody' {
    let answer: 'busy' | 'nobody' = 'nobody';
    for (const lane of this.#lanes.values()) {
      if (!lane.isUp || lane.target.style !== 'push' || !this.isNewestWay(lane)) continue;
      if (entry.refusedBy.some((refusal) => refusal.targetId === lane.target.device)) continue;
      if (lane.hasRoom) return 'room';
      answer = 'busy';
    }
    return answer;
  }

  get hasWaiting(): boolean {
    return this.counts.waiting > 0;
  }

  /** What is on its way already goes to a client that came meanwhile, too. */
  join(delivery: OpenDelivery): void {
    for (const lane of this.#lanes.values()) delivery.join(lane);
  }

  /** The same for everything that has no row, and so no place among the rows. */
  joinUnwritten(): void {
    for (const delivery of this.#open.values()) if (delivery.entry === undefined) this.join(delivery);
  }

  /** Nobody can wait here; where the list must be read first, it was asked before the message came into line. */
  #isKnownToBlock(sender: Address): boolean {
    const blocked = this.#surroundings.directory.hasBlocked(this.recipient, sender);
    if (typeof blocked === 'boolean') return blocked;
    blocked.catch(() => undefined);
    return false;
  }

  #tellReachability(): void {
    if (!this.hasPushLaneUp) this.ledger.nobodyIsThere();
    const isPresent = this.#lanes.size > 0;
    let isReachable = false;
    for (const lane of this.#lanes.values()) if (lane.isUp) isReachable = true;
    if (isPresent === this.#wasPresent && isReachable === this.#wasReachable) return;
    this.#wasPresent = isPresent;
    this.#wasReachable = isReachable;
    this.#surroundings.reachability.reachabilityChanged(this.recipient, isPresent, isReachable);
  }
}
