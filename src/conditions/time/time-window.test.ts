import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Condition, WindowTest } from '../condition.ts';
import { nextTurn } from '../next-turn.ts';
import { parseCondition } from '../parse-condition.ts';
import { isWithinWindow } from './time-window.ts';

function parse(text: string): Condition {
  const result = parseCondition(text);
  if (!result.ok) throw new Error(`${text}: ${result.error.reason}`);
  return result.value;
}

function windowOf(text: string): WindowTest {
  const { root } = parse(`time within ${text}`);
  if (root.kind !== 'time-within') throw new Error(text);
  return root;
}

/** Every turn in a span, by what `nextTurn` says. */
function turnsOf(text: string, start: string, end: string): string[] {
  const condition = parse(`time within ${text}`);
  const turns: string[] = [];
  let now = Date.parse(start);
  for (;;) {
    const turn = nextTurn(condition, now);
    if (turn === undefined || turn >= Date.parse(end)) return turns;
    expect(isWithinWindow(windowOf(text), turn)).not.toBe(isWithinWindow(windowOf(text), turn - 1));
    turns.push(new Date(turn).toISOString().slice(0, 16));
    now = turn;
  }
}

describe('a window', () => {
  it.each([
    ['18:00-23:00', '2026-11-21T17:59:59.999Z', false],
    ['18:00-23:00', '2026-11-21T18:00:00Z', true],
    ['18:00-23:00', '2026-11-21T22:59:59.999Z', true],
    ['18:00-23:00', '2026-11-21T23:00:00Z', false],
    ['22:00-06:00 on fri', '2026-11-20T22:00:00Z', true],
    ['22:00-06:00 on fri', '2026-11-21T05:59:00Z', true],
    ['22:00-06:00 on fri', '2026-11-21T06:00:00Z', false],
    ['22:00-06:00 on fri', '2026-11-20T05:00:00Z', false],
    ['22:00-06:00 on fri', '2026-11-21T22:00:00Z', false],
    ['22:00-06:00 on sun', '2026-11-23T05:59:00Z', true],
    ['00:00-00:00 on sat', '2026-11-21T00:00:00Z', true],
    ['00:00-00:00 on sat', '2026-11-21T23:59:59Z', true],
    ['00:00-00:00 on sat', '2026-11-22T00:00:00Z', false],
    ['08:00-08:00 on sat', '2026-11-22T07:59:00Z', true],
    ['08:00-08:00 on sat', '2026-11-21T07:59:00Z', false],
    ['10:00-11:00 on fri-mon', '2026-11-23T10:30:00Z', true],
    ['10:00-11:00 on fri-mon', '2026-11-24T10:30:00Z', false],
    ['18:00-23:00 Europe/Paris', '2026-07-01T16:30:00Z', true],
    ['18:00-23:00 Europe/Paris', '2026-12-01T16:30:00Z', false],
    ['00:00-01:00 on sun Pacific/Auckland', '2026-11-21T11:30:00Z', true],
    ['10:00-11:00 on wed', '1969-12-31T10:30:00Z', true],
  ])('%s at %s: %s', (text, at, isOpen) => {
    expect(isWithinWindow(windowOf(text), Date.parse(at))).toBe(isOpen);
  });

  it.each([
    ['a skipped hour leaves it shut', '02:15-02:45', '2026-03-29', []],
    ['it opens where the clock jumps into it', '02:30-03:30', '2026-03-29', ['01:00', '01:30']],
    ['it shuts where the clock jumps out of it', '01:30-02:30', '2026-03-29', ['00:30', '01:00']],
    ['an hour shown twice opens it twice', '02:15-02:45', '2026-10-25', ['00:15', '00:45', '01:15', '01:45']],
    ['it opens again where the clock is put back into it', '01:30-02:30', '2026-10-25', ['00:30', '01:00', '01:30']],
    [
      'it shuts where the clock is put back out of it',
      '02:30-03:30',
      '2026-10-25',
      ['00:30', '01:00', '01:30', '02:30'],
    ],
  ])('in Paris, when the clock changes: %s (%s)', (_what, window, day, turns) => {
    const found = turnsOf(`${window} Europe/Paris`, `${day}T00:00:00Z`, `${day}T12:00:00Z`);
    expect(found.map((turn) => turn.slice(11))).toEqual(turns);
  });

  it('once a week in the hour that is skipped opens a week later', () => {
    expect(turnsOf('02:15-02:45 on sun Europe/Paris', '2026-03-23T00:00:00Z', '2026-04-06T00:00:00Z')).toEqual([
      '2026-04-05T00:15',
      '2026-04-05T00:45',
    ]);
  });

  it.each(['00:00-00:00', '07:30-07:30 Europe/Paris', '00:00-00:00 on mon-sun'])('%s never turns', (text) => {
    expect(nextTurn(parse(`time within ${text}`), 0)).toBeUndefined();
    expect(isWithinWindow(windowOf(text), 12345)).toBe(true);
  });

  it('of two neighbouring days without a gap does not turn at midnight', () => {
    expect(turnsOf('00:00-00:00 on sat,sun', '2026-11-16T00:00:00Z', '2026-11-30T00:00:00Z')).toEqual([
      '2026-11-21T00:00',
      '2026-11-23T00:00',
      '2026-11-28T00:00',
    ]);
  });
});

