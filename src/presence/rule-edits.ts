/**
 * What somebody changes of their watcher rules one at a time (contract section 7). Pure: rules in, rules out. Rules that
 * block or ask are left alone where something is allowed, since a person made them with another intent.
 */
import { err, ok, type Result } from '../base/result.ts';
import type { Address } from '../model/address.ts';
import type { AttributeName } from '../model/presence-state.ts';
import { isPlainRule, type WatcherRule } from '../model/watcher-rule.ts';

/** One watcher, or everybody. */
export type Watcher = Address | '*';

/** `*` allows all attributes, those too that nobody has thought of yet. */
export type Attributes = readonly AttributeName[] | '*';

export function allowAttributes(
  rules: readonly WatcherRule[],
  watcher: Watcher,
  attributes: Attributes,
): WatcherRule[] {
  const own = rules.findIndex((rule) => rule.action === 'allow' && isOnlyFor(rule, watcher));
  const rule = rules[own];
  if (rule === undefined) return [...rules, ruleFor(watcher, attributes)];
  return rules.with(own, { ...rule, attributes: unite(rule.attributes, attributes) });
}

/** Without `attributes` takes everything away; the error says why a part cannot be taken away. */
export function disallowAttributes(
  rules: readonly WatcherRule[],
  watcher: Watcher,
  attributes: Attributes,
): Result<WatcherRule[], string> {
  const kept: WatcherRule[] = [];
  for (const rule of rules) {
    if ((rule.action !== 'allow' && rule.action !== 'none') || !names(rule, watcher)) {
      kept.push(rule);
      continue;
    }
    const others = rule.watchers === '*' ? [] : rule.watchers.filter((other) => other !== watcher);
    const isForOthers = others.length > 0 || rule.domains !== undefined || rule.otherUris !== undefined;
    if (isForOthers) kept.push({ ...rule, watchers: others });
    const rest = subtract(rule.attributes, attributes);
    if (rest === undefined) {
      return err(`${watcher} may see all attributes; disallow all of them and allow again what should remain`);
    }
    if (rest.length > 0) kept.push(isForOthers ? partFor(rule, watcher, rest) : { ...rule, attributes: rest });
  }
  return ok(kept);
}

/** The answer to somebody who asks to watch; it takes the place of what was said about them alone before. */
export function decideWatcher(
  rules: readonly WatcherRule[],
  watcher: Address,
  allowed: Attributes | 'nothing',
): WatcherRule[] {
  const others = rules.filter((rule) => !isOnlyFor(rule, watcher));
  if (allowed === 'nothing') return [...others, { watchers: [watcher], attributes: [], action: 'block' }];
  return [...others, ruleFor(watcher, allowed)];
}

/** What somebody is let see who may watch, when it is not said: what is shown without a rule, or the least that helps. */
export function usualAttributes(visibleByDefault: Attributes): Attributes {
  return visibleByDefault.length === 0 ? ['online', 'availability'] : visibleByDefault;
}

/** Whether a rule blocks this watcher by name, which beats every allow. */
export function isBlockedByRule(rules: readonly WatcherRule[], watcher: Watcher): boolean {
  return rules.some((rule) => rule.action.endsWith('block') && names(rule, watcher));
}

/** What holds of a rule for one of its watchers alone, who is told from the others by a rule without its name. */
function partFor(rule: WatcherRule, watcher: Watcher, attributes: Attributes): WatcherRule {
  const { id: _id, domains: _domains, except: _except, otherUris: _others, ...rest } = rule;
  return { ...rest, watchers: watcher === '*' ? '*' : [watcher], attributes };
}

function ruleFor(watcher: Watcher, attributes: Attributes): WatcherRule {
  return { watchers: watcher === '*' ? '*' : [watcher], attributes, action: 'allow' };
}

function names(rule: WatcherRule, watcher: Watcher): boolean {
  return rule.watchers === '*' ? watcher === '*' : watcher !== '*' && rule.watchers.includes(watcher);
}

/** And for nobody else, always. */
function isOnlyFor(rule: WatcherRule, watcher: Watcher): boolean {
  return isPlainRule(rule) && names(rule, watcher) && (rule.watchers === '*' || rule.watchers.length === 1);
}

function unite(some: Attributes, more: Attributes): Attributes {
  return some === '*' || more === '*' ? '*' : [...new Set([...some, ...more])];
}

function subtract(some: Attributes, less: Attributes): readonly AttributeName[] | undefined {
  if (less === '*') return [];
  return some === '*' ? undefined : some.filter((name) => !less.includes(name));
}
