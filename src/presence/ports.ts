/** What presence needs from outside: durable publications, last known values, and watcher rules. */
import type { Millis } from '../base/time/clock.ts';
import type { Address } from '../model/address.ts';
import type { PresenceState } from '../model/presence-state.ts';
import type { WatcherRule } from '../model/watcher-rule.ts';

/** One live publication (RFC 3903 4): what one source says of a presentity. */
export interface Publication {
  readonly presentity: Address;
  readonly entityTag: string;
  readonly expiresAt: Millis;
  /** As it read when it came. */
  readonly state: PresenceState;
  /** When each attribute of `state` was last named; the newest wins in composition, and a refresh is not newer. */
  readonly namedAt: number;
  /** The document as it came, for watchers (unknown elements are passed on). */
  readonly document: Uint8Array;
}

/**
 * A document as it reads at `now` (wall time), and when it will read differently: RPID elements may hold for a range of time.
 * Undefined where time changes nothing of it.
 */
export type ReadDocumentAt = (
  document: Uint8Array,
  now: Millis,
) => { readonly state: PresenceState; readonly turnsAt: Millis | undefined } | undefined;

/** One commit for one presentity: the publication replaced or removed, and the values known after it. */
export interface PublicationChange {
  readonly presentity: Address;
  /** The tag that ends with this change. */
  readonly replaces?: string;
  readonly publication?: Publication;
  readonly version: number;
  readonly lastKnown: PresenceState;
}

export interface KnownPresence {
  readonly presentity: Address;
  readonly version: number;
  readonly lastKnown: PresenceState;
}

/** Writes resolve when durable and are applied in the order in which they were issued; rejects with `StoreFault`. */
export interface PublicationStore {
  change(changes: readonly PublicationChange[]): Promise<void>;
  /** A refresh: only the tag and the time change. */
  refresh(presentity: Address, entityTag: string, newTag: string, expiresAt: Millis): Promise<void>;
  /** At the start: live publications, in pages by presentity. */
  publications(after: Address | undefined, limit: number): Promise<Publication[]>;
  knownPresence(after: Address | undefined, limit: number): Promise<KnownPresence[]>;
}

export type { RuleAction, WatcherRule } from '../model/watcher-rule.ts';

/** What one owner has set, and the document that it came in last, if it ever did. */
export interface StoredRules {
  readonly rules: readonly WatcherRule[];
  /** Opaque; it may be older than the rules, which are what counts. */
  readonly document: string | undefined;
}

export interface RuleStore {
  rulesOf(owner: Address): Promise<WatcherRule[]>;
  storedRules(owner: Address): Promise<StoredRules>;
  /**
   * Replaces all; journalled as a `rules` change. With `before`: only while these are the rules, in the same step; false
   * and nothing when somebody else has changed them meanwhile. Without `document` the one that is kept stays; with it, the
   * same goes for the document.
   */
  setRules(
    owner: Address,
    rules: readonly WatcherRule[],
    before?: readonly WatcherRule[],
    document?: RulesDocumentChange,
  ): Promise<boolean>;
  /** At the start: every owner who has rules, in pages. */
  allRules(after: Address | undefined, limit: number): Promise<{ owner: Address; rules: WatcherRule[] }[]>;
}

/** From one text to another; undefined is none. */
export interface RulesDocumentChange {
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Somebody who asked to watch, and whose subscription ended before the owner decided (RFC 3857 4.7.1, waiting). */
export interface WaitingWatcher {
  readonly owner: Address;
  readonly watcher: Address;
  /** The id that the subscription had. */
  readonly id: string;
  readonly displayName?: string;
  /** When they asked, and until when they are remembered; wall times. */
  readonly since: Millis;
  readonly endsAt: Millis;
}

export type WaitingChange =
  /** In place of what was there for the same two. */
  | { readonly kind: 'put'; readonly waiting: WaitingWatcher }
  | { readonly kind: 'remove'; readonly owner: Address; readonly watcher: Address };

/** Writes resolve when durable and are applied in order, each call as a whole or not at all; rejects with `StoreFault`. */
export interface WaitingWatcherStore {
  change(changes: readonly WaitingChange[]): Promise<void>;
  /** At the start: all of so many owners, in pages by owner. */
  waiting(after: Address | undefined, limit: number): Promise<WaitingWatcher[]>;
}
