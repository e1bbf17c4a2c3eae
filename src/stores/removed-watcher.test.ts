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

  it('are for whom else they are, and keep out who was an exception', () => {
    const crowd: WatcherRule = { ...allow(tom), domains: ['example.com'], except: { watchers: [tom] } };
    const none: WatcherRule = { ...allow(tom), action: 'none' };
    const other: WatcherRule = { ...allow(), otherUris: ['tel:1'] };
    expect(rulesWithoutWatcher([crowd, none, other], tom)).toEqual([{ ...crowd, watchers: [] }, other]);
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
