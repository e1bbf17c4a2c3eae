/** What everything that takes or makes sessions here has in common: whom it asks, and what it may take up. */
import type { Counters } from '../../../base/counters.ts';
import type { IdSource } from '../../../base/ids.ts';
import type { Log } from '../../../base/log.ts';
import type { Clock, Millis } from '../../../base/time/clock.ts';
import type { Timers } from '../../../base/time/timers.ts';
import type { DeliveryService } from '../../../delivery/delivery-service.ts';
import type { BlobStore } from '../../../delivery/ports.ts';
import type { Address } from '../../../model/address.ts';
import type { LegSource } from '../../../sessions/media/session-leg.ts';
import type { TranscriptStore } from '../../../sessions/transcripts/ports.ts';
import type { SpoolPool } from '../../../sessions/spool/spool-pool.ts';
import type { InviteLayer } from '../../../sip/invite/invite-layer.ts';
import type { Binding, Flow } from '../../../sip/registrar/ports.ts';
import type { SessionCounts } from './session-counts.ts';

export interface SessionRoom {
  readonly delivery: DeliveryService;
  readonly invites: InviteLayer;
  readonly legs: LegSource;
  readonly pool: SpoolPool;
  readonly blobs: BlobStore;
  readonly counts: SessionCounts;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: IdSource;
  readonly log: Log;
  readonly counters: Counters;
  /** Octets of a message in a session. */
  readonly largeBytesMax: number;
  /** Octets of a pager message. */
  readonly pagerBytesMax: number;
  readonly isStoreOffline: boolean;
  /** What becomes of a conversation with somebody who is away. */
  readonly conversationOffline: 'refuse' | 'leave-message';
  /** Where accounts may keep what is said in their conversations. */
  readonly transcripts: TranscriptStore | undefined;
  bindingsOf(principal: Address): readonly Binding[];
  hasBlocked(owner: Address, other: Address): boolean | Promise<boolean>;
  isTrusted(address: string): boolean;
  /** The host by which this peer reaches our ports; undefined for the usual one. */
  hostFor(flow: Flow, transport: 'tcp' | 'tls' | 'ws'): string | undefined;
}

/** How long the clients of a recipient may take to answer before a large message is kept (docs/sessions.md). */
export const answerMsMax: Millis = 10_000;
/** How long one client may take for one that was kept. */
export const playAnswerMsMax: Millis = 30_000;
/** How long a conversation rings. */
export const ringMsMax: Millis = 120_000;
