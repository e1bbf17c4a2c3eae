/**
 * What a principal says of themself attribute by attribute, over an interface without entity tags of its own: each
 * attribute is a publication that stays until it is replaced, removed or over, so composition treats it like any other.
 */
import type { Millis } from '../../base/time/clock.ts';
import type { Address } from '../../model/address.ts';
import { canonicalWord, type AttributeName } from '../../model/presence-state.ts';
import type { Publication } from '../ports.ts';

/** Attributes of one principal that stand at once. */
export const standingWordsMax = 64;
/** How long a word stands when nobody says for how long: as good as for ever. */
export const standingMsDefault: Millis = 3_650 * 24 * 3600 * 1000;

const prefix = 'standing.';

export interface StandingRevision {
  readonly presentity: Address;
  /** New values by attribute; `null` takes back what stood. Others stay. */
  readonly words: ReadonlyMap<AttributeName, readonly string[] | null>;
  /** Wall time. */
  readonly expiresAt: Millis;
}

/** What is to be replaced by what; nothing where a word that never stood is taken back. */
export interface StandingChange {
  readonly replaces?: string;
  readonly publication?: Publication;
}

/** Undefined when more than `standingWordsMax` would stand. */
export function reviseStandingWords(
  standing: readonly Publication[],
  { presentity, words, expiresAt }: StandingRevision,
  { namedAt, token }: { readonly namedAt: number; readonly token: string },
): StandingChange[] | undefined {
  const changes: StandingChange[] = [];
  let count = standing.filter((publication) => isStanding(publication.entityTag)).length;
  for (const [name, values] of words) {
    const attribute = canonicalWord(name);
    const old = standing.find((publication) => publication.entityTag.startsWith(`${prefix}${attribute}.`));
    const replaces = old === undefined ? {} : { replaces: old.entityTag };
    if (values === null) {
      if (old === undefined) continue;
      count -= 1;
      changes.push(replaces);
      continue;
    }
    if (old === undefined) count += 1;
    const state = new Map([[attribute, values]]);
    const entityTag = `${prefix}${attribute}.${token}`;
    const publication = { presentity, entityTag, expiresAt, state, namedAt, document: new Uint8Array() };
    changes.push({ ...replaces, publication });
  }
  return count > standingWordsMax ? undefined : changes;
}

/** Whether a publication was made so, and not by a client that is there or was a while ago. */
export function isStanding(entityTag: string): boolean {
  return entityTag.startsWith(prefix);
}
