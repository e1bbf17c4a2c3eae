/**
 * What waits for clients that fetch by themselves: notify clients are told of each message that is ready, as long as no
 * push client is there to take it. Nothing is delivered here; a fetch with its acknowledgement does that (`inbox`).
 */
import { StoreFault } from '../../base/store-fault.ts';
import type { MailboxEntry } from '../mailbox-entry.ts';
import type { DeliverySurroundings } from './delivery-surroundings.ts';
import type { Mailbox } from './mailbox.ts';
import type { DeliveryTarget } from '../ports.ts';

/** Messages in memory for one recipient while they are announced. */
const announcePageEntries = 64;

export class Collection {
  readonly #mailbox: Mailbox;
  readonly #surroundings: DeliverySurroundings;
  #isRunning = false;
  #isWanted = false;

  constructor(mailbox: Mailbox, surroundings: DeliverySurroundings) {
    this.#mailbox = mailbox;
    this.#surroundings = surroundings;
  }

  get isIdle(): boolean {
    return !this.#isRunning;
  }

  /** What waits now waits for a client that is there and fetches by itself. */
  get isAwaited(): boolean {
    if (this.#mailbox.hasPushLaneUp) return false;
    for (const lane of this.#mailbox.lanes()) if (lane.isUp) return true;
    return false;
  }

  /** One message became ready. */
  becameReady(entry: MailboxEntry): void {
    // Everything that is ready is about to be announced.
    if (this.#isWanted || !this.#hasListeners()) return;
    void this.#announce(entry);
  }

  /** A client came, or the last one that takes messages went: whoever listens is told of all that is ready. */
  wanted(): void {
    if (this.#mailbox.counts.waiting === 0 || !this.#hasListeners()) return;
    this.#isWanted = true;
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      while (this.#isWanted) {
        this.#isWanted = false;
        await this.#announceAll();
      }
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      const { log } = this.#surroundings;
      log.warn({ recipient: this.#mailbox.recipient, fault: fault.message }, 'what waits could not be announced');
    } finally {
      this.#isRunning = false;
      this.#surroundings.settled(this.#mailbox.recipient);
    }
  }

  async #announceAll(): Promise<void> {
    const { store, clock } = this.#surroundings;
    const { recipient } = this.#mailbox;
    let after = 0;
    while (this.#hasListeners()) {
      const page = await store.inbox({ recipient, after, limit: announcePageEntries, now: clock.wall() });
      for (const entry of page) {
        after = entry.sequence;
        await this.#announce(entry);
      }
      if (page.length < announcePageEntries) return;
    }
  }

  async #announce(entry: MailboxEntry): Promise<void> {
    const { id, message, acceptedAt, expiresAt } = entry;
    const { directory } = this.#surroundings;
    if (await directory.hasBlocked(message.recipient, message.sender)) return;
    const outgoing = { id, message, acceptedAt, expiresAt, isDeferred: true, attemptNumber: entry.attempts };
    for (const target of this.#listeners()) await target.announce?.(outgoing);
  }

  #hasListeners(): boolean {
    return this.#listeners().length > 0;
  }

  #listeners(): DeliveryTarget[] {
    if (this.#mailbox.hasPushLaneUp) return [];
    const targets: DeliveryTarget[] = [];
    for (const { isUp, target } of this.#mailbox.lanes()) {
      if (isUp && target.style === 'notify' && target.announce !== undefined) targets.push(target);
    }
    return targets;
  }
}
