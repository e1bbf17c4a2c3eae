/** What delivery asks of open entries: which are ready, mention something, are due; and for whom something is kept. */
import { describe, expect, it } from 'vitest';
import type { MailboxEntry } from '../../../src/delivery/ports.ts';
import type { Address } from '../../../src/model/address.ts';
import { address, endOf, heldEntry, hour, newEntry, putEntry, someone, start } from '../samples.ts';
import { useFreshStores, useSharedStores, type OpenSubject, type StoresInUse } from '../subject.ts';

export function describeMailboxReads(open: OpenSubject): void {
  describe('ready', () => {
    const use = useSharedStores(open);
    whatIsReady(use);
    inPages(use);
  });
  describe('mentioning', () => {
    mentioning(useSharedStores(open));
  });
  describe('open', () => {
    openEntries(useSharedStores(open));
  });
  describe('due', () => {
    const use = useFreshStores(open);
    whatIsDue(use);
    whenTheNextIsDue(use);
  });
  describe('recipients', () => {
    recipients(useFreshStores(open));
  });
}

const first = { after: 0, limit: 100 };

function whatIsReady(use: StoresInUse): void {
  const readyAt = async (recipient: Address, now: number) =>
    idsOf(await use.stores.mailbox.ready(recipient, { ...first, now }));

  it('the waiting ones of one recipient, in the order of acceptance', async () => {
    const recipient = someone('mary');
    const { mailbox } = use.stores;
    const a = await putEntry(mailbox, newEntry({ recipient, id: 'z' + someone('id') }));
    await putEntry(mailbox, heldEntry({ recipient }));
    await putEntry(mailbox, newEntry());
    const b = await putEntry(mailbox, newEntry({ recipient, id: 'a' + someone('id') }));
    expect(await mailbox.ready(recipient, { ...first, now: start })).toEqual([a, b]);
  });

  it('those that come to wait later stand where they were accepted', async () => {
    const recipient = someone('mary');
    const { mailbox } = use.stores;
    const held = await putEntry(mailbox, heldEntry({ recipient }));
    const waiting = await putEntry(mailbox, newEntry({ recipient }));
    await mailbox.update([{ id: held.id, recipient, state: 'waiting' }]);
    expect(await readyAt(recipient, start)).toEqual([held.id, waiting.id]);
    await mailbox.update([{ id: waiting.id, recipient, state: 'held' }]);
    expect(await readyAt(recipient, start)).toEqual([held.id]);
  });

  it('not before the time of the next attempt', async () => {
    const entry = await putEntry(use.stores.mailbox, newEntry());
    const { recipient } = entry.message;
    await use.stores.mailbox.update([{ id: entry.id, recipient, retryAt: start + 100 }]);
    expect(await readyAt(recipient, start + 99)).toEqual([]);
    expect(await readyAt(recipient, start + 100)).toEqual([entry.id]);
    await use.stores.mailbox.update([{ id: entry.id, recipient, retryAt: undefined }]);
    expect(await readyAt(recipient, start)).toEqual([entry.id]);
  });

  it('not when it is set aside, whatever its time', async () => {
    const entry = await putEntry(use.stores.mailbox, newEntry());
    const { recipient } = entry.message;
    await use.stores.mailbox.update([{ id: entry.id, recipient, isAside: true, retryAt: start }]);
    expect(await readyAt(recipient, start + 1)).toEqual([]);
    await use.stores.mailbox.update([{ id: entry.id, recipient, isAside: false }]);
    expect(await readyAt(recipient, start + 1)).toEqual([entry.id]);
  });

  it('not from the moment at which its time is over', async () => {
    const entry = await putEntry(use.stores.mailbox, newEntry({ expiresAt: start + 100 }));
    const { recipient } = entry.message;
    expect(await readyAt(recipient, start + 99)).toEqual([entry.id]);
    expect(await readyAt(recipient, start + 100)).toEqual([]);
  });
}

