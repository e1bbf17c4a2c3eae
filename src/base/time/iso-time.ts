/** Times as text (RFC 3339, in UTC), as `Date` writes them: of the few days that are written all the time only the clock changes. */
import type { Millis } from './clock.ts';

const dayMs = 86_400_000;
/** A power of two. */
const rememberedDays = 8;
const days: { number: number; text: string }[] = Array.from({ length: rememberedDays }, () => ({
  number: Number.NaN,
  text: '',
}));
const twoDigits = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'));

/** Of wall time. Throws a RangeError for what is no time. */
export function isoTime(wall: Millis): string {
  const ms = Math.trunc(wall);
  const day = Math.floor(ms / dayMs);
  const ofDay = ms - day * dayMs;
  const seconds = Math.floor(ofDay / 1000);
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  const rest = ofDay % 1000;
  return `${dateOf(day)}${clock}.${Math.floor(rest / 100)}${two(rest % 100)}Z`;
}

function two(number: number): string {
  return twoDigits[number] ?? '';
}

/** With the `T` behind it. */
function dateOf(day: number): string {
  // Also of a day before 1970, and of what is none.
  const remembered = days[day & (rememberedDays - 1)];
  if (remembered?.number === day) return remembered.text;
  const text = new Date(day * dayMs).toISOString().slice(0, -'00:00:00.000Z'.length);
  if (remembered !== undefined) [remembered.number, remembered.text] = [day, text];
  return text;
}
