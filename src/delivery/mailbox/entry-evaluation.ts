/**
 * What follows for one row from what its sender may see of the recipient now: its condition is evaluated, its latches go
 * on, its next turning instant is noted. Writes nothing.
 */
import type { Millis } from '../../base/time/clock.ts';
import { seedLatches } from '../../conditions/change-latch.ts';
import type { Condition } from '../../conditions/condition.ts';
import type { Address } from '../../model/address.ts';
import type { PresenceChanged, PresenceSnapshot } from '../../model/presence-changed.ts';
import type { AttributeName } from '../../model/presence-state.ts';
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

  /** `earlier`: what its sender could see in between, in order. Undefined when nothing of the row changes. */
  advance(
    entry: MailboxEntry,
    view: VisiblePresence,
    earlier: readonly VisiblePresence[] = [],
  ): EntryChanges | undefined {
    if (entry.condition === undefined) return undefined;
    const { clock, conditions, noteDue } = this.#surroundings;
    const passed = conditions.passThrough(entry.condition, entry.latches, earlier);
    const { holds, latches, turnsAt } = conditions.advance(entry.condition, passed, view, clock.wall());
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

  /** The same after several changes in order. A row without a test for changes need not know what was between. */
  passThrough(entry: MailboxEntry, sights: readonly Sight[]): EntryChanges | undefined {
    const last = sights.at(-1);
    if (last === undefined) return undefined;
    const { sender } = entry.message;
    const between =
      entry.latches.length === 0 ? [] : sights.slice(0, -1).filter(({ change }) => concerns(change, entry));
    const earlier = between.map((sight) => sight.viewOf(sender));
    return this.advance(entry, last.viewOf(sender), earlier);
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

/** One change, as the senders of the rows at work may see it. */
export class Sight {
  readonly change: PresenceChanged;
  readonly #show: (sender: Address, snapshot: PresenceSnapshot) => VisiblePresence;
  readonly #views = new Map<Address, VisiblePresence>();

  constructor(change: PresenceChanged, show: (sender: Address, snapshot: PresenceSnapshot) => VisiblePresence) {
    this.change = change;
    this.#show = show;
  }

  viewOf(sender: Address): VisiblePresence {
    let view = this.#views.get(sender);
    if (view === undefined) {
      view = this.#show(sender, this.change.snapshot);
      this.#views.set(sender, view);
    }
    return view;
  }
}

const withoutCondition: EntryChanges = {
  state: 'waiting',
  condition: undefined,
  attributes: [],
  latches: [],
  turnsAt: undefined,
};

/** A store is asked for so many attributes one by one; where more changed, for every condition. */
export const attributesAskedMax = 512;

/** What is to be asked for when all of them are worked in together. */
export function changedInAny(changes: readonly PresenceChanged[]): PresenceChanged['changed'] {
  const names = new Set<AttributeName>();
  for (const { changed } of changes) {
    if (changed === 'all') return 'all';
    for (const name of changed) names.add(name);
  }
  return names.size > attributesAskedMax ? 'all' : [...names];
}

/** Whether the condition of a row mentions what changed. */
function concerns({ changed }: PresenceChanged, { attributes }: MailboxEntry): boolean {
  return changed === 'all' || changed.some((name) => attributes.includes(name));
}
