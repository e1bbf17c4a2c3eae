/** Accounts, blocks and the journal that tells a running server of changes made by another process. */
import { describe, expect, it } from 'vitest';
import { type AccessToken, type AdministrationChange, tokensPerAccountMax } from '../../src/accounts/ports.ts';
import type { Address } from '../../src/model/address.ts';
import { actedChangesMax } from '../../src/stores/store-limits.ts';
import { account, address, binding, newEntry, publication, putEntry, someone, start } from './samples.ts';
import { useFreshStores, useSharedStores, type OpenSubject, type StoresInUse } from './subject.ts';

export function describeAdministration(open: OpenSubject): void {
  describe('accounts', () => {
    const use = useSharedStores(open);
    accounts(use);
    whatGoesWithAnAccount(use);
    whatOthersGaveIt(use);
  });
  describe('tokens', () => {
    tokens(useSharedStores(open));
  });
  describe('the list of accounts', () => {
    listOfAccounts(useFreshStores(open));
  });
  describe('blocks', () => {
    blocks(useSharedStores(open));
    listsInUse(useSharedStores(open));
  });
  describe('the journal', () => {
    journalled(useSharedStores(open));
    actedUpon(useFreshStores(open));
  });
}

function accounts(use: StoresInUse): void {
  it('are found as they were added, also after a restart', async () => {
    const [tom, mary] = [account(someone('tom')), account(someone('mary'), { isOperator: true, createdAt: start + 5 })];
    expect(await use.stores.accounts.add([tom, mary])).toEqual(['added', 'added']);
    expect(await use.stores.accounts.find(tom.address)).toStrictEqual(tom);
    await use.reopen();
    expect(await use.stores.accounts.find(mary.address)).toStrictEqual(mary);
    expect(await use.stores.accounts.find(someone('nobody'))).toBeUndefined();
  });

  it('are added once: the old one stays as it was, and others of the same call are added', async () => {
    const [old, other] = [account(someone('tom')), account(someone('ann'))];
    await use.stores.accounts.add([old]);
    const usurper = account(old.address, { isOperator: true });
    expect(await use.stores.accounts.add([usurper, other, other])).toEqual(['exists', 'added', 'exists']);
    expect(await use.stores.accounts.find(old.address)).toEqual(old);
  });

  it('get another password', async () => {
    const tom = account(someone('tom'));
    await use.stores.accounts.add([tom]);
    const passwords = { md5: 'c'.repeat(32), sha256: 'd'.repeat(64) };
    expect(await use.stores.accounts.setPasswords(tom.address, passwords)).toBe(true);
    expect(await use.stores.accounts.find(tom.address)).toEqual({ ...tom, passwords });
    expect(await use.stores.accounts.setPasswords(someone('nobody'), passwords)).toBe(false);
  });

  it('keep a sealed password until they get another one, or go', async () => {
    const tom = account(someone('tom'), { sealedPassword: 'c2VhbGVk' });
    await use.stores.accounts.add([tom]);
    await use.reopen();
    expect(await use.stores.accounts.find(tom.address)).toStrictEqual(tom);
    const passwords = { md5: 'c'.repeat(32), sha256: 'd'.repeat(64) };
    await use.stores.accounts.setPasswords(tom.address, passwords, 'YW5vdGhlcg==');
    expect(await use.stores.accounts.find(tom.address)).toStrictEqual({
      ...tom,
      passwords,
      sealedPassword: 'YW5vdGhlcg==',
    });
    await use.stores.accounts.setPasswords(tom.address, passwords);
    expect(await use.stores.accounts.find(tom.address)).not.toHaveProperty('sealedPassword');
    await use.stores.accounts.setPasswords(tom.address, passwords, 'YW5vdGhlcg==');
    await use.stores.accounts.remove(tom.address);
    const { sealedPassword: _sealed, ...plain } = tom;
    await use.stores.accounts.add([plain]);
    expect(await use.stores.accounts.find(tom.address)).toStrictEqual(plain);
  });

  it('are removed once', async () => {
    const tom = account(someone('tom'));
    await use.stores.accounts.add([tom]);
    expect(await use.stores.accounts.remove(tom.address)).toBe(true);
    expect(await use.stores.accounts.find(tom.address)).toBeUndefined();
    expect(await use.stores.accounts.remove(tom.address)).toBe(false);
    expect(await use.stores.accounts.add([tom])).toEqual(['added']);
  });
}

