/**
 * Who exists in the domains served (contract section 2): the accounts that were asked for lately, and those that were
 * found not to exist, in front of the store. An answer that is known comes as a value, without a turn of the event loop.
 */
import { LRUCache } from 'lru-cache';
import { StoreFault } from '../base/store-fault.ts';
import { domainOf, parseAddress } from '../model/address.ts';
import type { Address } from '../model/address.ts';
import { hashForName } from './password-hashes.ts';
import type { HashAlgorithm } from './password-hashes.ts';
import type { Account, AccountStore } from './ports.ts';

/** Accounts kept in memory; about half a kilobyte each. */
export const cachedAccountsMax = 200_000;
/** Kept apart, so that somebody who asks for made-up names pushes no real account out. */
export const cachedUnknownsMax = 20_000;
/** Different addresses that are being read from the store at once. */
export const accountReadsMax = 10_000;

export type AccountStanding = 'known' | 'unknown' | 'not-served';

export interface AccountDirectoryPlan {
  readonly store: AccountStore;
  /** In lower case; the first is the one that stands for the server. */
  readonly domains: readonly string[];
  readonly cachedAccountsMax?: number;
  readonly cachedUnknownsMax?: number;
}

export class AccountDirectory {
  readonly domains: readonly string[];
  readonly #store: AccountStore;
  readonly #served: ReadonlySet<string>;
  readonly #known: LRUCache<Address, Account>;
  readonly #unknown: LRUCache<Address, true>;
  readonly #reads = new Map<Address, Promise<Account | undefined>>();

  constructor(plan: AccountDirectoryPlan) {
    this.domains = plan.domains;
    this.#store = plan.store;
    this.#served = new Set(plan.domains);
    this.#known = new LRUCache({ max: plan.cachedAccountsMax ?? cachedAccountsMax });
    this.#unknown = new LRUCache({ max: plan.cachedUnknownsMax ?? cachedUnknownsMax });
  }

  serves(domain: string): boolean {
    return this.#served.has(domain);
  }

  /** The account, or undefined when there is none. A promise only where the store must be asked; rejects as the store. */
  find(address: Address): Account | undefined | Promise<Account | undefined> {
    const account = this.#known.get(address);
    if (account !== undefined) return account;
    if (this.#unknown.get(address) !== undefined) return undefined;
    return this.#reads.get(address) ?? this.#read(address);
  }

  lookUp(address: Address): AccountStanding | Promise<AccountStanding> {
    if (!this.#served.has(domainOf(address))) return 'not-served';
    const account = this.find(address);
    return account instanceof Promise ? account.then(standingOf) : standingOf(account);
  }

  /**
   * The H(A1) for a digest user name, which is the user part or the whole address, as it was typed; undefined when nobody
   * is called so in that domain. Rejects as the store.
   */
  lookUpHash(
    userName: string,
    realm: string,
    algorithm: HashAlgorithm,
  ): string | undefined | Promise<string | undefined> {
    const text = (userName.includes('@') ? userName : `${userName}@${realm}`).toLowerCase();
    if (!this.#served.has(realm) || !text.endsWith(`@${realm}`)) return undefined;
    // What is remembered was parsed before; only a new name pays for it.
    const cached = this.#known.get(text as Address);
    if (cached !== undefined) return hashForName(cached.passwords, algorithm, userName, cached.address);
    const address = parseAddress(text);
    if (!address.ok) return undefined;
    const account = this.find(address.value);
    if (account instanceof Promise) return account.then((found) => hashOf(found, algorithm, userName));
    return hashOf(account, algorithm, userName);
  }

  /** Something about this account changed: the next question goes to the store. */
  forget(address: Address): void {
    this.#known.delete(address);
    this.#unknown.delete(address);
    // What is being read may be from before the change: whoever waits gets it, nobody keeps it.
    this.#reads.delete(address);
  }

  #read(address: Address): Promise<Account | undefined> {
    if (this.#reads.size >= accountReadsMax)
      return Promise.reject(new StoreFault('too many accounts are being read', true));
    const read = this.#store.find(address).then(
      (account) => {
        if (this.#endRead(address, read)) this.#keep(address, account);
        return account;
      },
      (fault: unknown) => {
        this.#endRead(address, read);
        throw fault;
      },
    );
    this.#reads.set(address, read);
    return read;
  }

  /** False when the account was forgotten while it was read. */
  #endRead(address: Address, read: Promise<Account | undefined>): boolean {
    if (this.#reads.get(address) !== read) return false;
    return this.#reads.delete(address);
  }

  #keep(address: Address, account: Account | undefined): void {
    if (account === undefined) this.#unknown.set(address, true);
    else this.#known.set(address, account);
  }
}

function hashOf(account: Account | undefined, algorithm: HashAlgorithm, userName: string): string | undefined {
  return account === undefined ? undefined : hashForName(account.passwords, algorithm, userName, account.address);
}

function standingOf(account: Account | undefined): AccountStanding {
  return account === undefined ? 'unknown' : 'known';
}
