/**
 * All ports over plain maps: the executable specification, and what unit tests and the simulation run on. It can be given
 * faults and delays from outside, it can crash, and it can be opened again with what was durable by then.
 */
import { attemptsPerRun } from '../../delivery/ports.ts';
import type { ServerStores } from '../stores.ts';
import { memoryAccounts, memoryBlocks, memoryJournal, memoryTokens } from './memory-administration.ts';
import { memoryBindings } from './clients/memory-bindings.ts';
import { memoryImpsSessions } from './clients/memory-imps-sessions.ts';
import { memoryBlobs } from './memory-blobs.ts';
import { MemoryCalls, type BeforeCall } from './memory-calls.ts';
import { memoryDocuments } from './memory-documents.ts';
import { memoryMailbox } from './memory-mailbox.ts';
import { memoryReports } from './memory-reports.ts';
import { memorySubscriptions, memoryWaitingWatchers } from './clients/memory-subscriptions.ts';
import { memoryTranscripts } from './memory-transcripts.ts';
import { memoryPublications, memoryRules } from './memory-presence.ts';
import { emptyState, type MemoryState } from './memory-state.ts';

export interface MemoryStoresOptions {
  /** What an earlier life left behind. */
  readonly from?: MemorySnapshot;
  /** Runs before every call, with a name like `mailbox.put`: may wait, and may throw a StoreFault. */
  readonly beforeCall?: BeforeCall;
}

/** What was durable at one moment; for nothing but opening again. */
export interface MemorySnapshot {
  readonly state: MemoryState;
}

export interface MemoryStores extends ServerStores {
  /** What is durable now, for whoever looks on from outside; not a copy. */
  readonly state: MemoryState;
  snapshot(): MemorySnapshot;
  /** Ends this life as kill -9 does: no call that is under way or comes later ever settles or takes effect. */
  crash(): MemorySnapshot;
}

export function memoryStores(options: MemoryStoresOptions = {}): MemoryStores {
  const state = options.from === undefined ? emptyState() : stateOfNextRun(options.from.state);
  const calls = new MemoryCalls(options.beforeCall);
  const snapshot = (): MemorySnapshot => ({ state: structuredClone(state) });
  return {
    mailbox: memoryMailbox(state, calls),
    blobs: memoryBlobs(state, calls),
    reports: memoryReports(state, calls),
    accounts: memoryAccounts(state, calls),
    tokens: memoryTokens(state, calls),
    blocks: memoryBlocks(state, calls),
    journal: memoryJournal(state, calls),
    publications: memoryPublications(state, calls),
    rules: memoryRules(state, calls),
    documents: memoryDocuments(state, calls),
    transcripts: memoryTranscripts(state, calls),
    bindings: memoryBindings(state, calls),
    subscriptions: memorySubscriptions(state, calls),
    waitingWatchers: memoryWaitingWatchers(state, calls),
    impsSessions: memoryImpsSessions(state, calls),
    state,
    snapshot,
    crash() {
      calls.crash();
      return snapshot();
    },
    close: () => calls.close(),
  };
}

function stateOfNextRun(durable: MemoryState): MemoryState {
  const state = structuredClone(durable);
  state.run += 1;
  for (const [id, entry] of state.entries) {
    state.entries.set(id, { ...entry, attempts: entry.attempts + attemptsPerRun });
  }
  return state;
}
