/**
 * User name and password as HTTP Basic carries them (RFC 7617 2), and the check of a password against what is kept of it.
 * Knows nothing of HTTP but this one value.
 */
import { parseAddress } from '../model/address.ts';
import type { Address } from '../model/address.ts';
import { mainHashOf, passwordLengthMax } from './password-hashes.ts';
import type { PasswordHasher } from './password-hashes.ts';
import type { PasswordHashes } from './ports.ts';

export interface ClientCredentials {
  readonly address: Address;
  readonly password: string;
}

/** Characters of the header value; longer ones are not looked at. */
const basicLengthMax = 4_096;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads the value of an Authorization header; undefined when it is not Basic with an address as user name. */
export function parseBasicCredentials(value: string): ClientCredentials | undefined {
  if (value.length > basicLengthMax) return undefined;
  const match = /^basic +([A-Za-z0-9+/_-]+=*)$/i.exec(value.trim());
  const text = match?.[1] === undefined ? undefined : decodeBase64(match[1]);
  const colon = text?.indexOf(':') ?? -1;
  if (text === undefined || colon <= 0) return undefined;
  const address = parseAddress(text.slice(0, colon));
  const password = text.slice(colon + 1);
  if (!address.ok || password.length > passwordLengthMax) return undefined;
  return { address: address.value, password };
}

/**
 * Whether the password is the account's. Of nobody (`undefined`) it never is, and finding that out takes as long.
 */
export function isPasswordOf(
  credentials: ClientCredentials,
  kept: PasswordHashes | undefined,
  hasher: PasswordHasher,
): boolean {
  const given = mainHashOf(credentials.password, credentials.address, hasher);
  const isSame = hasher.isEqual(given, kept === undefined ? given : kept.sha256.slice(0, given.length));
  return isSame && kept !== undefined;
}

function decodeBase64(text: string): string | undefined {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    // One octet, one character: what is ASCII is the text itself.
    if (!/[\u0080-\u00FF]/.test(binary)) return binary;
    const bytes = new Uint8Array(binary.length);
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
