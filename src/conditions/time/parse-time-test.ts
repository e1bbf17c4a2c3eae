/** Reads what follows the word `time` (contract section 3): an instant, or a window with days and a zone. */
import { isKeyword, isWordCharacter } from '../attribute-words.ts';
import { dayNames, everyDay } from '../condition.ts';
import type { TimeTest, WindowTest } from '../condition.ts';
import { comma, quoteForReason } from '../text-cursor.ts';
import type { TextCursor } from '../text-cursor.ts';
import { parseClockTime, parseDateTime } from './date-time.ts';
import { findZoneClock, suggestZone } from './zone-clock.ts';

/** Undefined with the cursor's fault set. */
export function parseTimeTest(cursor: TextCursor): TimeTest | undefined {
  cursor.skipSpaces();
  if (cursor.takeKeyword('within')) return parseWindow(cursor);
  const isAfter = cursor.takeKeyword('after');
  if (!isAfter && !cursor.takeKeyword('before')) return cursor.expected('"after", "before" or "within" after "time"');
  cursor.skipSpaces();
  if (cursor.isAtEnd()) return cursor.expected('a date-time such as 2026-11-21T09:00:00Z');
  const instant = parseDateTime(cursor);
  return instant === undefined ? undefined : { kind: isAfter ? 'time-after' : 'time-before', instant };
}

function parseWindow(cursor: TextCursor): WindowTest | undefined {
  cursor.skipSpaces();
  if (cursor.isAtEnd()) return cursor.expected('a window such as 18:00-23:00');
  const fromMinute = parseClockTime(cursor);
  if (fromMinute === undefined) return undefined;
  cursor.skipSpaces();
  if (!cursor.takeCharacter(hyphen)) return cursor.expected('"-" and the end of the window');
  cursor.skipSpaces();
  const toMinute = parseClockTime(cursor);
  if (toMinute === undefined) return undefined;
  const days = parseDays(cursor);
  const zone = days === undefined ? undefined : parseZone(cursor);
  if (days === undefined || zone === undefined) return undefined;
  return { kind: 'time-within', fromMinute, toMinute, days, zone };
}

const hyphen = 0x2d;

/** Every day when no `on` stands here. The spaces before what follows are left alone, as by `parseZone`. */
function parseDays(cursor: TextCursor): number | undefined {
  const start = cursor.at;
  cursor.skipSpaces();
  if (!cursor.takeKeyword('on')) {
    cursor.at = start;
    return everyDay;
  }
  let days = 0;
  let end: number;
  do {
    cursor.skipSpaces();
    const range = parseDayRange(cursor);
    if (range === undefined) return undefined;
    days |= range;
    end = cursor.at;
    cursor.skipSpaces();
  } while (cursor.takeCharacter(comma));
  cursor.at = end;
  return days;
}

function parseDayRange(cursor: TextCursor): number | undefined {
  const first = parseDay(cursor);
  if (first === undefined) return undefined;
  const end = cursor.at;
  cursor.skipSpaces();
  if (!cursor.takeCharacter(hyphen)) {
    cursor.at = end;
    return 1 << first;
  }
  cursor.skipSpaces();
  const last = parseDay(cursor);
  if (last === undefined) return undefined;
  let days = 1 << first;
  for (let day = first; day !== last;) {
    day = (day + 1) % 7;
    days |= 1 << day;
  }
  return days;
}

/** 0 for Monday. The name ends where its letters end, since `-` belongs to the range and not to the name. */
function parseDay(cursor: TextCursor): number | undefined {
  const start = cursor.at;
  while (isLetter(cursor.code)) cursor.at++;
  const name = cursor.text.slice(start, cursor.at).toLowerCase();
  const day = dayNames.findIndex((known) => known === name);
  if (day >= 0) return day;
  cursor.at = start;
  return cursor.expected(`a day: ${dayNames.join(', ')}`);
}

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
}

/** UTC when no zone stands here. */
function parseZone(cursor: TextCursor): string | undefined {
  const gap = cursor.at;
  cursor.skipSpaces();
  const start = cursor.at;
  while (isWordCharacter(cursor.code) || cursor.code === slash) cursor.at++;
  const name = cursor.text.slice(start, cursor.at);
  if (start === gap || name === '' || isKeyword(name.toLowerCase())) {
    cursor.at = gap;
    return 'UTC';
  }
  const clock = findZoneClock(name);
  if (clock === undefined) return failZone(cursor, name, start);
  const end = cursor.at;
  cursor.skipSpaces();
  if (cursor.peekKeyword('on')) return cursor.fail('"on" and the days stand before the zone');
  cursor.at = end;
  return clock.name;
}

const slash = 0x2f;

function failZone(cursor: TextCursor, name: string, start: number): undefined {
  const meant = suggestZone(name);
  const hint = meant === undefined ? 'expected one such as Europe/Paris' : `did you mean ${meant}?`;
  return cursor.fail(`${quoteForReason(name)} is not a time zone; ${hint}`, start);
}
