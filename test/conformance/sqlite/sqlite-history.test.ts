/** Nothing grows with history: when everything is over and swept, the tables of mailboxes and watchers are empty. */
import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { duplicateMemoryMs } from '../../../src/stores/store-limits.ts';
import { endOf, heldEntry, putEntry, someone, start, subscription, waitingWatcher } from '../samples.ts';
import { openSqlite, temporaryFolder } from './sqlite-subject.ts';

const tables = ['address', 'duplicate_hint', 'entry', 'entry_attribute', 'finished', 'step'];

describe('after the last sweep', () => {
  it('no table of mailboxes has a row', async () => {
    const folder = temporaryFolder();
    const stores = await openSqlite(folder);
    const database = new DatabaseSync(stores.file, { readOnly: true });
    const counts = () => tables.map((table) => database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
    const { mailbox } = stores;
    for (const [index, state] of (['delivered', 'expired', 'rejected'] as const).entries()) {
      const entry = await putEntry(mailbox, heldEntry({ duplicateKeys: [`a ${index}`, 'b'] }));
      const { recipient } = entry.message;
      await mailbox.update([{ id: entry.id, recipient, attempts: 1, step: { at: start, what: 'tried' } }]);
      await mailbox.end([endOf(entry, state)]);
    }
    await mailbox.sweep(start + 2 * duplicateMemoryMs, start + 2 * duplicateMemoryMs);
    expect(counts()).toEqual(tables.map(() => 0));
    database.close();
    await stores.close();
    rmSync(folder, { recursive: true });
  });
});

describe('after the end of a subscription', () => {
  it('no table of watchers has a row', async () => {
    const folder = temporaryFolder();
    const stores = await openSqlite(folder);
    const database = new DatabaseSync(stores.file, { readOnly: true });
    const watcherTables = ['subscription', 'subscription_progress', 'waiting_watcher'];
    const counts = () =>
      watcherTables.map((table) => database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
    const [mary, tom] = [someone('mary'), someone('tom')];
    const { subscriptions, waitingWatchers } = stores;
    await subscriptions.change([{ kind: 'put', subscription: subscription('a') }]);
    await waitingWatchers.change([{ kind: 'put', waiting: waitingWatcher(mary, tom) }]);
    expect(counts()).toEqual([1, 1, 1]);
    await subscriptions.change([{ kind: 'remove', id: 'a' }]);
    await waitingWatchers.change([{ kind: 'remove', owner: mary, watcher: tom }]);
    expect(counts()).toEqual([0, 0, 0]);
    database.close();
    await stores.close();
    rmSync(folder, { recursive: true });
  });
});
