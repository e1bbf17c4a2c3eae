import { describe, expect, it } from 'vitest';
import type { Address } from '../model/address.ts';
import type { WatcherRule } from '../model/watcher-rule.ts';
import {
  areTooManyRules,
  compileAttributes,
  compileWatcherRules,
  decideVisibility,
  nextTurnOf,
  ruleNamesMax,
} from './watcher-rules.ts';

const mary = 'mary@example.com' as Address;
const tom = 'tom@example.com' as Address;
const eve = 'eve@other.org' as Address;

interface Facts {
  readonly sphere?: readonly string[];
  readonly now?: number;
  readonly visibleByDefault?: readonly string[];
}

function decide(watcher: Address, rules: readonly WatcherRule[], facts: Facts = {}): string {
  const { sphere = [], now = 0, visibleByDefault = [] } = facts;
  const { handling, attributes } = decideVisibility({
    owner: mary,
    watcher,
    rules: compileWatcherRules(rules),
    state: new Map(sphere.length === 0 ? [] : [['sphere', sphere]]),
    now,
    visibleByDefault: compileAttributes(visibleByDefault),
  });
  const words = attributes === '*' ? '*' : [...attributes].sort().join(' ');
  return words === '' ? handling : `${handling} ${words}`;
}

const allow = (more: Partial<WatcherRule>): WatcherRule => ({
  watchers: [],
  attributes: ['mood'],
  action: 'allow',
  ...more,
});

describe('for whom a rule is', () => {
  it.each<[string, Partial<WatcherRule>, string, string]>([
    ['a domain', { domains: ['example.com'] }, 'allow mood', 'confirm'],
    ['a domain in capitals', { domains: ['OTHER.org'] }, 'confirm', 'allow mood'],
    ['every domain', { domains: ['*'] }, 'allow mood', 'allow mood'],
    ['all but one', { domains: ['*'], except: { watchers: [tom] } }, 'confirm', 'allow mood'],
    ['all but a domain', { domains: ['*'], except: { domains: ['other.org'] } }, 'allow mood', 'confirm'],
    ['a domain but one', { domains: ['example.com'], except: { watchers: [tom] } }, 'confirm', 'confirm'],
    ['one besides a domain', { watchers: [eve], domains: ['example.com'] }, 'allow mood', 'allow mood'],
    [
      'one who is an exception too',
      { watchers: [tom], domains: ['*'], except: { watchers: [tom] } },
      'allow mood',
      'allow mood',
    ],
    ['nobody here', { otherUris: ['tel:+1'] }, 'confirm', 'confirm'],
    [
      'nobody, by a condition that nobody knows',
      { watchers: '*', unknownConditions: ['{urn:x}y'] },
      'confirm',
      'confirm',
    ],
  ])('%s', (_who, more, ofTom, ofEve) => {
    expect([decide(tom, [allow(more)]), decide(eve, [allow(more)])]).toEqual([ofTom, ofEve]);
  });

  it('a block for a domain beats the default and no allow; one that names beats all', () => {
    const facts = { visibleByDefault: ['online'] };
    const domain: WatcherRule = { watchers: [], domains: ['example.com'], attributes: [], action: 'block' };
    expect(decide(tom, [domain], facts)).toBe('block');
    expect(decide(tom, [domain, allow({ watchers: [tom] })], facts)).toBe('allow mood');
    expect(decide(tom, [{ ...domain, watchers: [tom] }, allow({ watchers: [tom] })], facts)).toBe('block');
    expect(decide(tom, [{ ...domain, action: 'confirm' }, domain])).toBe('block');
    expect(decide(tom, [{ ...domain, action: 'confirm' }], facts)).toBe('confirm');
  });
});

describe('when a rule applies', () => {
  const work = allow({ watchers: [tom], spheres: ['work', 'On_Duty'] });

  it('in one of its spheres, where there is exactly one', () => {
    expect(decide(tom, [work])).toBe('confirm');
    expect(decide(tom, [work], { sphere: ['WORK'] })).toBe('allow mood');
    expect(decide(tom, [work], { sphere: ['on-duty'] })).toBe('allow mood');
    expect(decide(tom, [work], { sphere: ['home'] })).toBe('confirm');
    expect(decide(tom, [work], { sphere: ['work', 'home'] })).toBe('confirm');
    expect(decide(tom, [allow({ watchers: [tom], spheres: [''] })], { sphere: ['work'] })).toBe('confirm');
  });

  it('from the first moment of a range to the one before its end', () => {
    const rules = [
      allow({
        watchers: [tom],
        validity: [
          { from: 10, until: 20 },
          { from: 30, until: 40 },
        ],
      }),
    ];
    const at = (now: number) => decide(tom, rules, { now });
    expect([9, 10, 19, 20, 29, 30, 39, 40].map((now) => at(now) === 'allow mood')).toEqual([
      false,
      true,
      true,
      false,
      false,
      true,
      true,
      false,
    ]);
    const next = (now: number) => nextTurnOf(compileWatcherRules(rules), now);
    expect([0, 10, 25, 30, 40].map(next)).toEqual([10, 20, 30, 40, undefined]);
  });

  it('while all of it holds', () => {
    const rules = [allow({ domains: ['example.com'], spheres: ['work'], validity: [{ from: 10, until: 20 }] })];
    expect(decide(tom, rules, { now: 10, sphere: ['work'] })).toBe('allow mood');
    expect(decide(tom, rules, { now: 9, sphere: ['work'] })).toBe('confirm');
    expect(decide(tom, rules, { now: 10 })).toBe('confirm');
    expect(decide(eve, rules, { now: 10, sphere: ['work'] })).toBe('confirm');
  });
});

describe('a rule that says nothing of the subscription', () => {
  const more: WatcherRule = { watchers: '*', attributes: ['sphere'], action: 'none' };

  it('adds to what may be seen, and lets nobody see anything by itself', () => {
    expect(decide(eve, [more])).toBe('confirm');
    expect(decide(eve, [more, allow({ watchers: [eve] })])).toBe('allow mood sphere');
    expect(decide(tom, [more], { visibleByDefault: ['online'] })).toBe('allow online sphere');
    expect(decide(tom, [more, { ...more, action: 'block' }], { visibleByDefault: ['online'] })).toBe('block');
  });
});

it('everything that a rule names is counted', () => {
  const many = (count: number) => [allow({ domains: Array.from({ length: count - 1 }, (_, at) => `d${at}.org`) })];
  expect([areTooManyRules(many(ruleNamesMax)), areTooManyRules(many(ruleNamesMax + 1))]).toEqual([false, true]);
});
