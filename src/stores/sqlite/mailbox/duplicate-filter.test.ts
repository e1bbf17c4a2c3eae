import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../base/log.ts';
import { prepare } from '../row-values.ts';
import { DuplicateFilter } from './duplicate-filter.ts';
import { duplicateHash } from './duplicate-hash.ts';

const nothingRecent = (): Promise<number[]> => Promise.resolve([]);
const hashOf = (number: number): number => duplicateHash('tom@example.com', 'mary@example.com', `${number}`);

function databaseWith(count: number): DatabaseSync {
  const database = new DatabaseSync(':memory:', { returnArrays: true });
  database.exec(
    'CREATE TABLE duplicate_hint (hash INTEGER, sequence INTEGER, PRIMARY KEY (hash, sequence)) WITHOUT ROWID',
  );
  const insert = prepare(database, 'INSERT INTO duplicate_hint (hash, sequence) VALUES (?, ?)');
  for (let number = 0; number < count; number += 1) insert.run(hashOf(number), number);
  return database;
}

async function untilComplete(filter: DuplicateFilter, turnsMax = 1000): Promise<void> {
  for (let turn = 0; turn < turnsMax && !filter.isComplete; turn += 1) await new Promise((done) => setImmediate(done));
}

describe('the filter of duplicate keys', () => {
  it('says "may be" until it has read all keys, then it knows those of the table and those added meanwhile', async () => {
    const filter = new DuplicateFilter(databaseWith(3500), silentLog, nothingRecent, 100);
    expect(filter.isComplete).toBe(false);
    expect(filter.mayHaveAny([hashOf(999_999)])).toBe(true);
    expect(filter.mayHaveAny([])).toBe(false);
    filter.add([hashOf(4000)]);
    await untilComplete(filter);
    const known = [0, 1000, 3499, 4000];
    expect(known.map((number) => filter.mayHaveAny([hashOf(999_999), hashOf(number)]))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(filter.mayHaveAny([hashOf(999_999)])).toBe(false);
  });

  it('is made anew when it is too full, from what the table has by then, and denies nothing meanwhile', async () => {
    const database = databaseWith(0);
    const filter = new DuplicateFilter(database, silentLog, nothingRecent, 1000);
    await untilComplete(filter);
    const insert = prepare(database, 'INSERT INTO duplicate_hint (hash, sequence) VALUES (?, ?)');
    let wasRebuilt = false;
    for (let number = 0; number < 6000; number += 1) {
      filter.add([hashOf(number)]);
      insert.run(hashOf(number), number);
      if (!filter.isComplete) wasRebuilt = true;
      if (number % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
      expect(filter.mayHaveAny([hashOf(number)])).toBe(true);
    }
    expect(wasRebuilt).toBe(true);
    await untilComplete(filter);
    for (let number = 0; number < 6000; number += 1) expect(filter.mayHaveAny([hashOf(number)])).toBe(true);
    const mistaken = Array.from({ length: 2000 }, (_, index) => hashOf(10_000 + index)).filter((hash) =>
      filter.mayHaveAny([hash]),
    );
    expect(mistaken.length).toBeLessThan(60);
  });

  it('has the keys that were on their way into the table when it was made anew', async () => {
    const database = databaseWith(0);
    let release = (_recent: number[]): void => {};
    const filter = new DuplicateFilter(database, silentLog, () => new Promise((resolve) => (release = resolve)), 10);
    release([]);
    await untilComplete(filter);
    // The eleventh makes it too full; none of them is in the table yet.
    for (let number = 0; number < 11; number += 1) filter.add([hashOf(number)]);
    expect(filter.isComplete).toBe(false);
    // One has come there, the others are told of.
    prepare(database, 'INSERT INTO duplicate_hint (hash, sequence) VALUES (?, ?)').run(hashOf(0), 0);
    release(Array.from({ length: 10 }, (_, number) => hashOf(number + 1)));
    await untilComplete(filter);
    for (let number = 0; number < 11; number += 1) expect(filter.mayHaveAny([hashOf(number)])).toBe(true);
  });

  it('goes on saying "may be" when the table cannot be read', async () => {
    const database = databaseWith(10);
    const warnings: string[] = [];
    const log = { ...silentLog, warn: (_fields: object, text: string) => void warnings.push(text) };
    const filter = new DuplicateFilter(failingAfterCount(database), log, nothingRecent, 100);
    await untilComplete(filter, 5);
    expect(filter.mayHaveAny([hashOf(999_999)])).toBe(true);
    expect(warnings).toEqual(['the duplicate keys could not be read into memory']);
  });
});

/** The count can be read, the keys cannot. */
function failingAfterCount(database: DatabaseSync): DatabaseSync {
  const statement = database.prepare('SELECT count(*) FROM duplicate_hint');
  const failing = { all: raise, get: () => statement.get() };
  return { prepare: () => failing } as unknown as DatabaseSync;
}

function raise(): never {
  throw new Error('disk I/O error');
}
