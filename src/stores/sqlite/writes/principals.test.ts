import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../../model/address.ts';
import { KnownDuplicates } from '../mailbox/known-duplicates.ts';
import { HELD, WAITING } from '../mailbox/message-states.ts';
import { ContentArena } from '../writer/content-arena.ts';
import { migrate } from '../migrate.ts';
import { ContentLog } from './content-log.ts';
import { DuplicateIndex } from './duplicate-index.ts';
import { MailboxWrites } from './mailbox-writes.ts';
import type { PutAnswer } from '../writer/operations.ts';
import { Principals } from './principals.ts';
import { ReportWrites } from './report-writes.ts';
import { SequenceSource } from './sequence-source.ts';
import { Usage } from './usage.ts';

function mailboxWith(cachedMax: number) {
  const database = new DatabaseSync(':memory:', { returnArrays: true });
  migrate(database, ':memory:', 0);
  const principals = new Principals(database, cachedMax);
  const usage = new Usage(principals);
  const [sequences, contents] = [new SequenceSource(database), new ContentLog(database)];
  const duplicates = new DuplicateIndex(database);
  const known = new KnownDuplicates(database, duplicates);
  const reports = new ReportWrites(database);
  const parts = { principals, usage, sequences, contents, duplicates, known, reports };
  return { database, principals, writes: new MailboxWrites(database, parts) };
}

let count = 0;

/** `limit` messages for each quota, twice as many for the recipient. */
function put(writes: MailboxWrites, sender: string, recipient: string, limit: number): PutAnswer {
  const arena = new ContentArena();
  const length = arena.append('', new Uint8Array(3));
  count += 1;
  return writes.put(
    [
      ...([sender as Address, recipient as Address, `id${count}`, count % 2 === 0 ? HELD : WAITING, 0, 9] as const),
      ...([null, null, 0, 'text/plain', 3, 0, length, [], null, null, [], false] as const),
      ...([2 * limit, 1e6, limit, limit, null, null, null, 1e6] as const),
    ],
    arena.bytes,
  );
}

describe('counts of principals', () => {
  it.each([1, 2, 100])('are right when only %d principals fit into memory', (cachedMax) => {
    const { writes } = mailboxWith(cachedMax);
    const open: { id: string; recipient: Address }[] = [];
    for (let round = 0; round < 5; round += 1) {
      const kinds = ['tom', 'ann', 'tom', 'ann', 'tom', 'tom', 'ann'].map((sender, index) => {
        const recipient = ['mary', 'bob', 'tom'][index % 3] ?? '';
        const answer = put(writes, sender, recipient, 3);
        if (typeof answer === 'number') open.push({ id: `id${count}`, recipient: recipient as Address });
        return typeof answer;
      });
      // Three of each sender, whoever they are for, and not one more.
      expect(kinds).toEqual(['number', 'number', 'number', 'number', 'number', 'string', 'number']);
      const ends = open
        .splice(0)
        .map((one) => ({ ...one, state: 'failed', at: 1, step: { at: 1, what: 'failed' } }) as const);
      expect(writes.end(ends)).not.toContain(undefined);
    }
  });

  it('forget the addresses that nothing mentions, and only those', () => {
    const { database, principals, writes } = mailboxWith(100);
    put(writes, 'tom', 'mary', 9);
    const [tom, mary] = [principals.find('tom').number, principals.find('mary').number];
    const ann = principals.intern(principals.find('ann'));
    principals.removeUnused([tom, mary, ann]);
    expect(database.prepare('SELECT address FROM address ORDER BY address').all()).toEqual([['mary'], ['tom']]);
    expect(principals.find('ann').number).toBe(0);
    expect(principals.find('tom').number).toBe(tom);
  });

  it('a refused message leaves no address behind', () => {
    const { database, writes } = mailboxWith(100);
    expect(put(writes, 'tom', 'mary', 0)).toBe('offline-space-full');
    expect(database.prepare('SELECT count(*) FROM address').get()).toEqual([0]);
  });
});
