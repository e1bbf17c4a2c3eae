import { describe, expect, it } from 'vitest';
import type { Address } from '../model/address.ts';
import type { WatcherRule } from '../presence/ports.ts';
import { rulesWithoutWatcher } from './removed-watcher.ts';

const [tom, ann] = ['tom@example.com' as Address, 'ann@example.com' as Address];
const allow = (...watchers: Address[]): WatcherRule => ({ watchers, attributes: ['mood'], action: 'allow' });

describe('the rules that remain when a watcher is removed', () => {
  it('are without leave for it', () => {
    expect(rulesWithoutWatcher([allow(tom), allow(ann, tom), allow(ann)], tom)).toEqual([allow(ann), allow(ann)]);
    expect(rulesWithoutWatcher([allow(tom, tom)], tom)).toEqual([]);
  });

  it('are the same, and said to be, when none gave it leave', () => {
    const rules: WatcherRule[] = [
      allow(ann),
      { watchers: '*', attributes: '*', action: 'allow' },
      { watchers: [tom], attributes: '*', action: 'block' },
      { watchers: [tom], attributes: '*', action: 'confirm' },
    ];
    expect(rulesWithoutWatcher(rules, tom)).toBeUndefined();
    expect(rulesWithoutWatcher([...rules, allow(tom)], tom)).toEqual(rules);
  });
});
