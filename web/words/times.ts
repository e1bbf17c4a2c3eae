/** Times as people say them, in the language of the browser. */

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const dayWithYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const longDay = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** `14:03`, `Tue 14:03` within six days of now, else with the date. */
export function shortTime(at: number, now: number): string {
  const time = clock.format(at);
  const days = Math.abs(dayNumber(at) - dayNumber(now));
  if (days === 0) return time;
  if (days < 7) return `${weekday.format(at)} ${time}`;
  return `${dayText(at, now)} ${time}`;
}

/** For a list: the time of today, else the day. */
export function listTime(at: number, now: number): string {
  const days = dayNumber(now) - dayNumber(at);
  if (days === 0) return clock.format(at);
  if (days === 1) return 'Yesterday';
  return days > 0 && days < 7 ? weekday.format(at) : dayText(at, now);
}

export function clockTime(at: number): string {
  return clock.format(at);
}

/** The line between the messages of two days. */
export function dayLine(at: number, now: number): string {
  const days = dayNumber(now) - dayNumber(at);
  if (days === 0) return 'Today';
  return days === 1 ? 'Yesterday' : longDay.format(at);
}

export function wholeTime(at: number): string {
  return whole.format(at);
}

export function isSameDay(a: number, b: number): boolean {
  return dayNumber(a) === dayNumber(b);
}

/** `5 min`, `3 h`, `2 days`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${Math.max(0, seconds)} s`;
  if (ms < hourMs) return `${Math.round(ms / minuteMs)} min`;
  if (ms < 2 * dayMs) return `${Math.round(ms / hourMs)} h`;
  return `${Math.round(ms / dayMs)} days`;
}

function dayText(at: number, now: number): string {
  return (new Date(at).getFullYear() === new Date(now).getFullYear() ? dayOfYear : dayWithYear).format(at);
}

function dayNumber(at: number): number {
  const date = new Date(at);
  return Math.floor(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / dayMs);
}
