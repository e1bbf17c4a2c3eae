/** The four quotas at their limit and one past it, kept by puts, updates and ends, and by many senders at once. */
import { describe, expect, it } from 'vitest';
import type { MailboxStore, NewMailboxEntry, PutOutcome, Quotas } from '../../../src/delivery/ports.ts';
import { endOf, generous, heldEntry, newEntry, putEntry, someone } from '../samples.ts';
import { useSharedStores, type OpenSubject, type StoresInUse } from '../subject.ts';

export function describeMailboxQuotas(open: OpenSubject): void {
  describe('quotas', () => {
    const use = useSharedStores(open);
    ofRecipients(use);
    ofSenders(use);
    whatFreesThem(use);
    manyAtOnce(use);
  });
}

function ofRecipients(use: StoresInUse): void {
  it('a recipient has as many messages as the quota says, and not one more', async () => {
    const recipient = someone('mary');
    const quotas = { ...generous, recipientMessages: 5 };
    const outcomes = await putAll(use.stores.mailbox, quotas, 6, () => newEntry({ recipient }));
    expect(kindsOf(outcomes)).toEqual([...Array<string>(5).fill('stored'), 'offline-space-full']);
  });

  it('at most half of them may be held, the smaller half of an odd number', async () => {
    const recipient = someone('mary');
    const quotas = { ...generous, recipientMessages: 5 };
    const held = await putAll(use.stores.mailbox, quotas, 3, () => heldEntry({ recipient }));
    expect(kindsOf(held)).toEqual(['stored', 'stored', 'offline-space-full']);
    const waiting = await putAll(use.stores.mailbox, quotas, 4, () => newEntry({ recipient }));
    expect(kindsOf(waiting)).toEqual(['stored', 'stored', 'stored', 'offline-space-full']);
  });

  it('bytes of body count likewise', async () => {
    const recipient = someone('mary');
    const quotas = { ...generous, recipientBytes: 11 };
    const { mailbox } = use.stores;
    const put = async (make: typeof newEntry, text: string) =>
      (await mailbox.put(make({ recipient, text }), quotas)).kind;
    expect(await put(heldEntry, '123456')).toBe('offline-space-full');
    expect(await put(heldEntry, '12345')).toBe('stored');
    expect(await put(heldEntry, '1')).toBe('offline-space-full');
    expect(await put(heldEntry, '')).toBe('stored');
    expect(await put(newEntry, '1234567')).toBe('offline-space-full');
    expect(await put(newEntry, '123456')).toBe('stored');
    expect(await put(newEntry, '1')).toBe('offline-space-full');
    expect(await put(newEntry, '')).toBe('stored');
  });

  it('a full mailbox is full for its recipient alone', async () => {
    const sender = someone('tom');
    const quotas = { ...generous, recipientMessages: 1 };
    const outcomes = await putAll(use.stores.mailbox, quotas, 3, () => newEntry({ sender }));
    expect(kindsOf(outcomes)).toEqual(['stored', 'stored', 'stored']);
  });
}

function ofSenders(use: StoresInUse): void {
  it('a sender has so many messages with one recipient, and not one more', async () => {
    const [sender, recipient] = [someone('tom'), someone('mary')];
    const quotas = { ...generous, pairMessages: 3 };
    const { mailbox } = use.stores;
    // Others on both sides, so that a pair is counted and not a principal.
    await putAll(mailbox, quotas, 3, () => newEntry({ recipient }));
    await putAll(mailbox, quotas, 3, () => newEntry({ sender }));
    const outcomes = await putAll(mailbox, quotas, 4, () => newEntry({ sender, recipient }));
    expect(kindsOf(outcomes)).toEqual(['stored', 'stored', 'stored', 'sender-queue-full']);
    expect(kindsOf(await putAll(mailbox, quotas, 1, () => newEntry({ sender })))).toEqual(['stored']);
    expect(kindsOf(await putAll(mailbox, quotas, 1, () => newEntry({ recipient })))).toEqual(['stored']);
  });

  it('the pair is counted right on the side of the recipient who has more than the sender', async () => {
    const [sender, recipient] = [someone('tom'), someone('mary')];
    const quotas = { ...generous, pairMessages: 2 };
    const { mailbox } = use.stores;
    await putAll(mailbox, quotas, 9, () => newEntry({ recipient }));
    const outcomes = await putAll(mailbox, quotas, 3, () => newEntry({ sender, recipient }));
    expect(kindsOf(outcomes)).toEqual(['stored', 'stored', 'sender-queue-full']);
  });

  it('a sender has so many messages with everybody, and not one more', async () => {
    const sender = someone('tom');
    const quotas = { ...generous, senderMessages: 3 };
    const outcomes = await putAll(use.stores.mailbox, quotas, 4, () => newEntry({ sender }));
    expect(kindsOf(outcomes)).toEqual(['stored', 'stored', 'stored', 'sender-queue-full']);
  });

  it("the recipient's space is looked at first", async () => {
    const [sender, recipient] = [someone('tom'), someone('mary')];
    const quotas = { ...generous, recipientMessages: 1, pairMessages: 1, senderMessages: 1 };
    const outcomes = await putAll(use.stores.mailbox, quotas, 2, () => newEntry({ sender, recipient }));
    expect(kindsOf(outcomes)).toEqual(['stored', 'offline-space-full']);
  });
}

