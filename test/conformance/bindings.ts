/** Bindings of the registrar: put, refreshed, removed, and read back at the start. */
import { describe, expect, it } from 'vitest';
import type { Binding } from '../../src/sip/registrar/ports.ts';
import { binding, hour, someone, start } from './samples.ts';
import { useFreshStores, useSharedStores, type OpenSubject, type StoresInUse } from './subject.ts';

export function describeBindings(open: OpenSubject): void {
  describe('bindings', () => {
    changes(useSharedStores(open));
    pages(useFreshStores(open));
  });
}

function changes(use: StoresInUse): void {
  it('are kept with every field', async () => {
    const mary = someone('mary');
    const plain = binding(mary, 'b');
    const full = binding(mary, 'a', {
      displayName: 'Mary "M" Söderström',
      path: ['<sip:edge1.example.com;lr>', '<sip:edge2.example.com;lr>'],
      flow: { transport: 'wss', remoteAddress: '2001:db8::1', remotePort: 443, connection: 17 },
      instanceId: 'urn:uuid:00000000-0000-1000-8000-000A95A0E128',
      userAgent: 'ExampleUA/1.2',
      takesMessage: false,
      q: 1,
    });
    await use.stores.bindings.change([
      { kind: 'put', binding: plain },
      { kind: 'put', binding: full },
    ]);
    await use.reopen();
    expect(await bindingsOf(use, mary)).toStrictEqual([full, plain]);
  });

  it('a put replaces, a refresh changes Call-ID, CSeq and time, a remove removes', async () => {
    const mary = someone('mary');
    const { bindings } = use.stores;
    const more = { displayName: 'Mary "M" Söder\\ström', q: 0.333, userAgent: 'ExampleUA/1.2 \u2028' };
    await bindings.change([
      { kind: 'put', binding: binding(mary, 'a') },
      { kind: 'put', binding: binding(mary, 'b', more) },
    ]);
    const replaced = binding(mary, 'a', { contactUri: 'sip:mary@198.51.100.9', cseq: 2 });
    await bindings.change([
      { kind: 'put', binding: replaced },
      { kind: 'refresh', addressOfRecord: mary, key: 'b', callId: 'anew "1"', cseq: 7, expiresAt: start + 3 * hour },
      { kind: 'refresh', addressOfRecord: mary, key: 'never', callId: 'n', cseq: 7, expiresAt: start },
      { kind: 'remove', addressOfRecord: mary, key: 'never' },
    ]);
    const refreshed = binding(mary, 'b', { ...more, callId: 'anew "1"', cseq: 7, expiresAt: start + 3 * hour });
    expect(await bindingsOf(use, mary)).toStrictEqual([replaced, refreshed]);
    await bindings.change([{ kind: 'remove', addressOfRecord: mary, key: 'a' }]);
    expect(await bindingsOf(use, mary)).toEqual([refreshed]);
    await bindings.change([{ kind: 'remove', addressOfRecord: mary, key: 'b' }]);
    expect(await bindingsOf(use, mary)).toEqual([]);
  });

  it('take effect in the order in which they were issued', async () => {
    const mary = someone('mary');
    const { bindings } = use.stores;
    const cseqs = [1, 2, 3, 4, 5, 6];
    await Promise.all(cseqs.map((cseq) => bindings.change([{ kind: 'put', binding: binding(mary, 'a', { cseq }) }])));
    expect((await bindingsOf(use, mary)).map((one) => one.cseq)).toEqual([6]);
  });
}

async function bindingsOf(use: StoresInUse, addressOfRecord: string): Promise<Binding[]> {
  const all = await use.stores.bindings.bindings(undefined, 1000);
  return all.filter((one) => one.addressOfRecord === addressOfRecord);
}

function pages(use: StoresInUse): void {
  it('a page has all bindings of so many addresses-of-record', async () => {
    const { bindings } = use.stores;
    const records = ['ann@example.com', 'bob@example.com', 'cid@example.com'];
    for (const record of records) {
      await bindings.change(['k1', 'k2'].map((key) => ({ kind: 'put', binding: binding(record, key) })));
    }
    const read = async (after: string | undefined, limit: number) =>
      (await bindings.bindings(after, limit)).map((one) => `${one.addressOfRecord} ${one.key}`);
    const all = records.flatMap((record) => [`${record} k1`, `${record} k2`]);
    expect(await read(undefined, 9)).toEqual(all);
    expect(await read(undefined, 1)).toEqual(all.slice(0, 2));
    expect(await read(records[0], 1)).toEqual(all.slice(2, 4));
    expect(await read(records[2], 1)).toEqual([]);
  });
}
