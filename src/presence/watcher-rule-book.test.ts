import { describe, expect, it } from 'vitest';
import type { Address } from '../model/address.ts';
import { memoryStores } from '../stores/memory/memory-stores.ts';
import { WatcherRuleBook } from './watcher-rule-book.ts';
import { watcherRulesMax } from './watcher-rules.ts';

const mary = 'mary@example.com' as Address;
const tom = 'tom@example.com' as Address;

describe('WatcherRuleBook', () => {
  it('lets a block of the account beat every rule, but never keeps an owner out', () => {
    const book = new WatcherRuleBook(memoryStores().rules, '*', () => 'polite-block');
    book.load(mary, [{ watchers: [tom], attributes: '*', action: 'allow' }]);
    expect(book.visibility(mary, tom)).toEqual({ handling: 'polite-block', attributes: new Set() });
    expect(book.visibility(mary, mary)).toEqual({ handling: 'allow', attributes: '*' });
  });

  it('refuses too many rules and keeps those that are set', async () => {
    const book = new WatcherRuleBook(memoryStores().rules, [], undefined);
    const rules = Array.from(
      { length: watcherRulesMax },
      () => ({ watchers: '*', attributes: [], action: 'block' }) as const,
    );
    expect(await book.set(mary, rules)).toEqual({ kind: 'changed' });
    expect(await book.set(mary, [...rules, ...rules.slice(0, 1)])).toEqual({ kind: 'too-many' });
    expect(book.rulesOf(mary)).toHaveLength(watcherRulesMax);
  });

  it('says what is new to it', () => {
    const book = new WatcherRuleBook(memoryStores().rules, [], undefined);
    const rules = [{ watchers: '*', attributes: ['mood'], action: 'allow' }] as const;
    expect([book.load(mary, rules), book.load(mary, structuredClone(rules)), book.load(mary, [])]).toEqual([
      true,
      false,
      true,
    ]);
    expect([book.load(mary, []), book.forget(mary)]).toEqual([false, false]);
  });
});
