/**
 * What one watcher may see of one presentity (contract section 7), and what becomes of a subscription (RFC 5025 3.2.1). The
 * first of these that applies decides:
 * 1. the owner sees everything;
 * 2. a rule `block` or `polite-block` that names the watcher (with both, `polite-block`: RFC 5025 lets the higher value win);
 * 3. rules `allow` for the watcher or for `*`: their attributes, and those of the default unless a block for `*` beats it;
 * 4. a rule `confirm` that names the watcher;
 * 5. a rule `block` or `polite-block` for `*`;
 * 6. a rule `confirm` for `*`;
 * 7. the default, for members of the presentity's domain, where it holds any attribute;
 * 8. confirm.
 */
import { domainOf, type Address } from '../model/address.ts';
import { canonicalWord, type AttributeName } from '../model/presence-state.ts';
import type { RuleAction, WatcherRule } from './ports.ts';

/** Limits of what one owner may set; checked by whoever sets rules. */
export const watcherRulesMax = 1_000;
export const ruleNamesMax = 10_000;

export type VisibleAttributes = ReadonlySet<AttributeName> | '*';

/** What `handling` says holds for the watcher as a whole; there are attributes only with `allow`. */
export interface Visibility {
  readonly handling: RuleAction;
  readonly attributes: VisibleAttributes;
}

/** Rules made ready for many questions. */
export interface WatcherRules {
  readonly rules: readonly CompiledRule[];
}

interface CompiledRule {
  readonly watchers: ReadonlySet<Address> | '*';
  readonly attributes: VisibleAttributes;
  readonly action: RuleAction;
}

export function compileWatcherRules(rules: readonly WatcherRule[]): WatcherRules {
  return {
    rules: rules.map(({ watchers, attributes, action }) => ({
      watchers: watchers === '*' ? '*' : new Set(watchers),
      attributes: compileAttributes(attributes),
      action,
    })),
  };
}

export function compileAttributes(attributes: readonly AttributeName[] | '*'): VisibleAttributes {
  return attributes === '*' ? '*' : new Set(attributes.map(canonicalWord));
}

/** Whether there are too many rules, or too many watchers and attributes named in them. */
export function areTooManyRules(rules: readonly WatcherRule[]): boolean {
  if (rules.length > watcherRulesMax) return true;
  let names = 0;
  for (const { watchers, attributes } of rules) names += watchers.length + attributes.length;
  return names > ruleNamesMax;
}

export interface WatcherQuestion {
  readonly owner: Address;
  readonly watcher: Address;
  readonly rules: WatcherRules | undefined;
  /** `--visible-by-default`. */
  readonly visibleByDefault: VisibleAttributes;
}

export function decideVisibility({ owner, watcher, rules, visibleByDefault }: WatcherQuestion): Visibility {
  if (owner === watcher) return everything;
  const byDefault = domainOf(owner) === domainOf(watcher) ? visibleByDefault : nothing;
  const found = rules === undefined ? noRules : collectRules(rules, watcher);
  if (found.namedBlock !== undefined) return handlings[found.namedBlock];
  if (found.allowed !== undefined) {
    const attributes = found.blockForAll === undefined ? unite(found.allowed, byDefault) : found.allowed;
    return { handling: 'allow', attributes };
  }
  if (found.isNamedConfirm) return handlings.confirm;
  if (found.blockForAll !== undefined) return handlings[found.blockForAll];
  if (found.isConfirmForAll || (byDefault !== '*' && byDefault.size === 0)) return handlings.confirm;
  return { handling: 'allow', attributes: byDefault };
}

/** Without a look at any rule. */
export function handlingAlone(handling: 'block' | 'polite-block'): Visibility {
  return handlings[handling];
}

export function maySee(attributes: VisibleAttributes, name: AttributeName): boolean {
  return attributes === '*' || attributes.has(name);
}

interface MatchingRules {
  namedBlock?: 'block' | 'polite-block';
  blockForAll?: 'block' | 'polite-block';
  allowed?: VisibleAttributes;
  isNamedConfirm: boolean;
  isConfirmForAll: boolean;
}

function collectRules({ rules }: WatcherRules, watcher: Address): MatchingRules {
  const found: MatchingRules = { isNamedConfirm: false, isConfirmForAll: false };
  for (const { watchers, attributes, action } of rules) {
    const isForAll = watchers === '*';
    if (!isForAll && !watchers.has(watcher)) continue;
    if (action === 'allow') found.allowed = found.allowed === undefined ? attributes : unite(found.allowed, attributes);
    else if (action === 'confirm') found[isForAll ? 'isConfirmForAll' : 'isNamedConfirm'] = true;
    else {
      const key = isForAll ? 'blockForAll' : 'namedBlock';
      if (found[key] !== 'polite-block') found[key] = action;
    }
  }
  return found;
}

function unite(one: VisibleAttributes, other: VisibleAttributes): VisibleAttributes {
  if (one === '*' || other === '*') return '*';
  return other.size === 0 ? one : new Set([...one, ...other]);
}

const nothing: VisibleAttributes = new Set();
const noRules: MatchingRules = { isNamedConfirm: false, isConfirmForAll: false };
const everything: Visibility = { handling: 'allow', attributes: '*' };
const handlings: Readonly<Record<'block' | 'polite-block' | 'confirm', Visibility>> = {
  block: { handling: 'block', attributes: nothing },
  'polite-block': { handling: 'polite-block', attributes: nothing },
  confirm: { handling: 'confirm', attributes: nothing },
};