function whatFreesThem(use: StoresInUse): void {
  it('an end frees what the message took: of its recipient, its pair and its sender', async () => {
    const [sender, recipient] = [someone('tom'), someone('mary')];
    const full: Quotas = {
      recipientMessages: 2,
      recipientBytes: 20,
      largeBytes: 16 * 20,
      pairMessages: 2,
      senderMessages: 2,
    };
    for (const quotas of [full, { ...generous, pairMessages: 2 }, { ...generous, senderMessages: 2 }]) {
      const first = await putEntry(use.stores.mailbox, heldEntry({ sender, recipient, text: '1234567890' }), quotas);
      const second = await putEntry(use.stores.mailbox, newEntry({ sender, recipient, text: '1234567890' }), quotas);
      const refused = await use.stores.mailbox.put(newEntry({ sender, recipient, text: '' }), quotas);
      expect(refused.kind).not.toBe('stored');
      await use.stores.mailbox.end([endOf(first)]);
      const third = await putEntry(use.stores.mailbox, heldEntry({ sender, recipient, text: '1234567890' }), quotas);
      await use.stores.mailbox.end([endOf(second), endOf(third)]);
    }
  });

  it('an update from held to waiting frees the half, and one back is never refused', async () => {
    const recipient = someone('mary');
    const quotas = { ...generous, recipientMessages: 4 };
    const { mailbox } = use.stores;
    const [a, b] = [
      await putEntry(mailbox, heldEntry({ recipient })),
      await putEntry(mailbox, heldEntry({ recipient })),
    ];
    expect((await mailbox.put(heldEntry({ recipient }), quotas)).kind).toBe('offline-space-full');
    await mailbox.update([{ id: a.id, recipient, state: 'waiting' }]);
    const c = await putEntry(mailbox, heldEntry({ recipient }), quotas);
    expect(await mailbox.update([{ id: a.id, recipient, state: 'held' }])).toEqual(['waiting']);
    // Now three of four are held. Nothing is lost, and nothing more may be held until two of them are gone.
    await mailbox.end([endOf(b)]);
    expect((await mailbox.put(heldEntry({ recipient }), quotas)).kind).toBe('offline-space-full');
    await mailbox.end([endOf(c)]);
    expect((await mailbox.put(heldEntry({ recipient }), quotas)).kind).toBe('stored');
  });

  it('they are the same after a restart', async () => {
    const [sender, recipient] = [someone('tom'), someone('mary')];
    const sample = { sender, recipient };
    await putEntry(use.stores.mailbox, heldEntry(sample));
    await putEntry(use.stores.mailbox, newEntry(sample));
    await use.reopen();
    const { mailbox } = use.stores;
    const kind = async (entry: NewMailboxEntry, quotas: Partial<Quotas>) =>
      (await mailbox.put(entry, { ...generous, ...quotas })).kind;
    expect(await kind(newEntry(sample), { recipientMessages: 2 })).toBe('offline-space-full');
    expect(await kind(heldEntry(sample), { recipientMessages: 3 })).toBe('offline-space-full');
    expect(await kind(newEntry(sample), { pairMessages: 2 })).toBe('sender-queue-full');
    expect(await kind(newEntry({ sender }), { senderMessages: 2 })).toBe('sender-queue-full');
    expect(await kind(newEntry(sample), { recipientMessages: 3, pairMessages: 3, senderMessages: 3 })).toBe('stored');
  });
}

function manyAtOnce(use: StoresInUse): void {
  it('64 senders at once do not pass a quota by one', async () => {
    const recipient = someone('mary');
    const quotas = { ...generous, recipientMessages: 50 };
    const outcomes = await putAll(use.stores.mailbox, quotas, 64, () => newEntry({ recipient }));
    expect(kindsOf(outcomes).filter((kind) => kind === 'stored')).toHaveLength(50);
    expect(await use.stores.mailbox.open(recipient, { after: 0, limit: 100 })).toHaveLength(50);
  });

  it('64 at once, held and waiting mixed with ends, leave the counts right', async () => {
    const [sender, recipient] = [someone('tom'), someone('mary')];
    const quotas = { ...generous, recipientMessages: 100 };
    const { mailbox } = use.stores;
    const first = await putAll(mailbox, quotas, 32, (index) =>
      index % 2 === 0 ? heldEntry({ sender, recipient }) : newEntry({ sender, recipient }),
    );
    const ends = first.flatMap((outcome) => (outcome.kind === 'stored' ? [endOf(outcome.entry)] : []));
    await Promise.all([
      ...ends.map((end) => mailbox.end([end])),
      ...ends.map((end) => mailbox.end([end])),
      putAll(mailbox, quotas, 64, () => heldEntry({ sender, recipient })),
    ]);
    const [summary] = (await mailbox.recipients(undefined, 1000)).filter((one) => one.recipient === recipient);
    expect(summary?.entries).toBe(50);
    const more = await putAll(mailbox, quotas, 51, () => newEntry({ sender, recipient }));
    expect(kindsOf(more).filter((kind) => kind === 'stored')).toHaveLength(50);
  });
}

async function putAll(
  mailbox: MailboxStore,
  quotas: Quotas,
  count: number,
  make: (index: number) => NewMailboxEntry,
): Promise<PutOutcome[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => mailbox.put(make(index), quotas)));
}

function kindsOf(outcomes: readonly PutOutcome[]): string[] {
  return outcomes.map((outcome) => outcome.kind);
}
