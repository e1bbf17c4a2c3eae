/** What is known of an earlier submission: found by a hash of its key, proved by the row itself. */
import type { DatabaseSync } from 'node:sqlite';
import type { KnownDuplicate } from '../../../delivery/ports.ts';
import { isSenderWide } from '../../../model/submission-name.ts';
import { numberAt, prepare, textAt, type Row, type Statement } from '../row-values.ts';
import type { DuplicateIndex } from '../writes/duplicate-index.ts';
import { duplicateHash } from './duplicate-hash.ts';
import { answeredStateName, stateName } from './message-states.ts';

export class KnownDuplicates {
  readonly #index: DuplicateIndex;
  readonly #findOpen: Statement;
  readonly #findFinished: Statement;

  constructor(database: DatabaseSync, index: DuplicateIndex) {
    this.#index = index;
    this.#findOpen = prepare(database, selectFrom('entry'));
    this.#findFinished = prepare(database, selectFrom('finished'));
  }

  find(sender: string, recipient: string, keys: readonly string[]): KnownDuplicate | undefined {
    for (const key of keys) {
      const anyRecipient = isSenderWide(key) ? 1 : 0;
      for (const sequence of this.#index.find(duplicateHash(sender, recipient, key))) {
        const row =
          this.#findOpen.get(sequence, sender, recipient, anyRecipient) ??
          this.#findFinished.get(sequence, sender, recipient, anyRecipient);
        if (row !== undefined && (JSON.parse(textAt(row, 5)) as string[]).includes(key)) return readKnown(row);
      }
    }
    return undefined;
  }
}

/** A row without keys is not known any more. */
function selectFrom(table: 'entry' | 'finished'): string {
  return `SELECT e.id, e.state, e.accepted_state, e.accepted_at, e.expires_at, e.duplicate_keys
    FROM ${table} e CROSS JOIN address s ON s.number = e.sender CROSS JOIN address r ON r.number = e.recipient
    WHERE e.sequence = ? AND s.address = ? AND (r.address = ? OR ?) AND e.duplicate_keys IS NOT NULL`;
}

function readKnown(row: Row): KnownDuplicate {
  return {
    id: textAt(row, 0),
    state: stateName(numberAt(row, 1)),
    acceptedState: answeredStateName(numberAt(row, 2)),
    acceptedAt: numberAt(row, 3),
    expiresAt: numberAt(row, 4),
  };
}
