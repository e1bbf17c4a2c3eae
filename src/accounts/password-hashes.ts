/**
 * What is kept of a password: the H(A1) of RFC 7616 3.4.2 for both algorithms and both names under which a client may sign
 * in, since the name is part of the hash. Knows no store and no protocol.
 */
import { domainOf, userOf } from '../model/address.ts';
import type { Address } from '../model/address.ts';
import type { PasswordHashes } from './ports.ts';

export type HashAlgorithm = 'md5' | 'sha-256';

export interface PasswordHasher {
  /** Lower-case hex of the hash of the UTF-8 of `text`. */
  hash(algorithm: HashAlgorithm, text: string): string;
  /** Takes as long for texts that differ as for equal ones of the same length. */
  isEqual(a: string, b: string): boolean;
}

/** Characters; the longest password that is hashed or compared. */
export const passwordLengthMax = 1_024;

export function passwordHashesOf(password: string, address: Address, hasher: PasswordHasher): PasswordHashes {
  const rest = `:${domainOf(address)}:${password}`;
  const user = userOf(address);
  return {
    md5: hasher.hash('md5', user + rest) + hasher.hash('md5', address + rest),
    sha256: hasher.hash('sha-256', user + rest) + hasher.hash('sha-256', address + rest),
  };
}

/** The first of those that are kept for SHA-256; each costs, and one is enough to tell a password. */
export function mainHashOf(password: string, address: Address, hasher: PasswordHasher): string {
  return hasher.hash('sha-256', `${userOf(address)}:${domainOf(address)}:${password}`);
}

/** The H(A1) for one user name of `address`; undefined when the name is not one of the account's two. */
export function hashForName(
  passwords: PasswordHashes,
  algorithm: HashAlgorithm,
  userName: string,
  address: Address,
): string | undefined {
  const hex = algorithm === 'md5' ? passwords.md5 : passwords.sha256;
  const length = algorithm === 'md5' ? 32 : 64;
  // A1 holds the name as it was typed (RFC 7616 3.4.2), so only the two spellings that were hashed can fit.
  if (userName === userOf(address)) return hex.slice(0, length);
  if (userName === address) return hex.length > length ? hex.slice(length) : undefined;
  return undefined;
}
