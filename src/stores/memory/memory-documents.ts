/** Documents of users in a map. */
import { type DocumentPlace, type DocumentStore, documentsPerOwnerMax } from '../../endpoints/http/xcap/ports.ts';
import type { Address } from '../../model/address.ts';
import type { MemoryCalls } from './memory-calls.ts';
import type { MemoryState } from './memory-state.ts';

export function memoryDocuments(state: MemoryState, calls: MemoryCalls): DocumentStore {
  return {
    read: (place) => calls.read('documents.read', () => documentAt(state, place)),
    write: (place, change) =>
      calls.write('documents.write', () => {
        if (documentAt(state, place) !== change.before) return 'outdated';
        const isNew = change.before === undefined && change.after !== undefined;
        if (isNew && (!state.accounts.has(place.owner) || countOf(state, place) >= documentsPerOwnerMax)) return 'full';
        setDocument(state, place, change.after);
        return 'written';
      }),
  };
}

/** Where the document is kept that somebody's rules came in. */
export function placeOfRules(owner: Address): DocumentPlace {
  return { owner, application: 'pres-rules', name: 'index' };
}

export function documentAt(state: MemoryState, place: DocumentPlace): string | undefined {
  return state.documents.get(place.owner)?.get(keyOf(place));
}

export function setDocument(state: MemoryState, place: DocumentPlace, content: string | undefined): void {
  const owned = state.documents.get(place.owner) ?? new Map<string, string>();
  if (content === undefined) owned.delete(keyOf(place));
  else owned.set(keyOf(place), content);
  if (owned.size > 0) state.documents.set(place.owner, owned);
  else state.documents.delete(place.owner);
}

function countOf(state: MemoryState, { owner, application }: DocumentPlace): number {
  const keys = [...(state.documents.get(owner)?.keys() ?? [])];
  return keys.filter((key) => key.startsWith(`${application} `)).length;
}

function keyOf({ application, name }: DocumentPlace): string {
  return `${application} ${name}`;
}
