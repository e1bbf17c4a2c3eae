/** What the memory adapter keeps: values in maps, nothing that points outside, so that a clone of it is a snapshot. */
import type { AccessToken, Account, AdministrationChange, ListsUse } from '../../accounts/ports.ts';
import type { Address } from '../../model/address.ts';
import type { EntrySummary, KnownDuplicate, MailboxEntry, Step } from '../../delivery/ports.ts';
import type { DeliveryReport } from '../../model/delivery-report.ts';
import type { KeptSession } from '../../endpoints/imps/ports.ts';
import type { KnownPresence, Publication, WaitingWatcher, WatcherRule } from '../../presence/ports.ts';
import type { Transcript } from '../../sessions/transcripts/ports.ts';
import type { KeptSubscription } from '../../sip/event/ports.ts';
import type { Binding } from '../../sip/registrar/ports.ts';

/** A message after its end: its history, and what a duplicate of it is answered with. */
export interface FinishedMessage {
  readonly summary: EntrySummary;
  /** What a repetition is answered with. */
  readonly acceptedState: KnownDuplicate['acceptedState'];
  readonly endedAt: number;
  /** Names under which it is still remembered. */
  readonly keys: readonly string[];
  /** False when only the names are left. */
  readonly hasHistory: boolean;
}

export interface KeptReport extends DeliveryReport {
  readonly isTold: boolean;
}

export interface KeptReports {
  lastNumber: number;
  /** The oldest first. */
  list: KeptReport[];
}

/** `run`: which of the server's runs wrote it last. */
export interface WrittenSubscription {
  readonly run: number;
  readonly subscription: KeptSubscription;
}

export interface MemoryState {
  /** How often the stores were opened again. */
  run: number;
  lastSequence: number;
  lastBlob: number;
  /** By name; those that are durable. */
  readonly blobs: Map<string, Uint8Array>;
  /** Open entries by id, in the order of acceptance. */
  readonly entries: Map<string, MailboxEntry>;
  readonly finished: Map<string, FinishedMessage>;
  readonly steps: Map<string, Step[]>;
  /** Names of submissions (`submissionName`) and the ids that they stand for. */
  readonly names: Map<string, string>;
  /** By owner and protocol. */
  readonly reports: Map<string, KeptReports>;

  readonly accounts: Map<Address, Account>;
  /** By the hash of their secrets. */
  readonly tokens: Map<string, AccessToken>;
  readonly blocks: Map<Address, Set<Address>>;
  readonly listsUse: Map<Address, ListsUse>;
  readonly rules: Map<Address, readonly WatcherRule[]>;
  /** By owner, then by application and name. */
  readonly documents: Map<Address, Map<string, string>>;
  readonly transcriptKeepers: Set<Address>;
  /** By owner, then by id. */
  readonly transcripts: Map<Address, Map<string, Transcript>>;
  changes: AdministrationChange[];
  lastChange: number;
  acted: number;

  readonly publications: Map<Address, Map<string, Publication>>;
  readonly knownPresence: Map<Address, KnownPresence>;
  readonly bindings: Map<string, Map<string, Binding>>;
  readonly subscriptions: Map<string, WrittenSubscription>;
  /** By owner and watcher. */
  readonly waitingWatchers: Map<Address, Map<Address, WaitingWatcher>>;
  /** By id. */
  readonly impsSessions: Map<string, KeptSession>;
}

export function emptyState(): MemoryState {
  return {
    run: 1,
    lastSequence: 0,
    lastBlob: 0,
    blobs: new Map(),
    entries: new Map(),
    finished: new Map(),
    steps: new Map(),
    names: new Map(),
    reports: new Map(),
    accounts: new Map(),
    tokens: new Map(),
    blocks: new Map(),
    listsUse: new Map(),
    rules: new Map(),
    documents: new Map(),
    transcriptKeepers: new Set(),
    transcripts: new Map(),
    changes: [],
    lastChange: 0,
    acted: 0,
    publications: new Map(),
    knownPresence: new Map(),
    bindings: new Map(),
    subscriptions: new Map(),
    waitingWatchers: new Map(),
    impsSessions: new Map(),
  };
}

/** A page of a map: the values whose keys come after `after`, in the order of the keys' code units, at most `limit`. */
export function pageOf<K extends string, V>(map: ReadonlyMap<K, V>, after: K | undefined, limit: number): [K, V][] {
  const pairs = [...map].filter(([key]) => after === undefined || key > after);
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs.slice(0, limit);
}
