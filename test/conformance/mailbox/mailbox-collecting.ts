/** What recipients and senders look through: an inbox, places in the order, states in a timeline, names of a sender. */
import { describe, expect, it } from 'vitest';
import { senderWidePrefix } from '../../../src/model/submission-name.ts';
import type { MailboxEntry } from '../../../src/delivery/ports.ts';
import { endOf, generous, heldEntry, hour, newEntry, putEntry, someone, start } from '../samples.ts';
import { useSharedStores, type OpenSubject, type StoresInUse } from '../subject.ts';

export function describeMailboxCollecting(open: OpenSubject): void {
  describe('inbox', () => {
    inboxes(useSharedStores(open));
    inboxItems(useSharedStores(open));
  });
  describe('what a sender is told', () => {
    timelines(useSharedStores(open));
    senderWideNames(useSharedStores(open));
  });
}

const idsOf = (...entries: MailboxEntry[]) => entries.map((entry) => entry.id);

function inboxes(use: StoresInUse): void {
  it('has what waits, also what is set aside; of one sender it has everything', async () => {
    const { mailbox } = use.stores;
    const [tom, ann, mary] = [someone('tom'), someone('ann'), someone('mary')];
    const a = await putEntry(mailbox, newEntry({ sender: tom, recipient: mary }));
    const b = await putEntry(mailbox, heldEntry({ sender: tom, recipient: mary }));
    const c = await putEntry(mailbox, newEntry({ sender: ann, recipient: mary }));
    const d = await putEntry(mailbox, newEntry({ sender: tom, recipient: mary, expiresAt: start + 10 }));
    await putEntry(mailbox, newEntry({ sender: tom, recipient: ann }));
    await mailbox.update([{ id: c.id, recipient: mary, isAside: true, retryAt: start + hour }]);
    const ids = async (query: Partial<Parameters<typeof mailbox.inbox>[0]>) =>
      (await mailbox.inbox({ recipient: mary, after: 0, limit: 9, now: start, ...query })).map((one) => one.id);
    expect(await ids({})).toEqual(idsOf(a, c, d));
    expect(await ids({ now: start + 10 })).toEqual(idsOf(a, c));
    expect(await ids({ sender: tom })).toEqual(idsOf(a, b, d));
    expect(await ids({ sender: tom, now: start + 10 })).toEqual(idsOf(a, b));
    expect(await ids({ limit: 1, after: a.sequence })).toEqual(idsOf(c));
    expect(await ids({ sender: tom, limit: 1, after: a.sequence })).toEqual(idsOf(b));
    expect(await ids({ sender: someone('nobody') })).toEqual([]);
    const [found] = await mailbox.inbox({ recipient: mary, after: 0, limit: 1, now: start });
    expect(found).toEqual(a);
  });

  it('counts what waits by its sender, and has the newest of it, but what is held or expires by then', async () => {
    const { mailbox } = use.stores;
    const [tom, ann, mary] = [someone('tom'), someone('ann'), someone('mary')];
    const a = await putEntry(mailbox, newEntry({ sender: tom, recipient: mary }));
    await putEntry(mailbox, heldEntry({ sender: tom, recipient: mary }));
    const c = await putEntry(mailbox, newEntry({ sender: ann, recipient: mary }));
    const d = await putEntry(mailbox, newEntry({ sender: tom, recipient: mary, expiresAt: start + 10 }));
    await putEntry(mailbox, newEntry({ sender: tom, recipient: ann, expiresAt: start + 10 }));
    await mailbox.update([{ id: c.id, recipient: mary, isAside: true, retryAt: start + hour }]);
    const counts = async (now: number) =>
      new Map((await mailbox.waitingBySender(mary, now)).map(({ sender, count }) => [sender, count]));
    expect(await counts(start + 9)).toEqual(new Map([[tom, 2], [ann, 1]])); // prettier-ignore
    expect(await counts(start + 10)).toEqual(new Map([[tom, 1], [ann, 1]])); // prettier-ignore
    const newest = async (page: Partial<Parameters<typeof mailbox.newestWaiting>[1]>) =>
      (await mailbox.newestWaiting(mary, { limit: 9, now: start, ...page })).map((one) => one.id);
    expect(await newest({})).toEqual(idsOf(d, c, a));
    expect(await newest({ now: start + 10 })).toEqual(idsOf(c, a));
    expect(await newest({ limit: 1, before: c.sequence })).toEqual(idsOf(a));
    await mailbox.end([endOf(a), endOf(d)]);
    expect(await counts(start)).toEqual(new Map([[ann, 1]]));
    expect(await mailbox.waitingBySender(tom, start)).toEqual([]);
    expect(await mailbox.newestWaiting(tom, { limit: 1, now: start })).toEqual([]);
  });

  it('finds the place of a message by its id, open or ended', async () => {
    const { mailbox } = use.stores;
    const entry = await putEntry(mailbox, newEntry());
    expect(await mailbox.sequenceOf(entry.id)).toBe(entry.sequence);
    await mailbox.end([endOf(entry)]);
    expect(await mailbox.sequenceOf(entry.id)).toBe(entry.sequence);
    expect(await mailbox.sequenceOf('no-such-id')).toBe(0);
  });
}

