/** What a server is made of before its rooms are joined: settings, stores, time, randomness, and whoever listens to it. */
import type { PasswordSeal } from '../accounts/ports.ts';
import type { Clock } from '../base/time/clock.ts';
import type { Counters } from '../base/counters.ts';
import type { IdSource } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Timers } from '../base/time/timers.ts';
import type { Config } from '../config.ts';
import type { DigestHashes } from '../sip/digest/digest-ports.ts';
import type { TransactionTiming } from '../sip/transaction/machines/transaction-timing.ts';
import type { Resolver } from '../sip/transport/ports.ts';
import type { ServerStores } from '../stores/stores.ts';

export interface ServerParts {
  readonly config: Config;
  readonly stores: ServerStores;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: IdSource;
  readonly log: Log;
  readonly counters: Counters;
  readonly hashes: DigestHashes;
  /** Without one nobody logs in by a digest that needs the password itself. */
  readonly passwordSeal?: Pick<PasswordSeal, 'open'>;
  /** Without one only numeric addresses are reached. */
  readonly resolver?: Resolver;
  /** How many files this process may have open, where that is known: it bounds the connections. */
  readonly openFilesMax?: number;
  /** Where HTTP listens, as others reach it, once that is known: what is told to people without `--http-url`. */
  readonly ownHttpUrl?: () => string | undefined;
  /** Where IMPS clients connect to be called, as they reach it, once that is known and where there is such a port. */
  readonly ownCallAddress?: () => { readonly address: string; readonly port: number } | undefined;
  /** RFC 3261 T1, T2, T4 where they are not the usual ones. */
  readonly timing?: TransactionTiming;
  /** Accounts and lists of blocks kept in memory, where the usual number is more than there are. */
  readonly cachedAccountsMax?: number;
  /** Of the program. */
  readonly version: string;
}