function whatGoesWithAnAccount(use: StoresInUse): void {
  it('its rules, blocks, bindings, publications and last known values, and nobody else’s', async () => {
    const { stores } = use;
    const [tom, ann] = [someone('tom'), someone('ann')];
    await stores.accounts.add([account(tom), account(ann)]);
    for (const owner of [tom, ann]) {
      await stores.rules.setRules(owner, [{ watchers: '*', attributes: ['mood'], action: 'allow' }]);
      await stores.blocks.addBlock(owner, someone('eve'));
      await stores.bindings.change([{ kind: 'put', binding: binding(owner, 'k') }]);
      const lastKnown = new Map([['mood', ['angry']]]);
      await stores.publications.change([
        { presentity: owner, publication: publication(owner, 'e1'), version: 3, lastKnown },
      ]);
    }
    const message = await putEntry(stores.mailbox, newEntry({ recipient: tom }));
    await stores.accounts.remove(tom);
    expect(await everythingOf(use, tom)).toEqual({ rules: 0, blocks: 0, bindings: 0, publications: 0, known: 0 });
    expect(await everythingOf(use, ann)).toEqual({ rules: 1, blocks: 1, bindings: 1, publications: 1, known: 1 });
    // What waits for it is failed by the server, which tells the senders.
    expect(await stores.mailbox.find(tom, message.id)).toEqual(message);
  });
}

function whatOthersGaveIt(use: StoresInUse): void {
  it('leave goes, so that a new account of the name inherits none; what keeps it out stays', async () => {
    const { stores } = use;
    const [tom, mary, ann, bob] = [someone('tom'), someone('mary'), someone('ann'), someone('bob')];
    await stores.accounts.add([account(tom)]);
    const everybody = { watchers: '*', attributes: ['online'], action: 'allow' } as const;
    const kept = { watchers: [tom], attributes: '*', action: 'polite-block' } as const;
    await stores.rules.setRules(mary, [{ watchers: [tom], attributes: ['mood'], action: 'allow' }]);
    await stores.rules.setRules(ann, [everybody, { watchers: [bob, tom], attributes: '*', action: 'allow' }, kept]);
    await stores.rules.setRules(bob, [everybody, kept]);
    await stores.blocks.addBlock(mary, tom);
    const before = await stores.journal.latest();
    await stores.accounts.remove(tom);
    expect(await stores.rules.rulesOf(mary)).toEqual([]);
    expect(await stores.rules.rulesOf(ann)).toEqual([
      everybody,
      { watchers: [bob], attributes: '*', action: 'allow' },
      kept,
    ]);
    expect(await stores.rules.rulesOf(bob)).toEqual([everybody, kept]);
    expect((await stores.blocks.listsOf(mary)).blocked).toEqual([tom]);
    const changes = await stores.journal.changesAfter(before, 9);
    expect(new Set(changes.map(({ address: of, what }) => `${what} ${of}`))).toEqual(
      new Set([`rules ${mary}`, `rules ${ann}`, `account-removed ${tom}`]),
    );
  });
}

