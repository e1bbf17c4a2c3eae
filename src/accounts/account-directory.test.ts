import { describe, expect, it } from 'vitest';
import { StoreFault } from '../base/store-fault.ts';
import { systemHashes } from '../base/system-hash.ts';
import type { Address } from '../model/address.ts';
import { AccountDirectory, accountReadsMax } from './account-directory.ts';
import { passwordHashesOf } from './password-hashes.ts';
import type { Account, AccountStore } from './ports.ts';

const tom = 'tom@example.com' as Address;
const nobody = 'nobody@example.com' as Address;

function accountOf(address: Address, id = 'a1'): Account {
  return { address, id, isOperator: false, passwords: { md5: 'm', sha256: 's' }, createdAt: 0 };
}

/** A store whose reads are answered by hand, since what matters here is what happens while one is open. */
class SlowAccounts implements Pick<AccountStore, 'find'> {
  readonly reads: { address: Address; answer: (account?: Account) => void; fail: (fault: Error) => void }[] = [];

  find(address: Address): Promise<Account | undefined> {
    return new Promise((resolve, reject) => this.reads.push({ address, answer: resolve, fail: reject }));
  }
}

function createDirectory(limits: { cachedAccountsMax?: number; cachedUnknownsMax?: number } = {}) {
  const store = new SlowAccounts();
  const directory = new AccountDirectory({
    store: store as unknown as AccountStore,
    domains: ['example.com', 'example.org'],
    ...limits,
  });
  return { store, directory };
}

describe('AccountDirectory', () => {
  it('asks the store once and then answers with a value', async () => {
    const { store, directory } = createDirectory();
    const first = directory.lookUp(tom);
    const second = directory.find(tom);
    expect(store.reads).toHaveLength(1);
    store.reads[0]?.answer(accountOf(tom));
    expect(await first).toBe('known');
    expect(await second).toEqual(accountOf(tom));
    expect(directory.lookUp(tom)).toBe('known');
    expect(directory.find(tom)).toEqual(accountOf(tom));
    expect(store.reads).toHaveLength(1);
  });

  it('remembers that there is no such account until it is told to forget', async () => {
    const { store, directory } = createDirectory();
    const first = directory.lookUp(nobody);
    store.reads[0]?.answer();
    expect(await first).toBe('unknown');
    expect(directory.lookUp(nobody)).toBe('unknown');
    directory.forget(nobody);
    const again = directory.lookUp(nobody);
    store.reads[1]?.answer(accountOf(nobody));
    expect(await again).toBe('known');
  });

  it('asks nobody about a domain that is not served', () => {
    const { store, directory } = createDirectory();
    expect(directory.lookUp('tom@elsewhere.net' as Address)).toBe('not-served');
    expect(directory.serves('example.org')).toBe(true);
    expect(store.reads).toHaveLength(0);
  });

  it('keeps nothing that was read before a change', async () => {
    const { store, directory } = createDirectory();
    const before = directory.find(tom);
    directory.forget(tom);
    const after = directory.find(tom);
    expect(store.reads).toHaveLength(2);
    store.reads[1]?.answer(accountOf(tom, 'new'));
    await after;
    store.reads[0]?.answer(accountOf(tom, 'old'));
    await before;
    expect(directory.find(tom)).toEqual(accountOf(tom, 'new'));
  });

  it('keeps no fault of the store', async () => {
    const { store, directory } = createDirectory();
    const failing = directory.lookUp(tom);
    store.reads[0]?.fail(new StoreFault('locked', true));
    await expect(failing).rejects.toBeInstanceOf(StoreFault);
    const again = directory.lookUp(tom);
    store.reads[1]?.answer(accountOf(tom));
    expect(await again).toBe('known');
  });

  it('forgets the account that was not asked for longest, and unknown names push out no account', async () => {
    const { store, directory } = createDirectory({ cachedAccountsMax: 2, cachedUnknownsMax: 1 });
    const load = async (address: Address, account?: Account): Promise<void> => {
      const read = directory.find(address);
      store.reads.at(-1)?.answer(account);
      await read;
    };
    const mary = 'mary@example.com' as Address;
    await load(tom, accountOf(tom));
    await load(mary, accountOf(mary));
    await load(nobody);
    await load('x@example.com' as Address);
    expect(directory.find(tom)).not.toBeInstanceOf(Promise);
    expect(directory.find(nobody)).toBeInstanceOf(Promise);
    await load('john@example.com' as Address, accountOf('john@example.com' as Address));
    expect(directory.find(tom)).not.toBeInstanceOf(Promise);
    expect(directory.find(mary)).toBeInstanceOf(Promise);
  });

  it('refuses the read past the limit, temporarily', async () => {
    const { store, directory } = createDirectory();
    for (let n = 0; n < accountReadsMax; n++) void directory.find(`u${n}@example.com` as Address);
    expect(store.reads).toHaveLength(accountReadsMax);
    const refused = directory.find(tom);
    await expect(refused).rejects.toMatchObject({ name: 'StoreFault', isTemporary: true });
    expect(store.reads).toHaveLength(accountReadsMax);
  });

  it('finds the hash for both names of an account, with a value once it is known', async () => {
    const { store, directory } = createDirectory();
    const passwords = passwordHashesOf('tom-secret', tom, systemHashes);
    const first = directory.lookUpHash('tom', 'example.com', 'md5');
    store.reads[0]?.answer({ ...accountOf(tom), passwords });
    expect(await first).toBe(passwords.md5.slice(0, 32));
    expect(directory.lookUpHash('tom', 'example.com', 'sha-256')).toBe(passwords.sha256.slice(0, 64));
    expect(directory.lookUpHash(tom, 'example.com', 'md5')).toBe(passwords.md5.slice(32));
    expect(directory.lookUpHash('Tom', 'example.com', 'md5')).toBeUndefined();
  });

  it('asks the store for no name that cannot be an account of that domain', () => {
    const { store, directory } = createDirectory();
    expect(directory.lookUpHash('tom', 'elsewhere.net', 'md5')).toBeUndefined();
    expect(directory.lookUpHash('tom@example.org', 'example.com', 'md5')).toBeUndefined();
    expect(directory.lookUpHash('to m', 'example.com', 'md5')).toBeUndefined();
    expect(directory.lookUpHash('x'.repeat(4_000), 'example.com', 'md5')).toBeUndefined();
    expect(store.reads).toHaveLength(0);
  });
});
