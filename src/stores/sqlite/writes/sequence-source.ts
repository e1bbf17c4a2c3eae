/**
 * Places in the order of acceptance. They grow over the whole life of the store: a counter that runs ahead in blocks is
 * durable, so that a restart never gives out a number again, not even when the row that had it is long gone.
 */
import type { DatabaseSync } from 'node:sqlite';
import { numberAt, prepare, type Statement } from '../row-values.ts';

const blockSize = 1024;

export class SequenceSource {
  readonly #read: Statement;
  readonly #reserve: Statement;
  #next: number;
  #reserved: number;

  constructor(database: DatabaseSync) {
    this.#read = prepare(database, "SELECT value FROM counter WHERE name = 'sequence'");
    this.#reserve = prepare(database, "INSERT OR REPLACE INTO counter (name, value) VALUES ('sequence', ?)");
    this.#reserved = this.#readReserved();
    this.#next = this.#reserved + 1;
  }

  /** Within the transaction that uses the number. */
  take(): number {
    const sequence = this.#next;
    if (sequence > this.#reserved) {
      this.#reserve.run(sequence + blockSize - 1);
      this.#reserved = sequence + blockSize - 1;
    }
    this.#next += 1;
    return sequence;
  }

  /** The reservation may be among what was rolled back; the numbers that were taken are left out. */
  rolledBack(): void {
    this.#reserved = this.#readReserved();
  }

  #readReserved(): number {
    const row = this.#read.get();
    return row === undefined ? 0 : numberAt(row, 0);
  }
}
