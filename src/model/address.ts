/**
 * The address of a principal: `user@domain`, in lower case. The forms `sip:`, `sips:`, `im:`, `pres:` and `wv:` of it name
 * the same principal (RFC 3859, 3860; contract section 2), so the scheme, URI parameters and ports are gone from here on.
 */
import { err, ok, type Result } from '../base/result.ts';

declare const brand: unique symbol;
export type Address = string & { readonly [brand]: 'Address' };

/** An address longer than this is refused as malformed; it bounds every key that is made of addresses. Characters. */
export const addressLengthMax = 255;

const SCHEME = /^(?:sips?|im|pres|wv):/i;
/** RFC 3261 25.1 userinfo without escapes and passwords, and RFC 5322 atoms; no quote, no space, nothing to escape. */
const USER = /^[\p{L}\p{N}!#$&'*+./=?^_`{|}~-]+$/u;
const DOMAIN =
  /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?)*|\[[0-9a-f:.]+\])$/iu;

/** How nearly every address is written: nothing of it has to be taken off, undone or changed. */
const PLAIN = /^[a-z0-9._-]+@(?:[a-z0-9]+(?:-+[a-z0-9]+)*)(?:\.[a-z0-9]+(?:-+[a-z0-9]+)*)*$/;

/** Reads any of the forms; the error says in words what is wrong with it. */
export function parseAddress(text: string): Result<Address, string> {
  if (text.length <= addressLengthMax && PLAIN.test(text)) return ok(text as Address);
  const bare = stripUriParts(text.trim());
  if (bare.length > addressLengthMax) return err(`an address has at most ${addressLengthMax} characters`);
  const at = bare.lastIndexOf('@');
  if (at <= 0) return err('an address has the form user@domain');
  const user = unescapeOnce(bare.slice(0, at));
  if (user === undefined) return err(`"${bare.slice(0, at)}" is not the user part of an address`);
  return parsePlainAddress(`${user}@${bare.slice(at + 1)}`);
}

/** Reads `user@domain` of which nothing is escaped any more: undoing it twice would make other users of some names. */
export function parsePlainAddress(plain: string): Result<Address, string> {
  if (plain.length > addressLengthMax) return err(`an address has at most ${addressLengthMax} characters`);
  if (PLAIN.test(plain)) return ok(plain as Address);
  const at = plain.lastIndexOf('@');
  const user = plain.slice(0, Math.max(at, 0));
  const domain = plain.slice(at + 1);
  if (!USER.test(user)) return err(`"${user}" is not the user part of an address`);
  if (!DOMAIN.test(domain)) return err(`"${domain}" is not a domain`);
  return ok(plain.toLowerCase() as Address);
}

export function domainOf(address: Address): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

export function userOf(address: Address): string {
  return address.slice(0, address.lastIndexOf('@'));
}

function stripUriParts(text: string): string {
  const withoutScheme = text.replace(SCHEME, '');
  // Both signs may stand in the user too.
  const host = withoutScheme.lastIndexOf('@') + 1;
  const end = withoutScheme.slice(host).search(/[;?]/);
  const bare = end < 0 ? withoutScheme : withoutScheme.slice(0, host + end);
  return bare.replace(/:\d{1,5}$/, '');
}

function unescapeOnce(user: string): string | undefined {
  if (!user.includes('%')) return user;
  try {
    return decodeURIComponent(user);
  } catch {
    return undefined;
  }
}
