/** Sessions of IMPS clients in a map. */
import type { ImpsSessionStore } from '../../../endpoints/imps/ports.ts';
import type { MemoryCalls } from '../memory-calls.ts';
import { pageOf, type MemoryState } from '../memory-state.ts';

export function memoryImpsSessions(state: MemoryState, calls: MemoryCalls): ImpsSessionStore {
  const { accounts, impsSessions: all } = state;
  return {
    change: (changes) =>
      calls.write('impsSessions.change', () => {
        for (const change of changes) {
          if (change.kind === 'remove') all.delete(change.idHash);
          else if (accounts.has(change.session.owner)) all.set(change.session.idHash, change.session);
        }
      }),
    sessions: (after, limit) =>
      calls.read('impsSessions.sessions', () => pageOf(all, after, limit).map(([, session]) => session)),
  };
}
