/** Lists and timelines, and when they and the names of submissions are forgotten. */
import { describe, expect, it } from 'vitest';
import type { MailboxEntry } from '../../../src/delivery/ports.ts';
import { duplicateMemoryMs, stepsMax, sweepRowsMax } from '../../../src/stores/store-limits.ts';
import { endOf, generous, heldEntry, hour, newEntry, putEntry, someone, start } from '../samples.ts';
import { useFreshStores, useSharedStores, type OpenSubject, type StoresInUse } from '../subject.ts';

export function describeMailboxHistory(open: OpenSubject): void {
  describe('list', () => {
    lists(useFreshStores(open));
  });
  describe('story', () => {
    const use = useSharedStores(open);
    stories(use);
    endsThatSayTheirState(use);
    stepsAtTheirLimit(use);
  });
  describe('sweep', () => {
    const use = useFreshStores(open);
    forgottenHistories(use);
    forgottenKeys(use);
    boundedWork(use);
  });
}

function lists(use: StoresInUse): void {
  it('open and finished ones together, in the order of acceptance, by recipient, sender and state', async () => {
    const { mailbox } = use.stores;
    const [tom, ann] = [someone('tom'), someone('ann')];
    const [mary, bob] = [someone('mary'), someone('bob')];
    const a = await putEntry(mailbox, newEntry({ sender: tom, recipient: mary }));
    const b = await putEntry(mailbox, heldEntry({ sender: ann, recipient: mary }));
    const c = await putEntry(mailbox, newEntry({ sender: tom, recipient: bob }));
    const d = await putEntry(mailbox, heldEntry({ sender: tom, recipient: mary }));
    const e = await putEntry(mailbox, newEntry({ sender: ann, recipient: bob }));
    await mailbox.end([endOf(e), endOf(a), endOf(d, 'recalled')]);
    const ids = async (query: Partial<Parameters<typeof mailbox.list>[0]>) =>
      (await mailbox.list({ limit: 9, ...query })).map((one) => one.id);
    const idsOf = (...entries: MailboxEntry[]) => entries.map((entry) => entry.id);
    expect(await ids({})).toEqual(idsOf(a, b, c, d, e));
    expect(await ids({ recipient: mary })).toEqual(idsOf(a, b, d));
    expect(await ids({ sender: tom })).toEqual(idsOf(a, c, d));
    expect(await ids({ sender: tom, recipient: mary })).toEqual(idsOf(a, d));
    expect(await ids({ state: 'delivered' })).toEqual(idsOf(a, e));
    expect(await ids({ state: 'held' })).toEqual(idsOf(b));
    expect(await ids({ sender: tom, state: 'waiting' })).toEqual(idsOf(c));
    expect(await ids({ recipient: mary, state: 'recalled' })).toEqual(idsOf(d));
    expect(await ids({ recipient: mary, sender: ann, state: 'held' })).toEqual(idsOf(b));
    expect(await ids({ sender: someone('nobody') })).toEqual([]);
    expect(await ids({ limit: 2 })).toEqual(idsOf(a, b));
    expect(await ids({ limit: 2, after: b.sequence })).toEqual(idsOf(c, d));
    expect(await ids({ recipient: mary, limit: 1, after: a.sequence })).toEqual(idsOf(b));
    expect(await ids({ state: 'delivered', limit: 1, after: a.sequence })).toEqual(idsOf(e));
  });

  it('says of an open one what it waits for', async () => {
    const { mailbox } = use.stores;
    const entry = await putEntry(mailbox, heldEntry({ text: '12345' }));
    const { sender, recipient } = entry.message;
    await mailbox.update([{ id: entry.id, recipient, attempts: 2, retryAt: start + 50, isAside: true }]);
    expect(await mailbox.list({ limit: 9 })).toStrictEqual([
      {
        id: entry.id,
        sequence: entry.sequence,
        sender,
        recipient,
        state: 'held',
        acceptedAt: start,
        expiresAt: start + hour,
        condition: 'availability is available',
        contentType: 'text/plain;charset=UTF-8',
        bytes: 5,
        attempts: 2,
        retryAt: start + 50,
        isAside: true,
        acceptedState: 'held',
        origin: 'sip',
        reportsWanted: [],
      },
    ]);
  });
}

