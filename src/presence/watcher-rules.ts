/**
 * What one watcher may see of one presentity (contract section 7), and what becomes of a subscription (RFC 5025 3.2.1). Of
 * the rules whose conditions hold, the first of these that applies decides:
 * 1. the owner sees everything;
 * 2. a rule `block` or `polite-block` that names the watcher (with both, `polite-block`: RFC 5025 lets the higher value win);
 * 3. rules `allow` for the watcher, a domain or everybody: their attributes, and those of the default unless a block for a
 *    domain or everybody beats it;
 * 4. a rule `confirm` that names the watcher;
 * 5. a rule `block` or `polite-block` for a domain or everybody;
 * 6. a rule `confirm` for a domain or everybody;
 * 7. the default, for members of the presentity's domain, where it holds any attribute;
 * 8. confirm.
 * Whoever may see anything by 3 or 7 may also see the attributes of rules `none`.
 */
import type { Millis } from '../base/time/clock.ts';
import { domainOf, type Address } from '../model/address.ts';
import { canonicalWord, type AttributeName, type PresenceState } from '../model/presence-state.ts';
import type { RuleAction, ValidityRange, WatcherRule } from '../model/watcher-rule.ts';

/** Limits of what one owner may set; checked by whoever sets rules. */
export const watcherRulesMax = 1_000;
export const ruleNamesMax = 10_000;

export type VisibleAttributes = ReadonlySet<AttributeName> | '*';

/** What `handling` says holds for the watcher as a whole; there are attributes only with `allow`. */
export interface Visibility {
  readonly handling: Exclude<RuleAction, 'none'>;
  readonly attributes: VisibleAttributes;
}

/** Rules made ready for many questions. */
export interface WatcherRules {
  readonly rules: readonly CompiledRule[];
  readonly dependOnSphere: boolean;
  readonly dependOnTime: boolean;
}

interface CompiledRule {
  readonly named: ReadonlySet<Address>;
  /** Whoever is not named, as far as `isInGroup` says so. */
  readonly isForGroup: boolean;
  readonly domains: ReadonlySet<string> | '*';
  readonly exceptWatchers: ReadonlySet<string>;
  readonly exceptDomains: ReadonlySet<string>;
  readonly spheres: readonly string[] | undefined;
  readonly validity: readonly ValidityRange[] | undefined;
  readonly attributes: VisibleAttributes;
  readonly action: RuleAction;
}

/** Rules that can never apply are left out. */
export function compileWatcherRules(rules: readonly WatcherRule[]): WatcherRules {
  const compiled = rules.filter(({ unknownConditions }) => unknownConditions === undefined).map(compileRule);
  return {
    rules: compiled,
    dependOnSphere: compiled.some(({ spheres }) => spheres !== undefined),
    dependOnTime: compiled.some(({ validity }) => validity !== undefined),
  };
}

function compileRule({
  watchers,
  attributes,
  action,
  domains = [],
  except,
  spheres,
  validity,
}: WatcherRule): CompiledRule {
  return {
    named: new Set(watchers === '*' ? [] : watchers),
    isForGroup: watchers === '*' || domains.length > 0,
    domains: watchers === '*' || domains.includes('*') ? '*' : new Set(domains.map(lower)),
    exceptWatchers: new Set(except?.watchers),
    exceptDomains: new Set(except?.domains?.map(lower)),
    spheres: spheres?.map(canonicalWord),
    validity,
    attributes: compileAttributes(attributes),
    action,
  };
}

function lower(domain: string): string {
  return domain.toLowerCase();
}

export function compileAttributes(attributes: readonly AttributeName[] | '*'): VisibleAttributes {
  return attributes === '*' ? '*' : new Set(attributes.map(canonicalWord));
}

/** Whether there are too many rules, or too much named in them. */
export function areTooManyRules(rules: readonly WatcherRule[]): boolean {
  if (rules.length > watcherRulesMax) return true;
  let names = 0;
  for (const rule of rules) {
    const { watchers, attributes, domains, except, otherUris, spheres, validity, unknownConditions } = rule;
    names += watchers.length + attributes.length;
    const lists = [domains, except?.watchers, except?.domains, otherUris, spheres, validity, unknownConditions];
    for (const list of lists) names += list?.length ?? 0;
  }
  return names > ruleNamesMax;
}

export interface WatcherQuestion {
  readonly owner: Address;
  readonly watcher: Address;
  readonly rules: WatcherRules | undefined;
  /** The owner's presence, for conditions on the sphere. */
  readonly state: PresenceState;
  /** Wall time, for conditions on the time. */
  readonly now: Millis;
  /** `--visible-by-default`. */
  readonly visibleByDefault: VisibleAttributes;
}

