import { describe, expect, it } from 'vitest';
import type { Address } from '../model/address.ts';
import { emptyPresenceState } from '../model/presence-state.ts';
import type { RuleAction, WatcherRule } from './ports.ts';
import {
  areTooManyRules,
  compileAttributes,
  compileWatcherRules,
  decideVisibility,
  ruleNamesMax,
  watcherRulesMax,
} from './watcher-rules.ts';

const mary = 'mary@example.com' as Address;
const tom = 'tom@example.com' as Address;
const eve = 'eve@other.org' as Address;
const byDefault = ['online', 'availability'];

function rule(action: RuleAction, watchers: Address[] | '*', attributes: string[] | '*' = []): WatcherRule {
  return { action, watchers, attributes };
}

function decide(watcher: Address, rules: WatcherRule[], visibleByDefault: string[] | '*' = byDefault): string {
  const { handling, attributes } = decideVisibility({
    owner: mary,
    watcher,
    rules: rules.length === 0 ? undefined : compileWatcherRules(rules),
    state: emptyPresenceState,
    now: 0,
    visibleByDefault: compileAttributes(visibleByDefault),
  });
  const words = attributes === '*' ? '*' : [...attributes].sort().join(' ');
  return words === '' ? handling : `${handling} ${words}`;
}

describe('decideVisibility, without a default', () => {
  const block = rule('block', [tom]);
  const polite = rule('polite-block', [tom]);
  const confirm = rule('confirm', [tom]);
  const mood = rule('allow', [tom], ['mood']);
  const blockAll = rule('block', '*');
  const politeAll = rule('polite-block', '*');
  const confirmAll = rule('confirm', '*');
  const activityAll = rule('allow', '*', ['activity']);

  // Every combination of one named and one general rule.
  const table: readonly (readonly [string, WatcherRule[], string])[] = [
    ['nothing', [], 'confirm'],
    ['allow named', [mood], 'allow mood'],
    ['block named', [block], 'block'],
    ['polite named', [polite], 'polite-block'],
    ['confirm named', [confirm], 'confirm'],
    ['allow all', [activityAll], 'allow activity'],
    ['block all', [blockAll], 'block'],
    ['polite all', [politeAll], 'polite-block'],
    ['confirm all', [confirmAll], 'confirm'],
    ['allow named, allow all', [mood, activityAll], 'allow activity mood'],
    ['allow named, block all', [mood, blockAll], 'allow mood'],
    ['allow named, polite all', [mood, politeAll], 'allow mood'],
    ['allow named, confirm all', [mood, confirmAll], 'allow mood'],
    ['block named, allow all', [block, activityAll], 'block'],
    ['block named, block all', [block, blockAll], 'block'],
    ['block named, polite all', [block, politeAll], 'block'],
    ['block named, confirm all', [block, confirmAll], 'block'],
    ['polite named, allow all', [polite, activityAll], 'polite-block'],
    ['polite named, block all', [polite, blockAll], 'polite-block'],
    ['polite named, polite all', [polite, politeAll], 'polite-block'],
    ['polite named, confirm all', [polite, confirmAll], 'polite-block'],
    ['confirm named, allow all', [confirm, activityAll], 'allow activity'],
    ['confirm named, block all', [confirm, blockAll], 'confirm'],
    ['confirm named, polite all', [confirm, politeAll], 'confirm'],
    ['confirm named, confirm all', [confirm, confirmAll], 'confirm'],
    ['allow and block named', [mood, block], 'block'],
    ['allow and polite named', [mood, polite], 'polite-block'],
    ['allow and confirm named', [mood, confirm], 'allow mood'],
    ['block and polite named', [block, polite], 'polite-block'],
    ['block and polite all', [blockAll, politeAll], 'polite-block'],
    ['allow and block all', [activityAll, blockAll], 'allow activity'],
    ['allow and confirm all', [activityAll, confirmAll], 'allow activity'],
    ['a rule for somebody else', [rule('allow', [eve], '*'), rule('block', [eve])], 'confirm'],
    ['allow twice', [mood, rule('allow', [eve, tom], ['sphere'])], 'allow mood sphere'],
    ['allow everything', [mood, rule('allow', [tom], '*')], 'allow *'],
    ['allow nothing', [rule('allow', [tom])], 'allow'],
    ['attributes of a block', [rule('block', [tom], '*')], 'block'],
  ];

  it.each(table)('%s', (_what, rules, expected) => {
    expect(decide(tom, rules, [])).toBe(expected);
    expect(decide(tom, rules.toReversed(), [])).toBe(expected);
  });
});

describe('decideVisibility, with a default', () => {
  it.each([
    ['a member of the domain', tom, [], 'allow availability online'],
    ['a stranger', eve, [], 'confirm'],
    ['allow unites with it', tom, [rule('allow', [tom], ['mood'])], 'allow availability mood online'],
    ['allow of a stranger does not', eve, [rule('allow', [eve], ['mood'])], 'allow mood'],
    ['allow for all unites with it', tom, [rule('allow', '*', ['mood'])], 'allow availability mood online'],
    ['block for all beats it', tom, [rule('block', '*')], 'block'],
    ['polite block for all beats it', tom, [rule('polite-block', '*')], 'polite-block'],
    ['beaten, it does not unite', tom, [rule('block', '*'), rule('allow', [tom], ['mood'])], 'allow mood'],
    ['a block that names beats it', tom, [rule('block', [tom])], 'block'],
    ['confirm that names beats it', tom, [rule('confirm', [tom])], 'confirm'],
    ['confirm for all beats it', tom, [rule('confirm', '*')], 'confirm'],
    [
      'confirm does not keep it from uniting',
      tom,
      [rule('confirm', '*'), rule('allow', [tom], ['mood'])],
      'allow availability mood online',
    ],
  ] as const)('%s', (_what, watcher, rules, expected) => {
    expect(decide(watcher, [...rules])).toBe(expected);
  });

  it('may be everything or nothing', () => {
    expect(decide(tom, [], '*')).toBe('allow *');
    expect(decide(eve, [], '*')).toBe('confirm');
    expect(decide(tom, [], [])).toBe('confirm');
  });

  it('never keeps an owner out', () => {
    expect(decide(mary, [rule('block', '*'), rule('block', [mary])], [])).toBe('allow *');
  });

  it('compares names without case', () => {
    expect(decide(tom, [rule('allow', [tom], ['Place_Type'])], [])).toBe('allow place-type');
  });
});

describe('limits', () => {
  it('hold at each and one past it', () => {
    const rules = (count: number): WatcherRule[] => Array.from({ length: count }, () => rule('block', '*'));
    expect([areTooManyRules(rules(watcherRulesMax)), areTooManyRules(rules(watcherRulesMax + 1))]).toEqual([
      false,
      true,
    ]);
    const names = (count: number): WatcherRule[] => [
      rule(
        'allow',
        [tom],
        Array.from({ length: count - 1 }, () => 'a'),
      ),
    ];
    expect([areTooManyRules(names(ruleNamesMax)), areTooManyRules(names(ruleNamesMax + 1))]).toEqual([false, true]);
  });
});
