import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { bytesAt, numberAt, prepare } from '../row-values.ts';
import { ContentArena, readContent } from '../writer/content-arena.ts';
import { ContentLog } from './content-log.ts';

/** The log in a database whose entries have nothing but a sequence and their content. */
function openLog() {
  const database = new DatabaseSync(':memory:', { returnArrays: true });
  database.exec('CREATE TABLE entry (sequence INTEGER PRIMARY KEY, content INTEGER NOT NULL)');
  database.exec(/CREATE TABLE content [^;]*;/.exec(schema)?.[0] ?? '');
  const insert = prepare(database, 'INSERT INTO entry (sequence, content) VALUES (?, ?)');
  const find = prepare(
    database,
    'SELECT c.number, c.bytes FROM entry e JOIN content c ON c.number = e.content WHERE sequence = ?',
  );
  const remove = prepare(database, 'DELETE FROM entry WHERE sequence = ?');
  const log = new ContentLog(database);
  return {
    database,
    log,
    put(sequence: number, text: string): void {
      const arena = new ContentArena();
      const length = arena.append('', new TextEncoder().encode(text));
      insert.run(sequence, log.append(sequence, arena.bytes.subarray(0, length)));
    },
    read(sequence: number): string {
      return new TextDecoder().decode(readContent(bytesAt(find.get(sequence) ?? [], 1)).body);
    },
    end(sequence: number): void {
      log.erase(numberAt(find.get(sequence) ?? [], 0));
      remove.run(sequence);
      log.tidy();
    },
    countRows: () => numberAt(prepare(database, 'SELECT count(*) FROM content').get() ?? [], 0),
  };
}

const schema = readFileSync(new URL('../migrations/0001-first-schema.sql', import.meta.url), 'utf8');

describe('the content log', () => {
  it('does not grow with what has ended, and keeps what has not, however old', () => {
    const open = openLog();
    const old = Array.from({ length: 100 }, (_, index) => index * 50 + 1);
    for (let sequence = 1; sequence <= 20_000; sequence += 1) {
      open.put(sequence, `text ${sequence}`);
      const ended = sequence - 10;
      if (ended > 0 && !old.includes(ended)) open.end(ended);
      expect(open.countRows()).toBeLessThan(4000);
    }
    for (const sequence of [...old, 19_995]) expect(open.read(sequence)).toBe(`text ${sequence}`);
  });

  it('overwrites every byte of what has ended, and removes it only when nothing live is near', () => {
    const open = openLog();
    for (let sequence = 1; sequence <= 2000; sequence += 1) open.put(sequence, `text ${sequence}`);
    for (let sequence = 1; sequence < 2000; sequence += 1) open.end(sequence);
    const rows = prepare(open.database, 'SELECT number, bytes FROM content WHERE number < 2000').all();
    expect(rows).toHaveLength(1999);
    expect(rows.every((row) => bytesAt(row, 1).every((byte) => byte === 0))).toBe(true);
    for (let sequence = 2001; sequence < 6000; sequence += 1) {
      open.put(sequence, 'short');
      open.end(sequence);
    }
    const [first, live] = [
      open.database.prepare('SELECT min(number) FROM content').get(),
      open.database.prepare('SELECT content FROM entry').get(),
    ];
    expect(Number(Object.values(live ?? {})[0]) - Number(Object.values(first ?? {})[0])).toBeGreaterThanOrEqual(1024);
    expect(open.read(2000)).toBe('text 2000');
  });

  it('knows after a rollback what is there', () => {
    const open = openLog();
    open.put(1, 'kept');
    open.database.exec('BEGIN');
    open.put(2, 'lost');
    open.end(1);
    open.database.exec('ROLLBACK');
    open.log.rolledBack();
    expect(open.read(1)).toBe('kept');
    open.put(3, 'later');
    expect([open.read(1), open.read(3)]).toEqual(['kept', 'later']);
    expect(open.countRows()).toBe(2);
  });
});
