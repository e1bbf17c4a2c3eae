/** Delivery reports: made with what they tell of, numbered, told, kept within limits. */
import { describe, expect, it } from 'vitest';
import { type MailboxEntry, reportKeptMs, reportsMax, reportsToldMax } from '../../src/delivery/ports.ts';
import type { NewReport, Protocol } from '../../src/model/delivery-report.ts';
import { account, endOf, generous, newEntry, putEntry, someone, start } from './samples.ts';
import { useFreshStores, useSharedStores, type OpenSubject, type StoresInUse } from './subject.ts';

export function describeReports(open: OpenSubject): void {
  describe('reports', () => {
    made(useSharedStores(open));
    confirmed(useSharedStores(open));
    told(useSharedStores(open));
  });
  describe('reports in number and time', () => {
    bounded(useFreshStores(open));
  });
}

function reportOf(entry: MailboxEntry, kind: NewReport['kind'], state: NewReport['state'], at = start + 1): NewReport {
  const { sender: owner, recipient, origin: protocol } = entry.message;
  return { owner, protocol, messageId: entry.id, recipient, kind, state, at };
}

async function stored(use: StoresInUse, sample: { origin?: Protocol; reports?: boolean } = {}): Promise<MailboxEntry> {
  const { origin = 'http' } = sample;
  const entry = newEntry({ message: { origin, reportsWanted: ['stored', 'delivered'] } });
  if (sample.reports !== true) return putEntry(use.stores.mailbox, entry);
  const { sender: owner, recipient } = entry.message;
  const about = { owner, protocol: origin, messageId: entry.id, recipient };
  const report: NewReport = { ...about, kind: 'stored', state: 'waiting', at: start };
  return putEntry(use.stores.mailbox, { ...entry, reports: [report] });
}

function made(use: StoresInUse): void {
  it('are made with a put, an update, an end and a display, in this order, and survive a restart', async () => {
    const entry = await stored(use, { reports: true });
    const { id, message } = entry;
    const { sender: owner, recipient } = message;
    await use.stores.mailbox.update([{ id, recipient, reports: [reportOf(entry, 'stored', 'held')] }]);
    await use.stores.mailbox.end([{ ...endOf(entry), reports: [reportOf(entry, 'delivered', 'delivered')] }]);
    const step = { at: start + 3, what: 'displayed', state: 'displayed' as const };
    const seen = reportOf(entry, 'displayed', 'displayed', start + 3);
    expect(await use.stores.mailbox.confirm({ id, recipient, kind: 'displayed', step, reports: [seen] })).toBe(true);
    await use.reopen();
    const reports = await use.stores.reports.reports({ owner, protocol: 'http', limit: 9 });
    expect(reports.map(({ number, kind, state }) => [number, kind, state])).toEqual([
      [1, 'stored', 'waiting'],
      [2, 'stored', 'held'],
      [3, 'delivered', 'delivered'],
      [4, 'displayed', 'displayed'],
    ]);
    expect(reports[3]).toStrictEqual({ ...seen, number: 4 });
    expect(await use.stores.mailbox.story(id)).toMatchObject({ summary: { state: 'displayed' } });
  });

  it('are not made for what had ended already, or was not delivered before it was displayed', async () => {
    const entry = await stored(use);
    const { id, message } = entry;
    const { sender: owner, recipient } = message;
    const display = {
      id,
      recipient,
      kind: 'displayed' as const,
      step: { at: start, what: 'displayed' },
      reports: [reportOf(entry, 'displayed', 'displayed')],
    };
    expect(await use.stores.mailbox.confirm(display)).toBe(false);
    await use.stores.mailbox.end([endOf(entry, 'expired')]);
    await use.stores.mailbox.end([{ ...endOf(entry), reports: [reportOf(entry, 'delivered', 'delivered')] }]);
    await use.stores.mailbox.update([{ id, recipient, reports: [reportOf(entry, 'stored', 'held')] }]);
    expect(await use.stores.mailbox.confirm(display)).toBe(false);
    expect(await use.stores.mailbox.confirm({ ...display, recipient: owner })).toBe(false);
    expect(await use.stores.reports.reports({ owner, protocol: 'http', limit: 9 })).toEqual([]);
  });

  it('are not made for what is refused', async () => {
    const entry = await stored(use);
    const fresh = newEntry({
      sender: entry.message.sender,
      recipient: entry.message.recipient,
      message: { origin: 'http' },
    });
    const quotas = { ...generous, pairMessages: 1 };
    const outcome = await use.stores.mailbox.put({ ...fresh, reports: [reportOf(entry, 'stored', 'waiting')] }, quotas);
    expect(outcome.kind).toBe('sender-queue-full');
    expect(await use.stores.reports.reports({ owner: entry.message.sender, protocol: 'http', limit: 9 })).toEqual([]);
  });

  it('go with the account of their owner', async () => {
    const entry = await stored(use, { reports: true });
    const { sender: owner } = entry.message;
    await use.stores.accounts.add([account(owner)]);
    await use.stores.accounts.remove(owner);
    expect(await use.stores.reports.reports({ owner, protocol: 'http', after: 0, limit: 9 })).toEqual([]);
  });
}

