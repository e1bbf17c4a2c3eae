/**
 * Acts on the times that rows have of their own: the end of validity, the turning instant of a time test, the next try.
 * The store keeps them in one index; this is the one timer in front of it, re-armed when something earlier comes.
 */
import type { Millis } from '../base/time/clock.ts';
import { StoreFault } from '../base/store-fault.ts';
import type { TimerHandle } from '../base/time/timers.ts';
import type { Address } from '../model/address.ts';
import type { DeliverySurroundings } from './mailbox/delivery-surroundings.ts';
import type { Mailbox } from './mailbox/mailbox.ts';
import type { MailboxEntry } from './mailbox-entry.ts';
import { storeRetryMs } from './delivery-policy.ts';

const duePageEntries = 256;

/** The wall clock may be stepped: never sleep longer than this without looking at it. */
export const clockLookMs: Millis = 5000;
/** What the two clocks may run apart without the one of the wall having been set. */
const driftMs: Millis = 1000;

export class DueQueue {
  readonly #surroundings: DeliverySurroundings;
  readonly #mailboxOf: (recipient: Address) => Mailbox;
  readonly #onClockSetBack: () => void;
  /** By how much the wall clock is ahead of the monotonic one. */
  #aheadMs: Millis;
  #timer: TimerHandle | undefined;
  #nextAt: Millis | undefined;
  /** The earliest time noted while the store was being asked for its own. */
  #notedAt = Number.POSITIVE_INFINITY;
  #isRunning = false;
  #isStopped = false;

  /** `onClockSetBack`: instants that have passed are still to come, and no row is due for that. */
  constructor(
    surroundings: DeliverySurroundings,
    mailboxOf: (recipient: Address) => Mailbox,
    onClockSetBack: () => void,
  ) {
    this.#surroundings = surroundings;
    this.#mailboxOf = mailboxOf;
    this.#onClockSetBack = onClockSetBack;
    this.#aheadMs = surroundings.clock.wall() - surroundings.clock.monotonic();
  }

  async start(): Promise<void> {
    await this.#askNext();
    this.#arm();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** A row has this wall time of its own. */
  note(at: Millis): void {
    this.#notedAt = Math.min(this.#notedAt, at);
    if (this.#nextAt !== undefined && this.#nextAt <= at) return;
    this.#nextAt = at;
    this.#arm();
  }

  #arm(leastMs: Millis = 0): void {
    this.#timer?.cancel();
    if (this.#nextAt === undefined || this.#isRunning || this.#isStopped) return;
    const { timers, clock } = this.#surroundings;
    const sleepMs = Math.min(clockLookMs, Math.max(leastMs, this.#nextAt - clock.wall()));
    this.#timer = timers.at(clock.monotonic() + sleepMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { clock, log } = this.#surroundings;
    this.#lookAtClock();
    if (this.#nextAt === undefined || this.#nextAt > clock.wall()) {
      this.#arm();
      return;
    }
    this.#isRunning = true;
    try {
      await this.#pass();
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      log.warn({ fault: fault.message }, 'what is due waits for the store');
    } finally {
      this.#isRunning = false;
    }
    // What is open stays due until its client has answered; it is looked at again after a pause.
    this.#arm(this.#nextAt !== undefined && this.#nextAt <= clock.wall() ? storeRetryMs : 0);
  }

  #lookAtClock(): void {
    const { clock } = this.#surroundings;
    const aheadMs = clock.wall() - clock.monotonic();
    const isSetBack = aheadMs < this.#aheadMs - driftMs;
    this.#aheadMs = aheadMs;
    if (isSetBack) this.#onClockSetBack();
  }

  async #pass(): Promise<void> {
    const { store, clock } = this.#surroundings;
    const now = clock.wall();
    for (;;) {
      const entries = await store.due(now, duePageEntries);
      const acted = await Promise.all(entries.map((entry) => this.#act(entry, now)));
      if (entries.length < duePageEntries || !acted.includes(true)) break;
    }
    await this.#askNext();
  }

  async #askNext(): Promise<void> {
    this.#notedAt = Number.POSITIVE_INFINITY;
    const stored = await this.#surroundings.store.nextDueAt();
    const earliest = Math.min(stored ?? Number.POSITIVE_INFINITY, this.#notedAt);
    this.#nextAt = earliest === Number.POSITIVE_INFINITY ? undefined : earliest;
  }

  /** False when the row stays due. */
  async #act(entry: MailboxEntry, now: Millis): Promise<boolean> {
    const { recipient } = entry.message;
    const mailbox = this.#mailboxOf(recipient);
    if (entry.expiresAt <= now) {
      const delivery = mailbox.openDelivery(entry.id);
      if (delivery !== undefined) {
        delivery.stopSending();
        return false;
      }
      await mailbox.ledger.endEntry(entry, 'expired', 'its validity is over');
      return true;
    }
    if (entry.retryAt !== undefined && entry.retryAt <= now) {
      await mailbox.ledger.update(entry, { retryAt: undefined });
      // Another one may have taken its place meanwhile.
      this.#mailboxOf(recipient).release.wanted();
    }
    if (entry.turnsAt !== undefined && entry.turnsAt <= now) await mailbox.ledger.reevaluateEntry(entry.id);
    this.#surroundings.settled(recipient);
    return true;
  }
}
