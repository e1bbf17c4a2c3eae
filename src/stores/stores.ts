/**
 * Everything durable that one server has: one adapter for every port, over one truth. What each may be relied on for is
 * written at the ports; this file only says which of them belong together.
 */
import type { AccountStore, AdministrationJournal, BlockStore, TokenStore } from '../accounts/ports.ts';
import type { BlobStore, MailboxStore, ReportStore } from '../delivery/ports.ts';
import type { DocumentStore } from '../endpoints/http/xcap/ports.ts';
import type { ImpsSessionStore } from '../endpoints/imps/ports.ts';
import type { PublicationStore, RuleStore, WaitingWatcherStore } from '../presence/ports.ts';
import type { TranscriptStore } from '../sessions/transcripts/ports.ts';
import type { SubscriptionStore } from '../sip/event/ports.ts';
import type { BindingStore } from '../sip/registrar/ports.ts';

export interface Stores {
  readonly mailbox: MailboxStore;
  readonly reports: ReportStore;
  readonly accounts: AccountStore;
  readonly tokens: TokenStore;
  readonly blocks: BlockStore;
  readonly journal: AdministrationJournal;
  readonly publications: PublicationStore;
  readonly rules: RuleStore;
  readonly documents: DocumentStore;
  readonly transcripts: TranscriptStore;
  readonly bindings: BindingStore;
  readonly subscriptions: SubscriptionStore;
  readonly waitingWatchers: WaitingWatcherStore;
  readonly impsSessions: ImpsSessionStore;
  /** Waits for what was issued, then lets go of everything. Calls that come later are rejected. */
  close(): Promise<void>;
}

/** What a server has besides the tables: a command leaves it alone. */
export interface ServerStores extends Stores {
  readonly blobs: BlobStore;
}
