/**
 * Everybody of whom something is known, in memory: composes a snapshot after every change, says what changed, ends
 * publications when their time is over, and has what must last saved. Knows no rule and no PUBLISH.
 */
import type { Clock, Millis } from '../base/time/clock.ts';
import type { Timers } from '../base/time/timers.ts';
import type { Address } from '../model/address.ts';
import type { PresenceChanged, PresenceSnapshot } from '../model/presence-changed.ts';
import { changedAttributes } from '../model/presence-state.ts';
import type { BackgroundWriter } from './background-writer.ts';
import { shareLastKnown, type DeliverOn } from './compose.ts';
import type { KnownPresence, Publication, PublicationStore, ReadDocumentAt } from './ports.ts';
import { absentSnapshot, type Foresight, PresentityRecord } from './presentity-record.ts';
import { isStanding } from './publication/standing-words.ts';
import type { Turns } from './turns.ts';

export interface PresentitySurroundings {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly settleMs: Millis;
  readonly deliverOn: DeliverOn;
  readonly writer: BackgroundWriter;
  /** Who publishes at this moment is kept. */
  readonly turns: Turns;
  readonly readDocumentAt: ReadDocumentAt;
  /** Answers what listeners do about it. */
  announce(event: PresenceChanged): Promise<void>[];
  /** The same where nobody waits for it. */
  announceAlone(event: PresenceChanged): void;
}

/** Between two readings of one document, however many ranges of time are in it. */
export const readAgainMsMin: Millis = 1_000;

/** Rows read in one call at the start. */
const pageSize = 1_000;

export class Presentities {
  readonly #surroundings: PresentitySurroundings;
  readonly #records = new Map<Address, PresentityRecord>();
  /** Of whom there is no record; its version is never below that of a record that was dropped. */
  #absent: PresenceSnapshot;

  constructor(surroundings: PresentitySurroundings) {
    this.#surroundings = surroundings;
    this.#absent = absentSnapshot(Math.floor(surroundings.clock.wall()));
  }

  get size(): number {
    return this.#records.size;
  }

  /** Reads what is stored. Tells nobody: who listens looks at everything once after a start. */
  async load(store: PublicationStore): Promise<void> {
    const { clock, deliverOn, writer } = this.#surroundings;
    const now = clock.wall();
    let after: Address | undefined;
    do {
      const page = await store.knownPresence(after, pageSize);
      for (const known of page) this.#loadKnown(known);
      after = page.at(-1)?.presentity;
    } while (after !== undefined);
    do {
      const page = await store.publications(after, pageSize);
      for (const publication of page) {
        const record = this.recordOf(publication.presentity);
        if (publication.expiresAt > now) this.add(record, publication);
        else writer.add(record, publication.entityTag);
      }
      after = page.at(-1)?.presentity;
    } while (after !== undefined);
    for (const record of this.#records.values()) {
      record.snapshot = record.composeSnapshot(deliverOn, now, record.snapshot.version);
      record.haveDocumentsChanged();
      if (record.hasUnsavedValues()) writer.add(record);
    }
  }

  current(presentity: Address): PresenceSnapshot {
    return this.#records.get(presentity)?.snapshot ?? this.#absent;
  }

  publicationsOf(presentity: Address): readonly Publication[] {
    return this.#records.get(presentity)?.publications ?? [];
  }

  hasTag(presentity: Address, entityTag: string): boolean {
    return this.#records.get(presentity)?.hasTag(entityTag) === true;
  }