function stories(use: StoresInUse): void {
  it('has the steps in their order, before the end and after it', async () => {
    const { mailbox } = use.stores;
    const entry = await putEntry(mailbox, newEntry({ text: 'secret' }));
    const { id, message, sequence } = entry;
    const { sender, recipient } = message;
    expect((await mailbox.story(id))?.steps).toEqual([]);
    const steps = [
      { at: start + 20, what: 'attempt 1: sip 480' },
      { at: start + 10, what: 'the clock was set back' },
    ];
    for (const step of steps) await mailbox.update([{ id, recipient, attempts: 1, step }]);
    expect((await mailbox.story(id))?.steps).toEqual(steps);
    await mailbox.end([endOf(entry, 'delivered', start + 30)]);
    expect(await mailbox.story(id)).toStrictEqual({
      summary: {
        id,
        sequence,
        sender,
        recipient,
        state: 'delivered',
        acceptedAt: start,
        expiresAt: start + hour,
        endedAt: start + 30,
        contentType: 'text/plain;charset=UTF-8',
        bytes: 6,
        attempts: 1,
        isAside: false,
        acceptedState: 'waiting',
        origin: 'sip',
        reportsWanted: [],
      },
      steps: [...steps, { at: start + 30, what: 'delivered' }],
    });
    expect(await mailbox.story('no-such-id')).toBeUndefined();
  });

  it('is still there after a restart', async () => {
    const entry = await putEntry(use.stores.mailbox, newEntry());
    await use.stores.mailbox.end([endOf(entry, 'failed')]);
    await use.reopen();
    expect((await use.stores.mailbox.story(entry.id))?.steps).toEqual([{ at: start + 1000, what: 'failed' }]);
  });

  it('writes no step for an update or an end that comes too late', async () => {
    const { mailbox } = use.stores;
    const entry = await putEntry(mailbox, newEntry());
    const { id, message } = entry;
    await mailbox.end([endOf(entry)]);
    await mailbox.end([endOf(entry, 'expired')]);
    await mailbox.update([{ id, recipient: message.recipient, step: { at: start, what: 'late' } }]);
    expect((await mailbox.story(id))?.steps.map((step) => step.what)).toEqual(['delivered']);
  });
}

function endsThatSayTheirState(use: StoresInUse): void {
  it.each([
    ['alone', 0],
    ['behind others', 2],
    [`behind ${stepsMax} others`, stepsMax],
  ])('has an end that says its state in its place, %s, and before what comes after it', async (_, count) => {
    const { mailbox } = use.stores;
    const entry = await putEntry(mailbox, newEntry());
    const { id, message } = entry;
    const { recipient } = message;
    const steps = Array.from({ length: count }, (_one, at) => ({ at: start + at, what: `attempt ${at}` }));
    await mailbox.update(steps.map((step) => ({ id, recipient, step })));
    const step = { at: start, what: 'delivered: sip 200', state: 'delivered' } as const;
    await mailbox.end([{ id, recipient, state: 'delivered', at: start, step }]);
    expect((await mailbox.story(id))?.steps).toStrictEqual([...steps, step]);
    await use.reopen();
    const seen = { at: start - 1, what: 'displayed', state: 'displayed' } as const;
    expect(await use.stores.mailbox.confirm({ id, recipient, kind: 'displayed', step: seen })).toBe(true);
    const story = await use.stores.mailbox.story(id);
    expect(story?.summary.state).toBe('displayed');
    expect(story?.steps).toStrictEqual([...steps, step, seen]);
  });
}

function stepsAtTheirLimit(use: StoresInUse): void {
  it(`keeps ${stepsMax} steps, leaves out the next, and always has room for the last`, async () => {
    const { mailbox } = use.stores;
    const entry = await putEntry(mailbox, newEntry());
    const { id, message } = entry;
    const { recipient } = message;
    const step = (number: number) => ({ id, recipient, step: { at: start, what: `step ${number}` } });
    await mailbox.update(Array.from({ length: stepsMax }, (_, index) => step(index)));
    expect((await mailbox.story(id))?.steps.at(-1)?.what).toBe(`step ${stepsMax - 1}`);
    await mailbox.update([step(stepsMax)]);
    expect((await mailbox.story(id))?.steps).toHaveLength(stepsMax);
    await mailbox.end([endOf(entry)]);
    const steps = (await mailbox.story(id))?.steps ?? [];
    expect(steps.slice(-2).map(({ what }) => what)).toEqual([`step ${stepsMax - 1}`, 'delivered']);
  });
}

const end = start + 1000;

