/**
 * The row of a message that is being accepted: its condition is evaluated and it is written in one step, while no change
 * of presence can fall between, and not for an account that was removed meanwhile.
 */
import { StoreFault } from '../../base/store-fault.ts';
import type { Millis } from '../../base/time/clock.ts';
import { type ChangeLatch, seedLatches } from '../../conditions/change-latch.ts';
import type { Condition } from '../../conditions/condition.ts';
import type { InstantMessage } from '../../model/instant-message.ts';
import { VisibleView } from './condition-book.ts';
import type { DeliverySurroundings } from './delivery-surroundings.ts';
import type { Mailbox } from './mailbox.ts';
import type { NewMailboxEntry, OpenState } from '../mailbox-entry.ts';
import { type Mentions, mentionsOf, noMentions } from '../mentions.ts';
import type { OpenDelivery } from './open-delivery.ts';
import type { PutOutcome, VisiblePresence } from '../ports.ts';
import { reportsOfKeeping } from '../report-policy.ts';
import type { Submission } from '../submission.ts';

export interface Accepting {
  readonly id: string;
  readonly submission: Submission;
  readonly condition: Condition | undefined;
  readonly acceptedAt: Millis;
  readonly validityMs: Millis;
  readonly isBlocked: boolean;
}

const keptCounters = {
  held: 'restante_messages_kept_total{state="held"}',
  waiting: 'restante_messages_kept_total{state="waiting"}',
} as const;

/** Its recipient's account was removed while it was on its way. */
export type WriteOutcome = PutOutcome | { readonly kind: 'unknown-recipient' };

export interface Putting {
  /** On its way already. */
  readonly delivery?: OpenDelivery;
  /** Its sender is answered that it is kept, whatever else happens. */
  readonly isAnswer: boolean;
  /** Called when the store is asked to write it, so that whatever is written later comes behind it. */
  readonly whenIssued: () => void;
}

/** What its condition says of it. */
interface Evaluated {
  readonly state: OpenState;
  readonly latches: NewMailboxEntry['latches'];
  readonly turnsAt: Millis | undefined;
}

const unconditional: Evaluated = { state: 'waiting', latches: [], turnsAt: undefined };

export class NewRow {
  readonly #accepting: Accepting;
  readonly #mailbox: Mailbox;
  readonly #surroundings: DeliverySurroundings;
  readonly #removals: number;

  constructor(accepting: Accepting, mailbox: Mailbox, surroundings: DeliverySurroundings) {
    this.#accepting = accepting;
    this.#mailbox = mailbox;
    this.#surroundings = surroundings;
    this.#removals = mailbox.removals;
  }

