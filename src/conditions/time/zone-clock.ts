/**
 * The clock on the wall of an IANA zone: by how much it differs from UTC at an instant. The zone data are those of the
 * JavaScript engine (ECMA-402 DateTimeFormat); nothing here knows what the offset is used for.
 */
import type { Millis } from '../../base/time/clock.ts';
import { nearestWord } from '../attribute-words.ts';

export const dayMs: Millis = 86_400_000;

/** Zones whose offsets are remembered; one more makes the oldest be looked up anew, which costs about 0.1 ms. */
export const zoneClocksMax = 128;

/** Undefined when the engine knows no such zone. Names compare without case. */
export function findZoneClock(name: string): ZoneClock | undefined {
  const remembered = clocks.get(name);
  if (remembered !== undefined) return remembered;
  const format = findFormat(name);
  if (format === undefined) return undefined;
  const clock = new ZoneClock(canonicalZoneName(name, format), format);
  if (clocks.size >= zoneClocksMax) forgetOldest();
  clocks.set(clock.name, clock);
  return clock;
}

/** A zone that was probably meant: `Paris` or `Europe/Pariss` is Europe/Paris. */
export function suggestZone(name: string): string | undefined {
  const zones = Intl.supportedValuesOf('timeZone');
  const ending = `/${name.toLowerCase()}`;
  return zones.find((zone) => zone.toLowerCase().endsWith(ending)) ?? nearestWord(name, zones);
}

const clocks = new Map<string, ZoneClock>();

function forgetOldest(): void {
  const oldest = clocks.keys().next();
  if (oldest.done !== true) clocks.delete(oldest.value);
}

function findFormat(name: string): Intl.DateTimeFormat | undefined {
  // The engine takes offsets such as +01:00 as well; they are not names of zones.
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  } catch {
    return undefined;
  }
}

/** The usual case of letters where the engine tells it; a former name stays as it was written, not what replaced it. */
function canonicalZoneName(name: string, format: Intl.DateTimeFormat): string {
  const known = format.resolvedOptions().timeZone;
  return known.toLowerCase() === name.toLowerCase() ? known : name;
}

/** What the offset does in one day of UTC: at most one turn, as in every zone since there are time tables. */
interface OffsetDay {
  readonly day: number;
  readonly offset: Millis;
  /** Infinity when it does not turn on this day. */
  readonly turnsAt: Millis;
  readonly offsetAfter: Millis;
}

/** Enough for all the days that the search for the next turn of a weekly window looks at. */
const daysRemembered = 32;

export class ZoneClock {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #days: OffsetDay[] = [];

  constructor(name: string, format: Intl.DateTimeFormat) {
    this.name = name;
    this.#format = format;
  }

  /** What the wall shows minus UTC. */
  offsetAt(instant: Millis): Millis {
    const day = this.#dayOf(instant);
    return instant < day.turnsAt ? day.offset : day.offsetAfter;
  }

  /** An instant after this one up to which the offset surely stays: its next turn, or the end of the day of UTC. */
  offsetLastsUntil(instant: Millis): Millis {
    const day = this.#dayOf(instant);
    return instant < day.turnsAt ? Math.min(day.turnsAt, (day.day + 1) * dayMs) : (day.day + 1) * dayMs;
  }

  #dayOf(instant: Millis): OffsetDay {
    const day = Math.floor(instant / dayMs);
    const slot = ((day % daysRemembered) + daysRemembered) % daysRemembered;
    const remembered = this.#days[slot];
    if (remembered !== undefined && remembered.day === day) return remembered;
    const found = this.#lookUp(day);
    this.#days[slot] = found;
    return found;
  }

  #lookUp(day: number): OffsetDay {
    const start = day * dayMs;
    const offset = this.#readOffset(start);
    const offsetAfter = this.#readOffset(start + dayMs);
    if (offset === offsetAfter) return { day, offset, turnsAt: Infinity, offsetAfter };
    // Offsets turn at whole seconds; the halves of the day close in on it.
    let before = 0;
    let after = dayMs / 1000;
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (this.#readOffset(start + middle * 1000) === offset) before = middle;
      else after = middle;
    }
    return { day, offset, turnsAt: start + after * 1000, offsetAfter };
  }

  /** The engine writes `1/1/1970, GMT-05:00`, with seconds for the local mean times of long ago. */
  #readOffset(instant: Millis): Millis {
    const text = this.#format.format(instant);
    const at = text.lastIndexOf('GMT') + 3;
    const [hours = '0', minutes = '0', seconds = '0'] = text.slice(at + 1).split(':');
    const size = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
    return text[at] === '-' ? -size : size;
  }
}
