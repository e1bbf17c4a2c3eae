/** Entries whose bodies are kept apart: the name and the size are theirs, the octets are not. */
import { describe, expect, it } from 'vitest';
import type { MailboxStore, NewMailboxEntry, Quotas } from '../../../src/delivery/ports.ts';
import type { Address } from '../../../src/model/address.ts';
import { endOf, generous, heldEntry, newEntry, someone } from '../samples.ts';
import { type OpenSubject, type StoresInUse, useFreshStores, useSharedStores } from '../subject.ts';

let blobs = 0;

/** A name as no adapter makes them, so that nothing depends on how they look. */
function large(bytes: number, recipient: Address, make: typeof newEntry = newEntry): NewMailboxEntry {
  blobs += 1;
  const apart = { body: new Uint8Array(), large: { blob: `blob ${blobs}`, bytes } };
  return make({ recipient, message: { ...apart, contentType: 'video/mp4', subject: 'A film' } });
}

export function describeMailboxLarge(open: OpenSubject): void {
  describe('bodies that are kept apart', () => {
    itNamesThem(useSharedStores(open));
    itHasTheirQuota(useSharedStores(open));
    itListsThem(useFreshStores(open));
  });
}

function itNamesThem(use: StoresInUse): void {
  it('are named by their entries as long as these are open, and their size is in the summary for longer', async () => {
    const { mailbox } = use.stores;
    const [recipient, bytes] = [someone('mary'), 5_000_000_000];
    const entry = large(bytes, recipient);
    await mailbox.put(entry, { ...generous, largeBytes: bytes });
    const found = await mailbox.find(recipient, entry.id);
    expect(found?.message).toEqual(entry.message);
    const [waiting] = await mailbox.ready(recipient, { after: 0, limit: 9, now: entry.acceptedAt });
    expect(waiting?.message).toEqual(entry.message);
    const [item] = await mailbox.inboxItems({ recipient, after: 0, limit: 9, now: entry.acceptedAt });
    expect(item?.bytes).toBe(bytes);
    await mailbox.update([
      { id: entry.id, recipient, refusedBy: [{ targetId: 'phone', status: 'told', isTold: true }] },
    ]);
    expect((await mailbox.find(recipient, entry.id))?.refusedBy).toEqual([
      { targetId: 'phone', status: 'told', isTold: true },
    ]);
    expect((await mailbox.story(entry.id))?.summary.bytes).toBe(bytes);
    await mailbox.end([endOf(entry)]);
    expect((await mailbox.story(entry.id))?.summary).toMatchObject({ bytes, state: 'delivered' });
  });
}

function itListsThem(use: StoresInUse): void {
  it('are listed page by page in the order of their names, also after a restart', async () => {
    const recipient = someone('mary');
    const entries = Array.from({ length: 5 }, () => large(9, recipient));
    for (const entry of [...entries, newEntry({ recipient })]) await use.stores.mailbox.put(entry, generous);
    const [first] = entries;
    if (first !== undefined) await use.stores.mailbox.end([endOf(first)]);
    const names = entries.slice(1).flatMap(({ message }) => message.large?.blob ?? []);
    for (const _ of [1, 2]) {
      const { mailbox } = use.stores;
      const pages = [
        await mailbox.blobs(undefined, 3),
        await mailbox.blobs(names[2], 3),
        await mailbox.blobs(names[3], 3),
      ];
      expect(pages).toEqual([names.slice(0, 3), names.slice(3), []]);
      await use.reopen();
    }
  });
}

function itHasTheirQuota(use: StoresInUse): void {
  const quotas: Quotas = { ...generous, recipientBytes: 11, largeBytes: 101 };
  const kindOf = async (mailbox: MailboxStore, entry: NewMailboxEntry): Promise<string> => {
    const { message, state } = entry;
    const { sender, recipient } = message;
    const bytes = message.large?.bytes ?? message.body.length;
    const more = { sender, recipient, state, bytes, isLarge: message.large !== undefined };
    const foreseen = await mailbox.mayPut(more, quotas);
    const { kind } = await mailbox.put(entry, quotas);
    expect(foreseen).toBe(kind === 'stored' ? 'fits' : kind);
    return kind;
  };

  it('count towards a quota of their own, the smaller half of it held, and are freed at the end', async () => {
    const recipient = someone('mary');
    const { mailbox } = use.stores;
    const held = large(50, recipient, heldEntry);
    expect(await kindOf(mailbox, large(51, recipient, heldEntry))).toBe('offline-space-full');
    expect(await kindOf(mailbox, held)).toBe('stored');
    expect(await kindOf(mailbox, large(1, recipient, heldEntry))).toBe('offline-space-full');
    expect(await kindOf(mailbox, large(52, recipient))).toBe('offline-space-full');
    expect(await kindOf(mailbox, large(51, recipient))).toBe('stored');
    expect(await kindOf(mailbox, large(1, recipient))).toBe('offline-space-full');
    // Neither takes the room of the other.
    expect(await kindOf(mailbox, newEntry({ recipient, text: '01234567890' }))).toBe('stored');
    expect(await kindOf(mailbox, newEntry({ recipient, text: '0' }))).toBe('offline-space-full');
    await mailbox.update([{ id: held.id, recipient, state: 'waiting' }]);
    await mailbox.end([endOf(held)]);
    expect(await kindOf(mailbox, large(50, recipient, heldEntry))).toBe('stored');
    expect(await kindOf(mailbox, large(1, recipient))).toBe('offline-space-full');
  });

  it('are counted again after a restart', async () => {
    const recipient = someone('mary');
    expect(await kindOf(use.stores.mailbox, large(50, recipient, heldEntry))).toBe('stored');
    expect(await kindOf(use.stores.mailbox, newEntry({ recipient, text: '0123456789' }))).toBe('stored');
    await use.reopen();
    const { mailbox } = use.stores;
    expect(await kindOf(mailbox, large(1, recipient, heldEntry))).toBe('offline-space-full');
    expect(await kindOf(mailbox, large(52, recipient))).toBe('offline-space-full');
    expect(await kindOf(mailbox, newEntry({ recipient, text: '01' }))).toBe('offline-space-full');
    expect(await kindOf(mailbox, newEntry({ recipient, text: '0' }))).toBe('stored');
    expect(await kindOf(mailbox, large(51, recipient))).toBe('stored');
  });

  it('count as messages', async () => {
    const recipient = someone('mary');
    const { mailbox } = use.stores;
    const one = { ...quotas, recipientMessages: 1 };
    expect((await mailbox.put(large(1, recipient), one)).kind).toBe('stored');
    expect((await mailbox.put(newEntry({ recipient, text: '' }), one)).kind).toBe('offline-space-full');
    const sender = someone('tom');
    const entry = large(1, someone('ann'));
    const pair = { ...quotas, pairMessages: 0 };
    expect((await mailbox.put({ ...entry, message: { ...entry.message, sender } }, pair)).kind).toBe(
      'sender-queue-full',
    );
  });
}
