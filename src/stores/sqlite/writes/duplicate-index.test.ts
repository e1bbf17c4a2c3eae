import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { duplicateHash } from '../mailbox/duplicate-hash.ts';
import { migrate } from '../migrate.ts';
import { numberAt, prepare } from '../row-values.ts';
import { DuplicateIndex } from './duplicate-index.ts';

const recentMax = 100;
const hashOf = (sequence: number): number => duplicateHash('a@a', 'b@b', `key ${sequence}`);

/** An index over a database in which every row has one key. */
function openIndex() {
  const database = new DatabaseSync(':memory:', { returnArrays: true });
  migrate(database, ':memory:', 0);
  database.exec("INSERT INTO address (number, address) VALUES (1, 'a@a'), (2, 'b@b')");
  const insert = prepare(
    database,
    `INSERT INTO finished VALUES (?1, 'id' || ?1, 2, 1, 3, 2, 0, 9, 5, 0, 0, NULL, 'text/plain', 1, ?2, 1, NULL, NULL, NULL)`,
  );
  let index = new DuplicateIndex(database, recentMax);
  const addRow = (sequence: number): void => {
    insert.run(sequence, JSON.stringify([`key ${sequence}`]));
    index.add(hashOf(sequence), sequence);
  };
  return {
    database,
    addRow,
    addRows(sequences: readonly number[]): void {
      for (const sequence of sequences) addRow(sequence);
    },
    reopen: () => (index = new DuplicateIndex(database, recentMax)),
    find: (sequence: number) => [...index.find(hashOf(sequence))],
    index: () => index,
    batch(work: () => void, end: 'COMMIT' | 'ROLLBACK' = 'COMMIT'): void {
      database.exec('BEGIN');
      work();
      index.tidy();
      database.exec(end);
      if (end === 'COMMIT') index.committed();
      else index.rolledBack();
    },
    countTable: () => numberAt(prepare(database, 'SELECT count(*) FROM duplicate_hint').get() ?? [], 0),
  };
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, at) => at + 1);

describe('the index of duplicate keys', () => {
  it('finds every hash whether it is in memory, being merged or in the table, also after a restart at any moment', () => {
    const open = openIndex();
    let missed = 0;
    for (let sequence = 1; sequence <= 6 * recentMax; sequence += 1) {
      open.batch(() => open.addRow(sequence));
      // Once in the middle of a merge.
      if (sequence === recentMax + 1 || sequence % 37 === 0) open.reopen();
      if (sequence % 50 === 0) missed += upTo(sequence).filter((one) => open.find(one).join() !== String(one)).length;
    }
    expect(missed).toBe(0);
    expect(open.find(9999)).toEqual([]);
    expect(open.countTable()).toBeGreaterThanOrEqual(4 * recentMax);
  });

  it('keeps no more than twice its limit in memory, and merges in order', () => {
    const open = openIndex();
    for (let sequence = 1; sequence <= 20 * recentMax; sequence += 1) {
      open.batch(() => open.addRow(sequence));
      expect(open.index().recent().length).toBeLessThanOrEqual(2 * recentMax);
    }
  });

  it('takes a file with more keys than fit into memory, in whose table there is none', () => {
    const open = openIndex();
    open.batch(() => open.addRows(upTo(3 * recentMax)), 'ROLLBACK');
    expect(open.find(1)).toEqual([]);
    open.batch(() => open.addRows(upTo(3 * recentMax)));
    open.database.exec("DELETE FROM duplicate_hint; UPDATE counter SET value = 0 WHERE name = 'hinted'");
    open.reopen();
    for (const sequence of upTo(3 * recentMax)) expect(open.find(sequence)).toEqual([sequence]);
  });

  it('forgets what is removed, wherever it is, and nothing when that is rolled back', () => {
    const open = openIndex();
    for (const sequence of upTo(recentMax)) open.batch(() => open.addRow(sequence));
    // Between two steps of the merge.
    open.batch(() => open.addRow(recentMax + 1));
    const all = upTo(recentMax + 1);
    const removeAll = (): void => {
      for (const sequence of all) open.index().remove(hashOf(sequence), sequence);
    };
    open.batch(removeAll, 'ROLLBACK');
    expect(all.map(open.find)).toEqual(all.map((one) => [one]));
    open.batch(removeAll);
    open.batch(() => undefined);
    expect([all.flatMap(open.find), open.countTable()]).toEqual([[], 0]);
  });

  it('has both of two messages that share a hash', () => {
    const open = openIndex();
    open.batch(() => {
      for (const sequence of [7, 8]) open.index().add(hashOf(1), sequence);
    });
    expect(new Set(open.find(1))).toEqual(new Set([7, 8]));
    open.batch(() => open.index().add(hashOf(1), 9), 'ROLLBACK');
    expect(new Set(open.find(1))).toEqual(new Set([7, 8]));
  });
});
