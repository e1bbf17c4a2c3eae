/**
 * The watcher rules of every owner, ready in memory and durable in their store. What they mean is decided in
 * `watcher-rules`.
 */
import { StoreFault } from '../base/store-fault.ts';
import type { Address } from '../model/address.ts';
import type { AttributeName } from '../model/presence-state.ts';
import type { RuleStore, WatcherRule } from './ports.ts';
import { Turns } from './turns.ts';
import {
  areTooManyRules,
  compileAttributes,
  compileWatcherRules,
  decideVisibility,
  handlingAlone,
  type Visibility,
  type VisibleAttributes,
  type WatcherRules,
} from './watcher-rules.ts';

/** How an account's block of `watcher` acts on presence; undefined when there is none or it does not. */
export type BlockLookUp = (owner: Address, watcher: Address) => 'block' | 'polite-block' | undefined;

export type SetRulesOutcome =
  | { readonly kind: 'changed' | 'unchanged' | 'too-many' }
  | { readonly kind: 'store-unavailable'; readonly isTemporary: boolean };

/** Owners read in one call at the start. */
const pageSize = 1_000;

interface OwnersRules {
  readonly list: readonly WatcherRule[];
  readonly compiled: WatcherRules;
}

export class WatcherRuleBook {
  readonly #store: RuleStore;
  readonly #visibleByDefault: VisibleAttributes;
  readonly #blockOf: BlockLookUp | undefined;
  readonly #owners = new Map<Address, OwnersRules>();
  readonly #turns = new Turns();

  constructor(store: RuleStore, visibleByDefault: readonly AttributeName[] | '*', blockOf: BlockLookUp | undefined) {
    this.#store = store;
    this.#visibleByDefault = compileAttributes(visibleByDefault);
    this.#blockOf = blockOf;
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

  visibility(owner: Address, watcher: Address): Visibility {
    const block = owner === watcher ? undefined : this.#blockOf?.(owner, watcher);
    if (block !== undefined) return handlingAlone(block);
    const rules = this.#owners.get(owner)?.compiled;
    return decideVisibility({ owner, watcher, rules, visibleByDefault: this.#visibleByDefault });
  }

  rulesOf(owner: Address): readonly WatcherRule[] {
    return this.#owners.get(owner)?.list ?? [];
  }

  /** Takes over what the store holds; false when it is what was known. */
  load(owner: Address, rules: readonly WatcherRule[]): boolean {
    if (JSON.stringify(this.rulesOf(owner)) === JSON.stringify(rules)) return false;
    if (rules.length === 0) this.#owners.delete(owner);
    else this.#owners.set(owner, { list: rules, compiled: compileWatcherRules(rules) });
    return true;
  }

  /** Replaces all; in effect when it is durable. */
  async set(owner: Address, rules: readonly WatcherRule[]): Promise<SetRulesOutcome> {
    if (areTooManyRules(rules)) return { kind: 'too-many' };
    try {
      const turn = this.#turns.take(owner, async () => {
        await this.#store.setRules(owner, rules);
        return this.load(owner, rules);
      });
      if (turn === undefined) return { kind: 'too-many' };
      return { kind: (await turn) ? 'changed' : 'unchanged' };
    } catch (error) {
      if (!(error instanceof StoreFault)) throw error;
      return { kind: 'store-unavailable', isTemporary: error.isTemporary };
    }
  }

  forget(owner: Address): boolean {
    return this.#owners.delete(owner);
  }
}