async function everythingOf(use: StoresInUse, owner: Address) {
  const { stores } = use;
  const bindings = await stores.bindings.bindings(undefined, 1000);
  const publications = await stores.publications.publications(undefined, 1000);
  const known = await stores.publications.knownPresence(undefined, 1000);
  return {
    rules: (await stores.rules.rulesOf(owner)).length,
    blocks: (await stores.blocks.listsOf(owner)).blocked.length,
    bindings: bindings.filter((one) => one.addressOfRecord === owner).length,
    publications: publications.filter((one) => one.presentity === owner).length,
    known: known.filter((one) => one.presentity === owner).length,
  };
}

function listOfAccounts(use: StoresInUse): void {
  it('is in the order of addresses, in pages', async () => {
    const names = ['carl', 'anna', 'bert', 'dora'].map((name) => address(`${name}@example.com`));
    await use.stores.accounts.add(names.map((name) => account(name)));
    const list = async (after: Address | undefined, limit: number) =>
      (await use.stores.accounts.list(after, limit)).map((one) => one.address);
    const sorted = [...names].sort();
    expect(await list(undefined, 9)).toEqual(sorted);
    expect(await list(undefined, 3)).toEqual(sorted.slice(0, 3));
    expect(await list(sorted[2], 3)).toEqual(sorted.slice(3));
    expect(await list(address('bz@example.com'), 1)).toEqual([sorted[2]]);
  });
}

function blocks(use: StoresInUse): void {
  it('are added and removed once, and survive a restart', async () => {
    const [mary, tom, ann] = [someone('mary'), someone('tom'), someone('ann')];
    expect(await use.stores.blocks.addBlock(mary, tom)).toBe(true);
    expect(await use.stores.blocks.addBlock(mary, tom)).toBe(false);
    expect(await use.stores.blocks.addBlock(mary, ann)).toBe(true);
    expect((await use.stores.blocks.listsOf(mary)).blocked).toEqual([ann, tom].sort());
    expect((await use.stores.blocks.listsOf(tom)).blocked).toEqual([]);
    await use.reopen();
    expect(await use.stores.blocks.removeBlock(mary, tom)).toBe(true);
    expect(await use.stores.blocks.removeBlock(mary, tom)).toBe(false);
    expect(await use.stores.blocks.removeBlock(tom, mary)).toBe(false);
    expect((await use.stores.blocks.listsOf(mary)).blocked).toEqual([ann]);
  });
}

function listsInUse(use: StoresInUse): void {
  const none = { removed: [], added: [] };

  it('are changed with whom they block and grant in one step, journalled once, and survive a restart', async () => {
    const [mary, tom, ann, bob] = [someone('mary'), someone('tom'), someone('ann'), someone('bob')];
    expect(await use.stores.blocks.listsOf(mary)).toEqual({
      blocked: [],
      isBlocking: true,
      isGranting: false,
      granted: [],
    });
    await use.stores.blocks.addBlock(mary, tom);
    const before = await use.stores.journal.latest();
    await use.stores.blocks.changeLists(mary, {
      blocks: { removed: [tom], added: [ann], isInUse: false },
      grants: { removed: [], added: [tom, bob], isInUse: true },
    });
    expect(await use.stores.journal.changesAfter(before, 9)).toMatchObject([{ address: mary, what: 'blocks' }]);
    await use.reopen();
    const { blocks } = use.stores;
    expect((await blocks.listsOf(mary)).blocked).toEqual([ann]);
    const granted = [tom, bob].sort();
    expect(await blocks.listsOf(mary)).toMatchObject({ isBlocking: false, isGranting: true, granted });
    await blocks.changeLists(mary, { blocks: none, grants: { removed: [tom], added: [] } });
    expect(await blocks.listsOf(mary)).toMatchObject({ isBlocking: false, isGranting: true, granted: [bob] });
    expect(await blocks.addBlock(mary, ann), 'in use again').toBe(true);
    expect((await blocks.listsOf(mary)).isBlocking).toBe(true);
    expect(await blocks.addBlock(mary, ann)).toBe(false);
  });

  it('go with the owner’s account, and a grant with the account that it names', async () => {
    const [mary, tom, bob, tommy] = [someone('mary'), someone('tom'), someone('bob'), address('xtom@example.com')];
    const { blocks, accounts, journal } = use.stores;
    await accounts.add([account(mary), account(tom)]);
    const grants = { removed: [], added: [tom, bob], isInUse: true };
    await blocks.changeLists(mary, { blocks: none, grants });
    await blocks.changeLists(bob, { blocks: none, grants: { ...grants, added: [tommy] } });
    const before = await journal.latest();
    await accounts.remove(tom);
    expect((await blocks.listsOf(mary)).granted).toEqual([bob]);
    expect((await blocks.listsOf(bob)).granted).toEqual([tommy]);
    const changes = await journal.changesAfter(before, 9);
    expect(changes.map(({ address: of, what }) => `${what} ${of}`)).toEqual([
      `blocks ${mary}`,
      `account-removed ${tom}`,
    ]);
    await accounts.remove(mary);
    expect((await blocks.listsOf(mary)).isGranting).toBe(false);
  });
}

