/**
 * Whether a duplicate key may be remembered, without a read: a Bloom filter over all of them. It is read from the table in
 * the background at the start, and again when it has become too full; until it is complete the answer is "may be".
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Log } from '../../../base/log.ts';
import { numberAt, prepare, type Statement } from '../row-values.ts';
import { BloomFilter } from './bloom-filter.ts';

/** Keys that are read in one turn of the event loop: below a millisecond. */
const keysPerTurn = 1000;
export const smallestCapacity = 100_000;

export class DuplicateFilter {
  readonly #count: Statement;
  readonly #page: Statement;
  readonly #log: Log;
  readonly #recent: () => Promise<readonly number[]>;
  readonly #leastCapacity: number;
  /** Complete: every key that is remembered is in it. */
  #filter: BloomFilter | undefined;
  /** Being filled from the table. */
  #next: BloomFilter | undefined;
  #isStopped = false;

  /** `recent` resolves with all hashes that were added before the call and are not in the table yet. */
  constructor(
    database: DatabaseSync,
    log: Log,
    recent: () => Promise<readonly number[]>,
    leastCapacity = smallestCapacity,
  ) {
    this.#count = prepare(database, 'SELECT count(*) FROM duplicate_hint');
    this.#page = prepare(
      database,
      'SELECT hash, sequence FROM duplicate_hint WHERE (hash, sequence) > (?, ?) ORDER BY hash, sequence LIMIT +?',
    );
    this.#log = log;
    this.#recent = recent;
    this.#leastCapacity = leastCapacity;
    void this.#rebuild();
  }

  get isComplete(): boolean {
    return this.#filter !== undefined && this.#next === undefined;
  }

  mayHaveAny(hashes: readonly number[]): boolean {
    if (this.#filter === undefined) return hashes.length > 0;
    for (const hash of hashes) if (this.#filter.mayHave(hash)) return true;
    return false;
  }

  /** Before the key is stored, so that the answer is never a wrong no. */
  add(hashes: readonly number[]): void {
    for (const hash of hashes) {
      this.#filter?.add(hash);
      this.#next?.add(hash);
    }
    if (this.#next === undefined && this.#filter !== undefined && this.#filter.added > this.#filter.capacity) {
      void this.#rebuild();
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Keys that come meanwhile are in both filters; those that go are dropped with the next rebuild. */
  async #rebuild(): Promise<void> {
    try {
      const row = this.#count.get();
      const keys = row === undefined ? 0 : numberAt(row, 0);
      const next = new BloomFilter(Math.max(this.#leastCapacity, 2 * keys));
      this.#next = next;
      // Before the table, since hashes go from here to there and never back.
      for (const hash of await this.#recent()) next.add(hash);
      await this.#fill(next);
      if (!this.#isStopped) this.#filter = next;
    } catch (error) {
      // Without a filter every key may be known: right, at the price of a read.
      this.#filter = undefined;
      this.#log.warn({ error: String(error) }, 'the duplicate keys could not be read into memory');
    }
    this.#next = undefined;
  }

  async #fill(filter: BloomFilter): Promise<void> {
    let [afterHash, afterSequence] = [-1, 0];
    while (!this.#isStopped) {
      const rows = this.#page.all(afterHash, afterSequence, keysPerTurn);
      for (const row of rows) filter.add(numberAt(row, 0));
      const last = rows.at(-1);
      if (last === undefined || rows.length < keysPerTurn) return;
      [afterHash, afterSequence] = [numberAt(last, 0), numberAt(last, 1)];
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
