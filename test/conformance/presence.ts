/** Publications with the values known after them, and watcher rules. */
import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import type { KnownPresence, Publication, WatcherRule } from '../../src/presence/ports.ts';
import { address, hour, publication, someone, start } from './samples.ts';
import { useFreshStores, useSharedStores, type OpenSubject, type StoresInUse } from './subject.ts';

export function describePresence(open: OpenSubject): void {
  describe('publications', () => {
    const use = useSharedStores(open);
    changes(use);
    refreshes(use);
  });
  describe('the list of publications', () => {
    pages(useFreshStores(open));
  });
  describe('rules', () => {
    rules(useSharedStores(open));
    changedRules(useSharedStores(open));
    allRules(useFreshStores(open));
  });
}

const lastKnown = new Map([['mood', ['angry', 'Sad']]]);

function changes(use: StoresInUse): void {
  it('are kept with every field, and what is known beside them', async () => {
    const presentity = someone('mary');
    const document = Uint8Array.from({ length: 256 }, (_, index) => index);
    const first = publication(presentity, 'e1', { document, namedAt: start + 3 });
    await use.stores.publications.change([{ presentity, publication: first, version: 4, lastKnown }]);
    await use.reopen();
    expect(await publicationsOf(use, presentity)).toEqual([first]);
    expect(await knownOf(use, presentity)).toEqual([{ presentity, version: 4, lastKnown }]);
  });

  it('replace one, add one, and end one, and the known values stay', async () => {
    const { publications } = use.stores;
    const presentity = someone('mary');
    const [a, b, c] = ['a', 'b', 'c'].map((tag) => publication(presentity, tag));
    if (a === undefined || b === undefined || c === undefined) return;
    await publications.change([{ presentity, publication: a, version: 1, lastKnown }]);
    await publications.change([{ presentity, publication: b, version: 2, lastKnown }]);
    await publications.change([{ presentity, replaces: 'a', publication: c, version: 3, lastKnown }]);
    expect(await publicationsOf(use, presentity)).toEqual([b, c]);
    await publications.change([
      { presentity, replaces: 'b', version: 4, lastKnown },
      { presentity, replaces: 'c', version: 5, lastKnown: new Map() },
    ]);
    expect(await publicationsOf(use, presentity)).toEqual([]);
    expect(await knownOf(use, presentity)).toEqual([{ presentity, version: 5, lastKnown: new Map() }]);
  });

  it('several presentities in one call, in the order in which the calls were issued', async () => {
    const { publications } = use.stores;
    const [ann, bob] = [someone('ann'), someone('bob')];
    const issued = [
      publications.change([
        { presentity: bob, publication: publication(bob, 'b1'), version: 1, lastKnown },
        { presentity: ann, publication: publication(ann, 'a1'), version: 1, lastKnown },
      ]),
      publications.change([
        { presentity: bob, replaces: 'b1', publication: publication(bob, 'b2'), version: 2, lastKnown },
      ]),
      publications.change([{ presentity: bob, replaces: 'b2', version: 3, lastKnown }]),
    ];
    await Promise.all(issued);
    expect((await publicationsOf(use, ann, bob)).map((one) => one.entityTag)).toEqual(['a1']);
    expect((await knownOf(use, ann, bob)).map((one) => one.version)).toEqual([1, 3]);
  });

  it('keep the document as it was, though the packet that it came in is used again', async () => {
    const presentity = someone('mary');
    const document = new TextEncoder().encode('<presence/>');
    const change = use.stores.publications.change([
      { presentity, publication: publication(presentity, 'e', { document }), version: 1, lastKnown },
    ]);
    document.fill(0x2a);
    await change;
    const [stored] = await publicationsOf(use, presentity);
    expect(new TextDecoder().decode(stored?.document)).toBe('<presence/>');
  });
}

function refreshes(use: StoresInUse): void {
  it('change the tag and the time, nothing else', async () => {
    const { publications } = use.stores;
    const presentity = someone('mary');
    const first = publication(presentity, 'e1');
    await publications.change([{ presentity, publication: first, version: 4, lastKnown }]);
    await publications.refresh(presentity, 'e1', 'e2', start + 2 * hour);
    const refreshed = { ...first, entityTag: 'e2', expiresAt: start + 2 * hour };
    expect(await publicationsOf(use, presentity)).toEqual([refreshed]);
    await publications.refresh(presentity, 'e1', 'e3', start);
    await publications.refresh(someone('nobody'), 'e2', 'e3', start);
    expect(await publicationsOf(use, presentity)).toEqual([refreshed]);
    await publications.refresh(presentity, 'e2', 'e2', start + 3 * hour);
    expect(await publicationsOf(use, presentity)).toEqual([{ ...refreshed, expiresAt: start + 3 * hour }]);
  });
}

