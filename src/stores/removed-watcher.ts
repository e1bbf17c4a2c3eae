/**
 * What remains of somebody's rules when a watcher's account is removed. A later account of that name inherits nothing
 * (contract section 2): leave that was given to the old one goes; what keeps the name out stays.
 */
import type { Address } from '../model/address.ts';
import type { WatcherRule } from '../presence/ports.ts';

/** The rules that are left, or undefined when none of them gave `watcher` anything. */
export function rulesWithoutWatcher(rules: readonly WatcherRule[], watcher: Address): WatcherRule[] | undefined {
  if (!rules.some((rule) => givesLeave(rule, watcher))) return undefined;
  const left: WatcherRule[] = [];
  for (const rule of rules) {
    if (!givesLeave(rule, watcher)) left.push(rule);
    else left.push({ ...rule, watchers: namedWatchers(rule).filter((name) => name !== watcher) });
  }
  return left.filter(({ watchers, domains, otherUris }) => watchers.length > 0 || (domains ?? otherUris) !== undefined);
}

function givesLeave(rule: WatcherRule, watcher: Address): boolean {
  return (rule.action === 'allow' || rule.action === 'none') && namedWatchers(rule).includes(watcher);
}

function namedWatchers(rule: WatcherRule): readonly Address[] {
  return rule.watchers === '*' ? [] : rule.watchers;
}
