/** Reads the date-time of RFC 3339 section 5.6 at a cursor. Pointing at the first wrong field is all it adds to Date. */
import type { Millis } from '../../base/time/clock.ts';
import type { TextCursor } from '../text-cursor.ts';
import { dayMs } from './zone-clock.ts';

/** Wall time; digits after the milliseconds are dropped. Undefined with the cursor's fault set. */
export function parseDateTime(cursor: TextCursor): Millis | undefined {
  const start = cursor.at;
  const date = parseDate(cursor);
  if (date === undefined) return undefined;
  if (!takeLetter(cursor, 't')) return cursor.expected('"T" between date and time');
  const minute = parseClockTime(cursor);
  if (minute === undefined) return undefined;
  if (!cursor.takeCharacter(colon)) return cursor.expected('":" and seconds');
  const secondsAt = cursor.at;
  const seconds = parseDigits(cursor, 2, 0, 60);
  const fraction = parseFraction(cursor);
  const offset = parseOffset(cursor);
  if (seconds === undefined || fraction === undefined || offset === undefined) return undefined;
  const instant = date + minute * minuteMs + seconds * 1000 + fraction - offset;
  // RFC 3339 5.7: a leap second ends a day of UTC. It counts as the first second of the next.
  if (seconds === 60 && Math.floor(instant / 1000) % (dayMs / 1000) !== 0) {
    return cursor.fail('second 60 exists only before midnight UTC; expected 00 to 59', secondsAt);
  }
  if (instant < firstInstant || instant >= endOfInstants) {
    return cursor.fail('expected an instant in the years 0000 to 9999 UTC', start);
  }
  return instant;
}

/** `hh:mm` of a clock that shows 24 hours, as minutes after midnight. */
export function parseClockTime(cursor: TextCursor): number | undefined {
  const hour = parseDigits(cursor, 2, 0, 23);
  if (hour === undefined) return undefined;
  if (!cursor.takeCharacter(colon)) return cursor.expected('":" and minutes');
  const minute = parseDigits(cursor, 2, 0, 59);
  return minute === undefined ? undefined : hour * 60 + minute;
}

const minuteMs: Millis = 60_000;
const firstInstant = Date.parse('0000-01-01T00:00:00Z');
const endOfInstants = Date.parse('9999-12-31T23:59:59.999Z') + 1;
const colon = 0x3a;
const hyphen = 0x2d;
const plus = 0x2b;
const dot = 0x2e;
const zero = 0x30;

function parseDate(cursor: TextCursor): Millis | undefined {
  const year = parseDigits(cursor, 4, 0, 9999);
  if (year === undefined) return undefined;
  if (!cursor.takeCharacter(hyphen)) return cursor.expected('"-" and the month');
  const month = parseDigits(cursor, 2, 1, 12);
  if (month === undefined) return undefined;
  if (!cursor.takeCharacter(hyphen)) return cursor.expected('"-" and the day');
  const day = parseDigits(cursor, 2, 1, daysInMonth(year, month));
  // Date.UTC takes the years 0 to 99 for those of the twentieth century; a Gregorian cycle of 400 years repeats itself.
  return day === undefined ? undefined : Date.UTC(year + 400, month - 1, day) - gregorianCycleMs;
}

const gregorianCycleMs: Millis = 146_097 * dayMs;

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year + 400, month, 0)).getUTCDate();
}

/** Exactly `count` digits whose value lies between `least` and `most`; out of range points at the first of them. */
function parseDigits(cursor: TextCursor, count: number, least: number, most: number): number | undefined {
  const start = cursor.at;
  let value = 0;
  for (let i = 0; i < count; i++) {
    const digit = cursor.code - zero;
    if (!(digit >= 0 && digit <= 9)) return cursor.expected(`${count} digits`);
    value = value * 10 + digit;
    cursor.at++;
  }
  if (value >= least && value <= most) return value;
  const shown = cursor.text.slice(start, cursor.at);
  return cursor.fail(`"${shown}" is out of range; expected ${pad(least, count)} to ${pad(most, count)}`, start);
}

function pad(value: number, count: number): string {
  return String(value).padStart(count, '0');
}

function parseFraction(cursor: TextCursor): Millis | undefined {
  if (!cursor.takeCharacter(dot)) return 0;
  const start = cursor.at;
  while (cursor.code >= zero && cursor.code <= zero + 9) cursor.at++;
  if (cursor.at === start) return cursor.expected('digits after "."');
  return Number(cursor.text.slice(start, start + 3 < cursor.at ? start + 3 : cursor.at).padEnd(3, '0'));
}

function parseOffset(cursor: TextCursor): Millis | undefined {
  if (takeLetter(cursor, 'z')) return 0;
  const isEast = cursor.takeCharacter(plus);
  if (!isEast && !cursor.takeCharacter(hyphen)) return cursor.expected('"Z" or an offset such as +01:00');
  const minutes = parseClockTime(cursor);
  if (minutes === undefined) return undefined;
  return minutes * minuteMs * (isEast ? 1 : -1);
}

function takeLetter(cursor: TextCursor, letter: string): boolean {
  return cursor.takeCharacter(letter.charCodeAt(0)) || cursor.takeCharacter(letter.toUpperCase().charCodeAt(0));
}