function journalled(use: StoresInUse): void {
  it('has every change of an account, a block or a rule, once and in order', async () => {
    const { stores } = use;
    const before = await stores.journal.latest();
    const [tom, ann] = [account(someone('tom')), account(someone('ann'))];
    await stores.accounts.add([tom, ann, tom]);
    await stores.accounts.setPasswords(tom.address, tom.passwords);
    await stores.accounts.setPasswords(someone('nobody'), tom.passwords);
    await stores.blocks.addBlock(tom.address, ann.address);
    await stores.blocks.addBlock(tom.address, ann.address);
    await stores.rules.setRules(ann.address, []);
    await stores.blocks.removeBlock(tom.address, ann.address);
    await stores.blocks.removeBlock(tom.address, ann.address);
    await stores.accounts.remove(tom.address);
    await stores.accounts.remove(tom.address);
    const expected = [
      [tom.address, 'account-added'],
      [ann.address, 'account-added'],
      [tom.address, 'password'],
      [tom.address, 'blocks'],
      [ann.address, 'rules'],
      [tom.address, 'blocks'],
      [tom.address, 'account-removed'],
    ];
    const changes = await stores.journal.changesAfter(before, 100);
    expect(changes.map(({ address: of, what }) => [of, what])).toEqual(expected);
    expect(await stores.journal.latest()).toBe(changes.at(-1)?.number);
    const numbers = changes.map((change: AdministrationChange) => change.number);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(await stores.journal.changesAfter(before, 2)).toEqual(changes.slice(0, 2));
    expect(await stores.journal.changesAfter(numbers[1] ?? 0, 2)).toEqual(changes.slice(2, 4));
  });
}

function actedUpon(use: StoresInUse): void {
  it('begins with nothing, and remembers up to where the server has acted', async () => {
    expect(await use.stores.journal.latest()).toBe(0);
    expect(await use.stores.journal.acted()).toBe(0);
    await use.stores.accounts.add([account(someone('tom'))]);
    const latest = await use.stores.journal.latest();
    await use.stores.journal.setActed(latest);
    await use.reopen();
    expect(await use.stores.journal.acted()).toBe(latest);
    expect(await use.stores.journal.latest()).toBe(latest);
  });

  it(`keeps ${actedChangesMax} changes that were acted upon, and every one that was not; numbers go on`, async () => {
    const { stores } = use;
    const owner = someone('mary');
    await Promise.all(Array.from({ length: actedChangesMax + 5 }, () => stores.rules.setRules(owner, [])));
    const latest = await stores.journal.latest();
    await stores.journal.setActed(latest - 2);
    expect(await stores.journal.changesAfter(0, 9999)).toHaveLength(actedChangesMax + 2);
    await stores.journal.setActed(latest + actedChangesMax);
    expect(await stores.journal.changesAfter(0, 9999)).toEqual([]);
    await use.reopen();
    expect(await use.stores.journal.latest()).toBe(latest);
    await use.stores.rules.setRules(owner, []);
    expect(await use.stores.journal.latest()).toBe(latest + 1);
  });
}

