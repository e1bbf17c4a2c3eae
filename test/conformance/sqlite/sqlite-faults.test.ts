/** Files and disks that are not as they should be: a clear word at the start, a StoreFault later, and recovery. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreFault } from '../../../src/base/store-fault.ts';
import type { MailboxEntry } from '../../../src/delivery/ports.ts';
import { waitingBatchesMax, batchOperationsMax } from '../../../src/stores/sqlite/writer/writer.ts';
import { account, endOf, generous, heldEntry, newEntry, putEntry, someone, start } from '../samples.ts';
import { openSqlite, temporaryFolder } from './sqlite-subject.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder, 'restante.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function faultOf(opening: Promise<unknown>): Promise<StoreFault> {
  const fault: unknown = await opening.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(fault).toBeInstanceOf(StoreFault);
  return fault as StoreFault;
}

/** A store with one message in it, closed. */
async function leaveStore(): Promise<MailboxEntry> {
  const stores = await openSqlite(folder);
  const entry = await putEntry(stores.mailbox, newEntry());
  for (let count = 0; count < 50; count += 1) void stores.mailbox.put(newEntry({ text: 'x'.repeat(999) }), generous);
  await stores.close();
  return entry;
}

describe('a folder', () => {
  it('that is missing is made, for nobody but its owner', async () => {
    const missing = join(folder, 'a', 'b');
    await (await openSqlite(missing)).close();
    expect(existsSync(join(missing, 'restante.db'))).toBe(true);
    const { statSync } = await import('node:fs');
    expect(statSync(missing).mode & 0o777).toBe(0o700);
    expect(statSync(join(missing, 'restante.db')).mode & 0o777).toBe(0o600);
  });

  it('that is a file, or below one, is named', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, '');
    for (const wrong of [path, join(path, 'below')]) {
      const fault = await faultOf(openSqlite(wrong));
      expect(fault.message).toContain(`the data folder ${wrong} cannot be used`);
      expect(fault.isTemporary).toBe(false);
    }
  });

  const mayWriteAnywhere = process.getuid?.() === 0;
  it.skipIf(mayWriteAnywhere)(
    'that cannot be written is named (left out for root, who may write anywhere)',
    async () => {
      chmodSync(folder, 0o500);
      const fault = await faultOf(openSqlite(folder));
      chmodSync(folder, 0o700);
      expect(fault.message).toContain(`the data folder ${folder} cannot be used`);
    },
  );
});

describe('a database file', () => {
  const damages: readonly (readonly [name: string, damage: () => void, words: string])[] = [
    ['is empty', () => truncateSync(file, 0), 'it is empty or cut short'],
    ['is cut short in its header', () => truncateSync(file, 50), 'it is empty or cut short'],
    ['is cut short', () => truncateSync(file, 8192), 'it is cut short'],
    ['is text', () => writeFileSync(file, 'x'.repeat(9999)), 'it is no SQLite database'],
    ['has wrong bytes in the middle', spoilMiddle, 'is damaged'],
    ['is of another program', replaceByForeign, 'it is the database of another program'],
    ['is gone but for its log', leaveLogAlone, 'its write-ahead log is there, but the file itself is missing'],
  ];
  it.each(damages)('that %s is named and left as it is', async (_name, damage, words) => {
    await leaveStore();
    damage();
    const before = existsSync(file) ? readFileSync(file) : undefined;
    const fault = await faultOf(openSqlite(folder));
    expect(fault.message).toContain(file);
    expect(fault.message).toContain(words);
    expect(fault.message).not.toContain('\n');
    expect(fault.isTemporary).toBe(false);
    expect(existsSync(file) ? readFileSync(file) : undefined).toEqual(before);
    // The lock is free again: a repaired file can be opened by the same process.
    rmSync(folder, { recursive: true });
    await (await openSqlite(folder)).close();
  });

  function spoilMiddle(): void {
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 4096 * 3, 4096 * 20);
    writeFileSync(file, bytes);
  }

  function replaceByForeign(): void {
    rmSync(file);
    const database = new DatabaseSync(file);
    database.exec('CREATE TABLE other (a)');
    database.close();
  }

  function leaveLogAlone(): void {
    copyFileSync(file, `${file}-wal`);
    rmSync(file);
  }

  it('of a newer program is left alone', async () => {
    await leaveStore();
    const database = new DatabaseSync(file);
    database.exec('INSERT INTO schema_version (version, applied_at) VALUES (9999, 0)');
    database.close();
    const fault = await faultOf(openSqlite(folder));
    const names = readdirSync(new URL('../../../src/stores/sqlite/migrations/', import.meta.url));
    const known = Math.max(...names.map((name) => Number.parseInt(name, 10)).filter((number) => number > 0));
    expect(fault.message).toContain(`${file} has schema version 9999, but this program knows only up to ${known}`);
    expect(fault.isTemporary).toBe(false);
  });

  it('that is damaged while it is open rejects for good, and says so', async () => {
    const stores = await openSqlite(folder);
    await Promise.all(Array.from({ length: 300 }, () => putEntry(stores.mailbox, newEntry({ text: 'x'.repeat(999) }))));
    await stores.close();
    const again = await openSqlite(folder);
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 4096);
    writeFileSync(file, bytes);
    const fault = await faultOf(again.mailbox.due(start * 2, 500));
    expect(fault.message).toContain(`the database ${file} is damaged`);
    expect(fault.isTemporary).toBe(false);
    await again.close().catch(() => undefined);
  });
});