export function decideVisibility(question: WatcherQuestion): Visibility {
  const { owner, watcher, visibleByDefault } = question;
  if (owner === watcher) return everything;
  const byDefault = domainOf(owner) === domainOf(watcher) ? visibleByDefault : nothing;
  const found = question.rules === undefined ? noRules : collectRules(question.rules, question);
  if (found.namedBlock !== undefined) return handlings[found.namedBlock];
  if (found.allowed !== undefined) {
    const attributes = found.groupBlock === undefined ? unite(found.allowed, byDefault) : found.allowed;
    return { handling: 'allow', attributes: unite(attributes, found.besides) };
  }
  if (found.isNamedConfirm) return handlings.confirm;
  if (found.groupBlock !== undefined) return handlings[found.groupBlock];
  if (found.isGroupConfirm || (byDefault !== '*' && byDefault.size === 0)) return handlings.confirm;
  return { handling: 'allow', attributes: unite(byDefault, found.besides) };
}

/** When the next range of a rule begins or ends after `now`; undefined when none will. */
export function nextTurnOf({ rules }: WatcherRules, now: Millis): Millis | undefined {
  let next = Infinity;
  for (const { validity = [] } of rules) {
    for (const { from, until } of validity) {
      if (from > now) next = Math.min(next, from);
      if (until > now) next = Math.min(next, until);
    }
  }
  return next === Infinity ? undefined : next;
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
  groupBlock?: 'block' | 'polite-block';
  allowed?: VisibleAttributes;
  /** Of rules that say nothing of the subscription. */
  besides: VisibleAttributes;
  isNamedConfirm: boolean;
  isGroupConfirm: boolean;
}

function collectRules({ rules }: WatcherRules, question: WatcherQuestion): MatchingRules {
  const { watcher } = question;
  const found: MatchingRules = { besides: nothing, isNamedConfirm: false, isGroupConfirm: false };
  for (const rule of rules) {
    const isNamed = rule.named.has(watcher);
    if ((isNamed || isInGroup(rule, watcher)) && doConditionsHold(rule, question)) collectRule(found, rule, isNamed);
  }
  return found;
}

function isInGroup(rule: CompiledRule, watcher: Address): boolean {
  if (!rule.isForGroup) return false;
  const { domains, exceptWatchers, exceptDomains } = rule;
  if (domains === '*' && exceptWatchers.size === 0 && exceptDomains.size === 0) return true;
  const domain = domainOf(watcher);
  return (domains === '*' || domains.has(domain)) && !exceptWatchers.has(watcher) && !exceptDomains.has(domain);
}

/** RFC 5025 3.1.2: a sphere that is unknown, or not one alone, is none. */
function doConditionsHold({ spheres, validity }: CompiledRule, { state, now }: WatcherQuestion): boolean {
  if (validity !== undefined && !validity.some(({ from, until }) => from <= now && now < until)) return false;
  if (spheres === undefined) return true;
  const [sphere, ...more] = state.get('sphere') ?? [];
  return sphere !== undefined && more.length === 0 && spheres.includes(canonicalWord(sphere));
}

function collectRule(found: MatchingRules, { attributes, action }: CompiledRule, isNamed: boolean): void {
  if (action === 'none') found.besides = unite(found.besides, attributes);
  else if (action === 'allow') found.allowed = unite(found.allowed ?? nothing, attributes);
  else if (action === 'confirm') found[isNamed ? 'isNamedConfirm' : 'isGroupConfirm'] = true;
  else {
    const key = isNamed ? 'namedBlock' : 'groupBlock';
    if (found[key] !== 'polite-block') found[key] = action;
  }
}

function unite(one: VisibleAttributes, other: VisibleAttributes): VisibleAttributes {
  if (one === '*' || other === '*') return '*';
  if (one.size === 0) return other;
  return other.size === 0 ? one : new Set([...one, ...other]);
}

const nothing: VisibleAttributes = new Set();
const noRules: MatchingRules = { besides: nothing, isNamedConfirm: false, isGroupConfirm: false };
const everything: Visibility = { handling: 'allow', attributes: '*' };
const handlings: Readonly<Record<'block' | 'polite-block' | 'confirm', Visibility>> = {
  block: { handling: 'block', attributes: nothing },
  'polite-block': { handling: 'polite-block', attributes: nothing },
  confirm: { handling: 'confirm', attributes: nothing },
};