describe('nextTurn', () => {
  const at = Date.parse('2026-11-21T09:00:00Z');

  it.each([
    ['time after 2026-11-21T09:00:00Z', at - 1, at],
    ['time after 2026-11-21T09:00:00Z', at, undefined],
    ['time before 2026-11-21T09:00:00Z', at - 1, at],
    ['time before 2026-11-21T09:00:00Z', at + 1, undefined],
    ['online', at, undefined],
    ['time before 2026-11-22T00:00:00Z and (online or not time after 2026-11-21T10:00:00Z)', at, at + 3_600_000],
    ['time after 2026-11-22T00:00:00Z or time within 09:30-10:00', at, at + 1_800_000],
    ['time within 09:00-10:00', at, at + 3_600_000],
  ])('%s', (text, now, turn) => {
    expect(nextTurn(parse(text), now)).toBe(turn);
  });
});

const minuteMs = 60_000;
const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** What the wall shows, minute by minute, as the engine itself says it: weekday and minute of the day. */
function readWall(zone: string, start: number, minutes: number): (readonly [day: number, minute: number])[] {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return Array.from({ length: minutes }, (_, index) => {
    const [day = '', time = ''] = format.format(start + index * minuteMs).split(' ');
    const [hour = '', minute = ''] = time.split(':');
    return [weekdays.indexOf(day), Number(hour) * 60 + Number(minute)];
  });
}

/** As the contract says it, in other words: walk from the opening to the present and see whether the end was met. */
function isOpenByHand(test: WindowTest, [day, minute]: readonly [number, number]): boolean {
  const length = (test.toMinute - test.fromMinute + 1440) % 1440 || 1440;
  for (const openedDaysAgo of [0, 1]) {
    const sinceOpening = minute + openedDaysAgo * 1440 - test.fromMinute;
    const openingDay = (day - openedDaysAgo + 7) % 7;
    const isOneOfDays = ((test.days >> openingDay) & 1) === 1;
    if (isOneOfDays && sinceOpening >= 0 && sinceOpening < length) return true;
  }
  return false;
}

/** Nine days around a change of the clock, or none where there are none. */
const spans: readonly (readonly [zone: string, start: string])[] = [
  ['UTC', '2026-11-16'],
  ['Europe/Paris', '2026-03-26'],
  ['Europe/Paris', '2026-10-22'],
  ['America/New_York', '2026-03-05'],
  ['America/St_Johns', '2026-10-29'],
  ['Australia/Lord_Howe', '2026-04-02'],
  ['Australia/Lord_Howe', '2026-10-01'],
  ['Asia/Kathmandu', '2026-11-16'],
  ['Africa/Casablanca', '2026-02-12'],
  ['Pacific/Apia', '2011-12-27'],
];

describe('windows and their turns agree with a scan of every minute', () => {
  it.each(spans)('%s from %s', (zone, day) => {
    const start = Date.parse(`${day}T00:00:00Z`);
    const wall = readWall(zone, start, 9 * 1440);
    const minuteOfDay = fc.oneof(fc.nat(1439), fc.integer({ min: 0, max: 240 }), fc.constant(0));
    const test = fc.record({
      kind: fc.constant('time-within' as const),
      fromMinute: minuteOfDay,
      toMinute: minuteOfDay,
      days: fc.oneof(
        fc.integer({ min: 1, max: 127 }),
        fc.constant(127),
        fc.nat(6).map((bit) => 1 << bit),
      ),
      zone: fc.constant(zone),
    });
    fc.assert(
      fc.property(test, fc.nat(8 * 1440), (window, first) => {
        const condition: Condition = { ...parse('time within 00:00-01:00'), root: window, timeTests: [window] };
        const now = start + first * minuteMs;
        const isOpen = wall[first] !== undefined && isOpenByHand(window, wall[first]);
        expect(isWithinWindow(window, now)).toBe(isOpen);
        const found = wall.findIndex((shown, index) => index > first && isOpenByHand(window, shown) !== isOpen);
        const end = start + wall.length * minuteMs;
        expect(Math.min(nextTurn(condition, now) ?? end, end)).toBe(found === -1 ? end : start + found * minuteMs);
      }),
      { numRuns: 150 },
    );
  });
});
