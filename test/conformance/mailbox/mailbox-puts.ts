/** Putting messages into mailboxes: what comes back, in which order, and the same message again. */
import { describe, expect, it } from 'vitest';
import { attemptsPerRun } from '../../../src/delivery/ports.ts';
import { newEntry, endOf, generous, heldEntry, hour, putEntry, someone, start } from '../samples.ts';
import { useSharedStores, type OpenSubject, type StoresInUse } from '../subject.ts';

export function describeMailboxPuts(open: OpenSubject): void {
  describe('put', () => {
    const use = useSharedStores(open);
    whatIsStored(use);
    inWhichOrder(use);
  });
  describe('put of a duplicate', () => {
    const use = useSharedStores(open);
    theSameAgain(use);
    theSameAgainAfterTheEnd(use);
    whatMayBeKnown(use);
  });
}

function whatIsStored(use: StoresInUse): void {
  it('answers the entry that was stored, and keeps every field of it', async () => {
    const sample = heldEntry({
      condition: 'mood changes from angry',
      attributes: ['mood', 'availability'],
      latches: [{ isSet: false, last: ['angry', 'sad'] }, { isSet: true }],
      turnsAt: start + 60_000,
      duplicateKeys: ['tag=1 a84b@pc33 1 MESSAGE', 'imdn 34jk324j'],
      message: {
        senderName: 'Tom "the cat" Bömbel',
        contentEncoding: 'gzip',
        contentLanguage: 'fr',
        contentDisposition: 'render',
        subject: 'Réunion \u{1f600}',
        priority: 'urgent',
        body: Uint8Array.from({ length: 256 }, (_, index) => index),
        reportsWanted: ['delivered', 'failed'],
      },
    });
    const stored = await putEntry(use.stores.mailbox, sample);
    const expected = {
      ...sample,
      acceptedState: 'held',
      attempts: 0,
      messageFailures: 0,
      isAside: false,
      refusedBy: [],
    };
    expect(stored).toEqual({ ...expected, sequence: expect.any(Number) });
    expect(await use.stores.mailbox.find(sample.message.recipient, sample.id)).toEqual(stored);
  });

  it('leaves out what was left out', async () => {
    const sample = newEntry();
    const stored = await putEntry(use.stores.mailbox, sample);
    const found = await use.stores.mailbox.find(sample.message.recipient, sample.id);
    expect(found).toStrictEqual({ ...stored, message: { ...sample.message, body: found?.message.body } });
    for (const name of ['condition', 'turnsAt', 'retryAt']) expect(found).not.toHaveProperty(name);
  });

  it.each([0, 1, 4096, 65_536])('keeps a body of %d bytes', async (length) => {
    const sample = newEntry({ message: { body: new Uint8Array(length).fill(0xfe) } });
    await putEntry(use.stores.mailbox, sample);
    const found = await use.stores.mailbox.find(sample.message.recipient, sample.id);
    expect(Buffer.from(found?.message.body ?? 'none').equals(sample.message.body)).toBe(true);
  });

  it('keeps the body as it was, though the packet that it came in is used again', async () => {
    const packet = new TextEncoder().encode('MESSAGE before');
    const sample = newEntry({ message: { body: packet.subarray(8) } });
    const outcome = use.stores.mailbox.put(sample, generous);
    packet.fill(0x2a);
    await outcome;
    const found = await use.stores.mailbox.find(sample.message.recipient, sample.id);
    expect(new TextDecoder().decode(found?.message.body)).toBe('before');
  });

  it('knows it under its recipient only', async () => {
    const stored = await putEntry(use.stores.mailbox, newEntry());
    expect(await use.stores.mailbox.find(someone('eve'), stored.id)).toBeUndefined();
    expect(await use.stores.mailbox.find(stored.message.sender, stored.id)).toBeUndefined();
  });
}