function inboxItems(use: StoresInUse): void {
  it('has the same without content, with the subject where there is one', async () => {
    const { mailbox } = use.stores;
    const [tom, ann, mary] = [someone('tom'), someone('ann'), someone('mary')];
    const a = await putEntry(
      mailbox,
      newEntry({ sender: tom, recipient: mary, message: { subject: 'Lunch – today?' } }),
    );
    const b = await putEntry(mailbox, heldEntry({ sender: tom, recipient: mary }));
    const c = await putEntry(mailbox, newEntry({ sender: ann, recipient: mary }));
    const d = await putEntry(mailbox, newEntry({ sender: tom, recipient: mary, expiresAt: start + 10 }));
    await putEntry(mailbox, newEntry({ sender: tom, recipient: ann }));
    await mailbox.update([{ id: c.id, recipient: mary, isAside: true, retryAt: start + hour }]);
    const items = async (query: Partial<Parameters<typeof mailbox.inboxItems>[0]>) =>
      mailbox.inboxItems({ recipient: mary, after: 0, limit: 9, now: start, ...query });
    const ids = async (query: Parameters<typeof items>[0]) => (await items(query)).map(({ id }) => id);
    const [first, second] = await items({});
    const { sentAt, contentType, body } = a.message;
    const shown = { sender: tom, sentAt, subject: 'Lunch – today?', contentType, bytes: body.length };
    expect(first).toEqual({ id: a.id, sequence: a.sequence, ...shown });
    expect(second).not.toHaveProperty('subject');
    expect(await ids({})).toEqual(idsOf(a, c, d));
    expect(await ids({ now: start + 10 })).toEqual(idsOf(a, c));
    expect(await ids({ sender: tom })).toEqual(idsOf(a, b, d));
    expect(await ids({ sender: tom, now: start + 10 })).toEqual(idsOf(a, b));
    expect(await ids({ limit: 1, after: a.sequence })).toEqual(idsOf(c));
    expect(await ids({ sender: tom, limit: 1, after: a.sequence })).toEqual(idsOf(b));
    expect(await ids({ sender: someone('nobody') })).toEqual([]);
  });
}

function timelines(use: StoresInUse): void {
  it('the story has the states with their steps, what it came by and what was asked for', async () => {
    const { mailbox } = use.stores;
    const sample = { origin: 'http', reportsWanted: ['delivered', 'failed'] } as const;
    const entry = await putEntry(mailbox, heldEntry({ message: sample }));
    const { id, message } = entry;
    expect((await mailbox.find(message.recipient, id))?.message).toMatchObject(sample);
    const steps = [
      { at: start + 1, what: 'it holds', state: 'waiting' },
      { at: start + 2, what: 'attempt 1' },
    ] as const;
    for (const step of steps) await mailbox.update([{ id, recipient: message.recipient, step }]);
    const end = { at: start + 3, what: 'delivered', state: 'delivered' } as const;
    await mailbox.end([{ ...endOf(entry), step: end }]);
    await use.reopen();
    const story = await use.stores.mailbox.story(id);
    expect(story?.steps).toStrictEqual([...steps, end]);
    expect(story?.summary).toMatchObject({ ...sample, acceptedState: 'held', state: 'delivered' });
  });

  it.each([
    [true, 'delivered', 'delivered'],
    [false, 'delivered', 'waiting'],
    [true, 'rejected', 'waiting'],
  ] as const)('an answer (%s) of %s makes a repetition hear %s', async (isAnswer, state, acceptedState) => {
    const { mailbox } = use.stores;
    const entry = await putEntry(mailbox, newEntry({ duplicateKeys: ['k'] }));
    const { sender, recipient } = entry.message;
    await mailbox.end([{ ...endOf(entry, state), ...(isAnswer ? { isAnswer } : {}) }]);
    expect(await mailbox.findDuplicate(sender, recipient, ['k'])).toMatchObject({ state, acceptedState });
    expect(await mailbox.put(newEntry({ sender, recipient, duplicateKeys: ['k'] }), generous)).toMatchObject({
      kind: 'duplicate',
      known: { id: entry.id, acceptedState },
    });
  });
}

function senderWideNames(use: StoresInUse): void {
  it('a sender-wide name is known whoever the recipient, for that sender alone, and goes with a failure', async () => {
    const { mailbox } = use.stores;
    const key = `${senderWidePrefix}k`;
    const [tom, mary, ann] = [someone('tom'), someone('mary'), someone('ann')];
    const entry = await putEntry(mailbox, newEntry({ sender: tom, recipient: mary, duplicateKeys: [key] }));
    expect(mailbox.mayKnow(tom, ann, [key])).toBe(true);
    expect(await mailbox.findDuplicate(tom, ann, [key])).toMatchObject({ id: entry.id });
    expect(await mailbox.findDuplicate(ann, mary, [key])).toBeUndefined();
    const other = await mailbox.put(newEntry({ sender: tom, recipient: ann, duplicateKeys: [key] }), generous);
    expect(other.kind).toBe('duplicate');
    await mailbox.end([endOf(entry, 'failed')]);
    expect(await mailbox.findDuplicate(tom, ann, [key])).toBeUndefined();
  });
}
