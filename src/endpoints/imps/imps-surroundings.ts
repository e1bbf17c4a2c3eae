/** What the IMPS endpoint is handed: the rooms behind its primitives, time, randomness, and its settings. */
import type { AccountDirectory } from '../../accounts/account-directory.ts';
import type { BlockLists } from '../../accounts/block-lists.ts';
import type { GuessLimit } from '../../accounts/guess-limit.ts';
import type { OwnBlocks } from '../../accounts/own-blocks.ts';
import type { PasswordHasher } from '../../accounts/password-hashes.ts';
import type { PasswordSeal } from '../../accounts/ports.ts';
import type { Counters } from '../../base/counters.ts';
import type { IdSource } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { Timers } from '../../base/time/timers.ts';
import type { DeliveryService } from '../../delivery/delivery-service.ts';
import type { Submission, SubmissionOutcome } from '../../delivery/submission.ts';
import type { Inflate } from '../../formats/content-encoding.ts';
import type { DigestSchema } from '../../imps/session/login.ts';
import type { PresenceService } from '../../presence/presence-service.ts';
import type { ImpsSessionStore, ListDocuments } from './ports.ts';
import type { Address } from '../../model/address.ts';
import type { Watcher } from '../../presence/watchers/watcher.ts';
import type { OfflineAnswer } from './words/send-answers.ts';

export interface ImpsSurroundings {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: IdSource;
  readonly log: Log;
  readonly counters: Counters;
  readonly delivery: DeliveryService;
  readonly presence: PresenceService;
  readonly directory: AccountDirectory;
  readonly blocks: BlockLists;
  readonly ownBlocks: OwnBlocks;
  readonly guesses: GuessLimit;
  readonly hasher: PasswordHasher;
  readonly passwordSeal: Pick<PasswordSeal, 'open'>;
  /** Base64. */
  digestOf(schema: DigestSchema, octets: Uint8Array): string;
  readonly inflate: Inflate;
  readonly sessions: ImpsSessionStore;
  readonly documents: ListDocuments;
  readonly watchers: WatcherDesk;
  /** Where clients may be called from; undefined where there is nothing of the kind. */
  callAddress(): { readonly address: string; readonly port: number } | undefined;
  /** At which the client of a session looks whether it is called. */
  callUrlOf(name: string): string;
  /** Where the machine allows fewer than usual. */
  readonly callConnectionsMax?: number;
  /** Where its recipient fetches a message over HTTP. */
  contentUrlOf(id: string): string;
  /** Hands a message in: to delivery, or to whoever answers at its address. `clients`: the sender's, as delivery knows them. */
  submit(submission: Submission, clients: readonly string[]): Promise<SubmissionOutcome>;
  readonly settings: ImpsSettings;
}

/** Who watches, and who waits for a decision, over any protocol. */
export interface WatcherDesk {
  watchersOf(owner: Address): readonly Watcher[];
  pendingFor(owner: Address): readonly Address[];
  /** A client became a watcher of somebody, or another one, or none. */
  changed(owner: Address, watcher: Watcher): void;
  /** Somebody asks to watch and was told to wait. */
  asks(owner: Address, watcher: Address): void;
}

export interface ImpsSettings {
  /** The first is meant where a user id has none. */
  readonly domains: readonly string[];
  readonly offlineAnswer: OfflineAnswer;
  readonly blockedAnswer: 'refuse' | 'accept';
  readonly isStoreOffline: boolean;
  /** What members of the same domain may see without a rule. */
  readonly visibleByDefault: readonly string[] | '*';
  /** The least time between two notifications about one presentity to one session; 0 = none. */
  readonly paceMs: Millis;
  /** Seconds between two polls that clients are asked to leave. */
  readonly pollMinS: number;
}
