/**
 * The watcher rules of every owner, ready in memory and durable in their store, and the next moment at which one of them
 * begins or ends to apply. What they mean is decided in `watcher-rules`.
 */
import { StoreFault } from '../base/store-fault.ts';
import type { Clock } from '../base/time/clock.ts';
import type { TimerHandle, Timers } from '../base/time/timers.ts';
import type { Address } from '../model/address.ts';
import type { AttributeName, PresenceState } from '../model/presence-state.ts';
import type { RulesDocumentChange, RuleStore, StoredRules, WatcherRule } from './ports.ts';
import { Turns } from './turns.ts';
import {
  areTooManyRules,
  compileAttributes,
  compileWatcherRules,
  decideVisibility,
  handlingAlone,
  nextTurnOf,
  type Visibility,
  type VisibleAttributes,
  type WatcherRules,
} from './watcher-rules.ts';

/** How an account's block of `watcher` acts on presence; undefined when there is none or it does not. */
export type BlockLookUp = (owner: Address, watcher: Address) => 'block' | 'polite-block' | undefined;

/** `outdated`: somebody else has changed them meanwhile, and nothing was done. */
export type SetRulesOutcome =
  | { readonly kind: 'changed' | 'unchanged' | 'too-many' | 'outdated' }
  | { readonly kind: 'store-unavailable'; readonly isTemporary: boolean };

export interface SetRulesOptions {
  /** Only while these are the rules in the store. */
  readonly before?: readonly WatcherRule[];
  /** The document that they came in. */
  readonly document?: RulesDocumentChange;
}

export interface RuleBookSurroundings {
  readonly store: RuleStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly visibleByDefault: readonly AttributeName[] | '*';
  readonly blockOf: BlockLookUp | undefined;
  /** Other rules of this owner apply than before, since the time is another. */
  readonly onTurn: (owner: Address) => void;
}

/** Owners read in one call at the start. */
const pageSize = 1_000;

interface OwnersRules {
  readonly list: readonly WatcherRule[];
  readonly compiled: WatcherRules;
  readonly turn: TimerHandle | undefined;
}

export class WatcherRuleBook {
  readonly #surroundings: RuleBookSurroundings;
  readonly #store: RuleStore;
  readonly #visibleByDefault: VisibleAttributes;
  readonly #owners = new Map<Address, OwnersRules>();
  readonly #turns = new Turns();

  constructor(surroundings: RuleBookSurroundings) {
    this.#surroundings = surroundings;
    this.#store = surroundings.store;
    this.#visibleByDefault = compileAttributes(surroundings.visibleByDefault);
  }

  /** At the start, before anybody asks. */
  async loadAll(): Promise<void> {
    let after: Address | undefined;
    do {
      const page = await this.#store.allRules(after, pageSize);
      for (const { owner, rules } of page) this.load(owner, rules);
      after = page.at(-1)?.owner;
    } while (after !== undefined);
  }

  /** `state` is the owner's presence, of which a rule may make itself dependent. */
  visibility(owner: Address, watcher: Address, state: PresenceState): Visibility {
    const { blockOf, clock } = this.#surroundings;
    const block = owner === watcher ? undefined : blockOf?.(owner, watcher);
    if (block !== undefined) return handlingAlone(block);
    const rules = this.#owners.get(owner)?.compiled;
    const now = rules?.dependOnTime === true ? clock.wall() : 0;
    return decideVisibility({ owner, watcher, rules, state, now, visibleByDefault: this.#visibleByDefault });
  }

  dependOnSphere(owner: Address): boolean {
    return this.#owners.get(owner)?.compiled.dependOnSphere === true;
  }

  rulesOf(owner: Address): readonly WatcherRule[] {
    return this.#owners.get(owner)?.list ?? [];
  }

  /** As they are in the store, where another process may have changed them a moment ago. Rejects with `StoreFault`. */
  stored(owner: Address): Promise<StoredRules> {
    return this.#store.storedRules(owner);
  }

  /** Takes over what the store holds; false when it is what was known. */
  load(owner: Address, rules: readonly WatcherRule[]): boolean {
    if (JSON.stringify(this.rulesOf(owner)) === JSON.stringify(rules)) return false;
    this.forget(owner);
    if (rules.length === 0) return true;
    const compiled = compileWatcherRules(rules);
    this.#owners.set(owner, { list: rules, compiled, turn: this.#nextTurn(owner, compiled) });
    return true;
  }

  /** Replaces all; in effect when it is durable. */
  async set(
    owner: Address,
    rules: readonly WatcherRule[],
    { before, document }: SetRulesOptions = {},
  ): Promise<SetRulesOutcome> {
    if (areTooManyRules(rules)) return { kind: 'too-many' };
    try {
      const turn = this.#turns.take(owner, async (): Promise<SetRulesOutcome> => {
        if (!(await this.#store.setRules(owner, rules, before, document))) return { kind: 'outdated' };
        return { kind: this.load(owner, rules) ? 'changed' : 'unchanged' };
      });
      return turn === undefined ? { kind: 'too-many' } : await turn;
    } catch (error) {
      if (!(error instanceof StoreFault)) throw error;
      return { kind: 'store-unavailable', isTemporary: error.isTemporary };
    }
  }

  forget(owner: Address): boolean {
    this.#owners.get(owner)?.turn?.cancel();
    return this.#owners.delete(owner);
  }

  cancelTimers(): void {
    for (const { turn } of this.#owners.values()) turn?.cancel();
  }

  #nextTurn(owner: Address, compiled: WatcherRules): TimerHandle | undefined {
    const { clock, timers, onTurn } = this.#surroundings;
    const now = clock.wall();
    const at = compiled.dependOnTime ? nextTurnOf(compiled, now) : undefined;
    if (at === undefined) return undefined;
    return timers.at(clock.monotonic() + Math.max(turnMsMin, at - now), () => {
      const known = this.#owners.get(owner);
      if (known?.compiled !== compiled) return;
      this.#owners.set(owner, { ...known, turn: this.#nextTurn(owner, compiled) });
      onTurn(owner);
    });
  }
}

/** Between two looks at the rules of one owner, however many ranges of time are in them. */
const turnMsMin = 1_000;
