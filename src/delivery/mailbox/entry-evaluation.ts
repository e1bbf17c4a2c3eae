/**
 * What follows for one row from what its sender may see of the recipient now: its condition is evaluated, its latches go
 * on, its next turning instant is noted. Writes nothing.
 */
import type { Millis } from '../../base/time/clock.ts';
import { seedLatches } from '../../conditions/change-latch.ts';
import type { Condition } from '../../conditions/condition.ts';
import { decideDelivery, type EntryFacts } from '../decide-delivery.ts';
import type { EntryUpdate, MailboxEntry, Step } from '../mailbox-entry.ts';
import type { VisiblePresence } from '../ports.ts';
import { VisibleView } from './condition-book.ts';
import type { DeliverySurroundings } from './delivery-surroundings.ts';

export type EntryChanges = Omit<EntryUpdate, 'id' | 'recipient'>;

/** What a sender changes of a kept message; absent parts stay. */
export interface Amendment {
  readonly condition?: Condition | 'none';
  readonly expiresAt?: Millis;
  /** For its story, where it is not its sender who changes it. */
  readonly why?: string;
}

export class EntryEvaluation {
  readonly #surroundings: Pick<DeliverySurroundings, 'clock' | 'conditions' | 'noteDue'>;

  constructor(surroundings: Pick<DeliverySurroundings, 'clock' | 'conditions' | 'noteDue'>) {
    this.#surroundings = surroundings;
  }

  /** Undefined when nothing of the row changes. */
  advance(entry: MailboxEntry, view: VisiblePresence): EntryChanges | undefined {
    if (entry.condition === undefined) return undefined;
    const { clock, conditions, noteDue } = this.#surroundings;
    const { holds, latches, turnsAt } = conditions.advance(entry.condition, entry.latches, view, clock.wall());
    const facts: EntryFacts = {
      state: entry.state,
      holds,
      isBlocked: false,
      blockedAnswer: 'refuse',
      isExpired: false,
    };
    const decision = decideDelivery({ kind: 're-evaluated', facts });
    const changes: { -readonly [K in keyof EntryChanges]: EntryChanges[K] } = {};
    if (decision.kind === 'make-ready') {
      changes.state = 'waiting';
      changes.step = { ...this.#step('its condition holds'), state: 'waiting' };
    }
    if (decision.kind === 'hold') {
      changes.state = 'held';
      changes.step = { ...this.#step('its condition ceased to hold'), state: 'held' };
    }
    if (latches !== entry.latches) changes.latches = latches;
    if (turnsAt !== entry.turnsAt) changes.turnsAt = turnsAt;
    if (turnsAt !== undefined) noteDue(turnsAt);
    return Object.keys(changes).length === 0 ? undefined : changes;
  }

  /** The amendment is authorised already. */
  amend(entry: MailboxEntry, { condition, expiresAt, why }: Amendment, view: VisiblePresence): EntryChanges {
    const { clock, conditions, noteDue } = this.#surroundings;
    const end = expiresAt === undefined ? {} : { expiresAt };
    noteDue(expiresAt ?? entry.expiresAt);
    if (condition === undefined) return { ...end, step: this.#step('its sender changed its validity') };
    const step = this.#step(why ?? 'its sender changed its condition');
    if (condition === 'none') return { ...end, ...withoutCondition, step: { ...step, state: 'waiting' } };
    const { text, attributes } = condition;
    const seeds = seedLatches(condition, (attribute) => view.lastKnown.get(attribute), new VisibleView(view));
    const { holds, latches, turnsAt } = conditions.advance(text, seeds, view, clock.wall());
    if (turnsAt !== undefined) noteDue(turnsAt);
    const state = holds ? 'waiting' : 'held';
    return { ...end, state, condition: text, attributes, latches, turnsAt, step: { ...step, state } };
  }

  #step(what: string): Step {
    return { at: this.#surroundings.clock.wall(), what };
  }
}

const withoutCondition: EntryChanges = {
  state: 'waiting',
  condition: undefined,
  attributes: [],
  latches: [],
  turnsAt: undefined,
};
