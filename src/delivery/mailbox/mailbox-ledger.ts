/**
 * The rows of one recipient's mailbox: how they change when presence changes, when a delivery ends and when their time
 * comes. Every change is durable before anybody relies on it, and a store that fails is asked again.
 */
import type { Millis } from '../../base/time/clock.ts';
import { StoreFault } from '../../base/store-fault.ts';
import type { Address } from '../../model/address.ts';
import type { PresenceChanged, PresenceSnapshot } from '../../model/presence-changed.ts';
import { decideDelivery, type Decision, type EntryFacts } from '../decide-delivery.ts';
import { storeRetryMs } from '../delivery-policy.ts';
import { reportsOfKeeping } from '../report-policy.ts';
import type { DeliverySurroundings } from './delivery-surroundings.ts';
import { type Ending, entryEnd } from './entry-end.ts';
import { type Amendment, changedInAny, type EntryChanges, EntryEvaluation, Sight } from './entry-evaluation.ts';
import type { Mailbox } from './mailbox.ts';
import { bothMentions, type Mentions, noMentions } from '../mentions.ts';
import { nextTurn } from '../pacing/next-turn.ts';
import type { FinalState, MailboxEntry, OpenState } from '../mailbox-entry.ts';
import type { DeliverySubject, OpenDelivery } from './open-delivery.ts';
import type { VisiblePresence } from '../ports.ts';

/** Conditional rows worked through at once. Of twice as many the young heap has no room, and they die in the old one. */
export const reevaluatePageEntries = 128;

/** What became of a kept message while its sender still waited in its own transaction. */
export type KeptFate =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'refused'; readonly status: string }
  | { readonly kind: 'kept' };

type EndOutcome = 'ended' | 'was-over' | 'not-due';

/** At the rows that mention what changed. */
interface Look {
  readonly asked: PresenceChanged['changed'];
  /** What their conditions turn on. */
  found: Mentions;
  /** The last of them so far. */
  after: number;
}

export class MailboxLedger {
  readonly #mailbox: Mailbox;
  readonly #surroundings: DeliverySurroundings;
  readonly #evaluation: EntryEvaluation;
  /** Kept messages whose senders still wait in their own transaction: not deferred yet. */
  readonly #senderWaits = new Map<string, (fate: KeptFate) => void>();
  /** Rows whose end is being written: nothing of them may leave any more. */
  readonly #ending = new Set<string>();

  constructor(mailbox: Mailbox, surroundings: DeliverySurroundings) {
    this.#mailbox = mailbox;
    this.#surroundings = surroundings;
    this.#evaluation = new EntryEvaluation(surroundings);
  }

  /** No row of it is being ended, and no sender waits. */
  get isIdle(): boolean {
    return this.#ending.size === 0 && this.#senderWaits.size === 0;
  }

  isEnding(id: string): boolean {
    return this.#ending.has(id);
  }

  isSenderWaiting(id: string): boolean {
    return this.#senderWaits.has(id);
  }

  /** `tell` hears at most once how the kept message fares while its sender waits. */
  senderWaits(id: string, tell: (fate: KeptFate) => void): void {
    this.#senderWaits.set(id, tell);
  }

