/**
 * One test of a condition as a clause of plain English: who or what, and what is said of it. Knows the words of the
 * vocabulary, not how clauses are joined.
 */
import { unreachable } from '../base/assert.ts';
import { dayNames, everyDay } from './condition.ts';
import type { ChangeTest, InstantTest, IsTest, KnownTest, Test, WindowTest } from './condition.ts';
import { dayRuns, formatInstant, formatMinute, mayStandUnquoted } from './print-condition.ts';

export interface Clause {
  readonly kind: 'clause';
  readonly subject: string;
  readonly predicate: string;
  /** Contains an `or` of its own, so that a comma has to keep it apart from its neighbours. */
  readonly isList: boolean;
}

/** `isNegated`: says that the test does not hold. */
export function describeTest(test: Test, isNegated: boolean): Clause {
  switch (test.kind) {
    case 'is':
      return describeIs(test, test.isNegated !== isNegated);
    case 'known':
      return describeKnown(test, test.isNegated !== isNegated);
    case 'changes':
      return describeChange(test, isNegated);
    case 'time-after':
      return describeInstant(test, !isNegated);
    case 'time-before':
      return describeInstant(test, isNegated);
    case 'time-within':
      return describeWindow(test, isNegated);
    default:
      return unreachable(test);
  }
}

/** Words with commas and one `or` or `nor` before the last. */
export function joinWords(words: readonly string[], last: string): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1) ?? ''}`;
}

function clause(subject: string, predicate: string, isList = false): Clause {
  return { kind: 'clause', subject, predicate, isList };
}

const recipient = 'the recipient';

function describeIs(test: IsTest, isNegated: boolean): Clause {
  const phrases = personPhrases.get(test.attribute);
  const isOfPerson = phrases !== undefined && test.values.every((value) => phrases.has(value));
  const subject = isOfPerson ? recipient : ownedName(test.attribute);
  const words = test.values.map((value) => (isOfPerson && phrases.get(value)) || showValue(test.attribute, value));
  if (words.length === 1) return clause(subject, `is ${isNegated ? 'not ' : ''}${words.join('')}`);
  return clause(subject, isNegated ? `is neither ${joinWords(words, 'nor')}` : `is ${joinWords(words, 'or')}`, true);
}

/** What can be said of the recipient instead of an attribute; activities are those of RFC 4480 3.2 that need it. */
const personPhrases: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  [
    'online',
    new Map([
      ['true', 'online'],
      ['false', 'offline'],
    ]),
  ],
  [
    'availability',
    new Map([
      ['available', 'available'],
      ['not-available', 'marked as not available'],
      ['discreet', 'discreet'],
    ]),
  ],
  [
    'activity',
    new Map([
      ['appointment', 'at an appointment'],
      ['away', 'away'],
      ['breakfast', 'having breakfast'],
      ['busy', 'busy'],
      ['dinner', 'having dinner'],
      ['holiday', 'on holiday'],
      ['in-transit', 'in transit'],
      ['lunch', 'having lunch'],
      ['meal', 'having a meal'],
      ['meeting', 'in a meeting'],
      ['on-the-phone', 'on the phone'],
      ['performance', 'at a performance'],
      ['presentation', 'in a presentation'],
      ['shopping', 'shopping'],
      ['sleeping', 'sleeping'],
      ['travel', 'travelling'],
      ['tv', 'watching television'],
      ['vacation', 'on vacation'],
      ['working', 'working'],
      ['worship', 'at worship'],
    ]),
  ],
]);

function describeKnown(test: KnownTest, isNegated: boolean): Clause {
  return clause(ownedName(test.attribute), isNegated ? 'is not known' : 'is known');
}

function describeChange(test: ChangeTest, isNegated: boolean): Clause {
  const has = isNegated ? 'has not' : 'has';
  const direction = test.attribute === 'online' ? onlineDirection(test) : undefined;
  if (direction !== undefined) return clause(recipient, `${has} ${direction}`);
  const from = test.from === undefined ? '' : ` from ${showValue(test.attribute, test.from)}`;
  const to = test.to === undefined ? '' : ` to ${showValue(test.attribute, test.to)}`;
  return clause(ownedName(test.attribute), `${has} changed${from}${to}`);
}

/** With two values, leaving the one is coming to the other. */
function onlineDirection(test: ChangeTest): string | undefined {
  if (test.from === test.to) return undefined;
  return test.to === 'true' || test.from === 'false' ? 'come online' : 'gone offline';
}

function describeInstant(test: InstantTest, isAfter: boolean): Clause {
  const shown = formatInstant(test.instant).replace('T', ' ').replace('Z', ' UTC');
  return clause('it', isAfter ? `is ${shown} or later` : `is before ${shown}`);
}

function describeWindow(test: WindowTest, isNegated: boolean): Clause {
  const zone = test.zone === 'UTC' ? ' (UTC)' : ` in ${test.zone}`;
  const is = isNegated ? 'is not' : 'is';
  const isEveryDay = test.days === everyDay;
  const names = isEveryDay ? [] : dayRuns(test.days).flatMap(showDays);
  const days = joinWords(names, 'or');
  const isList = names.length > 1;
  if (test.fromMinute === test.toMinute && isEveryDay) return clause('it', `${is} any time of the day${zone}`);
  if (test.fromMinute === 0 && test.toMinute === 0) return clause('it', `${is} ${days}${zone}`, isList);
  const from = formatMinute(test.fromMinute);
  const to = formatMinute(test.toMinute);
  const on = isEveryDay ? '' : ` on ${days}`;
  const window = test.fromMinute < test.toMinute ? `${from} and ${to}${on}` : `${from}${on} and ${to} the next day`;
  return clause('it', `${is} between ${window}${zone}`, isList);
}

function showDays([first, last]: readonly [number, number]): string[] {
  if (first === last) return [dayName(first)];
  if ((first + 1) % 7 === last) return [dayName(first), dayName(last)];
  return [`${dayName(first)} to ${dayName(last)}`];
}

function dayName(day: number): string {
  return longDayNames[dayNames[day] ?? 'mon'];
}

const longDayNames: Readonly<Record<(typeof dayNames)[number], string>> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
};

function ownedName(attribute: string): string {
  if (attribute === 'online') return "the recipient's online state";
  return `the recipient's ${attribute.startsWith('x-') ? attribute : attribute.replaceAll('-', ' ')}`;
}

function showValue(attribute: string, value: string): string {
  if (wordyAttributes.includes(attribute) && mayStandUnquoted(value)) return value.replaceAll('-', ' ');
  return mayStandUnquoted(value) ? value : `"${value}"`;
}

/** Their values are English words joined with hyphens. */
const wordyAttributes: readonly string[] = [
  'mood',
  'activity',
  'place-type',
  'place-is',
  'relationship',
  'service-class',
];
