/** What is known of somebody's presence, in a word and a line. A text of theirs has a direction of its own. */
import type { Presence } from '../../api/shapes.ts';
import { valueLabel } from '../../conditions/attribute-words.ts';
import type { Standing } from '../../parts/face.tsx';

export function standingOf(presence: Presence | undefined): Standing {
  if (presence === undefined) return 'unknown';
  if (presence['online'] === false) return 'away';
  switch (presence['availability']) {
    case 'available':
      return 'available';
    case 'not-available':
      return 'busy';
    case 'discreet':
      return 'discreet';
    default:
      return 'unknown';
  }
}

export function presenceLine(presence: Presence | undefined): string {
  if (presence === undefined) return '';
  const parts: string[] = [];
  if (presence['online'] === false) parts.push('offline');
  const availability = presence['availability'];
  if (typeof availability === 'string') parts.push(valueLabel(availability));
  for (const name of ['mood', 'activity', 'placeType']) parts.push(...valuesOf(presence[name]).map(valueLabel));
  const note = presence['statusText'];
  if (typeof note === 'string' && note !== '') parts.push(`“\u2068${note}\u2069”`);
  return parts.join(' · ');
}

export function valuesOf(value: string | readonly string[] | boolean | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' ? value : [];
}
