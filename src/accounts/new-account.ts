/** What an account that is to be added must fulfil (contract sections 1 and 2). Knows neither store nor command line. */
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { domainOf, parseAddress, userOf } from '../model/address.ts';
import type { Address } from '../model/address.ts';
import { passwordHashesOf, passwordLengthMax } from './password-hashes.ts';
import type { PasswordHasher } from './password-hashes.ts';
import type { Account } from './ports.ts';

/** Users that the server answers for itself in every domain: the assistant, the deferred messages, and lists of recipients. */
export const reservedUsers: readonly string[] = ['inbox', 'deferred', 'list'];

export interface NewAccount {
  readonly address: string;
  readonly password: string;
  readonly isOperator: boolean;
}

export function isReservedAddress(address: Address): boolean {
  return reservedUsers.includes(userOf(address));
}

/** The address of an account that may be added; the error says in words what is wrong. */
export function validateNewAccount(account: NewAccount, domains: readonly string[]): Result<Address, string> {
  const address = parseAddress(account.address);
  if (!address.ok) return address;
  if (isReservedAddress(address.value)) return err(`${userOf(address.value)} is reserved for the server itself`);
  const domain = domainOf(address.value);
  if (!domains.includes(domain)) return err(`${domain} is not one of the domains served (${domains.join(', ')})`);
  const fault = findPasswordFault(account.password);
  return fault === undefined ? ok(address.value) : err(fault);
}

/** What is wrong with a password, in words; undefined when nothing is. */
export function findPasswordFault(password: string): string | undefined {
  if (password === '') return 'a password has at least one character';
  if (password.length > passwordLengthMax) return `a password has at most ${passwordLengthMax} characters`;
  for (let at = 0; at < password.length; at++) {
    const code = password.charCodeAt(at);
    if (code < 32 || code === 127) return 'a password has no control characters';
  }
  return undefined;
}

export interface AccountMaking {
  readonly address: Address;
  readonly password: string;
  readonly isOperator: boolean;
  readonly id: string;
  /** Wall time. */
  readonly createdAt: number;
  readonly sealedPassword?: string | undefined;
}

/** The account as it is stored. What it is made of must have passed `validateNewAccount`. */
export function createAccount(making: AccountMaking, hasher: PasswordHasher): Account {
  const { address, password, isOperator, id, createdAt, sealedPassword } = making;
  const passwords = passwordHashesOf(password, address, hasher);
  return { address, id, isOperator, createdAt, passwords, ...(sealedPassword === undefined ? {} : { sealedPassword }) };
}