  /** A latch must be durable from the first moment, so a message with one is kept before it is sent. */
  get hasLatch(): boolean {
    return (this.#accepting.condition?.changeTests.length ?? 0) > 0;
  }

  /** False too while a change of presence is being worked in. */
  holdsNow(): boolean {
    const { condition } = this.#accepting;
    if (condition === undefined) return true;
    if (this.#mailbox.turnstile.isBusy) return false;
    const { conditions, clock } = this.#surroundings;
    const visible = this.#visible();
    return conditions.holds(condition.text, this.#seeds(visible), visible, clock.wall());
  }

  /** Of its tests for changes, as they begin now. */
  latches(): readonly ChangeLatch[] {
    return this.hasLatch ? this.#seeds(this.#visible()) : [];
  }

  /** A conditional message is evaluated and written while no change of presence can fall between. */
  put(putting: Putting): Promise<WriteOutcome> {
    const { message } = this.#accepting.submission;
    return this.#surroundings.bodies.isTooLong(message)
      ? this.#putApart(message, putting)
      : this.#putMessage(message, putting);
  }

  /** Its body first; where no row comes of it, that goes again. */
  async #putApart(message: InstantMessage, putting: Putting): Promise<WriteOutcome> {
    const { bodies } = this.#surroundings;
    const apart = await bodies.setApart(message);
    const outcome = await this.#putMessage(apart, putting);
    if (outcome.kind !== 'stored') bodies.discard(apart);
    return outcome;
  }

  #putMessage(message: InstantMessage, putting: Putting): Promise<WriteOutcome> {
    const { condition } = this.#accepting;
    if (condition === undefined) return this.#write(this.#row(message, unconditional), putting);
    return this.#putConditional(message, condition, putting);
  }

  async #putConditional(message: InstantMessage, condition: Condition, putting: Putting): Promise<WriteOutcome> {
    if (this.#mailbox.isStuck) throw new StoreFault('a change of presence cannot be written', true);
    return this.#mailbox.turnstile.shared(async () => {
      const { conditions, clock } = this.#surroundings;
      const visible = this.#visible();
      const { holds, latches, turnsAt } = conditions.advance(
        condition.text,
        this.#seeds(visible),
        visible,
        clock.wall(),
      );
      const state = holds ? 'waiting' : 'held';
      return this.#write(this.#row(message, { state, latches, turnsAt }), putting);
    });
  }

  /** The recipient as the sender may see them now. */
  #visible(): VisiblePresence {
    const { presence } = this.#surroundings;
    const { sender, recipient } = this.#accepting.submission.message;
    return presence.visiblePresence(recipient, sender, presence.current(recipient));
  }

  #seeds(visible: VisiblePresence): readonly ChangeLatch[] {
    const { condition } = this.#accepting;
    if (condition === undefined || condition.changeTests.length === 0) return [];
    return seedLatches(condition, (attribute) => visible.lastKnown.get(attribute), new VisibleView(visible));
  }

  #row(message: InstantMessage, { state, latches, turnsAt }: Evaluated): NewMailboxEntry {
    const { id, submission, condition, acceptedAt, validityMs } = this.#accepting;
    return {
      id,
      message,
      acceptedAt,
      expiresAt: acceptedAt + validityMs,
      state,
      ...(condition === undefined ? {} : { condition: condition.text }),
      attributes: condition?.attributes ?? [],
      latches,
      ...(turnsAt === undefined ? {} : { turnsAt }),
      duplicateKeys: submission.duplicateKeys,
    };
  }

  async #write(row: NewMailboxEntry, { delivery, isAnswer, whenIssued }: Putting): Promise<WriteOutcome> {
    const { store, policy, counters, clock, bodies } = this.#surroundings;
    if (this.#isRecipientGone) return { kind: 'unknown-recipient' };
    const { message, state } = row;
    const reports = isAnswer || state === 'held' ? reportsOfKeeping(row.id, message, state, clock.wall()) : [];
    this.#mailbox.writing += 1;
    let outcome: PutOutcome;
    try {
      const writing = store.put(reports.length === 0 ? row : { ...row, reports }, policy.quotas);
      whenIssued();
      outcome = await writing;
    } catch (fault) {
      // It may be there all the same, as far as anybody knows.
      bodies.named(message);
      void bodies.discardUnlessKept(message, row.id);
      this.#mailbox.mention(this.#mentions);
      throw fault;
    } finally {
      this.#mailbox.writing -= 1;
    }
    if (outcome.kind !== 'stored') return outcome;
    bodies.named(message);
    if (reports.length > 0) this.#surroundings.reported(message);
    const isWaiting = row.state === 'waiting';
    const conditional = Number(row.condition !== undefined);
    this.#mailbox.count({ entries: 1, waiting: Number(isWaiting), conditional }, this.#mentions);
    this.#surroundings.kept(message.recipient);
    if (isWaiting) this.#surroundings.readyChanged(message.recipient, true);
    counters.add(keptCounters[row.state]);
    if (this.#isRecipientGone) {
      await this.#mailbox.ledger.endEntry(outcome.entry, 'failed', 'the account was removed');
      return { kind: 'unknown-recipient' };
    }
    this.#surroundings.noteDue(Math.min(row.expiresAt, row.turnsAt ?? Number.POSITIVE_INFINITY));
    if (state === 'waiting') this.#mailbox.collection.becameReady(outcome.entry);
    if (delivery === undefined) return outcome;
    return { kind: 'stored', entry: { ...outcome.entry, attempts: delivery.attempts, refusedBy: delivery.refusedBy } };
  }

  get #mentions(): Mentions {
    const { condition } = this.#accepting;
    return condition === undefined ? noMentions : mentionsOf(condition);
  }

  get #isRecipientGone(): boolean {
    return this.#mailbox.removals !== this.#removals;
  }
}