describe('two processes', () => {
  it('a second server is refused as long as the first runs', async () => {
    const first = await openSqlite(folder);
    const fault = await faultOf(openSqlite(folder));
    expect(fault.message).toBe(`another server is running on the data folder ${folder}`);
    await first.close();
    await (await openSqlite(folder)).close();
  });

  it('a command works beside a server, which learns of it, and leaves mailboxes alone', async () => {
    const server = await openSqlite(folder);
    const entry = await putEntry(server.mailbox, heldEntry());
    const command = await openSqlite(folder, { use: 'command' });
    const tom = account(someone('tom'));
    expect(await command.accounts.add([tom])).toEqual(['added']);
    expect(await server.accounts.find(tom.address)).toEqual(tom);
    expect(await server.journal.changesAfter(0, 9)).toMatchObject([{ address: tom.address, what: 'account-added' }]);
    expect(await command.mailbox.find(entry.message.recipient, entry.id)).toEqual(entry);
    expect(await command.mailbox.list({ limit: 9 })).toHaveLength(1);
    for (const call of [command.mailbox.put(newEntry(), generous), command.mailbox.end([endOf(entry)])]) {
      expect((await faultOf(call)).isTemporary).toBe(false);
    }
    await command.close();
    expect(await server.mailbox.end([endOf(entry)])).toEqual(['held']);
    await server.close();
  });

  it('a write waits for one of another process', async () => {
    const stores = await openSqlite(folder);
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const put = stores.mailbox.put(newEntry(), generous);
    let isDone = false;
    void put.then(() => (isDone = true));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(isDone).toBe(false);
    other.exec('COMMIT');
    expect((await put).kind).toBe('stored');
    other.close();
    await stores.close();
  });
});

describe('a full disk', () => {
  it('rejects what does not fit, keeps what was acknowledged, and takes more when there is room again', async () => {
    const stores = await openSqlite(folder, { pagesMax: 400 });
    const { mailbox } = stores;
    const ended = Array.from({ length: 600 }, () => newEntry());
    await Promise.all(ended.map((entry) => putEntry(mailbox, entry)));
    await mailbox.end(ended.map((entry) => endOf(entry)));
    const recipient = someone('mary');
    const kept: MailboxEntry[] = [];
    const fault = await fillUp(async () => {
      const entries = Array.from({ length: 8 }, () =>
        heldEntry({ recipient, text: 'x'.repeat(500), duplicateKeys: ['k'] }),
      );
      kept.push(...(await Promise.all(entries.map((entry) => putEntry(mailbox, entry)))));
    });
    expect(fault.message).toContain(`the database ${file} could not grow: the disk is full`);
    expect(fault.isTemporary).toBe(true);
    expect(kept.length).toBeGreaterThan(8);
    expect(await mailbox.open(recipient, { after: 0, limit: 9999 })).toEqual(kept);

    await mailbox.sweep(start * 2, start * 2);
    // The counts are those of what is kept, not of what was refused.
    const quotas = { ...generous, recipientMessages: 2 * kept.length + 2 };
    await putEntry(mailbox, heldEntry({ recipient, text: '' }), quotas);
    expect((await mailbox.put(heldEntry({ recipient, text: '' }), quotas)).kind).toBe('offline-space-full');
    expect(await mailbox.open(recipient, { after: 0, limit: 9999 })).toHaveLength(kept.length + 1);
    await stores.close();
  });

  async function fillUp(put: () => Promise<void>): Promise<StoreFault> {
    for (;;) {
      try {
        await put();
      } catch (error) {
        if (error instanceof StoreFault) return error;
        throw error;
      }
    }
  }
});

describe('one bad operation among good ones', () => {
  it('is rejected alone, and leaves nothing behind', async () => {
    const stores = await openSqlite(folder);
    const { mailbox } = stores;
    const first = newEntry({ duplicateKeys: ['a'] });
    const { sender, recipient } = first.message;
    const sameId = heldEntry({ sender, recipient, id: first.id, duplicateKeys: ['b'] });
    const last = newEntry({ sender, recipient });
    const outcomes = await Promise.allSettled([first, sameId, last].map((entry) => mailbox.put(entry, generous)));
    const kinds = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.kind : 'rejected'));
    expect(kinds).toEqual(['stored', 'rejected', 'stored']);
    const fault = await faultOf(mailbox.put(sameId, generous));
    expect(fault.isTemporary).toBe(false);
    expect(await mailbox.findDuplicate(sender, recipient, ['b'])).toBeUndefined();
    expect((await mailbox.open(recipient, { after: 0, limit: 9 })).map((entry) => entry.id)).toEqual([
      first.id,
      last.id,
    ]);
    expect(await mailbox.mentioning(recipient, 'all', { after: 0, limit: 9 })).toEqual([]);
    const quotas = { ...generous, recipientMessages: 3 };
    expect((await mailbox.put(newEntry({ recipient }), quotas)).kind).toBe('stored');
    expect((await mailbox.put(newEntry({ recipient }), quotas)).kind).toBe('offline-space-full');
    await stores.close();
  });
});

describe('too many calls', () => {
  it('at the limit the newest is refused, for the time being, and the others are done', async () => {
    const stores = await openSqlite(folder);
    // Behind what the store asks of itself at its start.
    await stores.journal.setActed(0);
    const calls: Promise<void>[] = [];
    for (let number = 1; number <= waitingBatchesMax * batchOperationsMax; number += 1) {
      calls.push(stores.journal.setActed(number));
    }
    const fault = await faultOf(stores.journal.setActed(0));
    expect(fault).toMatchObject({ isTemporary: true, message: 'the store cannot keep up: too many calls wait' });
    await Promise.all(calls);
    expect(await stores.journal.acted()).toBe(waitingBatchesMax * batchOperationsMax);
    await stores.close();
  });
});
