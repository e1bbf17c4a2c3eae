/**
 * Writes a condition's tree as text (grammar of contract section 3): one spelling for one tree, the fewest parentheses.
 * Reading it again gives the same tree.
 */
import { unreachable } from '../base/assert.ts';
import type { Millis } from '../base/time/clock.ts';
import { isKeyword, isWordCharacter } from './attribute-words.ts';
import { dayNames, everyDay } from './condition.ts';
import type { ChangeTest, ConditionNode, IsTest, WindowTest } from './condition.ts';

/** The tree is one that `parseCondition` made; the text may be longer than what it was read from. */
export function printCondition(node: ConditionNode): string {
  switch (node.kind) {
    case 'or':
      return node.parts.map(printCondition).join(' or ');
    case 'and':
      return node.parts.map((part) => printPart(part, part.kind === 'or')).join(' and ');
    case 'not':
      return `not ${printPart(node.part, node.part.kind === 'or' || node.part.kind === 'and')}`;
    case 'is':
      return printIsTest(node);
    case 'known':
      return `${node.attribute} is ${node.isNegated ? 'not ' : ''}known`;
    case 'changes':
      return printChangeTest(node);
    case 'time-after':
      return `time after ${formatInstant(node.instant)}`;
    case 'time-before':
      return `time before ${formatInstant(node.instant)}`;
    case 'time-within':
      return printWindow(node);
    default:
      return unreachable(node);
  }
}

function printPart(node: ConditionNode, needsParentheses: boolean): string {
  return needsParentheses ? `(${printCondition(node)})` : printCondition(node);
}

function printIsTest(test: IsTest): string {
  const [first = '', ...others] = test.values;
  if (test.attribute === 'online' && first === 'true' && others.length === 0 && !test.isNegated) return 'online';
  const is = `${test.attribute} is ${test.isNegated ? 'not ' : ''}`;
  return others.length === 0 ? is + printValue(first) : `${is}one of (${test.values.map(printValue).join(', ')})`;
}

function printChangeTest(test: ChangeTest): string {
  const from = test.from === undefined ? '' : ` from ${printValue(test.from)}`;
  const to = test.to === undefined ? '' : ` to ${printValue(test.to)}`;
  return `${test.attribute} changes${from}${to}`;
}

function printValue(value: string): string {
  return mayStandUnquoted(value)
    ? value
    : `"${value.replaceAll('\\', String.raw`\\`).replaceAll('"', String.raw`\"`)}"`;
}

/** Whether a value is written as it is, without quotation marks. */
export function mayStandUnquoted(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (!isWordCharacter(value.charCodeAt(i))) return false;
  return value !== '' && !isKeyword(value);
}

/** RFC 3339 in UTC, with milliseconds where there are any. */
export function formatInstant(instant: Millis): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z');
}

function printWindow(test: WindowTest): string {
  const days = test.days === everyDay ? '' : ` on ${formatDays(test.days)}`;
  const zone = test.zone === 'UTC' ? '' : ` ${test.zone}`;
  return `time within ${formatMinute(test.fromMinute)}-${formatMinute(test.toMinute)}${days}${zone}`;
}

/** Minutes after midnight as hh:mm. */
export function formatMinute(minute: number): string {
  return `${twoDigits(Math.floor(minute / 60))}:${twoDigits(minute % 60)}`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function formatDays(days: number): string {
  return dayRuns(days)
    .map(([first, last]) => (first === last ? nameDay(first) : `${nameDay(first)}-${nameDay(last)}`))
    .join(',');
}

function nameDay(day: number): string {
  return dayNames[day] ?? '';
}

/** First and last of each stretch of neighbouring days, Sunday and Monday being neighbours; not for every day. */
export function dayRuns(days: number): (readonly [first: number, last: number])[] {
  const runs: (readonly [number, number])[] = [];
  for (let day = 0; day < 7; day++) {
    if (!hasDay(days, day) || hasDay(days, day - 1)) continue;
    let last = day;
    while (hasDay(days, last + 1)) last++;
    runs.push([day, last % 7]);
  }
  return runs;
}

function hasDay(days: number, day: number): boolean {
  return (days & (1 << ((day + 7) % 7))) !== 0;
}