function confirmed(use: StoresInUse): void {
  it('are told in words where their message says so, and stand apart from the others of its sender', async () => {
    const message = { reportsInWords: true, reportsWanted: ['delivered'] } as const;
    const entry = await putEntry(use.stores.mailbox, newEntry({ message }));
    expect(entry.message).toMatchObject(message);
    const { id, message: kept } = entry;
    const report = { ...reportOf(entry, 'delivered', 'delivered'), protocol: 'words' as const };
    await use.stores.mailbox.end([{ ...endOf(entry), reports: [report] }]);
    await use.reopen();
    expect((await use.stores.mailbox.story(id))?.summary).toMatchObject({ reportsInWords: true });
    const of = (protocol: 'sip' | 'words') => use.stores.reports.reports({ owner: kept.sender, protocol, limit: 9 });
    expect([await of('words'), await of('sip')]).toEqual([[{ ...report, number: 1 }], []]);
  });

  it('of a delivery that was left to the client to report are made when it does, once, with the reference', async () => {
    const message = {
      origin: 'sip',
      reportsWanted: ['delivered', 'displayed'],
      reportReference: '{"id":"a b"}',
    } as const;
    const entry = await putEntry(use.stores.mailbox, newEntry({ message }));
    const { id } = entry;
    const { sender: owner, recipient } = entry.message;
    expect((await use.stores.mailbox.find(recipient, id))?.message).toMatchObject(message);
    const step = { at: start + 2, what: 'reported' };
    const report = { ...reportOf(entry, 'delivered', 'delivered'), reference: message.reportReference };
    const confirmation = { id, recipient, kind: 'delivered' as const, step, reports: [report] };
    expect(await use.stores.mailbox.confirm(confirmation)).toBe(false);
    await use.stores.mailbox.end([{ ...endOf(entry), reportReference: message.reportReference }]);
    await use.reopen();
    expect(await use.stores.mailbox.story(id)).toMatchObject({ summary: message });
    expect(await use.stores.mailbox.confirm({ ...confirmation, recipient: owner })).toBe(false);
    expect(await use.stores.mailbox.confirm(confirmation)).toBe(true);
    expect(await use.stores.mailbox.confirm(confirmation)).toBe(false);
    expect(await use.stores.mailbox.story(id)).toMatchObject({ summary: { reportsWanted: ['displayed'] } });
    const told = await use.stores.reports.reports({ owner, protocol: 'sip', limit: 9 });
    expect(told).toStrictEqual([{ ...report, number: 1 }]);
  });

  it('that were made with the end are not wanted of the client any more', async () => {
    const entry = await putEntry(use.stores.mailbox, newEntry({ message: { reportsWanted: ['delivered', 'failed'] } }));
    const { id } = entry;
    const { recipient } = entry.message;
    await use.stores.mailbox.end([{ ...endOf(entry), reports: [reportOf(entry, 'delivered', 'delivered')] }]);
    const step = { at: start + 2, what: 'reported' };
    expect(await use.stores.mailbox.confirm({ id, recipient, kind: 'delivered', step })).toBe(false);
    expect(await use.stores.mailbox.story(id)).toMatchObject({ summary: { reportsWanted: [] } });
    expect(await use.stores.mailbox.confirm({ id, recipient, kind: 'displayed', step })).toBe(true);
  });

  it('are made without a row, and their owners are known until they were told', async () => {
    const [one, two] = [newEntry(), newEntry()].map((entry) =>
      reportOf({ ...entry } as MailboxEntry, 'delivered', 'delivered'),
    );
    if (one === undefined || two === undefined) throw new Error('two were made');
    const reports = [one, two].map((each) => ({ ...each, protocol: 'msrp' as const }));
    await use.stores.reports.add(reports);
    await use.reopen();
    const owners = reports.map(({ owner }) => owner).sort();
    expect(await use.stores.reports.owners('msrp', undefined, 9)).toEqual(owners);
    expect(await use.stores.reports.owners('msrp', undefined, 1)).toEqual(owners.slice(0, 1));
    expect(await use.stores.reports.owners('msrp', owners[0], 9)).toEqual(owners.slice(1));
    await use.stores.reports.told(one.owner, 'msrp', 1);
    expect(await use.stores.reports.owners('msrp', undefined, 9)).toEqual([two.owner]);
  });
}