async function publicationsOf(use: StoresInUse, ...presentities: readonly Address[]): Promise<Publication[]> {
  const all = await use.stores.publications.publications(undefined, 1000);
  return all.filter((one) => presentities.includes(one.presentity));
}

async function knownOf(use: StoresInUse, ...presentities: readonly Address[]): Promise<KnownPresence[]> {
  const all = await use.stores.publications.knownPresence(undefined, 1000);
  return all.filter((one) => presentities.includes(one.presentity));
}

function pages(use: StoresInUse): void {
  it('a page has all publications of so many presentities', async () => {
    const { publications } = use.stores;
    const names = ['ann', 'bob', 'cid'].map((name) => address(`${name}@example.com`));
    for (const presentity of names) {
      for (const tag of ['t1', 't2']) {
        await publications.change([{ presentity, publication: publication(presentity, tag), version: 1, lastKnown }]);
      }
    }
    const read = async (after: (typeof names)[number] | undefined, limit: number) =>
      (await publications.publications(after, limit)).map((one) => `${one.presentity} ${one.entityTag}`);
    const all = names.flatMap((name) => [`${name} t1`, `${name} t2`]);
    expect(await read(undefined, 9)).toEqual(all);
    expect(await read(undefined, 2)).toEqual(all.slice(0, 4));
    expect(await read(names[1], 2)).toEqual(all.slice(4));
    expect(await read(names[2], 2)).toEqual([]);
    const known = async (after: (typeof names)[number] | undefined, limit: number) =>
      (await publications.knownPresence(after, limit)).map((one) => one.presentity);
    expect(await known(undefined, 2)).toEqual(names.slice(0, 2));
    expect(await known(names[1], 2)).toEqual(names.slice(2));
  });
}

function rules(use: StoresInUse): void {
  it('are replaced as a whole, and survive a restart', async () => {
    const owner = someone('mary');
    const [tom, ann] = [someone('tom'), someone('ann')];
    const set: WatcherRule[] = [
      { watchers: [tom, ann], attributes: ['mood', 'x-"odd"'], action: 'allow' },
      { watchers: '*', attributes: '*', action: 'confirm' },
    ];
    expect(await use.stores.rules.rulesOf(owner)).toEqual([]);
    await use.stores.rules.setRules(owner, set);
    await use.reopen();
    expect(await use.stores.rules.rulesOf(owner)).toEqual(set);
    await use.stores.rules.setRules(owner, set.slice(1));
    expect(await use.stores.rules.rulesOf(owner)).toEqual(set.slice(1));
    await use.stores.rules.setRules(owner, []);
    expect(await use.stores.rules.rulesOf(owner)).toEqual([]);
  });
}

function changedRules(use: StoresInUse): void {
  it('are changed only while they are what they were when that is asked', async () => {
    const owner = someone('mary');
    const { rules: store, journal } = use.stores;
    const [some, more]: WatcherRule[][] = [
      [{ watchers: '*', attributes: ['mood'], action: 'allow' }],
      [{ watchers: [someone('tom')], attributes: '*', action: 'allow' }],
    ];
    expect(await store.setRules(owner, some ?? [], [])).toBe(true);
    const latest = await journal.latest();
    expect(await store.setRules(owner, more ?? [], [])).toBe(false);
    expect(await store.setRules(owner, [], more)).toBe(false);
    expect([await store.rulesOf(owner), await journal.latest()]).toEqual([some, latest]);
    expect(await store.setRules(owner, [], some)).toBe(true);
    expect(await store.setRules(owner, more ?? [], [])).toBe(true);
    expect(await store.rulesOf(owner)).toEqual(more);
  });
}

function allRules(use: StoresInUse): void {
  it('are everybody’s who has some, in pages', async () => {
    const names = ['ann', 'bob', 'cid', 'dan'].map((name) => address(`${name}@example.com`));
    const some: WatcherRule[] = [{ watchers: '*', attributes: ['mood'], action: 'allow' }];
    for (const owner of names) await use.stores.rules.setRules(owner, owner === names[1] ? [] : some);
    const [ann, , cid, dan] = names;
    const all = [ann, cid, dan].map((owner) => ({ owner, rules: some }));
    expect(await use.stores.rules.allRules(undefined, 9)).toEqual(all);
    expect(await use.stores.rules.allRules(undefined, 2)).toEqual(all.slice(0, 2));
    expect(await use.stores.rules.allRules(cid, 2)).toEqual(all.slice(2));
  });
}
