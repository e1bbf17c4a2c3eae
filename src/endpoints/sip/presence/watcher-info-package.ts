/**
 * The event package `presence.winfo` (RFC 3857): the owner of presence is told who watches and who asks to. Everybody else
 * is refused, and there are no watchers of watchers.
 */
import type { Clock } from '../../../base/time/clock.ts';
import { sipUriOf } from '../../../formats/pidf/format-pidf.ts';
import {
  formatWatcherinfo,
  watcherinfoContentType,
  type WatcherRecord,
  type WrittenWatchers,
} from '../../../formats/watcherinfo/watcherinfo.ts';
import type { Address } from '../../../model/address.ts';
import type { WatcherBook } from '../../../presence/watchers/watcher-book.ts';
import type { Watcher } from '../../../presence/watchers/watcher.ts';
import type { Authorisation, DocumentFor, EventPackage, SubscriptionView } from '../../../sip/event/event-package.ts';

export const watcherInfoPackageName = 'presence.winfo';
/** Watchers that one document names, as far as there is room for them in octets; undecided ones go first, then the newest. */
export const watchersListedMax = 150;

export interface WatcherInfoPlan {
  readonly book: Pick<WatcherBook, 'watchersOf' | 'since' | 'mark'>;
  readonly clock: Clock;
  readonly paceMs: number;
  /** Whether there is such a principal. */
  readonly serves: (address: Address) => boolean | Promise<boolean>;
}

export class WatcherInfoPackage implements EventPackage {
  readonly name = watcherInfoPackageName;
  /** Seconds (RFC 3857 4.4). */
  readonly expiresDefault = 3600;
  readonly expiresMin = 60;
  readonly expiresMax = 86_400;
  readonly paceMs: number;
  readonly contentTypes = [watcherinfoContentType];
  readonly #plan: WatcherInfoPlan;

  constructor(plan: WatcherInfoPlan) {
    this.#plan = plan;
    this.paceMs = plan.paceMs;
  }

  authorise(subscriber: string, resource: string): Authorisation | Promise<Authorisation> {
    const judge = (isServed: boolean): Authorisation => {
      if (!isServed) return 'no-such-resource';
      return subscriber === resource ? 'active' : 'rejected';
    };
    const isServed = this.#plan.serves(resource as Address);
    return typeof isServed === 'boolean' ? judge(isServed) : isServed.then(judge);
  }

  document({ resource, version, mark }: SubscriptionView): DocumentFor {
    const { book, clock } = this.#plan;
    const owner = resource as Address;
    const changes = mark === undefined ? undefined : book.since(owner, mark);
    if (changes?.length === 0) return 'no-news';
    const write = (state: 'full' | 'partial', watchers: readonly Watcher[]): WrittenWatchers =>
      formatWatcherinfo({
        version,
        state,
        resource: sipUriOf(owner),
        packageName: 'presence',
        watchers: watchers.slice(0, watchersListedMax).map((watcher) => recordOf(watcher, clock.wall())),
      });
    const partial = changes === undefined ? undefined : write('partial', changes);
    // A change that has no room would never be told.
    const isWhole = partial?.named === changes?.length ? partial : undefined;
    const { body } = isWhole ?? write('full', book.watchersOf(owner));
    return { contentType: watcherinfoContentType, body, mark: book.mark };
  }
}

function recordOf({ id, address, displayName, status, event, since, endsAt }: Watcher, now: number): WatcherRecord {
  const isThere = status === 'active' || status === 'pending';
  return {
    id,
    uri: sipUriOf(address),
    displayName: displayName?.slice(0, displayNameLengthMax),
    status,
    event,
    durationSubscribed: Math.max(0, Math.floor((now - since) / 1_000)),
    expiration: isThere && endsAt !== undefined ? Math.max(0, Math.floor((endsAt - now) / 1_000)) : undefined,
  };
}

/** Of the name that somebody gave themself. */
const displayNameLengthMax = 60;
