/** What is known of an earlier submission by the hash of its key; asked by the writer within a put, and by readers. */
import type { DatabaseSync } from 'node:sqlite';
import type { KnownDuplicate } from '../../../delivery/ports.ts';
import { openStateName, stateName } from './message-states.ts';
import { numberAt, prepare, textAt, type Statement } from '../row-values.ts';

const columns = 'id, state, accepted_state, accepted_at, expires_at';

export class KnownDuplicates {
  readonly #findSequence: Statement;
  readonly #findOpen: Statement;
  readonly #findFinished: Statement;

  constructor(database: DatabaseSync) {
    this.#findSequence = prepare(database, 'SELECT sequence FROM duplicate_key WHERE hash = ?');
    this.#findOpen = prepare(database, `SELECT ${columns} FROM entry WHERE sequence = ?`);
    this.#findFinished = prepare(database, `SELECT ${columns} FROM finished WHERE sequence = ?`);
  }

  find(hash: string): KnownDuplicate | undefined {
    const key = this.#findSequence.get(hash);
    if (key === undefined) return undefined;
    const sequence = numberAt(key, 0);
    const row = this.#findOpen.get(sequence) ?? this.#findFinished.get(sequence);
    if (row === undefined) return undefined;
    return {
      id: textAt(row, 0),
      state: stateName(numberAt(row, 1)),
      acceptedState: openStateName(numberAt(row, 2)),
      acceptedAt: numberAt(row, 3),
      expiresAt: numberAt(row, 4),
    };
  }
}
