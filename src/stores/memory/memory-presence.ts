/** Publications, last known values and watcher rules in maps. */
import type { Publication, PublicationChange, PublicationStore, RuleStore } from '../../presence/ports.ts';
import { journalChange } from './memory-administration.ts';
import type { MemoryCalls } from './memory-calls.ts';
import { documentAt, placeOfRules, setDocument } from './memory-documents.ts';
import { pageOf, type MemoryState } from './memory-state.ts';

export function memoryPublications(state: MemoryState, calls: MemoryCalls): PublicationStore {
  return {
    change: (changes) => {
      const copies = changes.map(ownCopy);
      return calls.write('publications.change', () => {
        for (const change of copies) applyChange(state, change);
      });
    },
    refresh: (presentity, entityTag, newTag, expiresAt) =>
      calls.write('publications.refresh', () => {
        const live = state.publications.get(presentity);
        const publication = live?.get(entityTag);
        if (live === undefined || publication === undefined) return;
        live.delete(entityTag);
        live.set(newTag, { ...publication, entityTag: newTag, expiresAt });
      }),
    publications: (after, limit) =>
      calls.read('publications.publications', () =>
        pageOf(state.publications, after, limit).flatMap(([, live]) =>
          pageOf(live, undefined, live.size).map(([, p]) => p),
        ),
      ),
    knownPresence: (after, limit) =>
      calls.read('publications.knownPresence', () =>
        pageOf(state.knownPresence, after, limit).map(([, known]) => known),
      ),
  };
}

export function memoryRules(state: MemoryState, calls: MemoryCalls): RuleStore {
  return {
    rulesOf: (owner) => calls.read('rules.rulesOf', () => [...(state.rules.get(owner) ?? [])]),
    storedRules: (owner) =>
      calls.read('rules.storedRules', () => ({
        rules: [...(state.rules.get(owner) ?? [])],
        document: documentAt(state, placeOfRules(owner)),
      })),
    setRules: (owner, rules, before, document) =>
      calls.write('rules.setRules', () => {
        const known = state.rules.get(owner) ?? [];
        if (before !== undefined && JSON.stringify(known) !== JSON.stringify(before)) return false;
        const place = placeOfRules(owner);
        if (document !== undefined && documentAt(state, place) !== document.before) return false;
        if (document !== undefined) setDocument(state, place, document.after);
        if (rules.length > 0) state.rules.set(owner, [...rules]);
        else state.rules.delete(owner);
        journalChange(state, owner, 'rules');
        return true;
      }),
    allRules: (after, limit) =>
      calls.read('rules.allRules', () =>
        pageOf(state.rules, after, limit).map(([owner, rules]) => ({ owner, rules: [...rules] })),
      ),
  };
}

function applyChange(state: MemoryState, change: PublicationChange): void {
  const { presentity, replaces, publication, version, lastKnown } = change;
  const live = state.publications.get(presentity) ?? new Map<string, Publication>();
  if (replaces !== undefined) live.delete(replaces);
  if (publication !== undefined) live.set(publication.entityTag, publication);
  if (live.size > 0) state.publications.set(presentity, live);
  else state.publications.delete(presentity);
  state.knownPresence.set(presentity, { presentity, version, lastKnown });
}

/** The document may be a view of a packet that is used again. */
function ownCopy(change: PublicationChange): PublicationChange {
  const { publication } = change;
  if (publication === undefined) return change;
  return { ...change, publication: { ...publication, document: publication.document.slice() } };
}
