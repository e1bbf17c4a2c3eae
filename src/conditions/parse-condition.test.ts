import { describe, expect, it } from 'vitest';
import { everyDay } from './condition.ts';
import type { Condition, ConditionNode } from './condition.ts';
import { parseCondition } from './parse-condition.ts';

function parse(text: string): Condition {
  const result = parseCondition(text);
  if (!result.ok) throw new Error(`${text}: ${result.error.position}: ${result.error.reason}`);
  return result.value;
}

function is(attribute: string, ...values: string[]): ConditionNode {
  return { kind: 'is', attribute, values, isNegated: false };
}

function isNot(attribute: string, ...values: string[]): ConditionNode {
  return { kind: 'is', attribute, values, isNegated: true };
}

const online = is('online', 'true');
const instant = Date.UTC(2026, 10, 21, 9);

const tests: readonly (readonly [text: string, root: ConditionNode])[] = [
  ['online', online],
  ['online is true', online],
  ['online is not true', isNot('online', 'true')],
  ['mood is angry', is('mood', 'angry')],
  ['mood is not angry', isNot('mood', 'angry')],
  ['mood is one of (angry, sad)', is('mood', 'angry', 'sad')],
  ['mood is one of (angry)', is('mood', 'angry')],
  ['mood is not one of ( angry ,sad , "very sad")', isNot('mood', 'angry', 'sad', 'very sad')],
  ['mood is known', { kind: 'known', attribute: 'mood', isNegated: false }],
  ['mood is not known', { kind: 'known', attribute: 'mood', isNegated: true }],
  ['online is known', { kind: 'known', attribute: 'online', isNegated: false }],
  ['mood changes', { kind: 'changes', attribute: 'mood', index: 0 }],
  ['mood changes from angry', { kind: 'changes', attribute: 'mood', from: 'angry', index: 0 }],
  ['mood changes to happy', { kind: 'changes', attribute: 'mood', to: 'happy', index: 0 }],
  ['mood changes from angry to happy', { kind: 'changes', attribute: 'mood', from: 'angry', to: 'happy', index: 0 }],
  ['online changes to false', { kind: 'changes', attribute: 'online', to: 'false', index: 0 }],
  ['time after 2026-11-21T09:00:00Z', { kind: 'time-after', instant }],
  ['time before 2026-11-21T10:00:00+01:00', { kind: 'time-before', instant }],
  ['time within 18:00-23:00', { kind: 'time-within', fromMinute: 1080, toMinute: 1380, days: everyDay, zone: 'UTC' }],
  [
    'time within 22:30 - 06:15 on sat, mon - wed Europe/Paris',
    { kind: 'time-within', fromMinute: 1350, toMinute: 375, days: 0b0100111, zone: 'Europe/Paris' },
  ],
  ['x-location-text is "5th floor"', is('x-location-text', '5th floor')],
  ['time-offset is +60', is('time-offset', '+60')],
  ['client-type is a.b_c+d-e', is('client-type', 'a.b-c+d-e')],
  ['status-text is ""', is('status-text', '')],
  [String.raw`status-text is "a \"b\" \\ c"`, is('status-text', String.raw`a "b" \ c`)],
  ['status-text is "été 😀 (a) or b"', is('status-text', 'été 😀 (a) or b')],
  ['status-text is online', is('status-text', 'online')],
];

describe('parseCondition reads every test', () => {
  it.each(tests)('%s', (text, root) => {
    expect(parse(text).root).toEqual(root);
  });
});

const angry = is('mood', 'angry');
const sad = is('mood', 'sad');

