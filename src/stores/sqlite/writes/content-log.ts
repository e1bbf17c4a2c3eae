/**
 * Contents of open entries, such that none outlives its entry in the file. Deleting rows would not do: SQLite's
 * `secure_delete` overwrites what is deleted, but when it joins half-empty pages it leaves copies of rows that live on,
 * and those copies stay when the rows end (measured: 1 in 1,000). So a row is appended, overwritten in place, and removed
 * only from the front, where all its neighbours are blank; a live row that blocks the front is moved to the end first.
 */
import type { DatabaseSync } from 'node:sqlite';
import { bytesAt, numberAt, prepare, type Row } from '../row-values.ts';

/** Offset of the owner's sequence behind the byte that says that the row is live. */
export const ownerOffset = 1;
/** Live byte, owner, length of the envelope: no content is smaller. Bytes. */
export const contentHeaderBytes = 13;

/** Blank rows that stay between the rows that are deleted and the first live one: more than three pages full of them. */
const marginRows = 1024;
/** Blank rows that are put up with before the front is moved. */
const blankRowsMax = 2 * marginRows;
/** Rows that one step looks at, besides two for each that was erased since the last: so it always catches up. */
const rowsPerStep = 64;

export class ContentLog {
  readonly #statements: ReturnType<typeof prepareStatements>;
  #next = 1;
  /** Every row before it is blank. */
  #front = 1;
  #live = 0;
  #erased = 0;

  constructor(database: DatabaseSync) {
    this.#statements = prepareStatements(database);
    this.rolledBack();
  }

  /** `bytes` begins with a header of `contentHeaderBytes`; answers the number to find it by. */
  append(sequence: number, bytes: Uint8Array): number {
    writeOwner(bytes, sequence);
    const number = this.#next++;
    this.#statements.insert.run(number, bytes);
    this.#live += 1;
    return number;
  }

  erase(number: number): void {
    this.#statements.blank.run(number);
    this.#live -= 1;
    this.#erased += 1;
  }

  /** A bounded step of making room; call it in every transaction that erased something. */
  tidy(): void {
    const rowsMax = rowsPerStep + 2 * this.#erased;
    this.#erased = 0;
    if (this.#next - this.#front <= 2 * this.#live + blankRowsMax) return;
    const rows = this.#statements.scan.all(this.#front, rowsMax);
    for (const row of rows) {
      const number = numberAt(row, 0);
      if (isLive(row)) this.#moveToEnd(number);
      this.#front = number + 1;
    }
    if (rows.length === 0) this.#front = this.#next;
    this.#statements.removeBefore.run(this.#front - marginRows);
  }

  rolledBack(): void {
    const { bounds, countLive } = this.#statements;
    const row = bounds.get() ?? [1, 1];
    this.#front = numberAt(row, 0);
    this.#next = Math.max(this.#next, numberAt(row, 1));
    this.#live = numberAt(countLive.get() ?? [0], 0);
  }

  #moveToEnd(number: number): void {
    const { read, insert, repoint, blank } = this.#statements;
    const row = read.get(number);
    if (row === undefined) return;
    const bytes = bytesAt(row, 0);
    const target = this.#next++;
    insert.run(target, bytes);
    repoint.run(target, ownerOf(bytes));
    blank.run(number);
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    insert: prepare(database, 'INSERT INTO content (number, bytes) VALUES (?, ?)'),
    // The same length: SQLite then writes into the row where it stands.
    blank: prepare(database, 'UPDATE content SET bytes = zeroblob(length(bytes)) WHERE number = ?'),
    scan: prepare(
      database,
      'SELECT number, hex(substr(bytes, 1, 1)) FROM content WHERE number >= ? ORDER BY number LIMIT +?',
    ),
    read: prepare(database, 'SELECT bytes FROM content WHERE number = ?'),
    repoint: prepare(database, 'UPDATE entry SET content = ? WHERE sequence = ?'),
    removeBefore: prepare(database, 'DELETE FROM content WHERE number < ?'),
    bounds: prepare(database, 'SELECT coalesce(min(number), 1), coalesce(max(number), 0) + 1 FROM content'),
    countLive: prepare(database, 'SELECT count(*) FROM entry'),
  };
}

function isLive(row: Row): boolean {
  return row[1] !== '00';
}

function writeOwner(bytes: Uint8Array, sequence: number): void {
  new DataView(bytes.buffer, bytes.byteOffset).setFloat64(ownerOffset, sequence);
}

function ownerOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(ownerOffset);
}
