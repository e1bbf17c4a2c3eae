import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unreachable } from '../base/assert.ts';
import { isSameWord } from '../model/presence-state.ts';
import type { ChangeLatch } from './change-latch.ts';
import { conditionCharactersMax } from './condition.ts';
import type { Condition, ConditionNode, Test, WindowTest } from './condition.ts';
import { describeCondition } from './describe-condition.ts';
import { evaluateCondition } from './evaluate-condition.ts';
import { parseCondition } from './parse-condition.ts';
import { printCondition } from './print-condition.ts';

const attribute = fc.constantFrom('mood', 'activity', 'place-type', 'x-a');
const word = fc.constantFrom('a', 'b', 'c', 'a.b+c', 'and', 'known', 'one', 'online');
const value = fc.oneof(word, fc.constantFrom('', 'A b', 'say "hi"', String.raw`back\slash\\`, 'été', '(x)', 'a,b'));
const bounds = fc.record({ from: value, to: value }, { requiredKeys: [] });

const test: fc.Arbitrary<Test> = fc.oneof(
  fc.record({
    kind: fc.constant('is' as const),
    attribute,
    values: fc.array(value, { minLength: 1, maxLength: 3 }),
    isNegated: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('is' as const),
    attribute: fc.constantFrom('online'),
    values: fc.array(fc.constantFrom('true', 'false'), { minLength: 1, maxLength: 2 }),
    isNegated: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('known' as const), attribute, isNegated: fc.boolean() }),
  fc
    .record({ attribute, bounds })
    .map((a) => ({ kind: 'changes' as const, attribute: a.attribute, ...a.bounds, index: 0 })),
  fc.record({
    kind: fc.constantFrom('time-after' as const, 'time-before' as const),
    instant: fc.integer({ min: Date.parse('0000-01-01T00:00:00Z'), max: Date.parse('9999-12-31T23:59:59Z') }),
  }),
  fc.record({
    kind: fc.constant('time-within' as const),
    fromMinute: fc.nat(1439),
    toMinute: fc.nat(1439),
    days: fc.integer({ min: 1, max: 127 }),
    zone: fc.constantFrom('UTC', 'Europe/Paris', 'America/Argentina/Buenos_Aires', 'Asia/Kolkata', 'Etc/GMT-3'),
  }),
);

/** Trees in the one form that is ever read: no `or` right in an `or`, no `and` right in an `and`. */
const { node } = fc.letrec<{ node: ConditionNode; or: ConditionNode; and: ConditionNode; unary: ConditionNode }>(
  (tie) => ({
    node: fc.oneof({ depthSize: 'small', withCrossShrink: true }, test, tie('or'), tie('and'), tie('unary')),
    or: fc
      .array(fc.oneof({ depthSize: 'small' }, test, tie('and'), tie('unary')), { minLength: 2, maxLength: 3 })
      .map((parts) => ({ kind: 'or' as const, parts })),
    and: fc
      .array(fc.oneof({ depthSize: 'small' }, test, tie('or'), tie('unary')), { minLength: 2, maxLength: 3 })
      .map((parts) => ({ kind: 'and' as const, parts })),
    unary: tie('node').map((part) => ({ kind: 'not' as const, part })),
  }),
);

/** Change tests are numbered in order of appearance. */
function number(root: ConditionNode, next = { index: 0 }): ConditionNode {
  if (root.kind === 'and' || root.kind === 'or')
    return { ...root, parts: root.parts.map((part) => number(part, next)) };
  if (root.kind === 'not') return { ...root, part: number(root.part, next) };
  return root.kind === 'changes' ? { ...root, index: next.index++ } : root;
}

const tree = node.map((root) => number(root)).filter((root) => printCondition(root).length <= conditionCharactersMax);

/** Undefined when the tree is deeper or has more tests than a condition may have. */
function read(text: string): Condition | undefined {
  const result = parseCondition(text);
  if (result.ok) return result.value;
  expect(result.error.reason).toMatch(/at most/);
  return undefined;
}

