/**
 * The one place where presence is merged (docs/presence.md section 3). Attribute by attribute:
 * - of the live publications the newest that names it wins, newest being the highest `namedAt`; a refresh keeps it;
 * - a publication that has expired at `now` does not count, so the older one shows again;
 * - `online` is whether a client can be reached, whatever a publication says, and is always known;
 * - `availability` that no live publication names is `available` while a client can be reached and the presence is settled;
 *   with `--deliver-on publish` only beside something that is published;
 * - everything else that nobody names is unknown.
 */
import type { Millis } from '../base/time/clock.ts';
import { changedAttributes, haveSameValues, type AttributeName, type PresenceState } from '../model/presence-state.ts';
import type { Publication } from './ports.ts';

export type DeliverOn = 'register' | 'publish';

export interface CompositionFacts {
  readonly isReachable: boolean;
  readonly isSettled: boolean;
  readonly deliverOn: DeliverOn;
  /** Wall time. */
  readonly now: Millis;
}

export interface Composition {
  readonly state: PresenceState;
  /** Whether a live publication went into it. */
  readonly isPublished: boolean;
}

export function composePresence(publications: readonly Publication[], facts: CompositionFacts): Composition {
  const newest = newestOfEach(publications, facts.now);
  const isPublished = newest !== undefined;
  const mayAssume = facts.isReachable && facts.isSettled && (facts.deliverOn === 'register' || isPublished);
  if (newest === undefined) return { state: mayAssume ? assumedAvailable : baseState(facts.isReachable), isPublished };
  const state = new Map<AttributeName, readonly string[]>([['online', facts.isReachable ? yes : no]]);
  for (const [name, publication] of newest) {
    const values = publication.state.get(name);
    if (values !== undefined && name !== 'online') state.set(name, values);
  }
  if (mayAssume && !state.has('availability')) state.set('availability', available);
  return { state, isPublished };
}

/** Nobody published anything. These values are shared by everyone, which keeps the price of an idle user low. */
export function baseState(isReachable: boolean): PresenceState {
  return isReachable ? reachable : unreachable;
}

/**
 * The last value that each attribute had while it was known, after `state` came: what is unknown now stands in front, what
 * was known longest ago first. Answers `before` or `state` itself where it can: most people never publish, and theirs are
 * shared.
 */
export function updateLastKnown(before: PresenceState, state: PresenceState): PresenceState {
  let isSame = true;
  for (const [name, values] of state) {
    const old = before.get(name);
    if (old === undefined || !haveSameValues(old, values)) isSame = false;
  }
  if (isSame) return before;
  const unknown = [...before].filter(([name]) => !state.has(name));
  if (unknown.length === 0) return state;
  return shareLastKnown(new Map([...unknown.slice(-unknownKeptMax), ...state]));
}

/** Attributes that are unknown now and whose last value is kept; what was known longest ago is forgotten. */
export const unknownKeptMax = 512;

/** One copy of the commonest value: somebody offline who was once available without having published. */
export function shareLastKnown(lastKnown: PresenceState): PresenceState {
  return changedAttributes(wasAvailable, lastKnown).length === 0 ? wasAvailable : lastKnown;
}

/** Which live publication wins for each attribute that one of them names; undefined when none is live. */
function newestOfEach(publications: readonly Publication[], now: Millis): Map<AttributeName, Publication> | undefined {
  let winners: Map<AttributeName, Publication> | undefined;
  for (const publication of publications) {
    if (publication.expiresAt <= now) continue;
    winners ??= new Map();
    for (const name of publication.state.keys()) {
      const winner = winners.get(name);
      if (winner === undefined || isNewer(publication, winner)) winners.set(name, publication);
    }
  }
  return winners;
}

/** Equal times do not occur in one store; the tag makes the order certain all the same. */
function isNewer(one: Publication, other: Publication): boolean {
  return one.namedAt === other.namedAt ? one.entityTag > other.entityTag : one.namedAt > other.namedAt;
}

const yes: readonly string[] = ['true'];
const no: readonly string[] = ['false'];
const available: readonly string[] = ['available'];
const reachable: PresenceState = new Map([['online', yes]]);
const unreachable: PresenceState = new Map([['online', no]]);
const assumedAvailable: PresenceState = new Map([
  ['online', yes],
  ['availability', available],
]);
const wasAvailable: PresenceState = new Map([
  ['online', no],
  ['availability', available],
]);
