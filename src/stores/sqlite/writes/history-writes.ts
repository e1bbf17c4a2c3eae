/**
 * Forgets what is over: timelines after `--history`, duplicate keys a day after the end, and addresses that nothing
 * mentions any more. Every call does a bounded part of it.
 */
import type { DatabaseSync } from 'node:sqlite';
import { duplicateMemoryMs, sweepRowsMax } from '../../store-limits.ts';
import { duplicateHash } from '../mailbox/duplicate-hash.ts';
import { numberAt, optionalTextAt, prepare, textAt, type Row } from '../row-values.ts';
import type { DuplicateIndex } from './duplicate-index.ts';
import type { Principals } from './principals.ts';

/** The values of `finished.kept_for`. */
const FOR_BOTH = 1;
const FOR_HISTORY = 2;
const FOR_KEYS = 3;

export class HistoryWrites {
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #principals: Principals;
  readonly #duplicates: DuplicateIndex;

  constructor(database: DatabaseSync, principals: Principals, duplicates: DuplicateIndex) {
    this.#statements = prepareStatements(database);
    this.#principals = principals;
    this.#duplicates = duplicates;
  }

  sweep(now: number, historyBefore: number): { readonly isDone: boolean } {
    // Whole milliseconds, so "at or before" is "before" one later.
    const keysBefore = now - duplicateMemoryMs + 1;
    const counts = [
      this.#each(FOR_BOTH, keysBefore, (row) => {
        this.#forgetKeys(row);
        this.#statements.keepFor.run(FOR_HISTORY, null, numberAt(row, 0));
      }),
      this.#each(FOR_BOTH, historyBefore, (row) => {
        this.#statements.deleteSteps.run(numberAt(row, 0));
        this.#statements.keepFor.run(FOR_KEYS, optionalTextAt(row, 1) ?? null, numberAt(row, 0));
      }),
      this.#remove(FOR_HISTORY, historyBefore),
      this.#remove(FOR_KEYS, keysBefore),
    ];
    return { isDone: counts.every((count) => count < sweepRowsMax) };
  }

  #remove(keptFor: number, before: number): number {
    const mentioned = new Set<number>();
    const count = this.#each(keptFor, before, (row) => {
      this.#forgetKeys(row);
      this.#statements.deleteSteps.run(numberAt(row, 0));
      this.#statements.deleteFinished.run(numberAt(row, 0));
      mentioned.add(numberAt(row, 4)).add(numberAt(row, 5));
    });
    this.#principals.removeUnused(mentioned);
    return count;
  }

  #each(keptFor: number, before: number, act: (row: Row) => void): number {
    const rows = this.#statements.find.all(keptFor, before, sweepRowsMax);
    for (const row of rows) act(row);
    return rows.length;
  }

  #forgetKeys(row: Row): void {
    const keys = JSON.parse(optionalTextAt(row, 1) ?? '[]') as string[];
    const [sender, recipient, sequence] = [textAt(row, 2), textAt(row, 3), numberAt(row, 0)];
    for (const key of keys) this.#duplicates.remove(duplicateHash(sender, recipient, key), sequence);
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    find: prepare(
      database,
      `SELECT f.sequence, f.duplicate_keys, s.address, r.address, f.sender, f.recipient
       FROM finished f JOIN address s ON s.number = f.sender JOIN address r ON r.number = f.recipient
       WHERE f.kept_for = ? AND f.ended_at < ? ORDER BY f.ended_at LIMIT +?`,
    ),
    keepFor: prepare(
      database,
      `UPDATE finished SET kept_for = ?1, duplicate_keys = ?2, last_step = iif(?1 = ${FOR_KEYS}, NULL, last_step)
       WHERE sequence = ?3`,
    ),
    deleteFinished: prepare(database, 'DELETE FROM finished WHERE sequence = ?'),
    deleteSteps: prepare(database, 'DELETE FROM step WHERE sequence = ?'),
  };
}
