/** What the calls are answered with: the rooms behind them, as the composition root hands them in. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Assistant } from '../../../assistant/assistant.ts';
import type { AccessTokens } from '../../../accounts/access-tokens.ts';
import type { AccountDirectory } from '../../../accounts/account-directory.ts';
import type { BlockLists } from '../../../accounts/block-lists.ts';
import type { OwnBlocks } from '../../../accounts/own-blocks.ts';
import type { GuessLimit } from '../../../accounts/guess-limit.ts';
import type { PasswordHasher } from '../../../accounts/password-hashes.ts';
import type { ClientDelivery } from '../../../accounts/ports.ts';
import type { Counters } from '../../../base/counters.ts';
import type { IdSource } from '../../../base/ids.ts';
import type { Log } from '../../../base/log.ts';
import type { Clock, Millis } from '../../../base/time/clock.ts';
import type { Timers } from '../../../base/time/timers.ts';
import type { DeliveryService } from '../../../delivery/delivery-service.ts';
import type { Address } from '../../../model/address.ts';
import type { PresenceService } from '../../../presence/presence-service.ts';
import type { TranscriptStore } from '../../../sessions/transcripts/ports.ts';
import type { EventHub } from '../events/event-hub.ts';
import type { DocumentStore } from '../xcap/ports.ts';

/** The application as the routes see it: bodies, queries and answers have the types of their schemas. */
export type ApiApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyInstance['log'],
  ZodTypeProvider
>;

export interface ApiSurroundings {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: IdSource;
  readonly log: Log;
  readonly counters: Counters;
  readonly delivery: DeliveryService;
  readonly assistant: Assistant;
  readonly presence: PresenceService;
  readonly documents: DocumentStore;
  readonly transcripts: TranscriptStore;
  readonly directory: AccountDirectory;
  readonly blocks: BlockLists;
  readonly ownBlocks: OwnBlocks;
  readonly guesses: GuessLimit;
  readonly tokens: AccessTokens;
  readonly hasher: PasswordHasher;
  readonly events: EventHub;
  readonly requests: WatcherRequests;
  readonly administration: OwnAdministration;
  readonly insight: ServerInsight;
  readonly settings: ApiSettings;
}

export interface ApiSettings {
  /** Of the program. */
  readonly version: string;
  readonly domains: readonly string[];
  /** With their passwords, for whoever comes; only on a server for trying things out. */
  readonly demoAccounts?: readonly { readonly address: Address; readonly password: string }[];
  readonly bodyBytesMax: number;
  readonly largeBytesMax: number;
  readonly validityDefaultMs: number;
  readonly validityMaxMs: number;
  readonly isConditional: boolean;
  readonly isStoreOffline: boolean;
  readonly hasTranscripts: boolean;
  readonly blockedAnswer: 'refuse' | 'accept';
  readonly visibleByDefault: readonly string[] | '*';
  readonly quotas: {
    readonly recipientMessages: number;
    readonly recipientBytes: number;
    readonly recipientLargeBytes: number;
    readonly pairMessages: number;
    readonly senderMessages: number;
  };
  /** Calls of one principal. Who cannot sign in is refused before they are counted. */
  readonly callRate: { readonly requests: number; readonly seconds: number };
  /** Origins whose pages may call (Fetch standard, CORS); none without. `*` is any. */
  readonly corsOrigins: readonly string[];
}

/** Who asks to watch somebody, over any protocol, and was told to wait (contract section 7, confirm). */
export interface WatcherRequests {
  pendingFor(owner: Address): readonly Address[];
}

/** What an operator sees of the running server; everything is of the moment at which it is asked for. */
export interface ServerInsight {
  readonly startedAt: Millis;
  listeners(): readonly Listener[];
  clients(): ClientOverview;
  kept(): KeptOverview;
  limits(): readonly UsedLimit[];
}

export interface Listener {
  readonly protocol: string;
  /** HOST:PORT */
  readonly at: string;
}

export interface ClientOverview {
  /** By protocol, such as `sip/udp`. */
  readonly counts: Readonly<Record<string, number>>;
  /** Some of them. */
  readonly some: readonly ConnectedClient[];
  /** False where there are more than were counted. */
  readonly isWhole: boolean;
}

export interface ConnectedClient {
  readonly address: string;
  readonly protocol: string;
  readonly style?: string;
  readonly agent?: string;
  readonly since?: Millis;
}

export interface KeptOverview {
  readonly recipients: number;
  readonly messages: number;
  readonly waiting: number;
  readonly conditional: number;
  /** For whom most is kept, the most first. */
  readonly most: readonly { readonly address: string; readonly messages: number }[];
  /** False where there are more recipients than were counted. */
  readonly isWhole: boolean;
}

export interface UsedLimit {
  readonly name: string;
  readonly used: number;
  readonly max: number;
}

/** What an account changes of itself, in effect at once and not only when the journal is read again. */
export interface OwnAdministration {
  /** Rejects with `StoreFault`; false when there is no such account. */
  setHttpDelivery(address: Address, method: ClientDelivery): Promise<boolean>;
}
