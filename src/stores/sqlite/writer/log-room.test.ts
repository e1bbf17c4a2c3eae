import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { isLogEmpty, makeLogRoom } from './log-room.ts';

const roomBytes = 1_000_000;
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function build(): { readonly database: DatabaseSync; readonly file: string; readonly log: string } {
  const folder = mkdtempSync(join(tmpdir(), 'restante-log-'));
  folders.push(folder);
  const file = join(folder, 'a.db');
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE word (text TEXT); PRAGMA wal_checkpoint(TRUNCATE)');
  return { database, file, log: `${file}-wal` };
}

describe('room for the log', () => {
  it('is written over, and read by nobody', () => {
    const { database, file, log } = build();
    makeLogRoom(database, log, roomBytes);
    expect([statSync(log).size, isLogEmpty(log)]).toEqual([roomBytes, true]);
    database.exec("INSERT INTO word VALUES ('one')");
    expect([statSync(log).size, isLogEmpty(log)]).toEqual([roomBytes, false]);
    const other = new DatabaseSync(file);
    expect(other.prepare('SELECT text FROM word').all()).toEqual([{ text: 'one' }]);
    other.close();
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    expect([statSync(log).size, isLogEmpty(log)]).toEqual([0, true]);
    database.close();
  });

  it('is not made where something is in the log', () => {
    const { database, log } = build();
    database.exec("INSERT INTO word VALUES ('one')");
    const { size } = statSync(log);
    makeLogRoom(database, log, roomBytes);
    expect(statSync(log).size).toBe(size);
    expect(database.prepare('SELECT text FROM word').all()).toEqual([{ text: 'one' }]);
    database.close();
  });

  it('is not made while another connection writes', () => {
    const { database, file, log } = build();
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE; INSERT INTO word VALUES ('one')");
    expect(() => makeLogRoom(database, log, roomBytes)).toThrow('database is locked');
    expect(statSync(log).size).toBe(0);
    other.exec('COMMIT');
    other.close();
    database.close();
  });

  it('of a log that is missing is none', () => {
    expect(isLogEmpty(join(tmpdir(), 'restante-no-such-log'))).toBe(true);
  });
});
