/**
 * Writes what nobody waits for: publications that expired, and last known values that changed without a publication. One
 * write at a time; what comes meanwhile goes into the next. Holds at most one item per presentity and per publication.
 */
import type { Clock, Millis } from '../base/time/clock.ts';
import type { Log } from '../base/log.ts';
import { StoreFault } from '../base/store-fault.ts';
import type { Timers } from '../base/time/timers.ts';
import type { PublicationChange, PublicationStore } from './ports.ts';
import type { PresentityRecord } from './presentity-record.ts';

/** Presentities in one write. */
export const backgroundBatchMax = 500;
const retryDelayMs: Millis = 5_000;

export interface BackgroundSurroundings {
  readonly store: PublicationStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  /** While a publication is on its way to the store, a value written here could overtake it. */
  isBusy(record: PresentityRecord): boolean;
}

export class BackgroundWriter {
  readonly #surroundings: BackgroundSurroundings;
  /** With the tags that ended since the last write. */
  readonly #waiting = new Map<PresentityRecord, string[]>();
  #isWriting = false;
  #isPaused = false;
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(surroundings: BackgroundSurroundings) {
    this.#surroundings = surroundings;
  }

  add(record: PresentityRecord, endedTag?: string): void {
    const tags = this.#waiting.get(record) ?? [];
    if (endedTag !== undefined) tags.push(endedTag);
    this.#waiting.set(record, tags);
    this.resume();
  }

  drop(record: PresentityRecord): void {
    this.#waiting.delete(record);
  }

  /** To be called also when a record is no longer busy. */
  resume(): void {
    if (this.#isWriting || this.#isPaused || this.#waiting.size === 0) return;
    this.#isWriting = true;
    this.#lastWrite = this.#writeAll();
  }

  /** Resolves when no write is under way. */
  async idle(): Promise<void> {
    while (this.#isWriting) await this.#lastWrite;
  }

  async #writeAll(): Promise<void> {
    try {
      let batch = this.#takeBatch();
      while (batch.length > 0 && (await this.#write(batch))) batch = this.#takeBatch();
    } finally {
      this.#isWriting = false;
    }
  }

  #takeBatch(): (readonly [PresentityRecord, readonly string[]])[] {
    const batch: (readonly [PresentityRecord, readonly string[]])[] = [];
    for (const item of this.#waiting) {
      if (this.#surroundings.isBusy(item[0])) continue;
      batch.push(item);
      this.#waiting.delete(item[0]);
      if (batch.length === backgroundBatchMax) break;
    }
    return batch;
  }

  async #write(batch: readonly (readonly [PresentityRecord, readonly string[]])[]): Promise<boolean> {
    const changes: PublicationChange[] = [];
    const saved = batch.map(([record]) => record.snapshot.lastKnown);
    for (const [{ presentity, snapshot }, tags] of batch) {
      const { version, lastKnown } = snapshot;
      for (const replaces of tags) changes.push({ presentity, replaces, version, lastKnown });
      if (tags.length === 0) changes.push({ presentity, version, lastKnown });
    }
    try {
      await this.#surroundings.store.change(changes);
    } catch (error) {
      if (!(error instanceof StoreFault)) throw error;
      this.#retryLater(batch, error);
      return false;
    }
    for (const [index, [record]] of batch.entries()) record.savedLastKnown = saved[index] ?? record.savedLastKnown;
    return true;
  }

  #retryLater(batch: readonly (readonly [PresentityRecord, readonly string[]])[], fault: StoreFault): void {
    const { log, timers, clock } = this.#surroundings;
    log.warn({ presentities: batch.length, fault: fault.message }, 'presence could not be saved, trying again');
    for (const [record, tags] of batch) {
      if (!record.isForgotten) this.#waiting.set(record, [...tags, ...(this.#waiting.get(record) ?? [])]);
    }
    this.#isPaused = true;
    timers.at(clock.monotonic() + retryDelayMs, () => {
      this.#isPaused = false;
      this.resume();
    });
  }
}
