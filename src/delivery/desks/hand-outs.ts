/**
 * What is sent to some of somebody's clients and to no others, through their lanes: a kept message that a client asked
 * for (contract section 4: what a client gets on request), and short notices that are written nowhere.
 */
import type { Address } from '../../model/address.ts';
import type { InstantMessage } from '../../model/instant-message.ts';
import { bodyIsMissing } from '../bodies/large-bodies.ts';
import type { DeliverySurroundings } from '../mailbox/delivery-surroundings.ts';
import type { Lane } from '../mailbox/lane.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import { OpenDelivery } from '../mailbox/open-delivery.ts';
import { undecidedMsMax } from '../delivery-policy.ts';

/** Ids of targets; `all`: every client that is there, whatever its style; `push`: those that take messages unasked. */
export type Towards = readonly string[] | 'all' | 'push';

/**
 * `taken`: a client has it, and it is delivered. `announced`: it is too large for the client, which was told how to fetch it.
 * `gone`: there is no such message any more. `nobody`: no client is there.
 */
export type HandOutcome =
  | { readonly kind: 'taken' | 'announced' | 'gone' | 'nobody' }
  | { readonly kind: 'not-taken'; readonly status: string };

/** `refused`: by every client that is there, for good. `not-taken`: nobody is there, or for the time being. */
export interface ToldOutcome {
  readonly kind: 'taken' | 'refused' | 'not-taken';
}

export class HandOuts {
  readonly #surroundings: DeliverySurroundings;
  readonly #mailboxOf: (recipient: Address) => Mailbox;

  constructor(surroundings: DeliverySurroundings, mailboxOf: (recipient: Address) => Mailbox) {
    this.#surroundings = surroundings;
    this.#mailboxOf = mailboxOf;
  }

  /**
   * A kept message whatever it waits for; a 2xx of a client delivers it. Where it is on its way already the clients are
   * added to those that are tried. Resolves when its row says how it went. Rejects with `StoreFault`.
   */
  async hand(recipient: Address, id: string, to: Towards): Promise<HandOutcome> {
    const mailbox = this.#mailboxOf(recipient);
    try {
      const lanes = lanesTo(mailbox, to);
      if (lanes.length === 0) return nobody;
      const open = mailbox.openDelivery(id);
      if (open !== undefined) return await this.#add(open, lanes);
      const { store, clock, directory, bodies } = this.#surroundings;
      const entry = await store.find(recipient, id);
      if (entry === undefined || entry.expiresAt <= clock.wall()) return gone;
      if (await directory.hasBlocked(recipient, entry.message.sender)) return gone;
      const message = bodies.isReadFirst(entry.message) ? await bodies.whole(entry.message) : entry.message;
      if (message === undefined) return { kind: 'not-taken', status: bodyIsMissing };
      // It may have been taken up while the row was read.
      if (mailbox.isOpen(id)) return await this.hand(recipient, id, to);
      const delivery = new OpenDelivery({ ...entry, message }, mailbox, !mailbox.ledger.isSenderWaiting(id));
      delivery.entry = entry;
      delivery.asked = askedOf(lanes);
      mailbox.open(delivery);
      const closed = delivery.closed();
      delivery.begin();
      await closed;
      return outcomeOf(delivery);
    } finally {
      this.#surroundings.settled(recipient);
    }
  }

  /** A notice to its recipient that is written nowhere; what became of this one attempt. */
  async tell(message: InstantMessage, to: Towards): Promise<ToldOutcome> {
    const { ids, clock } = this.#surroundings;
    const mailbox = this.#mailboxOf(message.recipient);
    const lanes = lanesTo(mailbox, to);
    const acceptedAt = clock.wall();
    const rest = { acceptedAt, expiresAt: acceptedAt + undecidedMsMax, latches: [], attempts: 0, refusedBy: [] };
    const delivery = new OpenDelivery({ id: ids.timeOrderedId(), state: 'waiting', message, ...rest }, mailbox, false);
    delivery.asked = askedOf(lanes);
    if (lanes.length > 0) {
      mailbox.open(delivery);
      const ended = new Promise<void>((resolve) => {
        delivery.whenEnded = resolve;
      });
      delivery.begin();
      await ended;
      mailbox.closed(delivery.subject.id);
    }
    this.#surroundings.settled(message.recipient);
    if (delivery.isDelivered) return { kind: 'taken' };
    return { kind: mailbox.isRefusedByAll(delivery) ? 'refused' : 'not-taken' };
  }

  async #add(open: OpenDelivery, lanes: readonly Lane[]): Promise<HandOutcome> {
    // Without a row it waits for nobody's asking.
    if (open.entry === undefined) return { kind: 'not-taken', status: 'it is on its way' };
    const closed = open.closed();
    for (const lane of lanes) open.ask(lane);
    await closed;
    return outcomeOf(open);
  }
}

const nobody: HandOutcome = { kind: 'nobody' };
const gone: HandOutcome = { kind: 'gone' };

function outcomeOf(delivery: OpenDelivery): HandOutcome {
  if (delivery.isDelivered) return { kind: 'taken' };
  if (delivery.isRecalled || delivery.isTurnedAway) return gone;
  if (delivery.isAnnounced) return { kind: 'announced' };
  return { kind: 'not-taken', status: delivery.lastStatus };
}

function lanesTo(mailbox: Mailbox, to: Towards): Lane[] {
  const isMeant = (lane: Lane): boolean => {
    if (typeof to !== 'string') return to.includes(lane.target.id);
    return (to === 'all' || lane.target.style === 'push') && mailbox.isNewestWay(lane);
  };
  return [...mailbox.lanes()].filter((lane) => lane.isUp && isMeant(lane));
}

function askedOf(lanes: readonly Lane[]): ReadonlySet<string> {
  return new Set(lanes.map((lane) => lane.target.id));
}
