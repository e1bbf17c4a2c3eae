import { describe, expect, it } from 'vitest';
import { AssertionFault } from '../base/assert.ts';
import { evaluateCondition } from './evaluate-condition.ts';
import type { ConditionView } from './word-match.ts';
import type { Condition } from './condition.ts';
import { parseCondition } from './parse-condition.ts';

function parse(text: string): Condition {
  const result = parseCondition(text);
  if (!result.ok) throw new Error(result.error.reason);
  return result.value;
}

const now = Date.UTC(2026, 10, 21, 9);

interface Scene {
  readonly values?: Readonly<Record<string, readonly string[]>>;
  readonly hidden?: readonly string[];
  readonly isSettled?: boolean;
  readonly set?: readonly boolean[];
}

function holds(text: string, scene: Scene = {}): boolean {
  const view: ConditionView = {
    values: (attribute) => scene.values?.[attribute],
    mayRead: (attribute) => scene.hidden?.includes(attribute) !== true,
    isSettled: scene.isSettled ?? true,
  };
  const condition = parse(text);
  const latches = condition.changeTests.map((_, index) => ({ isSet: scene.set?.[index] ?? false }));
  return evaluateCondition(condition, view, latches, now);
}

const mary = { mood: ['Angry', 'in_love'], online: ['true'], 'x-room': ['5th Floor'] };

describe('evaluateCondition, settled', () => {
  it.each<readonly [string, boolean]>([
    ['online', true],
    ['online is true', true],
    ['online is false', false],
    ['not online', false],
    ['mood is angry', true],
    ['mood is IN-LOVE', true],
    ['mood is not angry', false],
    ['mood is sad', false],
    ['mood is not sad', true],
    ['mood is one of (sad, angry)', true],
    ['mood is not one of (sad, angry)', false],
    ['mood is not one of (sad, bored)', true],
    ['mood is known', true],
    ['mood is not known', false],
    ['x-room is "5TH FLOOR"', true],
    ['x-room is "5th"', false],
    ['activity is meeting', false],
    ['activity is not meeting', true],
    ['activity is not one of (meeting, busy)', true],
    ['activity is known', false],
    ['activity is not known', true],
    ['mood is angry and activity is meeting', false],
    ['mood is angry or activity is meeting', true],
    ['not (mood is angry and activity is meeting)', true],
    ['not (mood is angry or activity is meeting)', false],
    ['mood is sad and mood is sad or online', true],
    ['mood is sad and (mood is sad or online)', false],
    ['time after 2026-11-21T09:00:00Z', true],
    ['time after 2026-11-21T09:00:00.001Z', false],
    ['time before 2026-11-21T09:00:00Z', false],
    ['time before 2026-11-21T09:00:00.001Z', true],
    ['time within 10:00-11:00 on sat Europe/Paris', true],
    ['time within 10:00-11:00 on sat', false],
  ])('%s: %s', (text, truth) => {
    expect(holds(text, { values: mary })).toBe(truth);
    expect(holds(`not (${text})`, { values: mary })).toBe(!truth);
  });

  it('takes an unknown online for false', () => {
    expect(holds('online')).toBe(false);
    expect(holds('online is false and online is known')).toBe(true);
    expect(holds('not online', { isSettled: false })).toBe(true);
  });

  it('takes the truth of a change from its latch', () => {
    expect(holds('mood changes or mood changes to happy', { set: [false, false] })).toBe(false);
    expect(holds('mood changes or mood changes to happy', { set: [false, true] })).toBe(true);
    expect(holds('mood changes and not mood changes to happy', { set: [true, false] })).toBe(true);
  });

  it('crashes when the latches are those of another condition', () => {
    const view: ConditionView = { values: () => undefined, mayRead: () => true, isSettled: true };
    expect(() => evaluateCondition(parse('mood changes'), view, [], now)).toThrow(AssertionFault);
  });
});

describe('evaluateCondition, unsettled', () => {
  it.each<readonly [string, boolean, string]>([
    ['activity is not meeting', false, 'rests on an unknown'],
    ['activity is meeting', false, 'rests on an unknown'],
    ['activity is known', false, 'rests on an unknown'],
    ['activity is not known', false, 'rests on an unknown'],
    ['not activity is meeting', false, 'the opposite of undetermined is undetermined'],
    ['activity is meeting or activity is not meeting', false, 'each part is undetermined'],
    ['mood is not sad', true, 'mood is published'],
    ['mood is known', true, 'mood is published'],
    ['mood is angry and activity is not meeting', false, 'the second part is undetermined'],
    ['mood is angry or activity is not meeting', true, 'the first part decides'],
    ['activity is not meeting or mood is angry', true, 'the second part decides'],
    ['not (mood is sad and activity is meeting)', true, 'the first part decides'],
    ['not (activity is meeting and mood is sad)', true, 'the second part decides'],
    ['not (activity is meeting or mood is sad)', false, 'undetermined'],
    ['online', true, 'online is always known'],
    ['online and activity is not meeting', false, 'undetermined'],
    ['time after 2026-11-21T09:00:00Z', true, 'time is always known'],
    ['time after 2026-11-21T09:00:00Z or activity is not meeting', true, 'time is always known'],
    ['time within 09:00-10:00', true, 'time is always known'],
    ['activity changes', true, 'a latch is always known'],
    ['activity changes and activity is not meeting', false, 'undetermined'],
  ])('%s: %s (%s)', (text, truth) => {
    expect(holds(text, { values: mary, isSettled: false, set: [true] })).toBe(truth);
  });
});

describe('evaluateCondition on an attribute that the sender may not see', () => {
  it.each([
    'mood is angry',
    'mood is not angry',
    'not mood is angry',
    'online or mood is angry',
    'mood changes',
    'mood is known',
  ])('%s does not hold', (text) => {
    expect(holds(text, { values: mary, set: [true] })).not.toBe(holds(`not (${text})`, { values: mary, set: [true] }));
    expect(holds(text, { values: mary, set: [true], hidden: ['mood'] })).toBe(false);
    expect(holds(`not (${text})`, { values: mary, set: [true], hidden: ['mood'] })).toBe(false);
  });

  it('although time alone would decide', () => {
    expect(holds('time after 2000-01-01T00:00:00Z or online', { values: mary })).toBe(true);
    expect(holds('time after 2000-01-01T00:00:00Z or online', { values: mary, hidden: ['online'] })).toBe(false);
  });
});
