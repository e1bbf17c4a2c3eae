import { describe, expect, it } from 'vitest';
import type { Address } from '../model/address.ts';
import { memoryStores } from '../stores/memory/memory-stores.ts';
import { WatcherRuleBook } from './watcher-rule-book.ts';
import { VirtualTime } from '../base/time/virtual-time.ts';
import { emptyPresenceState } from '../model/presence-state.ts';
import { watcherRulesMax } from './watcher-rules.ts';

const mary = 'mary@example.com' as Address;
const tom = 'tom@example.com' as Address;

const rule = (attribute: string) => ({ watchers: [tom], attributes: [attribute], action: 'allow' }) as const;
const time = new VirtualTime(0);
const stores = memoryStores();
const plan = { store: stores.rules, clock: time, timers: time, onTurn: () => undefined };

describe('WatcherRuleBook', () => {
  it('lets a block of the account beat every rule, but never keeps an owner out', () => {
    const book = new WatcherRuleBook({ ...plan, visibleByDefault: '*', blockOf: () => 'polite-block' });
    book.load(mary, [{ watchers: [tom], attributes: '*', action: 'allow' }]);
    expect(book.visibility(mary, tom, emptyPresenceState)).toEqual({ handling: 'polite-block', attributes: new Set() });
    expect(book.visibility(mary, mary, emptyPresenceState)).toEqual({ handling: 'allow', attributes: '*' });
  });

  it('refuses too many rules and keeps those that are set', async () => {
    const book = new WatcherRuleBook({ ...plan, visibleByDefault: [], blockOf: undefined });
    const rules = Array.from(
      { length: watcherRulesMax },
      () => ({ watchers: '*', attributes: [], action: 'block' }) as const,
    );
    expect(await book.set(mary, rules)).toEqual({ kind: 'changed' });
    expect(await book.set(mary, [...rules, ...rules.slice(0, 1)])).toEqual({ kind: 'too-many' });
    expect(book.rulesOf(mary)).toHaveLength(watcherRulesMax);
  });

  it('does nothing when the rules in the store are not those that it was told of', async () => {
    const store = memoryStores().rules;
    const book = new WatcherRuleBook({ ...plan, store, visibleByDefault: [], blockOf: undefined });
    const [some, more] = [[rule('mood')], [rule('sphere')]];
    await store.setRules(mary, some);
    expect(await book.set(mary, more, { before: [] })).toEqual({ kind: 'outdated' });
    expect([book.rulesOf(mary), await store.rulesOf(mary)]).toEqual([[], some]);
    expect(await book.set(mary, more, { before: some })).toEqual({ kind: 'changed' });
  });

  it('looks again when a range begins and when it ends, and no more when the rules are others', async () => {
    const turns: number[] = [];
    const book = new WatcherRuleBook({
      ...plan,
      onTurn: () => turns.push(time.wall()),
      visibleByDefault: [],
      blockOf: undefined,
    });
    const sees = () => book.visibility(mary, tom, emptyPresenceState).handling;
    book.load(mary, [{ ...rule('mood'), validity: [{ from: 5_000, until: 9_000 }] }]);
    expect(sees()).toBe('confirm');
    await time.advance(5_000);
    expect([turns, sees()]).toEqual([[5_000], 'allow']);
    await time.advance(3_999);
    expect(sees()).toBe('allow');
    await time.advance(1);
    expect([turns, sees()]).toEqual([[5_000, 9_000], 'confirm']);
    book.load(mary, [{ ...rule('mood'), validity: [{ from: 20_000, until: 30_000 }] }]);
    book.load(mary, []);
    await time.advance(40_000);
    expect(turns).toHaveLength(2);
  });

  it('says what is new to it', () => {
    const book = new WatcherRuleBook({ ...plan, visibleByDefault: [], blockOf: undefined });
    const rules = [{ watchers: '*', attributes: ['mood'], action: 'allow' }] as const;
    expect([book.load(mary, rules), book.load(mary, structuredClone(rules)), book.load(mary, [])]).toEqual([
      true,
      false,
      true,
    ]);
    expect([book.load(mary, []), book.forget(mary)]).toEqual([false, false]);
  });
});
