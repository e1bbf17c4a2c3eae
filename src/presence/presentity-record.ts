/**
 * What is kept in memory of one presentity: its live publications, whether its clients are there, and the snapshot that
 * everybody is shown. Kept small, since everyone who ever logged in has one.
 */
import type { Millis } from '../base/time/clock.ts';
import type { TimerHandle } from '../base/time/timers.ts';
import type { Address } from '../model/address.ts';
import type { PresenceSnapshot } from '../model/presence-changed.ts';
import { changedAttributes, emptyPresenceState, type PresenceState } from '../model/presence-state.ts';
import { baseState, composePresence, updateLastKnown, type DeliverOn } from './compose.ts';
import type { Publication } from './ports.ts';
import { isStanding } from './publication/standing-words.ts';

const nonePublished: readonly Publication[] = [];
const noDocuments: readonly Uint8Array[] = [];
const noTimers: readonly TimerHandle[] = [];

/** What would be true with certain publications, and the facts that it follows from. */
export interface Foresight {
  readonly snapshot: PresenceSnapshot;
  readonly publications: readonly Publication[];
  readonly before: PresenceSnapshot;
  readonly isReachable: boolean;
  readonly isSettling: boolean;
}

export class PresentityRecord {
  readonly presentity: Address;
  isPresent = false;
  isReachable = false;
  /** Its account is gone; nothing of it may be written any more. */
  isForgotten = false;
  /** Runs from the first login after an absence to the end of `--settle`; gone when settled. */
  settling: TimerHandle | undefined;
  snapshot: PresenceSnapshot;
  /** What the store holds. */
  savedLastKnown: PresenceState = emptyPresenceState;
  #publications: readonly Publication[] = nonePublished;
  /** Of each publication the timer that ends it. */
  #expiries = noTimers;
  #documents = noDocuments;

  constructor(presentity: Address, version: number) {
    this.presentity = presentity;
    this.snapshot = absentSnapshot(version);
  }

  get publications(): readonly Publication[] {
    return this.#publications;
  }

  /** A client of theirs has published; what stands by itself tells nothing of a client that has just come. */
  get hasClientPublication(): boolean {
    return this.#publications.some(isOfClient);
  }

  hasTag(entityTag: string): boolean {
    return this.#publications.some((publication) => publication.entityTag === entityTag);
  }

  addPublication(publication: Publication, expiry: TimerHandle): void {
    this.#publications = [...this.#publications, publication];
    this.#expiries = [...this.#expiries, expiry];
  }

  removePublication(entityTag: string): void {
    const at = this.#publications.findIndex((publication) => publication.entityTag === entityTag);
    if (at < 0) return;
    this.#expiries[at]?.cancel();
    const isLast = this.#publications.length === 1;
    this.#publications = isLast ? nonePublished : this.#publications.toSpliced(at, 1);
    this.#expiries = isLast ? noTimers : this.#expiries.toSpliced(at, 1);
  }

  /** The snapshot that follows from all facts, or would follow if `publications` were the live ones. */
  composeSnapshot(
    deliverOn: DeliverOn,
    now: Millis,
    version: number,
    publications: readonly Publication[] = this.#publications,
  ): PresenceSnapshot {
    const isSettled = this.settling === undefined || publications.some(isOfClient);
    const facts = { isReachable: this.isReachable, isSettled, deliverOn, now };
    const { state, isPublished } = composePresence(publications, facts);
    return { state, lastKnown: updateLastKnown(this.snapshot.lastKnown, state), isSettled, isPublished, version };
  }

  foresee(deliverOn: DeliverOn, now: Millis, version: number, publications: readonly Publication[]): Foresight {
    const { snapshot: before, isReachable } = this;
    const snapshot = this.composeSnapshot(deliverOn, now, version, publications);
    return { snapshot, publications, before, isReachable, isSettling: this.settling !== undefined };
  }

  /** Whether what was foreseen is true at `now`. */
  isAsForeseen({ publications, before, isReachable, isSettling }: Foresight, now: Millis): boolean {
    const live = this.#publications;
    if (this.snapshot !== before || this.isReachable !== isReachable || live.length !== publications.length)
      return false;
    if ((this.settling !== undefined) !== isSettling) return false;
    return publications.every((publication, at) => publication === live[at] && publication.expiresAt > now);
  }

  /** Whether the documents that are passed on, or their order, are others than when this was last asked. */
  haveDocumentsChanged(): boolean {
    const documents = documentsOf(this.#publications);
    const before = this.#documents;
    this.#documents = documents;
    return documents.length !== before.length || documents.some((one, at) => !areSameBytes(one, before[at]));
  }

  /** `online` is not worth a write: it is derived anew after every start. */
  hasUnsavedValues(): boolean {
    const { lastKnown } = this.snapshot;
    if (lastKnown === this.savedLastKnown) return false;
    return changedAttributes(this.savedLastKnown, lastKnown).some((name) => name !== 'online');
  }

  /** Nothing here differs from somebody of whom nothing was ever heard. */
  isForgettable(): boolean {
    return !this.isPresent && !this.isReachable && this.#publications.length === 0 && this.snapshot.lastKnown.size <= 1;
  }

  cancelTimers(): void {
    this.settling?.cancel();
    for (const expiry of this.#expiries) expiry.cancel();
  }
}

function isOfClient({ entityTag }: Publication): boolean {
  return !isStanding(entityTag);
}

/** The oldest first: a refresh is not newer, but stands last. */
function documentsOf(publications: readonly Publication[]): readonly Uint8Array[] {
  const only = publications.length === 1 ? publications[0]?.document : undefined;
  if (only !== undefined) return only.length > 0 ? [only] : noDocuments;
  const documents = publications
    .filter(({ document }) => document.length > 0)
    .sort((one, other) => one.namedAt - other.namedAt)
    .map(({ document }) => document);
  return documents.length === 0 ? noDocuments : documents;
}

function areSameBytes(one: Uint8Array, other: Uint8Array | undefined): boolean {
  if (one === other) return true;
  if (one.length !== other?.length) return false;
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false;
  return true;
}

/** Of whom nothing is known: offline, and settled since nothing is awaited. */
export function absentSnapshot(version: number): PresenceSnapshot {
  const state = baseState(false);
  return { state, lastKnown: state, isSettled: true, isPublished: false, version };
}

export function withoutTag(
  publications: readonly Publication[],
  entityTag: string | undefined,
): readonly Publication[] {
  return publications.filter((publication) => publication.entityTag !== entityTag);
}
