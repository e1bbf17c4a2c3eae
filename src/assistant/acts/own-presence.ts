/** What the asker says of themself, attribute by attribute, as over the HTTP API (contract section 7). */
import type { AttributeName } from '../../model/presence-state.ts';
import { standingMsDefault } from '../../presence/publication/standing-words.ts';
import { shorten } from '../answer-text.ts';
import type { Asking, Lines, Rooms } from './asking.ts';
import { sayRefusal } from './refusal-words.ts';

const shownMax = 200;

export async function say(
  attribute: AttributeName,
  values: readonly string[] | null,
  { owner }: Asking,
  { presence, clock }: Rooms,
): Promise<Lines> {
  const words = new Map([[attribute, values]]);
  const outcome = await presence.revise({ presentity: owner, words, expiresAt: clock.wall() + standingMsDefault });
  if (outcome.kind === 'store-unavailable' || outcome.kind === 'too-fast') {
    return [`Not changed: ${sayRefusal({ reason: 'store-unavailable', retryAfterMs: 1000 })}.`];
  }
  if (outcome.kind !== 'published') return ['You say too much of yourself already: clear something first.'];
  const known = presence.current(owner).state.get(attribute);
  if (values === null && known !== undefined) {
    return [`You say nothing of your ${attribute} here any more; a client of yours still says: ${sayValues(known)}.`];
  }
  return [
    values === null ? `Your ${attribute} is not known any more.` : `Your ${attribute} is now: ${sayValues(values)}.`,
  ];
}

export function show(attribute: AttributeName, { owner }: Asking, { presence }: Rooms): Lines {
  const known = presence.current(owner).state.get(attribute);
  return [known === undefined ? `Your ${attribute} is not known.` : `Your ${attribute} is: ${sayValues(known)}.`];
}

function sayValues(values: readonly string[]): string {
  return shorten(values.join(', '), shownMax);
}
