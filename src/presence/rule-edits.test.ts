import { describe, expect, it } from 'vitest';
import type { Address } from '../model/address.ts';
import type { WatcherRule } from './ports.ts';
import { allowAttributes, decideWatcher, disallowAttributes, usualAttributes } from './rule-edits.ts';

const tom = 'tom@localhost' as Address;
const ann = 'ann@localhost' as Address;

const allowing = (watchers: readonly Address[] | '*', attributes: readonly string[] | '*'): WatcherRule => ({
  watchers,
  attributes,
  action: 'allow',
});
const blocking: WatcherRule = { watchers: [tom], attributes: [], action: 'block' };

describe('allowAttributes', () => {
  it('leaves a rule for several watchers alone and adds one', () => {
    const both = allowing([tom, ann], ['mood']);
    expect(allowAttributes([both], tom, ['sphere'])).toEqual([both, allowing([tom], ['sphere'])]);
  });

  it('does not touch a rule that blocks, nor one for everybody', () => {
    const rules = [blocking, allowing('*', ['mood'])];
    expect(allowAttributes(rules, tom, ['mood'])).toEqual([...rules, allowing([tom], ['mood'])]);
  });

  it('makes everything of something and everything', () => {
    expect(allowAttributes([allowing([tom], ['mood'])], tom, '*')).toEqual([allowing([tom], '*')]);
    expect(allowAttributes([allowing([tom], '*')], tom, ['mood'])).toEqual([allowing([tom], '*')]);
  });
});

describe('disallowAttributes', () => {
  it('leaves the other watchers of a rule what they had', () => {
    expect(disallowAttributes([allowing([tom, ann], ['mood', 'sphere'])], tom, ['mood'])).toEqual({
      ok: true,
      value: [allowing([ann], ['mood', 'sphere']), allowing([tom], ['sphere'])],
    });
  });

  it('does not touch what names others, or blocks', () => {
    const rules = [allowing([ann], ['mood']), allowing('*', ['mood']), blocking];
    expect(disallowAttributes(rules, tom, '*')).toEqual({ ok: true, value: rules });
  });

  it('takes from everybody when everybody is meant', () => {
    const rules = [allowing('*', ['mood', 'sphere']), allowing([tom], ['mood'])];
    expect(disallowAttributes(rules, '*', ['mood'])).toEqual({
      ok: true,
      value: [allowing('*', ['sphere']), allowing([tom], ['mood'])],
    });
  });
});

describe('rules that say more', () => {
  const atWork: WatcherRule = { ...allowing([tom], ['mood', 'sphere']), id: 'a', spheres: ['work'] };
  const crowd: WatcherRule = { ...allowing([tom], ['mood', 'sphere']), id: 'b', domains: ['example.org'] };

  it('are not widened by what is allowed, nor replaced by an answer', () => {
    expect(allowAttributes([atWork], tom, ['mood'])).toEqual([atWork, allowing([tom], ['mood'])]);
    expect(decideWatcher([atWork, crowd], tom, 'nothing')).toEqual([atWork, crowd, blocking]);
  });

  it('an answer replaces what has only a name more', () => {
    expect(decideWatcher([{ ...allowing([tom], ['mood']), id: 'c' }], tom, 'nothing')).toEqual([blocking]);
  });

  it('stay for others, and when they held, where something is taken away', () => {
    expect(disallowAttributes([atWork], tom, ['mood'])).toMatchObject({
      value: [{ ...atWork, attributes: ['sphere'] }],
    });
    const { id: _id, domains: _domains, ...rest } = crowd;
    expect(disallowAttributes([crowd], tom, ['mood'])).toMatchObject({
      value: [
        { ...crowd, watchers: [] },
        { ...rest, attributes: ['sphere'] },
      ],
    });
    const none: WatcherRule = { ...allowing([tom], ['mood']), action: 'none' };
    expect(disallowAttributes([none], tom, '*')).toMatchObject({ value: [] });
  });
});

describe('decideWatcher', () => {
  it('takes the place of what was said about that watcher alone, and of nothing else', () => {
    const both = allowing([tom, ann], ['mood']);
    expect(decideWatcher([blocking, both], tom, ['online'])).toEqual([both, allowing([tom], ['online'])]);
    expect(decideWatcher([allowing([tom], '*'), both], tom, 'nothing')).toEqual([both, blocking]);
  });

  it('lets see the usual, or the least that helps', () => {
    expect(usualAttributes('*')).toBe('*');
    expect(usualAttributes(['mood'])).toEqual(['mood']);
    expect(usualAttributes([])).toEqual(['online', 'availability']);
  });
});