function inPages(use: StoresInUse): void {
  it('pages of any size, one after the other, have each once', async () => {
    const recipient = someone('mary');
    const { mailbox } = use.stores;
    const stored = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        putEntry(
          mailbox,
          (index % 3 === 0 ? heldEntry : newEntry)({ recipient, condition: 'online', attributes: ['online'] }),
        ),
      ),
    );
    const waiting = stored.filter((entry) => entry.state === 'waiting');
    const now = start;
    expect(await pageThrough(7, (page) => mailbox.ready(recipient, { ...page, now }))).toEqual(idsOf(waiting));
    expect(await pageThrough(7, (page) => mailbox.open(recipient, page))).toEqual(idsOf(stored));
    expect(await pageThrough(7, (page) => mailbox.mentioning(recipient, ['online'], page))).toEqual(idsOf(stored));
    expect(await pageThrough(7, (page) => mailbox.mentioning(recipient, 'all', page))).toEqual(idsOf(stored));
  });

  it('nobody has nothing', async () => {
    const nobody = someone('nobody');
    const { mailbox } = use.stores;
    expect(await mailbox.ready(nobody, { ...first, now: start })).toEqual([]);
    expect(await mailbox.open(nobody, first)).toEqual([]);
    expect(await mailbox.mentioning(nobody, 'all', first)).toEqual([]);
  });
}

function mentioning(use: StoresInUse): void {
  it('each that mentions one of the attributes, once, in the order of acceptance', async () => {
    const recipient = someone('mary');
    const { mailbox } = use.stores;
    const sample = (...attributes: string[]) => ({ recipient, condition: 'some', attributes });
    const both = await putEntry(mailbox, heldEntry(sample('mood', 'online')));
    const mood = await putEntry(mailbox, newEntry(sample('mood')));
    const online = await putEntry(mailbox, heldEntry(sample('online')));
    const time = await putEntry(mailbox, heldEntry(sample()));
    await putEntry(mailbox, newEntry({ recipient }));
    await putEntry(mailbox, heldEntry({ attributes: ['mood'] }));
    const found = async (attributes: string[] | 'all') => mailbox.mentioning(recipient, attributes, first);
    expect(await found(['online', 'mood'])).toEqual([both, mood, online]);
    expect(await found(['mood'])).toEqual([both, mood]);
    expect(await found(['sphere'])).toEqual([]);
    expect(await found([])).toEqual([]);
    expect(await found('all')).toEqual([both, mood, online, time]);
    await mailbox.end([endOf(both), endOf(time)]);
    expect(await found(['online', 'mood'])).toEqual([mood, online]);
    expect(await found('all')).toEqual([mood, online]);
  });

  it('also with a page in the middle of several attributes', async () => {
    const recipient = someone('mary');
    const { mailbox } = use.stores;
    const stored: MailboxEntry[] = [];
    for (let index = 0; index < 20; index += 1) {
      const attributes = [['mood'], ['online'], ['mood', 'online']][index % 3] ?? [];
      stored.push(await putEntry(mailbox, heldEntry({ recipient, attributes })));
    }
    const pages = await pageThrough(3, (page) => mailbox.mentioning(recipient, ['mood', 'online', 'mood'], page));
    expect(pages).toEqual(idsOf(stored));
  });
}

function openEntries(use: StoresInUse): void {
  it('all of one recipient, whatever their state', async () => {
    const recipient = someone('mary');
    const { mailbox } = use.stores;
    const a = await putEntry(mailbox, newEntry({ recipient }));
    const b = await putEntry(mailbox, heldEntry({ recipient }));
    const aside = await putEntry(mailbox, newEntry({ recipient }));
    const over = await putEntry(mailbox, newEntry({ recipient, expiresAt: start - 1 }));
    const ended = await putEntry(mailbox, newEntry({ recipient }));
    await mailbox.update([{ id: aside.id, recipient, isAside: true }]);
    await mailbox.end([endOf(ended)]);
    expect(await mailbox.open(recipient, first)).toEqual([a, b, { ...aside, isAside: true }, over]);
  });
}