function forgottenHistories(use: StoresInUse): void {
  it('goes when it ended before the time that is given, not at it, and never while the message is open', async () => {
    const { mailbox } = use.stores;
    const [open, done] = [await putEntry(mailbox, newEntry()), await putEntry(mailbox, newEntry())];
    await mailbox.end([endOf(done, 'expired', end)]);
    expect(await mailbox.sweep(end, end)).toEqual({ isDone: true });
    expect(await mailbox.story(done.id)).toBeDefined();
    expect(await mailbox.sweep(end, end + 1)).toEqual({ isDone: true });
    expect(await mailbox.story(done.id)).toBeUndefined();
    expect((await mailbox.list({ limit: 9 })).map((one) => one.id)).toEqual([open.id]);
    expect(await mailbox.find(open.message.recipient, open.id)).toEqual(open);
  });

  it('leaves both principals usable when nothing mentions them any more', async () => {
    const { mailbox } = use.stores;
    const [sender, recipient] = [someone('tom'), someone('mary')];
    for (let round = 0; round < 3; round += 1) {
      const entry = await putEntry(mailbox, heldEntry({ sender, recipient }), { ...generous, senderMessages: 1 });
      expect(await mailbox.open(recipient, { after: 0, limit: 9 })).toEqual([entry]);
      await mailbox.end([endOf(entry, 'expired', end)]);
      await mailbox.sweep(end + 1, end + 1);
      expect(await mailbox.list({ limit: 9 })).toEqual([]);
    }
  });
}

function forgottenKeys(use: StoresInUse): void {
  const endAndSweep = async (now: number, historyBefore: number) => {
    const { mailbox } = use.stores;
    const entry = await putEntry(mailbox, newEntry({ duplicateKeys: ['k1', 'k2'] }));
    await mailbox.end([endOf(entry, 'delivered', end)]);
    await mailbox.sweep(now, historyBefore);
    const { sender, recipient } = entry.message;
    return { entry, known: await mailbox.findDuplicate(sender, recipient, ['k2']) };
  };

  it('are kept for a day, whatever becomes of the history', async () => {
    const { entry, known } = await endAndSweep(end + duplicateMemoryMs - 1, end + 1);
    expect(known).toMatchObject({ id: entry.id, state: 'delivered' });
    expect(await use.stores.mailbox.story(entry.id)).toBeUndefined();
    expect(await use.stores.mailbox.list({ limit: 9 })).toEqual([]);
    await use.stores.mailbox.sweep(end + duplicateMemoryMs, end + 1);
    const { sender, recipient } = entry.message;
    expect(await use.stores.mailbox.findDuplicate(sender, recipient, ['k1', 'k2'])).toBeUndefined();
  });

  it('go after a day, and the history stays as long as it is wanted', async () => {
    const { entry, known } = await endAndSweep(end + duplicateMemoryMs, end);
    expect(known).toBeUndefined();
    expect(await use.stores.mailbox.story(entry.id)).toBeDefined();
    const { sender, recipient } = entry.message;
    const again = await use.stores.mailbox.put(newEntry({ sender, recipient, duplicateKeys: ['k1'] }), generous);
    expect(again.kind).toBe('stored');
    await use.stores.mailbox.sweep(end + duplicateMemoryMs, end + 1);
    expect(await use.stores.mailbox.story(entry.id)).toBeUndefined();
    // What the newer message is known by was not taken away with the older one.
    expect(await use.stores.mailbox.findDuplicate(sender, recipient, ['k1'])).toBeDefined();
  });

  it('are kept while the message is open, however old it is', async () => {
    const { mailbox } = use.stores;
    const entry = await putEntry(mailbox, newEntry({ duplicateKeys: ['k'] }));
    await mailbox.sweep(start + 1000 * hour, start + 1000 * hour);
    const { sender, recipient } = entry.message;
    expect(await mailbox.findDuplicate(sender, recipient, ['k'])).toMatchObject({ id: entry.id });
  });
}

function boundedWork(use: StoresInUse): void {
  it(`looks at ${sweepRowsMax} messages a call, and says whether there may be more`, async () => {
    const { mailbox } = use.stores;
    const entries = Array.from({ length: sweepRowsMax + 1 }, () => newEntry());
    await Promise.all(entries.map((entry) => putEntry(mailbox, entry)));
    await mailbox.end(entries.map((entry) => endOf(entry, 'expired', end)));
    expect(await mailbox.sweep(end + 1, end + 1)).toEqual({ isDone: false });
    expect(await mailbox.list({ limit: 2000 })).toHaveLength(1);
    expect(await mailbox.sweep(end + 1, end + 1)).toEqual({ isDone: true });
    expect(await mailbox.list({ limit: 2000 })).toHaveLength(0);
  });
}
