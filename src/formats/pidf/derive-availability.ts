/**
 * What a presence document says of availability, in the order of docs/presence.md section 2: the element of our own, else the
 * willingness of OMA, else basic status, else activities, else available. A policy of this server, not of any RFC.
 */
import { availabilityValues, canonicalWord } from '../../model/presence-state.ts';

export interface AvailabilitySigns {
  /** Values of our own `availability` element; words that are none of the three are passed over. */
  readonly own: readonly string[];
  readonly willingness: readonly string[];
  /** `basic` of each tuple that is about the presentity and has one. */
  readonly basic: readonly string[];
  readonly activity: readonly string[];
  /** An element of a foreign namespace says `dnd` or `do-not-disturb`. */
  readonly isDoNotDisturb: boolean;
}

export type Availability = (typeof availabilityValues)[number];

export function deriveAvailability(signs: AvailabilitySigns): Availability {
  for (const word of signs.own) {
    const known = availabilityValues.find((value) => value === canonicalWord(word));
    if (known !== undefined) return known;
  }
  if (signs.willingness.length > 0) return signs.willingness.includes('open') ? 'available' : 'not-available';
  // One open service is enough: a closed tuple is often another device of the same person.
  if (signs.basic.length > 0 && !signs.basic.includes('open')) return 'not-available';
  if (signs.isDoNotDisturb || signs.activity.some((word) => isBusyWord(word))) return 'not-available';
  return 'available';
}

export function isDoNotDisturbWord(word: string): boolean {
  const canonical = canonicalWord(word).replaceAll(' ', '-');
  return canonical === 'dnd' || canonical === 'do-not-disturb';
}

function isBusyWord(word: string): boolean {
  return busyActivities.has(canonicalWord(word)) || isDoNotDisturbWord(word);
}

const busyActivities = new Set([
  'away',
  'busy',
  'meeting',
  'appointment',
  'on-the-phone',
  'presentation',
  'sleeping',
  'in-transit',
  'performance',
  'vacation',
]);