describe('parseCondition combines tests', () => {
  it.each<readonly [string, ConditionNode]>([
    ['online and mood is angry', { kind: 'and', parts: [online, angry] }],
    ['online or mood is angry and mood is sad', { kind: 'or', parts: [online, { kind: 'and', parts: [angry, sad] }] }],
    ['mood is angry and mood is sad or online', { kind: 'or', parts: [{ kind: 'and', parts: [angry, sad] }, online] }],
    [
      '(online or mood is angry) and mood is sad',
      { kind: 'and', parts: [{ kind: 'or', parts: [online, angry] }, sad] },
    ],
    ['not online and mood is sad', { kind: 'and', parts: [{ kind: 'not', part: online }, sad] }],
    ['not (online and mood is sad)', { kind: 'not', part: { kind: 'and', parts: [online, sad] } }],
    ['not not online', { kind: 'not', part: { kind: 'not', part: online } }],
    ['((online))', online],
    ['online and (mood is angry and mood is sad)', { kind: 'and', parts: [online, angry, sad] }],
    ['(online or mood is angry) or mood is sad', { kind: 'or', parts: [online, angry, sad] }],
    [
      '(online)and(mood is "angry"or(mood is "sad"))',
      { kind: 'and', parts: [online, { kind: 'or', parts: [angry, sad] }] },
    ],
    ['time within 01:00-02:00 or online', { kind: 'or', parts: [parse('time within 01:00-02:00').root, online] }],
  ])('%s', (text, root) => {
    expect(parse(text).root).toEqual(root);
  });

  it.each([
    ['  online\t and\t\tmood   is  angry ', 'online and mood is angry'],
    ['ONLINE And NoT Mood IS One OF (ANGRY, In_Love)', 'online and not mood is one of (angry, in-love)'],
    ['PLACE_TYPE is Home', 'place-type is home'],
    ['X_Room_Number is 12', 'x-room-number is 12'],
    ['availability is NOT_AVAILABLE', 'availability is not-available'],
    ['availability is "Not_Available"', 'availability is not-available'],
    ['mood is "angry"', 'mood is angry'],
    ['mood is "And"', 'mood is "and"'],
    ['status-text is "Back At 5"', 'status-text is "Back At 5"'],
    ['online is true', 'online'],
    ['online is TRUE or online is not false', 'online or online is not false'],
    ['mood is one of (angry)', 'mood is angry'],
    ['time after 2026-11-21t09:00:00.5000z', 'time after 2026-11-21T09:00:00.500Z'],
    ['time after 2026-11-21T00:30:00-01:00', 'time after 2026-11-21T01:30:00Z'],
    ['time within 18:00-23:00 on MON-fri,sat europe/PARIS', 'time within 18:00-23:00 on mon-sat Europe/Paris'],
    ['time within 18:00-23:00 on fri-mon,wed UTC', 'time within 18:00-23:00 on wed,fri-mon'],
    ['time within 18:00-23:00 on tue-mon', 'time within 18:00-23:00'],
    ['time within 18:00-23:00 on mon-mon', 'time within 18:00-23:00 on mon'],
    ['time within 18:00-23:00 Asia/Kolkata', 'time within 18:00-23:00 Asia/Kolkata'],
    ['time within 18:00-23:00 Etc/GMT+5', 'time within 18:00-23:00 Etc/GMT+5'],
  ])('prints %s as %s', (text, printed) => {
    expect(parse(text).text).toBe(printed);
    expect(parse(printed).root).toEqual(parse(text).root);
  });

  it('lists the attributes that are mentioned, each once, and the tests of changes and time', () => {
    const condition = parse(
      'mood changes from a and (Online or X_y is b) and not mood is c and time after 2026-11-21T09:00:00Z',
    );
    expect(condition.attributes).toEqual(['mood', 'online', 'x-y']);
    expect(condition.changeTests).toEqual([{ kind: 'changes', attribute: 'mood', from: 'a', index: 0 }]);
    expect(condition.hasTimeTest).toBe(true);
    expect(condition.timeTests).toEqual([{ kind: 'time-after', instant }]);
    expect(parse('mood is a')).toMatchObject({ hasTimeTest: false, timeTests: [], changeTests: [] });
  });

  it('numbers the tests of changes in order of appearance', () => {
    const { changeTests } = parse('mood changes to a or (activity changes and not mood changes from b)');
    expect(changeTests.map(({ attribute, index }) => [attribute, index])).toEqual([
      ['mood', 0],
      ['activity', 1],
      ['mood', 2],
    ]);
  });
});
