/**
 * A presence state is a set of attributes with their values (docs/presence.md section 1 lists where each is read from).
 * An attribute that is not in the map is unknown, and unknown equals nothing.
 */

/** Lower case, `-` where somebody wrote `_`: see `canonicalWord`. */
export type AttributeName = string;

/** Values keep the spelling in which they were published; compare them with `isSameWord`. Never an empty list. */
export type PresenceState = ReadonlyMap<AttributeName, readonly string[]>;

export const emptyPresenceState: PresenceState = new Map();

/** Attributes that every server knows by name; further RPID elements and `x-NAME` come by their own names. */
export const knownAttributes = [
  'online',
  'availability',
  'mood',
  'activity',
  'place-type',
  'privacy',
  'sphere',
  'user-input',
  'status-text',
  'language',
  'client-type',
  'willingness',
] as const;

export const availabilityValues = ['available', 'not-available', 'discreet'] as const;

/** Names and values compare without case, and `_` equals `-` (contract section 3): NOT_AVAILABLE is not-available. */
export function canonicalWord(text: string): string {
  return text.toLowerCase().replaceAll('_', '-');
}

export function isSameWord(a: string, b: string): boolean {
  return a === b || canonicalWord(a) === canonicalWord(b);
}

/** The names of the attributes whose values differ, an unknown one being different from every known one. */
export function changedAttributes(before: PresenceState, after: PresenceState): AttributeName[] {
  const changed: AttributeName[] = [];
  for (const [name, values] of after) {
    const old = before.get(name);
    if (old === undefined || !haveSameValues(old, values)) changed.push(name);
  }
  for (const name of before.keys()) if (!after.has(name)) changed.push(name);
  return changed;
}

/** Order does not count, spelling only as far as `canonicalWord` keeps it. */
export function haveSameValues(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  if (a.every((value, index) => value === b[index])) return true;
  const words = new Set(b.map(canonicalWord));
  return a.every((value) => words.has(canonicalWord(value)));
}

export function includesWord(values: readonly string[], word: string): boolean {
  for (const value of values) if (isSameWord(value, word)) return true;
  return false;
}