function inWhichOrder(use: StoresInUse): void {
  it('numbers them in the order in which they were issued, over all recipients', async () => {
    const entries = Array.from({ length: 40 }, () => newEntry());
    const stored = await Promise.all(entries.map((entry) => putEntry(use.stores.mailbox, entry)));
    const sequences = stored.map((entry) => entry.sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    expect(new Set(sequences).size).toBe(40);
  });

  it('never gives out a number again, not after its end, its history and a restart', async () => {
    const { mailbox } = use.stores;
    const last = await putEntry(mailbox, newEntry());
    await mailbox.end([endOf(last, 'expired')]);
    await mailbox.sweep(start + 1000 * hour, start + 1000 * hour);
    await use.reopen();
    const next = await putEntry(use.stores.mailbox, newEntry());
    expect(next.sequence).toBeGreaterThan(last.sequence);
  });

  it('survives a restart', async () => {
    const stored = await putEntry(use.stores.mailbox, heldEntry({ latches: [{ isSet: true }] }));
    await use.reopen();
    const found = await use.stores.mailbox.find(stored.message.recipient, stored.id);
    expect(found).toEqual({ ...stored, attempts: attemptsPerRun });
  });
}

function theSameAgain(use: StoresInUse): void {
  it('answers what the first answer said, and stores nothing', async () => {
    const { mailbox } = use.stores;
    const first = await putEntry(mailbox, heldEntry({ duplicateKeys: ['k1', 'k2'] }));
    const { sender, recipient } = first.message;
    const again = newEntry({ sender, recipient, acceptedAt: start + 9, duplicateKeys: ['other', 'k2'] });
    const known = {
      id: first.id,
      state: 'held',
      acceptedState: 'held',
      acceptedAt: first.acceptedAt,
      expiresAt: first.expiresAt,
    };
    expect(await mailbox.put(again, generous)).toEqual({ kind: 'duplicate', known });
    expect(await mailbox.findDuplicate(sender, recipient, ['other', 'k2'])).toEqual(known);
    expect(await mailbox.open(recipient, { after: 0, limit: 9 })).toHaveLength(1);
    // A refused one leaves none of its names behind.
    expect(await mailbox.findDuplicate(sender, recipient, ['other'])).toBeUndefined();
  });

  it('tells the state of now beside the state of then', async () => {
    const { mailbox } = use.stores;
    const first = await putEntry(mailbox, heldEntry({ duplicateKeys: ['k'] }));
    const { sender, recipient } = first.message;
    await mailbox.update([{ id: first.id, recipient, state: 'waiting' }]);
    const known = await mailbox.findDuplicate(sender, recipient, ['k']);
    expect(known).toMatchObject({ state: 'waiting', acceptedState: 'held' });
  });

  it('is a duplicate although a quota is full', async () => {
    const { mailbox } = use.stores;
    const quotas = { ...generous, recipientMessages: 1 };
    const first = await putEntry(mailbox, newEntry({ duplicateKeys: ['k'] }), quotas);
    const { sender, recipient } = first.message;
    const again = await mailbox.put(newEntry({ sender, recipient, duplicateKeys: ['k'] }), quotas);
    expect(again.kind).toBe('duplicate');
  });

  it('stores one of many that are sent at once', async () => {
    const { mailbox } = use.stores;
    const [sender, recipient] = [someone('tom'), someone('mary')];
    const sample = { sender, recipient, duplicateKeys: ['k'] };
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => mailbox.put(newEntry(sample), generous)));
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['stored', ...Array<string>(19).fill('duplicate')]);
  });

  it('does not take another sender, another recipient or another key for the same', async () => {
    const { mailbox } = use.stores;
    const { message } = await putEntry(mailbox, newEntry({ duplicateKeys: ['k'] }));
    const { sender, recipient } = message;
    const others = [
      newEntry({ sender: someone('eve'), recipient, duplicateKeys: ['k'] }),
      newEntry({ sender, recipient: someone('john'), duplicateKeys: ['k'] }),
      newEntry({ sender: recipient, recipient: sender, duplicateKeys: ['k'] }),
      newEntry({ sender, recipient, duplicateKeys: ['K'] }),
      newEntry({ sender, recipient, duplicateKeys: [] }),
    ];
    for (const other of others) expect((await mailbox.put(other, generous)).kind).toBe('stored');
  });
}

