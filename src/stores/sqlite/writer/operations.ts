/**
 * What the main thread asks of the writer thread and what it answers, as values that can be cloned. A put comes by the
 * thousand and travels as a flat array, since names of fields would be half of its cost; the others are objects.
 */
import type { AccessToken, Account, ClientDelivery, ListsChange, PasswordHashes } from '../../../accounts/ports.ts';
import type {
  EntryConfirmation,
  EntryEnd,
  EntryUpdate,
  KnownDuplicate,
  MessageToPut,
  OpenState,
  Quotas,
} from '../../../delivery/ports.ts';
import type { Address } from '../../../model/address.ts';
import type { NewReport } from '../../../model/delivery-report.ts';
import type { TranscriptChange, TranscriptChanged } from '../transcripts/transcript-writes.ts';
import type { DocumentChange, DocumentPlace } from '../../../endpoints/http/xcap/ports.ts';
import type { SessionChange } from '../../../endpoints/imps/ports.ts';
import type { RulesDocumentChange, WaitingChange, WatcherRule } from '../../../presence/ports.ts';
import type { ToldReports } from '../writes/report-writes.ts';

export interface Operations {
  readonly put: { readonly request: PutRequest; readonly outcome: PutAnswer };
  readonly update: {
    readonly request: { readonly updates: readonly EntryUpdate[] };
    readonly outcome: (OpenState | undefined)[];
  };
  readonly end: { readonly request: readonly EntryEnd[]; readonly outcome: (OpenState | undefined)[] };
  readonly mayPut: {
    readonly request: { readonly more: MessageToPut; readonly quotas: Quotas };
    readonly outcome: 'fits' | 'offline-space-full' | 'sender-queue-full';
  };
  readonly findDuplicate: {
    readonly request: { readonly sender: Address; readonly recipient: Address; readonly keys: readonly string[] };
    readonly outcome: KnownDuplicate | undefined;
  };
  readonly recentDuplicates: { readonly request: undefined; readonly outcome: readonly number[] };
  readonly confirm: { readonly request: EntryConfirmation; readonly outcome: boolean };
  readonly addReports: { readonly request: readonly NewReport[]; readonly outcome: void };
  readonly tellReports: { readonly request: ToldReports; readonly outcome: void };
  readonly sweep: {
    readonly request: { readonly now: number; readonly historyBefore: number };
    readonly outcome: { readonly isDone: boolean };
  };
  readonly addAccounts: { readonly request: readonly Account[]; readonly outcome: ('added' | 'exists')[] };
  readonly removeAccount: { readonly request: Address; readonly outcome: boolean };
  readonly setPasswords: {
    readonly request: {
      readonly address: Address;
      readonly passwords: PasswordHashes;
      readonly sealedPassword: string | undefined;
    };
    readonly outcome: boolean;
  };
  readonly setReportsInWords: {
    readonly request: { readonly address: string; readonly isOn: boolean };
    readonly outcome: boolean;
  };
  readonly setHttpDelivery: {
    readonly request: { readonly address: Address; readonly method: ClientDelivery };
    readonly outcome: boolean;
  };
  readonly addToken: {
    readonly request: { readonly token: AccessToken; readonly now: number };
    readonly outcome: boolean;
  };
  readonly removeToken: { readonly request: string; readonly outcome: boolean };
  readonly addBlock: { readonly request: BlockRequest; readonly outcome: boolean };
  readonly removeBlock: { readonly request: BlockRequest; readonly outcome: boolean };
  readonly changeLists: {
    readonly request: { readonly owner: Address; readonly change: ListsChange };
    readonly outcome: void;
  };
  readonly setRules: {
    readonly request: RulesRequest;
    readonly outcome: boolean;
  };
  readonly writeDocument: { readonly request: DocumentRequest; readonly outcome: 'written' | 'outdated' | 'full' };
  readonly changeTranscripts: { readonly request: TranscriptChange; readonly outcome: TranscriptChanged };
  readonly setActed: { readonly request: number; readonly outcome: void };
  readonly changePresence: { readonly request: readonly PresenceChangeRow[]; readonly outcome: void };
  readonly refreshPublication: { readonly request: PublicationRefresh; readonly outcome: void };
  readonly changeBindings: { readonly request: readonly BindingRowChange[]; readonly outcome: void };
  readonly changeWaitingWatchers: { readonly request: readonly WaitingChange[]; readonly outcome: void };
  readonly changeImpsSessions: { readonly request: readonly SessionChange[]; readonly outcome: void };
  readonly changeSubscriptions: { readonly request: readonly SubscriptionRowChange[]; readonly outcome: void };
}

export type OperationKind = keyof Operations;
export type RequestOf<K extends OperationKind> = Operations[K]['request'];
export type OutcomeOf<K extends OperationKind> = Operations[K]['outcome'];

