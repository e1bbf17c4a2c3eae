/** Transcripts in the writer's thread: what an owner keeps is checked in the step that writes. */
import type { DatabaseSync } from 'node:sqlite';
import type { Address } from '../../../model/address.ts';
import { type Transcript, transcriptsMax } from '../../../sessions/transcripts/ports.ts';
import { numberAt, prepare } from '../row-values.ts';

export type TranscriptChange =
  | { readonly kind: 'keep'; readonly owner: Address; readonly isKept: boolean }
  | { readonly kind: 'add'; readonly transcript: Transcript }
  | { readonly kind: 'remove'; readonly owner: Address; readonly id: string };

export type TranscriptChanged = 'done' | 'nothing' | 'full';

export class TranscriptWrites {
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(database: DatabaseSync) {
    this.#statements = prepareStatements(database);
  }

  change(change: TranscriptChange): TranscriptChanged {
    const { account, keep, forget, remove } = this.#statements;
    switch (change.kind) {
      case 'keep':
        if (account.get(change.owner) === undefined) return 'nothing';
        if (change.isKept) keep.run(change.owner);
        else forget.run(change.owner);
        return 'done';
      case 'add':
        return this.#add(change.transcript);
      default:
        return Number(remove.run(change.owner, change.id).changes) > 0 ? 'done' : 'nothing';
    }
  }

  #add({ id, owner, other, startedAt, endedAt, isMissed, messages, lines }: Transcript): TranscriptChanged {
    const { keeper, count, add } = this.#statements;
    if (keeper.get(owner) === undefined) return 'nothing';
    const row = count.get(owner);
    if (row !== undefined && numberAt(row, 0) >= transcriptsMax) return 'full';
    add.run(owner, id, other, startedAt, endedAt, isMissed ? 1 : 0, messages, JSON.stringify(lines));
    return 'done';
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    account: prepare(database, 'SELECT 1 FROM account WHERE address = ?'),
    keeper: prepare(database, 'SELECT 1 FROM transcript_keeper WHERE owner = ?'),
    keep: prepare(database, 'INSERT OR IGNORE INTO transcript_keeper (owner) VALUES (?)'),
    forget: prepare(database, 'DELETE FROM transcript_keeper WHERE owner = ?'),
    count: prepare(database, 'SELECT count(*) FROM transcript WHERE owner = ?'),
    add: prepare(
      database,
      `INSERT OR REPLACE INTO transcript (owner, id, other, started_at, ended_at, is_missed, messages, lines)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    remove: prepare(database, 'DELETE FROM transcript WHERE owner = ? AND id = ?'),
  };
}