  recordOf(presentity: Address): PresentityRecord {
    let record = this.#records.get(presentity);
    if (record === undefined) {
      record = new PresentityRecord(presentity, this.#absent.version);
      this.#records.set(presentity, record);
    }
    return record;
  }

  /** See `ReachabilityListener` of delivery. */
  reachabilityChanged(principal: Address, isPresent: boolean, isReachable: boolean): void {
    const known = this.#records.get(principal);
    if (known === undefined && !isPresent && !isReachable) return;
    const record = known ?? this.recordOf(principal);
    if (record.isPresent === isPresent && record.isReachable === isReachable) return;
    const hasArrived = isPresent && !record.isPresent;
    record.isPresent = isPresent;
    record.isReachable = isReachable;
    if (!isPresent) endSettling(record);
    else if (hasArrived && !record.hasClientPublication) this.#startSettling(record);
    this.#updateAlone(record);
    this.dropIfIdle(principal);
  }

  /** Takes a publication up as it reads now; its turns and its end are looked after from here on. */
  add(record: PresentityRecord, publication: Publication): void {
    const { clock, timers, readDocumentAt } = this.#surroundings;
    const { entityTag, expiresAt, document } = publication;
    if (!isStanding(entityTag)) endSettling(record);
    const now = clock.wall();
    const reading = readDocumentAt(document, now);
    const turnsAt = reading?.turnsAt === undefined ? Infinity : Math.max(reading.turnsAt, now + readAgainMsMin);
    const timer = timers.at(clock.monotonic() + Math.max(0, Math.min(expiresAt, turnsAt) - now), () => {
      if (turnsAt < expiresAt) this.#turn(record, entityTag);
      else this.#expire(record, entityTag);
    });
    record.addPublication(reading === undefined ? publication : { ...publication, state: reading.state }, timer);
  }

  /**
   * Composes anew; where anything changed, one event. Without what a commit rests on only a change makes one.
   * Answers what listeners do about it.
   */
  update(record: PresentityRecord, foresight?: Foresight): Promise<void>[] {
    const event = this.#compose(record, foresight);
    return event === undefined ? [] : this.#surroundings.announce(event);
  }

  /** What may be seen of somebody has changed: no value did, but everybody has to look again. */
  touch(presentity: Address): PresenceChanged {
    const record = this.#records.get(presentity);
    const current = record?.snapshot ?? this.#absent;
    const version = Math.max(current.version + 1, Math.floor(this.#surroundings.clock.wall()));
    const snapshot = { ...current, version };
    if (record === undefined) this.#absent = snapshot;
    else record.snapshot = snapshot;
    return { presentity, snapshot, changed: 'all' };
  }

  /** The account is gone. False when nothing was known of it. */
  forget(presentity: Address): boolean {
    const record = this.#records.get(presentity);
    if (record === undefined) return false;
    record.isForgotten = true;
    record.cancelTimers();
    this.#surroundings.writer.drop(record);
    this.#drop(record);
    record.snapshot = absentSnapshot(record.snapshot.version);
    return true;
  }

  /**
   * Wall time in milliseconds, or one more than before: so it grows across a restart too, also after changes that are
   * written nowhere (a login), as long as the clock is not set back over the restart.
   */
  nextVersion(record: PresentityRecord): number {
    return Math.max(record.snapshot.version + 1, Math.floor(this.#surroundings.clock.wall()));
  }

  dropIfIdle(presentity: Address): void {
    const record = this.#records.get(presentity);
    if (record === undefined || !record.isForgettable() || this.#surroundings.turns.isBusy(presentity)) return;
    if (!record.hasUnsavedValues()) this.#drop(record);
  }

  cancelTimers(): void {
    for (const record of this.#records.values()) record.cancelTimers();
  }

  #loadKnown({ presentity, version, lastKnown }: KnownPresence): void {
    if (lastKnown.size === 0 || (lastKnown.size === 1 && lastKnown.has('online'))) return;
    const record = this.recordOf(presentity);
    record.savedLastKnown = shareLastKnown(lastKnown);
    const known = Math.max(version + 1, record.snapshot.version);
    record.snapshot = { ...record.snapshot, version: known, lastKnown: record.savedLastKnown };
  }

  #startSettling(record: PresentityRecord): void {
    const { clock, timers, settleMs } = this.#surroundings;
    if (settleMs <= 0) return;
    record.settling = timers.at(clock.monotonic() + settleMs, () => {
      record.settling = undefined;
      this.#updateAlone(record);
    });
  }

  /** The range of an element begins or ends: a change like any other, though nobody published it. */
  #turn(record: PresentityRecord, entityTag: string): void {
    const publication = record.publications.find((each) => each.entityTag === entityTag);
    if (publication === undefined) return;
    record.removePublication(entityTag);
    this.add(record, publication);
    this.#updateAlone(record);
  }

  #expire(record: PresentityRecord, entityTag: string): void {
    record.removePublication(entityTag);
    this.#surroundings.writer.add(record, entityTag);
    this.#updateAlone(record);
    this.dropIfIdle(record.presentity);
  }

  #updateAlone(record: PresentityRecord): void {
    const event = this.#compose(record, undefined);
    if (event !== undefined) this.#surroundings.announceAlone(event);
  }

  #compose(record: PresentityRecord, foresight: Foresight | undefined): PresenceChanged | undefined {
    const { deliverOn, writer } = this.#surroundings;
    const before = record.snapshot;
    const after = this.#snapshotOf(record, foresight);
    const isPublishedAnew = before.isPublished !== after.isPublished;
    const changed = changedAttributes(before.state, after.state);
    const isReliedOnAnew = before.isSettled !== after.isSettled || (deliverOn === 'publish' && isPublishedAnew);
    const areDocumentsOthers = record.haveDocumentsChanged();
    const isChanged = changed.length > 0 || isReliedOnAnew || areDocumentsOthers;
    if (!isChanged && !isPublishedAnew && foresight === undefined) return undefined;
    record.snapshot = after;
    if (record.hasUnsavedValues()) writer.add(record);
    else record.savedLastKnown = after.lastKnown;
    if (!isChanged) return undefined;
    const { presentity } = record;
    return { presentity, snapshot: after, changed: isReliedOnAnew ? 'all' : changed, before: before.state };
  }

  /** Mostly it is what was composed before the commit. */
  #snapshotOf(record: PresentityRecord, foresight: Foresight | undefined): PresenceSnapshot {
    const { deliverOn, clock } = this.#surroundings;
    const now = clock.wall();
    if (foresight !== undefined && record.isAsForeseen(foresight, now)) return foresight.snapshot;
    const version = Math.max(foresight?.snapshot.version ?? this.nextVersion(record), record.snapshot.version + 1);
    return record.composeSnapshot(deliverOn, now, version);
  }

  #drop(record: PresentityRecord): void {
    this.#records.delete(record.presentity);
    if (record.snapshot.version > this.#absent.version) this.#absent = absentSnapshot(record.snapshot.version);
  }
}

function endSettling(record: PresentityRecord): void {
  record.settling?.cancel();
  record.settling = undefined;
}
