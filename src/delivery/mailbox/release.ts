/**
 * Sends what waits for one recipient, page by page in the order of acceptance, as fast as its lanes have room. The order
 * of acceptance is also what is fair between senders: nobody's burst goes before what another had handed in earlier.
 */
import type { Millis } from '../../base/time/clock.ts';
import type { TimerHandle } from '../../base/time/timers.ts';
import { StoreFault } from '../../base/store-fault.ts';
import { bodyIsMissing } from '../bodies/large-bodies.ts';
import { blockedWhy, decideDelivery } from '../decide-delivery.ts';
import { storeRetryMs } from '../delivery-policy.ts';
import type { DeliverySurroundings } from './delivery-surroundings.ts';
import type { Mailbox } from './mailbox.ts';
import type { MailboxEntry } from '../mailbox-entry.ts';
import { OpenDelivery } from './open-delivery.ts';

/** Messages in memory for one recipient while it is being served. */
export const releasePageEntries = 32;

export class Release {
  readonly #mailbox: Mailbox;
  readonly #surroundings: DeliverySurroundings;
  #isRunning = false;
  #isWanted = false;
  /** The pass at work is to begin again with the oldest. */
  #isAnew = false;
  #start: TimerHandle | undefined;
  #whenRoom: (() => void) | undefined;
  /** The row that waits for room; everything behind it waits too. */
  #next: MailboxEntry | undefined;
  #whenPassed: (() => void)[] | undefined;
  /** Rows read and not sent yet; whoever changes a row changes it here too. */
  readonly #staged = new Map<string, MailboxEntry>();
  /** What became of rows since the page was asked for that is being read; undefined for those that ended. */
  #sinceRead: Map<string, MailboxEntry | undefined> | undefined;
  /** The one row that waits, where it was just written for somebody who is there: it need not be read. */
  #only: MailboxEntry | undefined;
  /** Rows up to this one are at work; those behind it are yet to be read. */
  #pageEnd = 0;

  constructor(mailbox: Mailbox, surroundings: DeliverySurroundings) {
    this.#mailbox = mailbox;
    this.#surroundings = surroundings;
  }

  /** An earlier row waits for room at a client. */
  hasEarlier({ sequence }: MailboxEntry): boolean {
    return this.#next !== undefined && this.#next.sequence < sequence;
  }

  get isIdle(): boolean {
    return !this.#isRunning && this.#start === undefined;
  }

