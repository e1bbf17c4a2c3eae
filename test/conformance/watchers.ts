/** Subscriptions and watchers who wait: put, renewed, removed, and read back at the start with what a crash may have hidden. */
import { describe, expect, it } from 'vitest';
import type { KeptSubscription } from '../../src/sip/event/ports.ts';
import { notifiesPerRun } from '../../src/sip/event/ports.ts';
import { account, hour, someone, start, subscription, waitingWatcher } from './samples.ts';
import { useFreshStores, type OpenSubject, type StoresInUse } from './subject.ts';

export function describeWatchers(open: OpenSubject): void {
  describe('subscriptions', () => {
    subscriptionChanges(useFreshStores(open));
    restarts(useFreshStores(open));
  });
  describe('watchers who wait', () => {
    waiting(useFreshStores(open));
  });
}

const progress = {
  standing: 'active',
  wasPending: true,
  expiresAt: start + 2 * hour,
  remoteCSeq: 5,
  localCSeq: 9,
} as const;

function subscriptionChanges(use: StoresInUse): void {
  it('are kept with every field', async () => {
    const plain = subscription('b');
    const full = subscription('a', {
      event: 'presence;id=7',
      flow: { transport: 'wss', remoteAddress: '2001:db8::1', remotePort: 443, connection: 17 },
      dialog: { ...plain.dialog, localTag: 'a', routes: ['<sip:edge1.example.com;lr>', '<sip:edge2.example.com>'] },
      standing: 'pending',
      wasPending: true,
      remoteCSeq: 2 ** 31 - 1,
    });
    await use.stores.subscriptions.change([plain, full].map((one) => ({ kind: 'put', subscription: one })));
    await use.reopen();
    const later = (one: KeptSubscription) => ({ ...one, localCSeq: one.localCSeq + notifiesPerRun });
    expect(await all(use)).toStrictEqual([later(full), later(plain)]);
  });

  it('a put replaces, a refresh changes what progresses, a remove removes', async () => {
    const { subscriptions } = use.stores;
    await subscriptions.change(['a', 'b'].map((id) => ({ kind: 'put', subscription: subscription(id) })));
    const moved = subscription('a', { flow: { transport: 'tcp', remoteAddress: '192.0.2.9', remotePort: 1 } });
    await subscriptions.change([
      { kind: 'put', subscription: moved },
      { kind: 'refresh', progress: { id: 'b', ...progress } },
      { kind: 'refresh', progress: { id: 'never', ...progress } },
      { kind: 'remove', id: 'never' },
    ]);
    const refreshed = { ...subscription('b'), ...progress };
    expect(await all(use)).toEqual([moved, refreshed]);
    await subscriptions.change([{ kind: 'remove', id: 'a' }]);
    expect(await all(use)).toEqual([refreshed]);
    expect(await subscriptions.subscriptions('a', 9)).toEqual([refreshed]);
    expect(await subscriptions.subscriptions('b', 9)).toEqual([]);
  });

  it('come in pages by id', async () => {
    const { subscriptions } = use.stores;
    const ids = ['a', 'b', 'c'];
    await subscriptions.change(ids.map((id) => ({ kind: 'put', subscription: subscription(id) })));
    expect((await subscriptions.subscriptions(undefined, 2)).map(({ id }) => id)).toEqual(['a', 'b']);
    expect((await subscriptions.subscriptions('b', 2)).map(({ id }) => id)).toEqual(['c']);
  });
}

function restarts(use: StoresInUse): void {
  it('are numbered higher after each start, from where they were written last', async () => {
    const { subscriptions } = use.stores;
    await subscriptions.change(['a', 'b'].map((id) => ({ kind: 'put', subscription: subscription(id) })));
    await use.reopen();
    await use.stores.subscriptions.change([{ kind: 'refresh', progress: { id: 'b', ...progress, localCSeq: 12_345 } }]);
    expect((await all(use)).map(({ localCSeq }) => localCSeq)).toEqual([notifiesPerRun, 12_345]);
    await use.reopen();
    expect((await all(use)).map(({ localCSeq }) => localCSeq)).toEqual([2 * notifiesPerRun, 12_345 + notifiesPerRun]);
  });

  it('what was told is read in the next run, and in no later one', async () => {
    const told = 2 ** 53 - 1;
    await use.stores.subscriptions.change([
      { kind: 'put', subscription: subscription('a', { told }) },
      { kind: 'put', subscription: subscription('b') },
      { kind: 'refresh', progress: { id: 'b', ...progress, told: 7 } },
      { kind: 'put', subscription: subscription('c', { told }) },
      { kind: 'refresh', progress: { id: 'c', ...progress } },
    ]);
    const read = async () => (await all(use)).map((one) => one.told);
    expect(await read()).toEqual([undefined, undefined, undefined]);
    await use.reopen();
    expect(await read()).toEqual([told, 7, undefined]);
    await use.reopen();
    expect(await read()).toEqual([undefined, undefined, undefined]);
  });
}

function waiting(use: StoresInUse): void {
  it('are put, replaced, removed, and go with the account of whom they asked for', async () => {
    const [mary, tom, john] = [someone('mary'), someone('tom'), someone('john')];
    const { waitingWatchers } = use.stores;
    const [a, b] = [waitingWatcher(mary, john, { displayName: 'John "J" Ö' }), waitingWatcher(mary, tom)];
    const c = waitingWatcher(tom, john);
    await waitingWatchers.change([a, b, c].map((one) => ({ kind: 'put', waiting: one })));
    const replaced = waitingWatcher(mary, tom, { id: 'other', endsAt: start + 3 * hour });
    await waitingWatchers.change([
      { kind: 'put', waiting: replaced },
      { kind: 'remove', owner: mary, watcher: mary },
    ]);
    await use.reopen();
    const read = () => use.stores.waitingWatchers.waiting(undefined, 9);
    expect(await read()).toStrictEqual([a, replaced, c]);
    expect(await use.stores.waitingWatchers.waiting(undefined, 1)).toEqual([a, replaced]);
    expect(await use.stores.waitingWatchers.waiting(mary, 1)).toEqual([c]);
    await use.stores.waitingWatchers.change([{ kind: 'remove', owner: mary, watcher: john }]);
    expect(await read()).toEqual([replaced, c]);
    await use.stores.accounts.add([account(mary)]);
    await use.stores.accounts.remove(mary);
    expect(await read()).toEqual([c]);
  });
}

function all(use: StoresInUse): Promise<KeptSubscription[]> {
  return use.stores.subscriptions.subscriptions(undefined, 99);
}
