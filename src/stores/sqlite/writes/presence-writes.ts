/** Changes of publications with what is known after them, and of bindings: what a client renews again and again. */
import type { DatabaseSync } from 'node:sqlite';
import { prepare } from '../row-values.ts';
import type { BindingRowChange, PresenceChangeRow, PublicationRefresh } from '../writer/operations.ts';

export class PresenceWrites {
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(database: DatabaseSync) {
    this.#statements = prepareStatements(database);
  }

  change(changes: readonly PresenceChangeRow[]): void {
    const { remove, put, know } = this.#statements;
    for (const { presentity, replaces, publication, version, lastKnown } of changes) {
      if (replaces !== undefined) remove.run(presentity, replaces);
      if (publication !== undefined) {
        const { entityTag, expiresAt, namedAt, state, document } = publication;
        put.run(presentity, entityTag, expiresAt, namedAt, state, document);
      }
      know.run(presentity, version, lastKnown);
    }
  }

  refresh({ presentity, entityTag, newTag, expiresAt }: PublicationRefresh): void {
    this.#statements.refresh.run(newTag, expiresAt, presentity, entityTag);
  }

  changeBindings(changes: readonly BindingRowChange[]): void {
    const { putBinding, refreshBinding, removeBinding } = this.#statements;
    for (const { addressOfRecord, key, times, details } of changes) {
      if (times === undefined) removeBinding.run(addressOfRecord, key);
      else if (details === undefined) refreshBinding.run(times.cseq, times.expiresAt, addressOfRecord, key);
      else putBinding.run(addressOfRecord, key, times.cseq, times.expiresAt, details);
    }
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    remove: prepare(database, 'DELETE FROM publication WHERE presentity = ? AND entity_tag = ?'),
    put: prepare(
      database,
      `INSERT OR REPLACE INTO publication (presentity, entity_tag, expires_at, named_at, state, document)
       VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    refresh: prepare(
      database,
      'UPDATE OR REPLACE publication SET entity_tag = ?, expires_at = ? WHERE presentity = ? AND entity_tag = ?',
    ),
    know: prepare(database, 'INSERT OR REPLACE INTO known_presence (presentity, version, last_known) VALUES (?, ?, ?)'),
    putBinding: prepare(
      database,
      'INSERT OR REPLACE INTO binding (address_of_record, key, cseq, expires_at, details) VALUES (?, ?, ?, ?, ?)',
    ),
    refreshBinding: prepare(
      database,
      'UPDATE binding SET cseq = ?, expires_at = ? WHERE address_of_record = ? AND key = ?',
    ),
    removeBinding: prepare(database, 'DELETE FROM binding WHERE address_of_record = ? AND key = ?'),
  };
}
