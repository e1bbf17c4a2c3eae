/** What accounts need from outside: a durable list of accounts, blocks, and a journal of what another process changed. */
import type { Millis } from '../base/time/clock.ts';
import type { Address } from '../model/address.ts';

export interface Account {
  readonly address: Address;
  /** A new account of a removed name has another id and inherits nothing. */
  readonly id: string;
  readonly isOperator: boolean;
  readonly passwords: PasswordHashes;
  readonly createdAt: Millis;
}

/**
 * Per algorithm H(user:realm:password) and, behind it, the same with the whole address as the user name, which clients may
 * use too; lower-case hex, realm being the account's domain (RFC 7616 3.4.2). Opaque to a store. Never logged.
 * Made by `passwordHashesOf`, read by `hashForName`.
 */
export interface PasswordHashes {
  readonly md5: string;
  readonly sha256: string;
}

export interface AccountStore {
  find(address: Address): Promise<Account | undefined>;
  list(after: Address | undefined, limit: number): Promise<Account[]>;
  /** All or nothing per account: `exists` leaves the old one as it was. */
  add(accounts: readonly Account[]): Promise<('added' | 'exists')[]>;
  /** Removes the account with its rules, blocks, bindings and publications; what waits for it is failed by the server. */
  remove(address: Address): Promise<boolean>;
  setPasswords(address: Address, passwords: PasswordHashes): Promise<boolean>;
}

export interface BlockStore {
  blocksOf(owner: Address): Promise<Address[]>;
  /** False when it was so already. */
  addBlock(owner: Address, blocked: Address): Promise<boolean>;
  removeBlock(owner: Address, blocked: Address): Promise<boolean>;
}

/**
 * Every change of an account, a block or a rule is journalled in the same commit, so that a server that runs beside the
 * command line learns of it. Numbers grow without gaps that matter.
 */
export interface AdministrationJournal {
  latest(): Promise<number>;
  changesAfter(number: number, limit: number): Promise<AdministrationChange[]>;
  /** Up to which change the server has acted (removals must fail what waits, also after a restart). */
  acted(): Promise<number>;
  setActed(number: number): Promise<void>;
}

export interface AdministrationChange {
  readonly number: number;
  readonly address: Address;
  readonly what: 'account-added' | 'account-removed' | 'password' | 'blocks' | 'rules';
}