function told(use: StoresInUse): void {
  it('are read again only from a number on, once they are told', async () => {
    const entry = await stored(use, { reports: true });
    const { sender: owner, recipient } = entry.message;
    const more = ['delivered', 'displayed'] as const;
    for (const kind of more) {
      await use.stores.mailbox.update([{ id: entry.id, recipient, reports: [reportOf(entry, kind, kind)] }]);
    }
    const numbers = async (after?: number) => {
      const query = { owner, protocol: 'http' as const, limit: 2, ...(after === undefined ? {} : { after }) };
      return (await use.stores.reports.reports(query)).map(({ number }) => number);
    };
    expect(await numbers()).toEqual([1, 2]);
    await use.stores.reports.told(owner, 'http', 2);
    await use.reopen();
    expect([await numbers(), await numbers(0), await numbers(1), await numbers(3)]).toEqual([[3], [1, 2], [2, 3], []]);
    await use.stores.reports.told(owner, 'http', 3);
    expect(await numbers()).toEqual([]);
    await use.stores.reports.told(someone('nobody'), 'http', 3);
  });

  it('are apart for each protocol', async () => {
    const entry = await stored(use, { reports: true });
    const { sender: owner } = entry.message;
    await use.stores.reports.told(owner, 'imps', 9);
    expect(await use.stores.reports.reports({ owner, protocol: 'imps', after: 0, limit: 9 })).toEqual([]);
    expect(await use.stores.reports.reports({ owner, protocol: 'http', limit: 9 })).toHaveLength(1);
  });
}

function bounded(use: StoresInUse): void {
  it('reportsMax wait for an owner and not one more; what was told does not count, and only the newest of it stays', async () => {
    const entry = await stored(use);
    const { id, message } = entry;
    const { sender: owner, recipient } = message;
    const reports = (count: number) => Array.from({ length: count }, () => reportOf(entry, 'stored', 'waiting'));
    const count = async (after?: number) => {
      const query = { owner, protocol: 'http' as const, limit: reportsMax + 9 };
      return (await use.stores.reports.reports(after === undefined ? query : { ...query, after })).length;
    };
    await use.stores.mailbox.update([{ id, recipient, reports: reports(reportsMax - 1) }]);
    await use.stores.mailbox.update([{ id, recipient, reports: reports(1) }]);
    expect(await count()).toBe(reportsMax);
    await use.stores.mailbox.update([{ id, recipient, reports: reports(1) }]);
    expect(await count()).toBe(reportsMax);
    await use.stores.reports.told(owner, 'http', reportsMax);
    expect([await count(), await count(0)]).toEqual([0, reportsToldMax]);
    await use.stores.mailbox.update([{ id, recipient, reports: reports(1) }]);
    const [next] = await use.stores.reports.reports({ owner, protocol: 'http', limit: 9 });
    expect(next?.number).toBe(reportsMax + 1);
  });

  it('are forgotten after reportKeptMs; the numbers go on', async () => {
    const entry = await stored(use);
    const { id, message } = entry;
    const { sender: owner, recipient } = message;
    const ages = [start, start + 1, start + 2];
    for (const at of ages) {
      await use.stores.mailbox.update([{ id, recipient, reports: [reportOf(entry, 'stored', 'waiting', at)] }]);
    }
    const numbers = async () =>
      (await use.stores.reports.reports({ owner, protocol: 'http', limit: 9 })).map(({ number }) => number);
    await use.stores.mailbox.sweep(start + reportKeptMs - 1, 0);
    expect(await numbers()).toEqual([1, 2, 3]);
    await use.stores.mailbox.sweep(start + reportKeptMs, 0);
    expect(await numbers()).toEqual([2, 3]);
    await use.stores.mailbox.sweep(start + reportKeptMs + 2, 0);
    expect(await numbers()).toEqual([]);
    await use.stores.mailbox.update([{ id, recipient, reports: [reportOf(entry, 'stored', 'waiting', start + 9)] }]);
    expect(await numbers()).toEqual([4]);
  });
}