export type PutRequest = readonly [
  sender: Address,
  recipient: Address,
  id: string,
  state: number,
  acceptedAt: number,
  expiresAt: number,
  turnsAt: number | null,
  condition: string | null,
  sentAt: number,
  contentType: string,
  bytes: number,
  contentAt: number,
  contentLength: number,
  attributes: readonly string[],
  latches: string | null,
  duplicateKeys: string | null,
  duplicateHashes: readonly number[],
  mayBeKnown: boolean,
  recipientMessages: Quotas['recipientMessages'],
  recipientBytes: Quotas['recipientBytes'],
  pairMessages: Quotas['pairMessages'],
  senderMessages: Quotas['senderMessages'],
  origin: string | null,
  reports: readonly NewReport[] | null,
  blob: string | null,
  largeBytes: Quotas['largeBytes'],
];

/** The sequence of the entry that was stored, or why there is none. */
export type PutAnswer = number | KnownDuplicate | 'offline-space-full' | 'sender-queue-full';

export interface RulesRequest {
  readonly owner: Address;
  readonly rules: readonly WatcherRule[];
  /** What they must be now; undefined where that does not matter. */
  readonly before?: readonly WatcherRule[] | undefined;
  /** The same for the document that they come in. */
  readonly document?: RulesDocumentChange | undefined;
}

export interface DocumentRequest {
  readonly place: DocumentPlace;
  readonly change: DocumentChange;
}

export interface BlockRequest {
  readonly owner: Address;
  readonly blocked: Address;
}

export type PresenceChangeRow = readonly [
  presentity: Address,
  /** The tag of the publication that goes. */
  replaces: string | null,
  publication: PublicationRow | null,
  version: number,
  lastKnown: string,
];

/** The document is in the contents of the batch. */
export type PublicationRow = readonly [
  entityTag: string,
  expiresAt: number,
  namedAt: number,
  state: string,
  documentAt: number,
  documentLength: number,
];

export interface PublicationRefresh {
  readonly presentity: Address;
  readonly entityTag: string;
  readonly newTag: string;
  readonly expiresAt: number;
}

export interface BindingRowChange {
  readonly addressOfRecord: string;
  readonly key: string;
  /** Absent when the binding goes. */
  readonly times?: { readonly cseq: number; readonly expiresAt: number };
  /** One of both where there are times: everything else, or what may change without it. */
  readonly details?: string;
  readonly callId?: string;
}

export interface SubscriptionRowChange {
  readonly id: string;
  /** Absent when the subscription goes. */
  readonly progress?: SubscriptionProgressRow;
  /** Absent when only its progress changes. */
  readonly details?: string;
}

export type SubscriptionProgressRow = readonly [
  expiresAt: number,
  isPending: number,
  wasPending: number,
  remoteCSeq: number,
  localCSeq: number,
  told: number | null,
];

/** What arrives at the writer in one message and is committed in one transaction. */
export interface Batch {
  readonly operations: readonly (readonly [OperationKind, unknown])[];
  /** Contents that the puts point into; goes back with the answer to be used again. */
  readonly arena: Uint8Array<ArrayBuffer>;
}

export interface PlainFault {
  readonly message: string;
  readonly isTemporary: boolean;
}

export type WriterAnswer =
  | { readonly kind: 'ready' }
  /** Everything is durable but for the operations that are listed in `faults` by their place. */
  | {
      readonly kind: 'committed';
      readonly outcomes: readonly unknown[];
      readonly faults: readonly (readonly [number, PlainFault])[];
      readonly arena: Uint8Array<ArrayBuffer>;
    }
  /** Nothing of the batch took effect. */
  | { readonly kind: 'rolled-back'; readonly fault: PlainFault; readonly arena: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'warning'; readonly text: string }
  | { readonly kind: 'unusable'; readonly fault: PlainFault }
  | { readonly kind: 'closed' };

export interface WriterOptions {
  readonly file: string;
  /** How often erased content is driven out of the write-ahead log. */
  readonly checkpointEveryMs: number;
  /** The file may not grow beyond this; for tests of a full disk. */
  readonly pagesMax?: number;
  readonly faultPlan?: FaultPlan;
}

/** Where the writer thread passes; a kill test chooses one. */
export type FaultPoint =
  | 'batch-received'
  | 'transaction-begun'
  | 'operation-applied'
  | 'contents-tidied'
  | 'committed'
  | 'checkpoint-begun'
  | 'checkpointed';

/** Kills the whole process with SIGKILL, or ends the writer's thread, when `point`, or whichever, is passed for the `passes`-th time. */
export interface FaultPlan {
  readonly point: FaultPoint | 'any';
  readonly passes: number;
  /** The process when absent. */
  readonly ends?: 'process' | 'thread';
  /** Nothing counts before the first operation of this kind is applied. */
  readonly from?: OperationKind;
}
