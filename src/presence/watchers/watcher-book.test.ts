import { describe, expect, it } from 'vitest';
import { silentLog } from '../../base/log.ts';
import { StoreFault } from '../../base/store-fault.ts';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import type { Address } from '../../model/address.ts';
import { memoryStores } from '../../stores/memory/memory-stores.ts';
import type { RuleAction } from '../ports.ts';
import { changesNotedMax, WatcherBook } from './watcher-book.ts';
import { waitingPerOwnerMax } from './waiting-watchers.ts';
import type { Watcher } from './watcher.ts';

const mary = 'mary@example.com' as Address;

function createCase() {
  const time = new VirtualTime();
  const state = { isListenedTo: true, isBroken: false, handling: 'confirm' as RuleAction };
  const stores = memoryStores({
    beforeCall: () => {
      if (state.isBroken) throw new StoreFault('the disk is full', true);
    },
  });
  const news: Address[] = [];
  const here: Watcher[] = [];
  const book = new WatcherBook({
    store: stores.waitingWatchers,
    clock: time,
    timers: time,
    log: silentLog,
    handlingOf: () => state.handling,
    isListenedTo: () => state.isListenedTo,
    onChanged: (owner) => news.push(owner),
  });
  book.addSource({ watchersOf: () => here });
  return { time, state, stores, news, here, book };
}

function watcher(name: string, changes: Partial<Watcher> = {}): Watcher {
  const address = `${name}@example.org` as Address;
  return { id: name, address, status: 'pending', event: 'subscribe', isUndecided: true, since: 0, ...changes };
}

const ended = { status: 'terminated', event: 'timeout' } as const;

describe('what changed since somebody looked', () => {
  it('is noted up to a limit; one more, and everybody is shown anew', () => {
    const { book, news } = createCase();
    const mark = book.mark;
    for (let n = 0; n < changesNotedMax; n += 1) book.changed(mary, watcher(`w${n}`));
    book.changed(mary, watcher('w0', { status: 'active', event: 'approved', isUndecided: false }));
    expect(book.since(mary, mark)).toHaveLength(changesNotedMax);
    expect(book.since(mary, mark)?.at(-1)).toMatchObject({ id: 'w0', status: 'active' });
    book.changed(mary, watcher('one more'));
    expect(book.since(mary, mark)).toBeUndefined();
    expect(book.since(mary, book.mark)).toEqual([]);
    expect(news).toHaveLength(changesNotedMax + 2);
  });

  it('is not noted while nobody listens', () => {
    const { book, state, news } = createCase();
    book.changed(mary, watcher('tom'));
    state.isListenedTo = false;
    book.changed(mary, watcher('john'));
    expect([book.since(mary, book.mark), news]).toEqual([[], [mary]]);
  });
});

describe('who asked and left', () => {
  it('is remembered up to a limit, and who was decided about is not', () => {
    const { book } = createCase();
    book.changed(mary, watcher('decided', { ...ended, isUndecided: false }));
    book.changed(mary, watcher('turned away', { ...ended, event: 'rejected' }));
    for (let n = 0; n < waitingPerOwnerMax; n += 1) book.changed(mary, watcher(`w${n}`, ended));
    expect(book.pendingFor(mary)).toHaveLength(waitingPerOwnerMax);
    book.changed(mary, watcher('one more', ended));
    expect(book.pendingFor(mary)).not.toContain('one more@example.org');
    book.changed(mary, watcher('w3', { ...ended, id: 'again' }));
    expect(book.pendingFor(mary), 'the same once more takes no more room').toHaveLength(waitingPerOwnerMax);
  });

  it('is not, as long as another device of theirs asks', () => {
    const { book, here, stores, time } = createCase();
    here.push(watcher('tom', { id: 'other device' }));
    book.changed(mary, watcher('tom', ended));
    expect(book.watchersOf(mary)).toHaveLength(1);
    expect([stores.state.waitingWatchers.size, time.wall() > 0]).toEqual([0, true]);
  });

  it('is written when the store can write again', async () => {
    const { book, state, stores, time } = createCase();
    state.isBroken = true;
    book.changed(mary, watcher('tom', ended));
    book.changed(mary, watcher('john', ended));
    await time.advance(5_000);
    book.judge(mary);
    state.isBroken = false;
    await time.advance(1_000);
    expect(new Set(stores.state.waitingWatchers.get(mary)?.keys())).toEqual(
      new Set(['tom@example.org', 'john@example.org']),
    );
    state.handling = 'allow';
    book.judge(mary);
    await book.stop();
    expect(stores.state.waitingWatchers.size).toBe(0);
  });

  it('goes with either account', async () => {
    const { book } = createCase();
    book.changed(mary, watcher('tom', ended));
    book.changed(mary, watcher('john', ended));
    book.accountRemoved('tom@example.org' as Address);
    expect(book.pendingFor(mary)).toEqual(['john@example.org']);
    book.accountRemoved(mary);
    expect(book.pendingFor(mary)).toEqual([]);
    await book.stop();
  });
});
