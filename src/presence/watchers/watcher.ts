/** Somebody who watches, or asks to, in the words of RFC 3857 4.7.1. */
import type { Millis } from '../../base/time/clock.ts';
import type { Address } from '../../model/address.ts';

export type WatcherStatus = 'pending' | 'active' | 'waiting' | 'terminated';

/** What brought a watcher into its status. */
export type WatcherEvent =
  | 'subscribe'
  | 'approved'
  | 'deactivated'
  | 'probation'
  | 'rejected'
  | 'timeout'
  | 'giveup'
  | 'noresource';

export interface Watcher {
  /** Unique over everybody who watches. */
  readonly id: string;
  readonly address: Address;
  readonly displayName?: string | undefined;
  readonly status: WatcherStatus;
  readonly event: WatcherEvent;
  /** Nobody has decided about them, or had until the end. */
  readonly isUndecided: boolean;
  /** Wall times: since when, and until when if that is known. */
  readonly since: Millis;
  readonly endsAt?: Millis | undefined;
}

/** Whoever serves watchers: those of one owner who are there now, in no order. */
export interface WatcherSource {
  watchersOf(owner: Address): readonly Watcher[];
}
