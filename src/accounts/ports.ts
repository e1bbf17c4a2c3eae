/** What accounts need from outside: a durable list of accounts, blocks, and a journal of what another process changed. */
import type { Millis } from '../base/time/clock.ts';
import type { Result } from '../base/result.ts';
import type { Address } from '../model/address.ts';

export interface Account {
  readonly address: Address;
  /** A new account of a removed name has another id and inherits nothing. */
  readonly id: string;
  readonly isOperator: boolean;
  readonly passwords: PasswordHashes;
  /** The password itself as `PasswordSeal` seals it, for logins whose digest needs it; absent where that was not chosen. */
  readonly sealedPassword?: string;
  readonly createdAt: Millis;
  /** How the clients that open a stream of events over HTTP want what waits; push when never chosen. */
  readonly httpDelivery?: ClientDelivery;
  /** Wants to be told in plain words what becomes of their messages; absent when never chosen, which is no. */
  readonly wantsReportsInWords?: boolean;
}

/** Contract section 6: each message sent, a notice of each, or nothing before it is asked for. */
export type ClientDelivery = 'push' | 'notify' | 'pull';

/**
 * Per algorithm H(user:realm:password) and, behind it, the same with the whole address as the user name, which clients may
 * use too; lower-case hex, realm being the account's domain (RFC 7616 3.4.2). Opaque to a store. Never logged.
 * Made by `passwordHashesOf`, read by `hashForName`.
 */
export interface PasswordHashes {
  readonly md5: string;
  readonly sha256: string;
}

/** Keeps passwords that must be read again; every error is one line for the operator, and names no password. */
export interface PasswordSeal {
  /** A key is made where there is none and `mayMakeKey`. What is sealed is of use for this account alone. */
  seal(password: string, address: Address, mayMakeKey: boolean): Promise<Result<string, string>>;
  open(sealed: string, address: Address): Promise<Result<string, string>>;
}

export interface AccountStore {
  find(address: Address): Promise<Account | undefined>;
  list(after: Address | undefined, limit: number): Promise<Account[]>;
  /** All or nothing per account: `exists` leaves the old one as it was. */
  add(accounts: readonly Account[]): Promise<('added' | 'exists')[]>;
  /** Removes the account with its rules, blocks, bindings and publications; what waits for it is failed by the server. */
  remove(address: Address): Promise<boolean>;
  /** Every token of the account ends with its old password, and so does what was sealed of it. */
  setPasswords(address: Address, passwords: PasswordHashes, sealedPassword?: string): Promise<boolean>;
  setHttpDelivery(address: Address, method: ClientDelivery): Promise<boolean>;
  /** Like the one before false when there is no such account. */
  setReportsInWords(address: Address, isOn: boolean): Promise<boolean>;
}

/** A bearer token (RFC 6750) as it is kept: the secret itself is known to nobody but who was given it. */
export interface AccessToken {
  /** SHA-256 of the secret, lower-case hex. */
  readonly hash: string;
  readonly address: Address;
  readonly createdAt: Millis;
  readonly expiresAt: Millis;
}

/** Writes resolve when durable; rejects with `StoreFault`. */
export interface TokenStore {
  find(hash: string): Promise<AccessToken | undefined>;
  /** Forgets the account's expired ones first. False when it has `tokensPerAccountMax` still, or there is no such account. */
  add(token: AccessToken, now: Millis): Promise<boolean>;
  remove(hash: string): Promise<boolean>;
}

/** Live tokens of one account; one more is refused, and none that works is lost. */
export const tokensPerAccountMax = 100;

export interface BlockStore {
  listsOf(owner: Address): Promise<KeptLists>;
  /** Puts the list in use. False when it was so already. */
  addBlock(owner: Address, blocked: Address): Promise<boolean>;
  removeBlock(owner: Address, blocked: Address): Promise<boolean>;
  /** All in one commit. */
  changeLists(owner: Address, change: ListsChange): Promise<void>;
}

/** What an owner says beside whom they block. */
export interface ListsUse {
  /** False: nobody is blocked for being on the list. */
  readonly isBlocking: boolean;
  /** Nobody gets through but who is granted. */
  readonly isGranting: boolean;
  readonly granted: readonly Address[];
}

export interface KeptLists extends ListsUse {
  readonly blocked: readonly Address[];
}

export const usualListsUse: ListsUse = { isBlocking: true, isGranting: false, granted: [] };

export interface ListsChange {
  readonly blocks: ListChange;
  readonly grants: ListChange;
}

/** Removed first, then added. */
export interface ListChange {
  readonly removed: readonly Address[];
  readonly added: readonly Address[];
  /** Absent: as it was. */
  readonly isInUse?: boolean;
}

/** What is said of a list's use, and the grants, after a change. */
export function changedListsUse(use: ListsUse, { blocks, grants }: ListsChange): ListsUse {
  const removed = new Set(grants.removed);
  const granted = new Set(use.granted.filter((address) => !removed.has(address)));
  for (const address of grants.added) granted.add(address);
  return {
    isBlocking: blocks.isInUse ?? use.isBlocking,
    isGranting: grants.isInUse ?? use.isGranting,
    granted: [...granted].sort(),
  };
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
