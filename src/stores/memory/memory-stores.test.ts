import { describe, expect, it } from 'vitest';
import { StoreFault } from '../../base/store-fault.ts';
import type { NewMailboxEntry } from '../../delivery/ports.ts';
import type { Address } from '../../model/address.ts';
import { memoryStores } from './memory-stores.ts';

const mary = 'mary@example.com' as Address;
const tom = 'tom@example.com' as Address;
const quotas = { recipientMessages: 9, recipientBytes: 999, largeBytes: 16 * 999, pairMessages: 9, senderMessages: 9 };

function entry(id: string): NewMailboxEntry {
  const body = new TextEncoder().encode('text');
  return {
    id,
    message: {
      sender: tom,
      recipient: mary,
      sentAt: 0,
      contentType: 'text/plain',
      body,
      origin: 'sip' as const,
      reportsWanted: [],
    },
    acceptedAt: 0,
    expiresAt: 100,
    state: 'waiting',
    attributes: [],
    latches: [],
    duplicateKeys: [id],
  };
}

describe('faults from outside', () => {
  it('reject the call that they name, which then has no effect, and leave later calls alone', async () => {
    let failing = 'mailbox.put';
    const stores = memoryStores({
      beforeCall(name) {
        if (name === failing) throw new StoreFault('the disk is full', true);
      },
    });
    const put = stores.mailbox.put(entry('a'), quotas);
    await expect(put).rejects.toThrow('the disk is full');
    failing = 'mailbox.find';
    expect((await stores.mailbox.put(entry('b'), quotas)).kind).toBe('stored');
    await expect(stores.mailbox.find(mary, 'b')).rejects.toThrow('the disk is full');
    failing = '';
    expect((await stores.mailbox.open(mary, { after: 0, limit: 9 })).map((one) => one.id)).toEqual(['b']);
  });

  it('may hold a write up; those behind it wait, and reads see what is durable', async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const names: string[] = [];
    const stores = memoryStores({
      async beforeCall(name) {
        names.push(name);
        if (name === 'mailbox.put') await gate;
      },
    });
    const put = stores.mailbox.put(entry('a'), quotas);
    const block = stores.blocks.addBlock(mary, tom);
    expect(await stores.mailbox.find(mary, 'a')).toBeUndefined();
    expect((await stores.blocks.listsOf(mary)).blocked).toEqual([]);
    release();
    await Promise.all([put, block]);
    expect(await stores.mailbox.find(mary, 'a')).toBeDefined();
    expect(names.indexOf('blocks.addBlock')).toBeGreaterThan(names.indexOf('mailbox.put'));
  });
});

describe('a crash', () => {
  it('keeps what was acknowledged, loses what was held up, and answers nobody any more', async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    let isSlow = false;
    const stores = memoryStores({ beforeCall: () => (isSlow ? gate : undefined) });
    await stores.mailbox.put(entry('kept'), quotas);
    isSlow = true;
    let settled = 0;
    for (const call of [stores.mailbox.put(entry('lost'), quotas), stores.mailbox.nextDueAt()]) {
      const count = (): number => (settled += 1);
      call.then(count, count);
    }
    const snapshot = stores.crash();
    isSlow = false;
    release();
    void stores.blocks.addBlock(mary, tom).then(() => (settled += 1));
    const next = memoryStores({ from: snapshot });
    expect((await next.mailbox.open(mary, { after: 0, limit: 9 })).map((one) => one.id)).toEqual(['kept']);
    expect((await next.blocks.listsOf(mary)).blocked).toEqual([]);
    expect(settled).toBe(0);
  });
});

describe('a snapshot', () => {
  it('is of its moment, and shares nothing with the stores that it came from or went to', async () => {
    const stores = memoryStores();
    await stores.mailbox.put(entry('a'), quotas);
    const snapshot = stores.snapshot();
    await stores.mailbox.put(entry('b'), quotas);
    for (const _round of [1, 2]) {
      const next = memoryStores({ from: snapshot });
      expect((await next.mailbox.put(entry('c'), quotas)).kind).toBe('stored');
      expect((await next.mailbox.open(mary, { after: 0, limit: 9 })).map((one) => one.id)).toEqual(['a', 'c']);
    }
  });
});