  /** No client is there that could take anything soon: whoever waits for that is answered now. */
  nobodyIsThere(): void {
    for (const tell of this.#senderWaits.values()) tell({ kind: 'kept' });
  }

  senderGone(id: string): void {
    this.#senderWaits.delete(id);
  }

  factsOf(entry: DeliverySubject, isBlocked: boolean): EntryFacts {
    const { clock, policy } = this.#surroundings;
    const now = clock.wall();
    return {
      state: entry.state,
      holds: this.#holds(entry, now),
      isBlocked,
      blockedAnswer: policy.blockedAnswer,
      isExpired: entry.expiresAt <= now,
    };
  }

  /**
   * Works changes of presence, in their order, into every row whose condition mentions what changed: its tests for changes
   * see each of them, and its state is that after the last.
   */
  async reevaluate(changes: readonly PresenceChanged[]): Promise<void> {
    // What was being written when they came is known by now.
    if (!changes.some((change) => this.#mailbox.mayTurn(change))) return;
    const { timers, clock, pages } = this.#surroundings;
    await this.#insistInTurn(() => this.#knowBlocks());
    const look: Look = { asked: changedInAny(changes), found: noMentions, after: 0 };
    for (;;) {
      // Many recipients may change at once, such as when all come back.
      if (await pages.hold(() => this.#reevaluatePage(changes, look))) break;
      await nextTurn(timers, clock);
    }
    this.#mailbox.lookedAt(look.asked, look.found);
  }

  /** Answers whether it was the last one. */
  async #reevaluatePage(changes: readonly PresenceChanged[], look: Look): Promise<boolean> {
    const { store, presence, conditions } = this.#surroundings;
    const recipient = this.#mailbox.recipient;
    const page = { after: look.after, limit: reevaluatePageEntries };
    const entries = await this.#insistInTurn(() => store.mentioning(recipient, look.asked, page));
    const show = (sender: Address, snapshot: PresenceSnapshot): VisiblePresence =>
      presence.visiblePresence(recipient, sender, snapshot);
    const sights = changes.map((change) => new Sight(change, show));
    const updates: [MailboxEntry, EntryChanges][] = [];
    for (const entry of entries) {
      look.after = entry.sequence;
      look.found = bothMentions(look.found, conditions.mentions(entry.condition ?? ''));
      const changed = this.#evaluation.passThrough(entry, sights);
      if (changed !== undefined) updates.push([entry, changed]);
    }
    if (updates.length > 0) await this.#insistInTurn(() => this.#change(updates));
    return entries.length < reevaluatePageEntries;
  }

  /** The turning instant of a time test, or a delivery that found its condition unmet. */
  async reevaluateEntry(id: string): Promise<void> {
    const { store } = this.#surroundings;
    const { recipient, turnstile } = this.#mailbox;
    await turnstile.exclusive(async () => {
      const entry = await store.find(recipient, id);
      if (entry === undefined) return;
      await this.#knowBlocks();
      const view = this.#viewNow(entry.message.sender);
      const changed = this.#evaluation.advance(entry, view);
      if (changed !== undefined) await this.#change([[entry, changed]]);
    });
    this.#mailbox.release.wanted();
  }

  async update(entry: MailboxEntry, changes: EntryChanges): Promise<void> {
    await this.#change([[entry, changes]]);
  }

  /** No further attempt by itself, until it expires; a store that fails is asked again. */
  async setAside(entry: MailboxEntry, why: string): Promise<void> {
    await this.#insist(() => this.update(entry, { isAside: true, step: this.#step(`set aside: ${why}`) }));
  }

  /** The sender's new condition, already authorised, and the new end of its validity; false when the row has ended. */
  async amend(id: string, amendment: Amendment): Promise<MailboxEntry | undefined> {
    const { store } = this.#surroundings;
    const { recipient, turnstile, release } = this.#mailbox;
    let amended: MailboxEntry | undefined;
    await turnstile.exclusive(async () => {
      const entry = await store.find(recipient, id);
      if (entry === undefined) return;
      await this.#knowBlocks();
      const view = this.#viewNow(entry.message.sender);
      const changes = this.#evaluation.amend(entry, amendment, view);
      if (await this.#change([[entry, changes]])) amended = changedEntry(entry, changes);
    });
    release.wanted();
    return amended;
  }

  /** Its sender, whose wait is over, is told that it is kept, where they asked to be. Rejects with `StoreFault`. */
  async reportKeeping({ id, message, state }: MailboxEntry): Promise<void> {
    const { store, clock } = this.#surroundings;
    const reports = reportsOfKeeping(id, message, state, clock.wall());
    if (reports.length === 0) return;
    await store.update([{ id, recipient: this.#mailbox.recipient, reports }]);
    this.#surroundings.reported(message);
  }

  /**
   * Ends a row for good; a store that fails is asked again until it is done or the process ends. False when it had ended
   * already, or is not due to expire any more.
   */
  async endEntry(entry: MailboxEntry, state: FinalState, why: string, isForwarded = false): Promise<boolean> {
    return (await this.#end(entry, { state, why, isAnswer: false, isForwarded })) === 'ended';
  }

  /**
   * `isAnswer`: its sender still waits and is answered with it. `not-due`: while the store failed the clock was set back,
   * and its validity is not over; the row stays.
   */
  async #end(entry: MailboxEntry, ending: Ending): Promise<EndOutcome> {
    const { store, clock, counters } = this.#surroundings;
    const { recipient } = this.#mailbox;
    const { id, message } = entry;
    const { state } = ending;
    this.#ending.add(id);
    const end = entryEnd(entry, ending, clock.wall());
    const isDue = (): boolean => state !== 'expired' || entry.expiresAt <= clock.wall();
    const ended = await this.#insist(async () => (isDue() ? store.end([end]) : undefined));
    // Only now: a page that was read meanwhile may have it still.
    this.#mailbox.release.unstage(entry.id);
    this.#ending.delete(entry.id);
    // Also where it was over before: whoever ended it may not have come so far.
    if (ended !== undefined) this.#surroundings.bodies.discard(message);
    if (ended === undefined) {
      this.#surroundings.noteDue(entry.expiresAt);
      this.#mailbox.release.wanted();
      return 'not-due';
    }
    const [before] = ended;
    if (before !== undefined) {
      if (end.reports !== undefined) this.#surroundings.reported(message);
      const conditional = entry.condition === undefined ? 0 : -1;
      this.#mailbox.count({ entries: -1, waiting: before === 'waiting' ? -1 : 0, conditional });
      if (before === 'waiting') this.#surroundings.readyChanged(recipient, false);
      counters.add(`restante_messages_ended_total{state="${state}"}`);
    }
    this.#surroundings.settled(recipient);
    return before === undefined ? 'was-over' : 'ended';
  }

  /** A delivery came to its end: the row follows. */
  async closeDelivery(delivery: OpenDelivery, entry: MailboxEntry): Promise<void> {
    const decision = decideDelivery({ kind: 'attempt-ended', facts: this.#attemptFacts(delivery, entry) });
    const isAnswer = this.#tellSender(entry.id, fateOf(decision, delivery.refusal));
    switch (decision.kind) {
      case 'end': {
        const why = decision.state === 'failed' ? delivery.refusal : decision.why;
        const { isReportedByClient, isForwarded } = delivery;
        const ending = { state: decision.state, why, isAnswer, isReportedByClient, isForwarded };
        const outcome = await this.#end(entry, ending);
        if (outcome === 'not-due') return this.closeDelivery(delivery, entry);
        if (outcome === 'ended') delivery.rowEnd = decision.state;
        break;
      }
      case 'retry':
        await this.#insist(() => this.update(entry, this.#retry(delivery, entry, decision.afterMs)));
        break;
      case 'set-aside':
        await this.#insist(() => this.update(entry, { ...this.#tried(delivery, 'set aside'), isAside: true }));
        break;
      case 'leave':
        // Some clients may have been tried before its condition ceased to hold.
        if (delivery.attempts > delivery.subject.attempts) {
          await this.#insist(() => this.update(entry, this.#tried(delivery, 'not sent any further')));
        }
        await this.#insist(() => this.reevaluateEntry(entry.id));
        break;
      default:
        await this.#insist(() => this.update(entry, this.#tried(delivery, 'waits for a client')));
    }
    this.#mailbox.closed(entry.id);
    if (decision.kind === 'end') return;
    // What a client had no time for is ready as before, and goes before what came after it.
    if (delivery.isGivenBack) this.#mailbox.release.becameReady(entry.sequence);
    // A client may have come back while the row was open.
    this.#mailbox.release.wanted();
  }

  #attemptFacts(delivery: OpenDelivery, entry: MailboxEntry) {
    return {
      isDelivered: delivery.isDelivered,
      isWithdrawn: delivery.isWithdrawn,
      isExpired: entry.expiresAt <= this.#surroundings.clock.wall(),
      isRecalled: delivery.isRecalled,
      isTurnedAway: delivery.isTurnedAway,
      isRefusedByAll: this.#mailbox.isRefusedByAll(delivery),
      hasMessageFailed: delivery.hasMessageFailed,
      mayPoison: delivery.mayPoison,
      messageFailures: entry.messageFailures,
      attempts: delivery.attempts,
    };
  }

  #retry(delivery: OpenDelivery, entry: MailboxEntry, afterMs: Millis): EntryChanges {
    const retryAt = this.#surroundings.clock.wall() + afterMs;
    this.#surroundings.noteDue(retryAt);
    const messageFailures = entry.messageFailures + Number(delivery.mayPoison);
    return { ...this.#tried(delivery, 'later'), retryAt, messageFailures };
  }

  #tried(delivery: OpenDelivery, what: string): EntryChanges {
    const { attempts, refusedBy, lastStatus } = delivery;
    return { attempts, refusedBy, step: this.#step(`attempt ${attempts}: ${lastStatus}; ${what}`) };
  }

  /** False when its sender does not wait any more. */
  #tellSender(id: string, fate: KeptFate): boolean {
    const tell = this.#senderWaits.get(id);
    this.#senderWaits.delete(id);
    tell?.(fate);
    return tell !== undefined;
  }

  /** Answers whether any of the rows was still open. */
  async #change(changes: readonly [MailboxEntry, EntryChanges][]): Promise<boolean> {
    if (changes.length === 0) return false;
    const { recipient, release, collection } = this.#mailbox;
    const { conditions } = this.#surroundings;
    const mentionsOf = ({ condition }: EntryChanges): Mentions =>
      condition === undefined ? noMentions : conditions.mentions(condition);
    for (const [, change] of changes) if ('condition' in change) this.#mailbox.mention(mentionsOf(change));
    const updates = changes.map(([entry, change]) => ({ id: entry.id, recipient, ...change }));
    const before = await this.#surroundings.store.update(updates);
    for (const [index, [entry, change]] of changes.entries()) {
      const old = before[index];
      if (old === undefined) continue;
      const changed = changedEntry(entry, change);
      if ('condition' in change) {
        const conditional = Number(change.condition !== undefined) - Number(entry.condition !== undefined);
        this.#mailbox.count({ conditional }, mentionsOf(change));
      }
      if (change.state !== undefined && change.state !== old) {
        this.#mailbox.count({ waiting: change.state === 'waiting' ? 1 : -1 });
        this.#surroundings.readyChanged(recipient, change.state === 'waiting');
      }
      release.restage(changed);
      if (isReadyAnew(old, change)) release.becameReady(entry.sequence);
      if (changed.state === 'waiting' && old !== 'waiting') collection.becameReady(changed);
      const delivery = this.#mailbox.openDelivery(entry.id);
      if (delivery !== undefined) delivery.entry = changed;
    }
    return before.some((old) => old !== undefined);
  }

  #holds(entry: DeliverySubject, now: Millis): boolean {
    if (entry.condition === undefined) return true;
    const visible = this.#viewNow(entry.message.sender);
    return this.#surroundings.conditions.holds(entry.condition, entry.latches, visible, now);
  }

  /** Who is blocked is shown what is not true, and what presence shows is asked without waiting: the list is read before. */
  async #knowBlocks(): Promise<void> {
    const { directory, policy } = this.#surroundings;
    if (policy.blockedAnswer !== 'accept') return;
    const { recipient } = this.#mailbox;
    const known = directory.hasBlocked(recipient, recipient);
    if (typeof known !== 'boolean') await known;
  }

  #viewNow(sender: Address): VisiblePresence {
    const { presence } = this.#surroundings;
    const { recipient } = this.#mailbox;
    return presence.visiblePresence(recipient, sender, presence.current(recipient));
  }

  #step(what: string): { at: Millis; what: string } {
    return { at: this.#surroundings.clock.wall(), what };
  }

  /** Within a turn of the turnstile: no change of presence may be passed over, so those behind it wait and are told. */
  async #insistInTurn<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      this.#mailbox.isStuck = true;
    }
    const result = await this.#insist(call);
    this.#mailbox.isStuck = false;
    return result;
  }

  async #insist<T>(call: () => Promise<T>): Promise<T> {
    const { clock, timers, log } = this.#surroundings;
    for (;;) {
      try {
        return await call();
      } catch (fault) {
        if (!(fault instanceof StoreFault)) throw fault;
        log.warn({ recipient: this.#mailbox.recipient, fault: fault.message }, 'a change waits for the store');
        await new Promise<void>((resolve) => {
          timers.at(clock.monotonic() + storeRetryMs, () => resolve());
        });
      }
    }
  }
}

function changedEntry(entry: MailboxEntry, { step: _, ...fields }: EntryChanges): MailboxEntry {
  return { ...entry, ...fields } as MailboxEntry;
}

/** Its condition has come true, or its pause is over. */
function isReadyAnew(before: OpenState, change: EntryChanges): boolean {
  if (before === 'held') return change.state === 'waiting';
  return change.state !== 'held' && 'retryAt' in change && change.retryAt === undefined;
}

function fateOf(decision: Decision, status: string): KeptFate {
  if (decision.kind !== 'end') return { kind: 'kept' };
  if (decision.state === 'failed' || decision.state === 'rejected') return { kind: 'refused', status };
  return { kind: decision.state === 'delivered' ? 'delivered' : 'kept' };
}
