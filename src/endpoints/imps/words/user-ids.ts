/** Users as the CSP names them: `wv:user@domain`, the scheme and the domain of the server being optional. */
import type { Result } from '../../../base/result.ts';
import { type Address, parseAddress } from '../../../model/address.ts';

export function addressOf(userId: string, domains: readonly string[]): Result<Address, string> {
  const bare = userId.trim();
  return parseAddress(bare.includes('@') ? bare : `${bare}@${domains[0] ?? 'localhost'}`);
}

export function userIdOf(address: Address): string {
  return `wv:${address}`;
}
