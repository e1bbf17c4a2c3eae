/**
 * Finds messages by the hash of a duplicate key. Hashes come in no order, so each would dirty a page of its own; the newest
 * therefore live in memory (their keys are durable in the rows themselves) and are merged into the table in sorted slices,
 * a little with every batch. After a start those that were not merged are made anew from the rows.
 */
import type { DatabaseSync } from 'node:sqlite';
import { duplicateHash } from '../mailbox/duplicate-hash.ts';
import { numberAt, prepare, textAt, type Statement } from '../row-values.ts';
import { HashTable } from './hash-table.ts';

/** Hashes in memory before they are merged; while they are, as many again may come. */
export const recentHashesMax = 32_768;
/** Hashes that one batch merges, besides two for each that it added: so a merge ends before the next one begins. */
const hashesPerStep = 64;
const loadPageRows = 4096;

interface Merge {
  readonly sequences: HashTable;
  readonly sorted: Float64Array;
  readonly lastSequence: number;
  /** Before it everything is in the table, durably. */
  done: number;
}

export class DuplicateIndex {
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #recentMax: number;
  #recent: HashTable;
  #merge: Merge | undefined;
  #lastSequence = 0;
  #isLoaded = false;
  /** What is not durable yet, to be undone with the batch. */
  readonly #added: number[] = [];
  readonly #removed: (readonly [from: HashTable, hash: number, sequence: number])[] = [];
  #mergedTo = 0;
  #isLoadDurable = false;

  constructor(database: DatabaseSync, recentMax = recentHashesMax) {
    this.#statements = prepareStatements(database);
    this.#recentMax = recentMax;
    this.#recent = new HashTable(recentMax);
  }

  add(hash: number, sequence: number): void {
    this.#load();
    const other = this.#recent.get(hash);
    if (other !== undefined) {
      // Two of the newest share a hash: the older cannot wait.
      this.#statements.insert.run(hash, other);
      this.#removed.push([this.#recent, hash, other]);
    }
    this.#recent.set(hash, sequence);
    this.#lastSequence = Math.max(this.#lastSequence, sequence);
    this.#added.push(hash);
  }

  remove(hash: number, sequence: number): void {
    this.#load();
    if (this.#take(this.#recent, hash, sequence)) return;
    if (this.#merge !== undefined) this.#take(this.#merge.sequences, hash, sequence);
    this.#statements.remove.run(hash, sequence);
  }

  /** Sequences of messages that may have the key. */
  find(hash: number): Set<number> {
    this.#load();
    const found = new Set(this.#statements.find.all(hash).map((row) => numberAt(row, 0)));
    for (const sequences of [this.#recent, this.#merge?.sequences]) {
      const sequence = sequences?.get(hash);
      if (sequence !== undefined) found.add(sequence);
    }
    return found;
  }

  /** Hashes that may not be in the table yet. */
  recent(): number[] {
    this.#load();
    return [...this.#recent.sortedKeys(), ...(this.#merge?.sequences.sortedKeys() ?? [])];
  }

  /** A bounded step of merging; within every transaction, as its last write. */
  tidy(): void {
    const merge = this.#merge;
    if (merge === undefined) return;
    const { sorted, sequences, lastSequence } = merge;
    this.#mergedTo = Math.min(sorted.length, merge.done + hashesPerStep + 2 * this.#added.length);
    for (let at = merge.done; at < this.#mergedTo; at += 1) {
      const hash = sorted[at] ?? 0;
      const sequence = sequences.get(hash);
      if (sequence !== undefined) this.#statements.insert.run(hash, sequence);
    }
    if (this.#mergedTo === sorted.length) this.#statements.setMerged.run(lastSequence);
  }

  committed(): void {
    this.#added.length = 0;
    this.#removed.length = 0;
    this.#isLoadDurable = this.#isLoaded;
    if (this.#merge !== undefined) {
      this.#merge.done = this.#mergedTo;
      if (this.#mergedTo === this.#merge.sorted.length) this.#merge = undefined;
    } else if (this.#recent.size >= this.#recentMax) {
      this.#beginMerge();
    }
  }

  rolledBack(): void {
    for (const hash of this.#added) this.#recent.delete(hash);
    for (const [from, hash, sequence] of this.#removed.toReversed()) from.set(hash, sequence);
    this.#added.length = 0;
    this.#removed.length = 0;
    if (this.#isLoadDurable) return;
    this.#recent.clear();
    this.#isLoaded = false;
  }

  #beginMerge(): void {
    const sequences = this.#recent;
    this.#recent = new HashTable(this.#recentMax);
    this.#mergedTo = 0;
    const sorted = sequences.sortedKeys();
    this.#merge = { sequences, sorted, lastSequence: this.#lastSequence, done: 0 };
  }

  #take(from: HashTable, hash: number, sequence: number): boolean {
    if (from.get(hash) !== sequence) return false;
    from.delete(hash);
    this.#removed.push([from, hash, sequence]);
    return true;
  }

  /** Not in the constructor: a command opens the store too, beside a server, and never looks for a duplicate. */
  #load(): void {
    if (this.#isLoaded) return;
    this.#isLoaded = true;
    const merged = numberAt(this.#statements.merged.get() ?? [], 0);
    this.#lastSequence = merged;
    let isTooMany = false;
    for (const page of [this.#statements.openKeys, this.#statements.finishedKeys]) {
      isTooMany = this.#loadFrom(page, merged) || isTooMany;
    }
    if (!isTooMany) return;
    this.#insertAll();
    this.#statements.setMerged.run(this.#lastSequence);
  }

  /** True when there are more than fit into memory: then those that do not are in the table. */
  #loadFrom(page: Statement, merged: number): boolean {
    let isTooMany = false;
    for (let after = merged; ;) {
      const rows = page.all(after, loadPageRows);
      for (const row of rows) {
        after = numberAt(row, 0);
        for (const key of JSON.parse(textAt(row, 1)) as string[]) {
          this.add(duplicateHash(textAt(row, 2), textAt(row, 3), key), after);
        }
      }
      this.#added.length = 0;
      if (rows.length < loadPageRows) return isTooMany;
      if (this.#recent.size < this.#recentMax) continue;
      isTooMany = true;
      this.#insertAll();
    }
  }

  #insertAll(): void {
    for (const hash of this.#recent.sortedKeys()) this.#statements.insert.run(hash, this.#recent.get(hash) ?? 0);
    this.#recent.clear();
  }
}

function prepareStatements(database: DatabaseSync) {
  const keysOf = (table: string): Statement =>
    prepare(
      database,
      `SELECT e.sequence, e.duplicate_keys, s.address, r.address
       FROM ${table} e CROSS JOIN address s ON s.number = e.sender CROSS JOIN address r ON r.number = e.recipient
       WHERE e.sequence > ? AND e.duplicate_keys IS NOT NULL ORDER BY e.sequence LIMIT +?`,
    );
  return {
    insert: prepare(database, 'INSERT OR IGNORE INTO duplicate_hint (hash, sequence) VALUES (?, ?)'),
    remove: prepare(database, 'DELETE FROM duplicate_hint WHERE hash = ? AND sequence = ?'),
    find: prepare(database, 'SELECT sequence FROM duplicate_hint WHERE hash = ?'),
    merged: prepare(database, "SELECT value FROM counter WHERE name = 'hinted'"),
    setMerged: prepare(database, "UPDATE counter SET value = ? WHERE name = 'hinted'"),
    openKeys: keysOf('entry'),
    finishedKeys: keysOf('finished'),
  };
}
