/** What the IMPS endpoint is handed: the rooms behind its primitives, time, randomness, and its settings. */
import type { AccountDirectory } from '../../accounts/account-directory.ts';
import type { BlockLists } from '../../accounts/block-lists.ts';
import type { GuessLimit } from '../../accounts/guess-limit.ts';
import type { OwnBlocks } from '../../accounts/own-blocks.ts';
import type { PasswordHasher } from '../../accounts/password-hashes.ts';
import type { Counters } from '../../base/counters.ts';
import type { IdSource } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { Timers } from '../../base/time/timers.ts';
import type { DeliveryService } from '../../delivery/delivery-service.ts';
import type { Submission, SubmissionOutcome } from '../../delivery/submission.ts';
import type { Inflate } from '../../formats/content-encoding.ts';
import type { Address } from '../../model/address.ts';
import type { Watcher } from '../../presence/watchers/watcher.ts';
import type { PresenceService } from '../../presence/presence-service.ts';
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
  readonly watchers: WatcherPort;
  readonly guesses: GuessLimit;
  readonly hasher: PasswordHasher;
  readonly inflate: Inflate;
  /** Hands a message in: to delivery, or to whoever answers at its address. `clients`: the sender's, as delivery knows them. */
  submit(submission: Submission, clients: readonly string[]): Promise<SubmissionOutcome>;
  readonly settings: ImpsSettings;
}

/** Who watches whom, over every protocol. */
export interface WatcherPort {
  watchersOf(owner: Address): readonly Watcher[];
  pendingFor(owner: Address): readonly Address[];
  changed(owner: Address, watcher: Watcher): void;
}

export interface ImpsSettings {
  /** The first is meant where a user id has none. */
  readonly domains: readonly string[];
  readonly offlineAnswer: OfflineAnswer;
  readonly blockedAnswer: 'refuse' | 'accept';
  readonly visibleByDefault: readonly string[] | '*';
  /** The least time between two notifications about one presentity to one session; 0 = none. */
  readonly paceMs: Millis;
  /** Seconds between two polls that clients are asked to leave. */
  readonly pollMinS: number;
}
