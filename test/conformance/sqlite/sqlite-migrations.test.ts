/** A data folder of an earlier version opens, and what it holds is what it held. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../../src/model/address.ts';
import { applicationId } from '../../../src/stores/sqlite/database-file.ts';
import { generous, newEntry, start } from '../samples.ts';
import { openSqlite, temporaryFolder } from './sqlite-subject.ts';

const migrations = new URL('../../../src/stores/sqlite/migrations/', import.meta.url);
const sqlOf = (name: string): string => readFileSync(new URL(name, migrations), 'utf8');

/** What version 1 wrote for a waiting message and for one that was delivered. */
const rows = `
  INSERT INTO address (number, address) VALUES (1, 'tom@example.com'), (2, 'mary@example.com');
  INSERT INTO counter (name, value) VALUES ('sequence', 1024);
  INSERT INTO content (number, bytes) VALUES (1, x'01000000000000f03f000000006869');
  INSERT INTO entry VALUES (1, 'open', 2, 1, 2, 2, ${start}, ${start + 9e9}, NULL, NULL, 0, ${start + 9e9}, 0, 1, 0, 0, 0,
    NULL, 0, ${start}, 'text/plain', 2, 1, NULL, NULL, NULL, '["k1"]');
  INSERT INTO duplicate_key (hash, sequence) VALUES ('AAAAAAAAAAAAAAAAAAAAAA', 1), ('BBBBBBBBBBBBBBBBBBBBBB', 2);
  INSERT INTO finished VALUES (2, 'done', 2, 1, 3, 2, ${start}, ${start + 9e9}, ${start + 5}, 1, 0, NULL, 'text/plain', 2,
    '["k2"]', 1);`;

describe('a data folder of schema version 1', () => {
  it.each([
    ['alone', '', []],
    ['and a later step that came before those between', sqlOf('0008-reports-in-words.sql'), [8]],
  ])('%s has its messages, and knows them when they are sent again', async (_what, further, versions) => {
    const folder = temporaryFolder();
    const database = new DatabaseSync(join(folder, 'restante.db'));
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA journal_mode = WAL;
      CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL);
      INSERT INTO schema_version VALUES (1, 0)`);
    database.exec(sqlOf('0001-first-schema.sql') + further + rows);
    for (const version of versions) database.exec(`INSERT INTO schema_version VALUES (${version}, 0)`);
    database.close();
    const { mailbox, close } = await openSqlite(folder);
    const [sender, recipient] = ['tom@example.com' as Address, 'mary@example.com' as Address];
    expect((await mailbox.find(recipient, 'open'))?.message.body).toEqual(new TextEncoder().encode('hi'));
    for (const [key, id] of [
      ['k1', 'open'],
      ['k2', 'done'],
    ] as const) {
      const again = await mailbox.put(newEntry({ sender, recipient, duplicateKeys: [key] }), generous);
      expect(again).toMatchObject({ kind: 'duplicate', known: { id } });
    }
    await close();
    rmSync(folder, { recursive: true });
  });
});