function theSameAgainAfterTheEnd(use: StoresInUse): void {
  it.each(['expired', 'failed', 'recalled'] as const)('is new when the first is %s', async (state) => {
    const { mailbox } = use.stores;
    const first = await putEntry(mailbox, newEntry({ duplicateKeys: ['k1', 'k2'] }));
    const { sender, recipient } = first.message;
    await mailbox.end([endOf(first, state)]);
    expect(await mailbox.findDuplicate(sender, recipient, ['k1', 'k2'])).toBeUndefined();
    const again = await mailbox.put(newEntry({ sender, recipient, duplicateKeys: ['k1'] }), generous);
    expect(again.kind).toBe('stored');
  });

  it.each(['delivered', 'displayed', 'rejected'] as const)('is still known when the first is %s', async (state) => {
    const { mailbox } = use.stores;
    const first = await putEntry(mailbox, newEntry({ duplicateKeys: ['k'] }));
    const { sender, recipient } = first.message;
    await mailbox.end([endOf(first, state)]);
    const again = await mailbox.put(newEntry({ sender, recipient, duplicateKeys: ['k'] }), generous);
    expect(again).toMatchObject({ kind: 'duplicate', known: { id: first.id, state, acceptedState: 'waiting' } });
  });

  it('tells of a delivery that was the answer to its sender, after a restart too', async () => {
    const { mailbox } = use.stores;
    const first = await putEntry(mailbox, newEntry({ duplicateKeys: ['k'] }));
    const second = await putEntry(mailbox, newEntry({ ...first, id: newEntry().id, duplicateKeys: ['l'] }));
    await mailbox.end([{ ...endOf(first), isAnswer: true }, endOf(second)]);
    await use.reopen();
    const { sender, recipient } = first.message;
    const statesOf = async (key: string) => {
      const known = await use.stores.mailbox.findDuplicate(sender, recipient, [key]);
      return [known?.state, known?.acceptedState];
    };
    expect(await statesOf('k')).toEqual(['delivered', 'delivered']);
    expect(await statesOf('l')).toEqual(['delivered', 'waiting']);
  });

  it('is known after a restart, as long as the message is open and as long as it is delivered', async () => {
    const open = await putEntry(use.stores.mailbox, newEntry({ duplicateKeys: ['k'] }));
    const done = await putEntry(use.stores.mailbox, newEntry({ duplicateKeys: ['k'] }));
    await use.stores.mailbox.end([endOf(done)]);
    await use.reopen();
    for (const { message, id } of [open, done]) {
      const { sender, recipient } = message;
      expect(use.stores.mailbox.mayKnow(sender, recipient, ['k'])).toBe(true);
      const again = await use.stores.mailbox.put(newEntry({ sender, recipient, duplicateKeys: ['k'] }), generous);
      expect(again).toMatchObject({ kind: 'duplicate', known: { id } });
    }
  });
}

function whatMayBeKnown(use: StoresInUse): void {
  it('never denies a key that is remembered, and denies nearly all others', async () => {
    const { mailbox } = use.stores;
    const [sender, recipient] = [someone('tom'), someone('mary')];
    const keys = Array.from({ length: 300 }, (_, index) => `key ${index}`);
    await Promise.all(keys.map((key) => putEntry(mailbox, newEntry({ sender, recipient, duplicateKeys: [key] }))));
    for (const key of keys) expect(mailbox.mayKnow(sender, recipient, ['unheard of', key])).toBe(true);
    const wrong = keys.filter((key) => mailbox.mayKnow(recipient, sender, [key]));
    expect(wrong.length).toBeLessThan(10);
    expect(mailbox.mayKnow(sender, recipient, [])).toBe(false);
  });
}
