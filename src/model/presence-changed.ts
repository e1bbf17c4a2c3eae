/** The one event by which presence tells delivery, and whoever else listens, that something about somebody changed. */
import type { Address } from './address.ts';
import type { AttributeName, PresenceState } from './presence-state.ts';

/** What is known of a presentity at one moment, before any rule hides a part of it. */
export interface PresenceSnapshot {
  readonly state: PresenceState;
  /** The last value that each attribute had while it was known; durable (contract section 3, `changes`). */
  readonly lastKnown: PresenceState;
  /** False from the first login after an absence until a publication or the end of `--settle`. */
  readonly isSettled: boolean;
  /** Whether a publication is live: `--deliver-on publish` waits for one. */
  readonly isPublished: boolean;
  /** Grows with every change of one presentity, also across restarts. */
  readonly version: number;
}

export interface PresenceChanged {
  readonly presentity: Address;
  /** As it was right after this change; a later change comes with an event of its own, none is left out. */
  readonly snapshot: PresenceSnapshot;
  /**
   * What changed; `all` when it is not a value but what may be seen or relied on (rules, settling); nothing when it is only
   * what is passed on of published documents.
   */
  readonly changed: readonly AttributeName[] | 'all';
  /** The state that the change before it left, where that is known: what did not turn on it did not turn. */
  readonly before?: PresenceState;
}
