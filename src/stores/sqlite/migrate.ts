/**
 * Brings the schema up to date with numbered SQL files, each in a transaction of its own with its line in
 * `schema_version`; what has no line there is applied, in the order of the numbers, which may have gaps. A schema that is
 * newer than this program is left alone.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { assert } from '../../base/assert.ts';
import type { Millis } from '../../base/time/clock.ts';
import { StoreFault } from '../../base/store-fault.ts';
import { optionalNumberAt, prepare } from './row-values.ts';

interface Migration {
  readonly version: number;
  readonly sql: string;
}

export function migrate(database: DatabaseSync, file: string, now: Millis): void {
  const migrations = readMigrations(new URL('./migrations/', import.meta.url));
  const known = migrations.at(-1)?.version ?? 0;
  database.exec('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL)');
  const current = readVersion(database);
  if (current > known) throw newerSchema(file, current, known);
  const isApplied = prepare(database, 'SELECT 1 FROM schema_version WHERE version = ?');
  for (const { version, sql } of migrations) {
    if (isApplied.get(version) !== undefined) continue;
    database.exec('BEGIN IMMEDIATE');
    try {
      // Another process may have been faster.
      if (isApplied.get(version) === undefined) {
        database.exec(sql);
        prepare(database, 'INSERT INTO schema_version (version, applied_at) VALUES (?, ?)').run(version, now);
      }
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
}

function readMigrations(folder: URL): Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  let before = 0;
  return names.sort().map((name) => {
    const version = Number(name.slice(0, 4));
    assert(version > before, `the migration ${name} does not have a number of its own`);
    before = version;
    return { version, sql: readFileSync(new URL(name, folder), 'utf8') };
  });
}

function readVersion(database: DatabaseSync): number {
  const row = prepare(database, 'SELECT max(version) FROM schema_version').get();
  return row === undefined ? 0 : (optionalNumberAt(row, 0) ?? 0);
}

function newerSchema(file: string, found: number, known: number): StoreFault {
  return new StoreFault(
    `the database ${file} has schema version ${found}, but this program knows only up to ${known}: use a newer program`,
    false,
  );
}