function whatIsDue(use: StoresInUse): void {
  it('by expiry, turning instant or retry, the earliest first', async () => {
    const { mailbox } = use.stores;
    const late = await putEntry(mailbox, newEntry({ expiresAt: start + 400 }));
    const turning = await putEntry(mailbox, heldEntry({ expiresAt: start + hour, turnsAt: start + 200 }));
    const retried = await putEntry(mailbox, newEntry());
    const early = await putEntry(mailbox, newEntry({ expiresAt: start + 100 }));
    const { id, message } = retried;
    await mailbox.update([{ id, recipient: message.recipient, retryAt: start + 300 }]);
    const due = async (now: number, limit = 9) => idsOf(await mailbox.due(now, limit));
    expect(await due(start + 99)).toEqual([]);
    expect(await due(start + 100)).toEqual([early.id]);
    expect(await due(start + 400)).toEqual([early.id, turning.id, retried.id, late.id]);
    expect(await due(start + 400, 2)).toEqual([early.id, turning.id]);
    expect((await mailbox.due(start + 300, 9))[2]).toEqual({ ...retried, retryAt: start + 300 });
  });

  it('those of the same time in the order of acceptance', async () => {
    const { mailbox } = use.stores;
    const stored = await Promise.all(Array.from({ length: 5 }, () => putEntry(mailbox, newEntry())));
    expect(idsOf(await mailbox.due(start + hour, 3))).toEqual(idsOf(stored).slice(0, 3));
  });
}

function whenTheNextIsDue(use: StoresInUse): void {
  it('follows puts, updates and ends', async () => {
    const { mailbox } = use.stores;
    expect(await mailbox.nextDueAt()).toBeUndefined();
    const entry = await putEntry(mailbox, heldEntry({ turnsAt: start + 10 }));
    const { id, message } = entry;
    const { recipient } = message;
    expect(await mailbox.nextDueAt()).toBe(start + 10);
    await mailbox.update([{ id, recipient, turnsAt: undefined }]);
    expect(await mailbox.nextDueAt()).toBe(start + hour);
    await mailbox.update([{ id, recipient, retryAt: start + 20 }]);
    expect(await mailbox.nextDueAt()).toBe(start + 20);
    await use.reopen();
    expect(await use.stores.mailbox.nextDueAt()).toBe(start + 20);
    await use.stores.mailbox.end([endOf(entry)]);
    expect(await use.stores.mailbox.nextDueAt()).toBeUndefined();
  });
}

function recipients(use: StoresInUse): void {
  it('everybody for whom something is kept, with counts, in pages', async () => {
    const { mailbox } = use.stores;
    const [ann, bob, cid] = [address('ann@example.com'), address('bob@example.com'), address('cid@example.com')];
    for (const recipient of [cid, ann, bob, cid, cid]) await putEntry(mailbox, newEntry({ recipient }));
    await putEntry(mailbox, heldEntry({ recipient: bob }));
    await putEntry(mailbox, newEntry({ recipient: bob, condition: 'online', attributes: ['online'] }));
    await mailbox.end([endOf(await putEntry(mailbox, newEntry({ recipient: address('dan@example.com') })))]);
    const expected = [
      { recipient: ann, entries: 1, waiting: 1, conditional: 0 },
      { recipient: bob, entries: 3, waiting: 2, conditional: 2 },
      { recipient: cid, entries: 3, waiting: 3, conditional: 0 },
    ];
    expect(await mailbox.recipients(undefined, 9)).toEqual(expected);
    expect(await mailbox.recipients(undefined, 2)).toEqual(expected.slice(0, 2));
    expect(await mailbox.recipients(bob, 2)).toEqual(expected.slice(2));
    await use.reopen();
    expect(await use.stores.mailbox.recipients(undefined, 9)).toEqual(expected);
  });
}

function idsOf(entries: readonly { readonly id: string }[]): string[] {
  return entries.map((entry) => entry.id);
}

async function pageThrough(
  limit: number,
  read: (page: { after: number; limit: number }) => Promise<MailboxEntry[]>,
): Promise<string[]> {
  const ids: string[] = [];
  for (let after = 0; ;) {
    const page = await read({ after, limit });
    ids.push(...idsOf(page));
    if (page.length < limit) return ids;
    after = page.at(-1)?.sequence ?? 0;
  }
}