  /** Something may be ready, or somebody may have come. Costs nothing when nothing waits or nobody is there. */
  wanted(): void {
    if (this.#mailbox.counts.waiting === 0 || !this.#mailbox.isReachable) return;
    this.#isWanted = true;
    if (this.#isRunning || this.#start !== undefined) return;
    // On the next turn: the answer to the registration or publication that released them leaves first.
    this.#startIn(0);
  }

  /** The row was just written and waits. */
  wantedFor(entry: MailboxEntry): void {
    const { counts, isReachable } = this.#mailbox;
    this.#only = counts.waiting === 1 && isReachable ? entry : undefined;
    this.wanted();
  }

  /**
   * A client came: it gets everything from the oldest on in the order of acceptance, what is on its way to others
   * already and what waits.
   */
  anew(): void {
    if (this.#mailbox.counts.waiting === 0) this.#mailbox.joinUnwritten();
    this.#isAnew = true;
    this.wanted();
    this.roomChanged();
  }

  /** Resolves when everything that is ready was offered, or nobody is there. */
  async passed(): Promise<void> {
    if (this.isIdle) return;
    await new Promise<void>((resolve) => {
      (this.#whenPassed ??= []).push(resolve);
    });
  }

  /** The row was changed while it may stand in the page at work. */
  restage(entry: MailboxEntry): void {
    if (this.#staged.has(entry.id)) this.#staged.set(entry.id, entry);
    if (this.#only?.id === entry.id) this.#only = entry;
    this.#sinceRead?.set(entry.id, entry);
  }

  /** The row ended. */
  unstage(id: string): void {
    this.#staged.delete(id);
    if (this.#only?.id === id) this.#only = undefined;
    this.#sinceRead?.set(id, undefined);
  }

  /** A row became ready that may stand before those at work: it keeps its place among them. */
  becameReady(sequence: number): void {
    if (!this.#isRunning || (this.#sinceRead === undefined && sequence > this.#pageEnd)) return;
    this.#isWanted = true;
    this.#isAnew = true;
    this.roomChanged();
  }

  /** A lane has room again, or stopped. */
  roomChanged(): void {
    const resume = this.#whenRoom;
    this.#whenRoom = undefined;
    resume?.();
  }

  #startIn(afterMs: Millis): void {
    const { clock, timers } = this.#surroundings;
    this.#start = timers.at(clock.monotonic() + afterMs, () => {
      this.#start = undefined;
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      while (this.#isWanted) {
        this.#isWanted = false;
        this.#isAnew = false;
        await this.#pass();
      }
      this.#mailbox.joinUnwritten();
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      const { log } = this.#surroundings;
      log.warn({ recipient: this.#mailbox.recipient, fault: fault.message }, 'a release waits for the store');
      this.#isWanted = true;
      this.#startIn(storeRetryMs);
    } finally {
      this.#isRunning = false;
      this.#sinceRead = undefined;
      this.#only = undefined;
      this.#staged.clear();
      if (this.isIdle) for (const resolve of this.#whenPassed?.splice(0) ?? []) resolve();
      this.#surroundings.settled(this.#mailbox.recipient);
    }
  }

  async #pass(): Promise<void> {
    await this.#surroundings.whenReportsTold(this.#mailbox.recipient);
    let after = 0;
    while (this.#mailbox.isReachable) {
      const page = await this.#stage(after);
      if (this.#isAnew) return;
      for (const { id, sequence } of page) {
        after = sequence;
        if (!(await this.#offer(id)) || this.#isAnew) return;
        this.#staged.delete(id);
      }
      if (page.length < releasePageEntries) return;
    }
  }

  async #stage(after: number): Promise<MailboxEntry[]> {
    const { store, clock } = this.#surroundings;
    // What brings a client may make earlier rows ready too: they go first, as if they had waited for the client alone.
    if (this.#mailbox.turnstile.isBusy) await this.#mailbox.changesPassed();
    const only = this.#takeOnly();
    if (only !== undefined) {
      this.#pageEnd = Number.POSITIVE_INFINITY;
      this.#staged.set(only.id, only);
      return [only];
    }
    const sinceRead = new Map<string, MailboxEntry | undefined>();
    this.#sinceRead = sinceRead;
    const page = await store.ready(this.#mailbox.recipient, { after, limit: releasePageEntries, now: clock.wall() });
    this.#sinceRead = undefined;
    this.#pageEnd = (page.length < releasePageEntries ? undefined : page.at(-1)?.sequence) ?? Number.POSITIVE_INFINITY;
    for (const entry of page) {
      const newest = sinceRead.has(entry.id) ? sinceRead.get(entry.id) : entry;
      if (newest !== undefined) this.#staged.set(entry.id, newest);
    }
    return page;
  }

  /** Undefined where another row waits, or may by now: the store knows which of them comes first. */
  #takeOnly(): MailboxEntry | undefined {
    const only = this.#only;
    this.#only = undefined;
    const { counts, writing } = this.#mailbox;
    return counts.waiting === 1 && writing === 0 && only?.state === 'waiting' ? only : undefined;
  }

  /** False when nobody is left to deliver to, or the pass begins again. */
  async #offer(id: string): Promise<boolean> {
    for (;;) {
      if (this.#isAnew) return false;
      const entry = this.#staged.get(id);
      const open = this.#mailbox.openDelivery(id);
      if (open !== undefined && open.hasEnded && !open.isDelivered) {
        // Nobody took it, and its row is about to say so: it may have its turn again, before what came after it.
        await open.closed();
        continue;
      }
      if (open !== undefined) this.#mailbox.join(open);
      if (entry === undefined || open !== undefined || !this.#isReady(entry)) return true;
      if (entry.condition !== undefined && this.#mailbox.turnstile.isBusy) {
        // A change of presence is being worked in: what is ready after it keeps its place in the order.
        await this.#mailbox.turnstile.passed();
        continue;
      }
      const room = this.#mailbox.hasRoomFor(entry);
      if (room === 'room') {
        await this.#send(entry);
        return true;
      }
      if (room === 'nobody') return this.#mailbox.isReachable;
      this.#next = entry;
      await new Promise<void>((resolve) => {
        this.#whenRoom = resolve;
      });
      this.#next = undefined;
    }
  }

  /** It may have changed since it was read. */
  #isReady({ id, state, isAside, retryAt }: MailboxEntry): boolean {
    if (state !== 'waiting' || isAside || this.#mailbox.ledger.isEnding(id)) return false;
    return retryAt === undefined || retryAt <= this.#surroundings.clock.wall();
  }

  #isStillThere(id: string): boolean {
    const now = this.#staged.get(id);
    return now !== undefined && !this.#mailbox.isOpen(id) && this.#isReady(now);
  }

  /** Its body is kept apart: it is read while it keeps its place, and then nothing may have become of it meanwhile. */
  async #readFirst(entry: MailboxEntry): Promise<void> {
    const message = await this.#surroundings.bodies.whole(entry.message);
    const now = this.#staged.get(entry.id);
    if (now === undefined || !this.#isStillThere(entry.id)) return;
    if (message === undefined) await this.#mailbox.ledger.setAside(now, bodyIsMissing);
    else await this.#send(now, message);
  }

  async #send(entry: MailboxEntry, message = entry.message): Promise<void> {
    const { directory, bodies } = this.#surroundings;
    const { ledger } = this.#mailbox;
    if (bodies.isReadFirst(message)) return this.#readFirst(entry);
    const blocked = directory.hasBlocked(entry.message.recipient, entry.message.sender);
    const isBlocked = typeof blocked === 'boolean' ? blocked : await blocked;
    // It may have been taken back or taken up while that was asked.
    if (typeof blocked !== 'boolean' && !this.#isStillThere(entry.id)) return;
    const decision = decideDelivery({ kind: 'may-start', facts: ledger.factsOf(entry, isBlocked) });
    switch (decision.kind) {
      case 'attempt': {
        const delivery = new OpenDelivery({ ...entry, message }, this.#mailbox, !ledger.isSenderWaiting(entry.id));
        delivery.entry = entry;
        this.#mailbox.open(delivery);
        delivery.begin();
        return;
      }
      case 'end':
        await ledger.endEntry(entry, decision.state, decision.why);
        return;
      case 'set-aside':
        // Out of the way of whatever comes later, too.
        await ledger.setAside(entry, blockedWhy);
        return;
      default:
        // Unmet again: whatever made it so (a change, a turning instant) puts the row back to held by itself.
        return;
    }
  }
}
