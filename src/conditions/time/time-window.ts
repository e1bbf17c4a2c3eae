/**
 * Daily windows of `time within` (contract section 3): open whenever the clock on the wall of their zone shows a time in
 * them. So a window that falls into the hour which a clock skips stays shut, and one in the hour which it shows twice
 * opens twice.
 */
import { assert } from '../../base/assert.ts';
import type { Millis } from '../../base/time/clock.ts';
import { everyDay } from '../condition.ts';
import type { WindowTest } from '../condition.ts';
import { dayMs, findZoneClock } from './zone-clock.ts';
import type { ZoneClock } from './zone-clock.ts';

/** `now` is wall time. */
export function isWithinWindow(test: WindowTest, now: Millis): boolean {
  return isOpenAt(test, now + clockOf(test).offsetAt(now));
}

/** The first instant after `now` at which the window opens or shuts; undefined for one that is always open. */
export function nextWindowTurn(test: WindowTest, now: Millis): Millis | undefined {
  if (test.fromMinute === test.toMinute && test.days === everyDay) return undefined;
  const clock = clockOf(test);
  const isOpen = isOpenAt(test, now + clock.offsetAt(now));
  const end = now + searchDays * dayMs;
  for (let at = now; at < end;) {
    const offset = clock.offsetAt(at);
    const boundary = nextBoundary(test, at + offset) - offset;
    at = Math.min(boundary, clock.offsetLastsUntil(at));
    if (isOpenAt(test, at + clock.offsetAt(at)) !== isOpen) return at;
  }
  return undefined;
}

/** A weekly window turns within eight days, or a week later when the clock skipped it. */
const searchDays = 22;

const minuteMs: Millis = 60_000;

function clockOf(test: WindowTest): ZoneClock {
  const clock = findZoneClock(test.zone);
  assert(clock !== undefined, `the zone ${test.zone} was known when the condition was read`);
  return clock;
}

/** `local` is what the wall shows, in milliseconds as if it were UTC. */
function isOpenAt(test: WindowTest, local: Millis): boolean {
  const day = Math.floor(local / dayMs);
  const timeOfDay = local - day * dayMs;
  const from = test.fromMinute * minuteMs;
  const to = test.toMinute * minuteMs;
  if (from < to) return timeOfDay >= from && timeOfDay < to && opensOn(test, day);
  // Past midnight it is still the window of the day on which it opened.
  if (timeOfDay >= from) return opensOn(test, day);
  return timeOfDay < to && opensOn(test, day - 1);
}

/** Days are counted from 1970-01-01, a Thursday. */
function opensOn(test: WindowTest, day: number): boolean {
  return (test.days & (1 << ((((day + 3) % 7) + 7) % 7))) !== 0;
}

/** The first time strictly after `local` that reads `from` or `to`. */
function nextBoundary(test: WindowTest, local: Millis): Millis {
  const midnight = Math.floor(local / dayMs) * dayMs;
  const from = midnight + test.fromMinute * minuteMs;
  const to = midnight + test.toMinute * minuteMs;
  return Math.min(from > local ? from : from + dayMs, to > local ? to : to + dayMs);
}
