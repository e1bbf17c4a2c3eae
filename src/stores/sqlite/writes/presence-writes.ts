/** Changes of publications with what is known after them, of bindings, subscriptions and sessions: what clients renew again and again. */
import type { DatabaseSync } from 'node:sqlite';
import type { SessionChange } from '../../../endpoints/imps/ports.ts';
import type { WaitingChange } from '../../../presence/ports.ts';
import { numberAt, prepare } from '../row-values.ts';
import type {
  BindingRowChange,
  PresenceChangeRow,
  PublicationRefresh,
  SubscriptionRowChange,
} from '../writer/operations.ts';

export class PresenceWrites {
  readonly #statements: ReturnType<typeof prepareStatements>;
  /** Which run of the server this is. */
  readonly #run: number;

  constructor(database: DatabaseSync) {
    this.#statements = prepareStatements(database);
    this.#run = numberAt(prepare(database, "SELECT value FROM counter WHERE name = 'run'").get() ?? [], 0);
  }

  change(changes: readonly PresenceChangeRow[], arena: Uint8Array): void {
    const { remove, put, replace, know } = this.#statements;
    for (const [presentity, replaces, publication, version, lastKnown] of changes) {
      if (publication === null) {
        if (replaces !== null) remove.run(presentity, replaces);
      } else {
        const [entityTag, expiresAt, namedAt, state, documentAt, documentLength] = publication;
        const document = arena.subarray(documentAt, documentAt + documentLength);
        // In its place, which dirties half as many pages as a new row.
        const isReplaced =
          replaces !== null &&
          replace.run(entityTag, expiresAt, namedAt, state, document, presentity, replaces).changes !== 0;
        if (!isReplaced) put.run(presentity, entityTag, expiresAt, namedAt, state, document);
      }
      know.run(presentity, version, lastKnown);
    }
  }

  refresh({ presentity, entityTag, newTag, expiresAt }: PublicationRefresh): void {
    this.#statements.refresh.run(newTag, expiresAt, presentity, entityTag);
  }

  changeBindings(changes: readonly BindingRowChange[]): void {
    const { putBinding, refreshBinding, removeBinding } = this.#statements;
    for (const { addressOfRecord, key, times, details, callId = '' } of changes) {
      if (times === undefined) removeBinding.run(addressOfRecord, key);
      else if (details === undefined) refreshBinding.run(times.cseq, times.expiresAt, callId, addressOfRecord, key);
      else putBinding.run(addressOfRecord, key, times.cseq, times.expiresAt, details);
    }
  }

  changeWaitingWatchers(changes: readonly WaitingChange[]): void {
    const { putWaiting, removeWaiting } = this.#statements;
    for (const change of changes) {
      if (change.kind === 'remove') removeWaiting.run(change.owner, change.watcher);
      else {
        const { owner, watcher, id, displayName, since, endsAt } = change.waiting;
        putWaiting.run(owner, watcher, id, displayName ?? null, since, endsAt);
      }
    }
  }

  changeImpsSessions(changes: readonly SessionChange[]): void {
    const { putSession, removeSession } = this.#statements;
    for (const change of changes) {
      if (change.kind === 'remove') removeSession.run(change.idHash);
      else putSession.run(change.session.idHash, change.session.owner, change.session.details);
    }
  }

  changeSubscriptions(changes: readonly SubscriptionRowChange[]): void {
    const { putSubscription, putProgress, refreshProgress, removeSubscription, removeProgress } = this.#statements;
    for (const { id, progress, details } of changes) {
      if (progress === undefined) {
        removeSubscription.run(id);
        removeProgress.run(id);
      } else if (details === undefined) {
        refreshProgress.run(this.#run, ...progress, id);
      } else {
        putSubscription.run(id, details);
        putProgress.run(id, this.#run, ...progress);
      }
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
    replace: prepare(
      database,
      `UPDATE OR REPLACE publication SET entity_tag = ?, expires_at = ?, named_at = ?, state = ?, document = ?
       WHERE presentity = ? AND entity_tag = ?`,
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
      `UPDATE binding SET cseq = ?, expires_at = ?, details = json_set(details, '$.callId', ?)
       WHERE address_of_record = ? AND key = ?`,
    ),
    removeBinding: prepare(database, 'DELETE FROM binding WHERE address_of_record = ? AND key = ?'),
    putSubscription: prepare(database, 'INSERT OR REPLACE INTO subscription (id, details) VALUES (?, ?)'),
    putProgress: prepare(
      database,
      `INSERT OR REPLACE INTO subscription_progress
         (id, run, expires_at, is_pending, was_pending, remote_cseq, local_cseq, told) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    refreshProgress: prepare(
      database,
      `UPDATE subscription_progress SET run = ?, expires_at = ?, is_pending = ?, was_pending = ?, remote_cseq = ?,
         local_cseq = ?, told = ? WHERE id = ?`,
    ),
    putWaiting: prepare(
      database,
      `INSERT OR REPLACE INTO waiting_watcher (owner, watcher, id, display_name, since, ends_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    removeWaiting: prepare(database, 'DELETE FROM waiting_watcher WHERE owner = ? AND watcher = ?'),
    // Nobody who has no account has a session.
    putSession: prepare(
      database,
      `INSERT OR REPLACE INTO imps_session (id_hash, owner, details) SELECT ?1, ?2, ?3
       WHERE EXISTS (SELECT 1 FROM account WHERE address = ?2)`,
    ),
    removeSession: prepare(database, 'DELETE FROM imps_session WHERE id_hash = ?'),
    removeSubscription: prepare(database, 'DELETE FROM subscription WHERE id = ?'),
    removeProgress: prepare(database, 'DELETE FROM subscription_progress WHERE id = ?'),
  };
}
