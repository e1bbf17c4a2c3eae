/** Transcripts in maps. */
import type { Address } from '../../model/address.ts';
import { type Transcript, type TranscriptStore, transcriptsMax } from '../../sessions/transcripts/ports.ts';
import type { MemoryCalls } from './memory-calls.ts';
import type { MemoryState } from './memory-state.ts';

export function memoryTranscripts(state: MemoryState, calls: MemoryCalls): TranscriptStore {
  const ofOwner = (owner: Address): Map<string, Transcript> =>
    state.transcripts.get(owner) ?? new Map<string, Transcript>();
  return {
    isKept: (owner) => calls.read('transcripts.isKept', () => state.transcriptKeepers.has(owner)),
    setKept: (owner, isKept) =>
      calls.write('transcripts.setKept', () => {
        if (!state.accounts.has(owner)) return false;
        if (isKept) state.transcriptKeepers.add(owner);
        else state.transcriptKeepers.delete(owner);
        return true;
      }),
    add: (transcript) =>
      calls.write('transcripts.add', () => {
        const { owner, id } = transcript;
        if (!state.transcriptKeepers.has(owner)) return 'not-kept';
        const owned = ofOwner(owner);
        if (owned.size >= transcriptsMax) return 'full';
        state.transcripts.set(owner, owned.set(id, transcript));
        return 'added';
      }),
    list: (owner, { before, limit }) =>
      calls.read('transcripts.list', () => {
        const all = [...ofOwner(owner).values()].filter(({ id }) => before === undefined || id < before);
        all.sort((one, other) => (one.id < other.id ? 1 : -1));
        return all.slice(0, limit).map(({ lines: _lines, ...summary }) => summary);
      }),
    read: (owner, id) => calls.read('transcripts.read', () => ofOwner(owner).get(id)),
    remove: (owner, id) =>
      calls.write('transcripts.remove', () => {
        const owned = ofOwner(owner);
        const wasThere = owned.delete(id);
        if (owned.size === 0) state.transcripts.delete(owner);
        return wasThere;
      }),
  };
}
