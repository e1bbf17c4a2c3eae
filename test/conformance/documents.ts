/** Documents of users, and the one that somebody's rules came in. */
import { describe, expect, it } from 'vitest';
import { type DocumentPlace, documentsPerOwnerMax } from '../../src/endpoints/http/xcap/ports.ts';
import type { Address } from '../../src/model/address.ts';
import type { WatcherRule } from '../../src/presence/ports.ts';
import { account, someone } from './samples.ts';
import { useSharedStores, type OpenSubject, type StoresInUse } from './subject.ts';

export function describeDocuments(open: OpenSubject): void {
  describe('documents', () => {
    const use = useSharedStores(open);
    written(use);
    counted(use);
    owned(use);
  });
  describe('rules in a document', () => {
    rulesInDocuments(useSharedStores(open));
  });
}

export function listOf(owner: Address, name = 'index'): DocumentPlace {
  return { owner, application: 'resource-lists', name };
}

async function newOwner(use: StoresInUse): Promise<Address> {
  const owner = someone('mary');
  await use.stores.accounts.add([account(owner)]);
  return owner;
}

function written(use: StoresInUse): void {
  it('are written only over what was read, and survive a restart', async () => {
    const place = listOf(await newOwner(use));
    const write = (before: string | undefined, after: string | undefined) =>
      use.stores.documents.write(place, { before, after });
    expect(await use.stores.documents.read(place)).toBeUndefined();
    expect(await write('a', 'b')).toBe('outdated');
    expect(await write(undefined, 'ä\n<a/>')).toBe('written');
    expect(await write(undefined, 'b')).toBe('outdated');
    await use.reopen();
    expect(await use.stores.documents.read(place)).toBe('ä\n<a/>');
    expect(await write('ä\n<a/>', 'b')).toBe('written');
    expect(await write('ä\n<a/>', undefined)).toBe('outdated');
    expect(await use.stores.documents.read(place)).toBe('b');
    expect(await write('b', undefined)).toBe('written');
    expect(await use.stores.documents.read(place)).toBeUndefined();
  });
}

function counted(use: StoresInUse): void {
  it('are so many of one owner and application, and those that are there can be changed', async () => {
    const owner = await newOwner(use);
    const add = (place: DocumentPlace) => use.stores.documents.write(place, { before: undefined, after: 'a' });
    const places = Array.from({ length: documentsPerOwnerMax }, (_, index) => listOf(owner, `n${index}`));
    for (const place of places) expect(await add(place)).toBe('written');
    expect(await add(listOf(owner, 'more'))).toBe('full');
    expect(await add({ ...listOf(owner), application: 'other' })).toBe('written');
    expect(await add(listOf(await newOwner(use)))).toBe('written');
    expect(await use.stores.documents.write(listOf(owner, 'n0'), { before: 'a', after: 'b' })).toBe('written');
    expect(await use.stores.documents.write(listOf(owner, 'n0'), { before: 'b', after: undefined })).toBe('written');
    expect(await add(listOf(owner, 'more'))).toBe('written');
  });
}

function owned(use: StoresInUse): void {
  it('go with their owner’s account, and nobody has any without one', async () => {
    const { accounts, documents, rules } = use.stores;
    const [owner, other] = [await newOwner(use), await newOwner(use)];
    for (const each of [owner, other]) {
      await documents.write(listOf(each), { before: undefined, after: 'a' });
      await rules.setRules(each, [], undefined, { before: undefined, after: 'b' });
    }
    await accounts.remove(owner);
    expect(await documents.write(listOf(owner), { before: undefined, after: 'a' })).toBe('full');
    expect([await documents.read(listOf(owner)), (await rules.storedRules(owner)).document]).toEqual([
      undefined,
      undefined,
    ]);
    expect([await documents.read(listOf(other)), (await rules.storedRules(other)).document]).toEqual(['a', 'b']);
  });
}

function rulesInDocuments(use: StoresInUse): void {
  const some: WatcherRule[] = [{ watchers: '*', attributes: ['mood'], action: 'allow', id: 'a' }];

  it('are kept with it, and it stays when they are set without', async () => {
    const owner = someone('mary');
    const { rules } = use.stores;
    expect(await rules.storedRules(owner)).toEqual({ rules: [], document: undefined });
    expect(await rules.setRules(owner, some, [], { before: undefined, after: 'one' })).toBe(true);
    await use.reopen();
    expect(await use.stores.rules.storedRules(owner)).toEqual({ rules: some, document: 'one' });
    await use.stores.rules.setRules(owner, []);
    expect(await use.stores.rules.storedRules(owner)).toEqual({ rules: [], document: 'one' });
    await use.stores.rules.setRules(owner, some, [], { before: 'one', after: undefined });
    expect(await use.stores.rules.storedRules(owner)).toEqual({ rules: some, document: undefined });
  });

  it('are neither set nor the document when the one or the other is not what it was', async () => {
    const owner = someone('mary');
    const { rules, journal } = use.stores;
    await rules.setRules(owner, some, [], { before: undefined, after: 'one' });
    const latest = await journal.latest();
    expect(await rules.setRules(owner, [], some, { before: undefined, after: 'two' })).toBe(false);
    expect(await rules.setRules(owner, [], [], { before: 'one', after: 'two' })).toBe(false);
    expect(await rules.storedRules(owner)).toEqual({ rules: some, document: 'one' });
    expect(await journal.latest()).toBe(latest);
  });
}