describe('printing', () => {
  it('and reading again is identity', () => {
    fc.assert(
      fc.property(tree, (root) => {
        const text = printCondition(root);
        const condition = read(text);
        if (condition === undefined) return;
        expect(condition.root).toEqual(root);
        expect(condition.text).toBe(text);
        expect(describeCondition(condition)).toMatch(/^Wait until .*\.$/);
      }),
      { numRuns: 500 },
    );
  });

  it('undoes spaces, case of keywords and parentheses that change nothing', () => {
    const gap = fc.constantFrom(' ', '  ', '\t', ' \t ');
    fc.assert(
      fc.property(tree, fc.infiniteStream(gap), fc.boolean(), (root, gaps, isLoud) => {
        const text = printCondition(root);
        const pieces = text.split(/( |"(?:[^"\\]|\\.)*")/).map((piece) => {
          if (piece === ' ') return String(gaps.next().value);
          return isLoud && /^[a-z]+$/.test(piece) ? piece.toUpperCase() : piece;
        });
        const loose = `(${pieces.join('')})`;
        if (loose.length > conditionCharactersMax) return;
        const condition = read(loose);
        if (condition === undefined) return;
        expect(condition.root).toEqual(root);
        expect(condition.text).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});

interface Facts {
  readonly values: Readonly<Record<string, readonly string[]>>;
  readonly hidden: readonly string[];
  readonly isSettled: boolean;
  readonly set: readonly boolean[];
  readonly now: number;
}

const facts: fc.Arbitrary<Facts> = fc.record({
  values: fc.dictionary(
    attribute,
    fc.array(fc.constantFrom('a', 'B', 'c', 'a b', 'AND'), { minLength: 1, maxLength: 2 }),
  ),
  hidden: fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(attribute, { maxLength: 1 }) },
  ),
  isSettled: fc.boolean(),
  set: fc.array(fc.boolean(), { minLength: 32, maxLength: 32 }),
  now: fc.constantFrom(0, Date.UTC(2026, 10, 21, 9), Date.UTC(2026, 2, 29, 1, 30)),
});

/** The same said with sets: which truths a node may still take when more becomes known. */
function possible(root: ConditionNode, given: Facts): Set<boolean> {
  if (root.kind === 'not') return new Set([...possible(root.part, given)].map((truth) => !truth));
  if (root.kind === 'and' || root.kind === 'or') {
    const decisive = root.kind === 'or';
    const parts = root.parts.map((part) => possible(part, given));
    const truths = new Set<boolean>();
    if (parts.some((part) => part.has(decisive))) truths.add(decisive);
    if (parts.every((part) => part.has(!decisive))) truths.add(!decisive);
    return truths;
  }
  return possibleOfTest(root, given);
}

function possibleOfTest(root: Test, given: Facts): Set<boolean> {
  switch (root.kind) {
    case 'changes':
      return new Set([given.set[root.index] ?? false]);
    case 'time-after':
      return new Set([given.now >= root.instant]);
    case 'time-before':
      return new Set([given.now < root.instant]);
    case 'time-within':
      return new Set([isOpenByHand(root, given.now)]);
    case 'known':
    case 'is': {
      const values = root.attribute === 'online' ? ['false'] : given.values[root.attribute];
      if (values === undefined && !given.isSettled) return new Set([true, false]);
      if (root.kind === 'known') return new Set([root.isNegated === (values === undefined)]);
      const isOne = (values ?? []).some((has) => root.values.some((wants) => isSameWord(has, wants)));
      return new Set([isOne !== root.isNegated]);
    }
    default:
      return unreachable(root);
  }
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Asks the engine what the wall shows, and counts from the openings of today and yesterday. */
function isOpenByHand(window: WindowTest, now: number): boolean {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: window.zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const [weekday = '', time = ''] = format.format(now).split(' ');
  const [hour = '', minute = ''] = time.split(':');
  const length = (window.toMinute - window.fromMinute + 1440) % 1440 || 1440;
  return [0, 1].some((daysAgo) => {
    const day = (weekdays.indexOf(weekday) - daysAgo + 7) % 7;
    const since = Number(hour) * 60 + Number(minute) + daysAgo * 1440 - window.fromMinute;
    return ((window.days >> day) & 1) === 1 && since >= 0 && since < length;
  });
}

function evaluateWith(condition: Condition, given: Facts): boolean {
  const view = {
    values: (name: string) => given.values[name],
    mayRead: (name: string) => !given.hidden.includes(name),
    isSettled: given.isSettled,
  };
  const latches: ChangeLatch[] = condition.changeTests.map((_, index) => ({ isSet: given.set[index] ?? false }));
  return evaluateCondition(condition, view, latches, given.now);
}

describe('evaluating', () => {
  it('agrees with the sets of possible truths', () => {
    fc.assert(
      fc.property(tree, facts, (root, given) => {
        const condition = read(printCondition(root));
        if (condition === undefined) return;
        const isHidden = condition.attributes.some((name) => given.hidden.includes(name));
        const truths = possible(condition.root, given);
        expect(evaluateWith(condition, given)).toBe(!isHidden && truths.has(true) && !truths.has(false));
      }),
      { numRuns: 1000 },
    );
  });
});
