/** The date of SIP headers: the one form of RFC 1123 that RFC 3261 20.17 allows, always GMT. */
import type { Millis } from '../../../base/time/clock.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const FORM = /^([A-Za-z]{3}), (\d{2}) ([A-Za-z]{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;

/** Wall milliseconds; undefined for every other form and zone. A wrong day of the week does not count. */
export function parseSipDate(text: string): Millis | undefined {
  const match = FORM.exec(text.trim());
  if (match === null) return undefined;
  const [, weekday = '', day = '', monthName = '', year = '', hour = '', minute = '', second = ''] = match;
  const month = MONTHS.indexOf(capitalized(monthName));
  if (month === -1 || !DAYS.includes(capitalized(weekday))) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const millis = Date.UTC(2000, month, Number(day), Number(hour), Number(minute), Math.min(Number(second), 59));
  const date = new Date(millis);
  // Date.UTC reads years below 100 as 19xx, and rolls a day that the month does not have into the next month.
  date.setUTCFullYear(Number(year), month, Number(day));
  return date.getUTCDate() === Number(day) && date.getUTCMonth() === month ? date.getTime() : undefined;
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1).toLowerCase();
}

/** Wall milliseconds, cut to whole seconds, as a SIP date. */
export function formatSipDate(wall: Millis): string {
  const second = Math.floor(wall / 1000);
  if (second !== written.second) {
    written.text = writeSipDate(wall);
    written.second = second;
  }
  return written.text;
}

/** Most messages of one second say the same. */
const written = { second: Number.NaN, text: '' };

function writeSipDate(wall: Millis): string {
  const date = new Date(wall);
  const day = DAYS[date.getUTCDay()] ?? '';
  const month = MONTHS[date.getUTCMonth()] ?? '';
  const year = String(date.getUTCFullYear()).padStart(4, '0');
  const time = `${twoDigits(date.getUTCHours())}:${twoDigits(date.getUTCMinutes())}:${twoDigits(date.getUTCSeconds())}`;
  return `${day}, ${twoDigits(date.getUTCDate())} ${month} ${year} ${time} GMT`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