function token(of: Address, hash: string, expiresAt = start + 1000): AccessToken {
  return { hash, address: of, createdAt: start, expiresAt };
}

function tokens(use: StoresInUse): void {
  it('are found by their hash until they are removed, also after a restart', async () => {
    const tom = someone('tom');
    await use.stores.accounts.add([account(tom)]);
    const one = token(tom, `one ${tom}`);
    expect(await use.stores.tokens.add(one, start)).toBe(true);
    await use.reopen();
    expect(await use.stores.tokens.find(one.hash)).toStrictEqual(one);
    expect(await use.stores.tokens.remove(one.hash)).toBe(true);
    expect(await use.stores.tokens.remove(one.hash)).toBe(false);
    expect(await use.stores.tokens.find(one.hash)).toBeUndefined();
  });

  it('are kept for accounts only', async () => {
    const nobody = someone('nobody');
    expect(await use.stores.tokens.add(token(nobody, 'of nobody'), start)).toBe(false);
    expect(await use.stores.tokens.find('of nobody')).toBeUndefined();
  });

  it('are as many as tokensPerAccountMax and not one more; expired ones make room', async () => {
    const tom = someone('tom');
    await use.stores.accounts.add([account(tom)]);
    const hashes = Array.from({ length: tokensPerAccountMax }, (_, index) => `${index} ${tom}`);
    for (const hash of hashes) expect(await use.stores.tokens.add(token(tom, hash), start)).toBe(true);
    expect(await use.stores.tokens.add(token(tom, `more ${tom}`), start + 999)).toBe(false);
    expect(await use.stores.tokens.add(token(tom, `more ${tom}`, start + 5000), start + 1000)).toBe(true);
    expect(await use.stores.tokens.find(hashes[0] ?? '')).toBeUndefined();
  });

  it.each([
    ['its account is removed', (tom: Address) => use.stores.accounts.remove(tom)],
    [
      'the password changes',
      (tom: Address) => use.stores.accounts.setPasswords(tom, { md5: 'c'.repeat(32), sha256: 'd'.repeat(64) }),
    ],
  ] as const)('end when %s, and only those', async (_when, end) => {
    const [tom, ann] = [someone('tom'), someone('ann')];
    await use.stores.accounts.add([account(tom), account(ann)]);
    await use.stores.tokens.add(token(tom, `t ${tom}`), start);
    await use.stores.tokens.add(token(ann, `t ${ann}`), start);
    await end(tom);
    expect(await use.stores.tokens.find(`t ${tom}`)).toBeUndefined();
    expect(await use.stores.tokens.find(`t ${ann}`)).toBeDefined();
  });

  it('and how HTTP clients want what waits is kept with the account', async () => {
    const tom = account(someone('tom'));
    await use.stores.accounts.add([tom]);
    expect(await use.stores.accounts.setHttpDelivery(tom.address, 'notify')).toBe(true);
    await use.reopen();
    expect(await use.stores.accounts.find(tom.address)).toStrictEqual({ ...tom, httpDelivery: 'notify' });
    expect(await use.stores.accounts.setHttpDelivery(someone('nobody'), 'pull')).toBe(false);
  });

  it('and whether somebody wants reports in plain words', async () => {
    const tom = account(someone('tom'));
    await use.stores.accounts.add([tom]);
    for (const isOn of [true, false]) {
      expect(await use.stores.accounts.setReportsInWords(tom.address, isOn)).toBe(true);
      await use.reopen();
      expect(await use.stores.accounts.find(tom.address)).toStrictEqual({ ...tom, wantsReportsInWords: isOn });
    }
    expect(await use.stores.accounts.setReportsInWords(someone('nobody'), true)).toBe(false);
  });
}
