/**
 * Reads the value of an Authorization or Proxy-Authorization header (RFC 3261 25.1, RFC 7616 3.4). Tolerant where stock
 * clients are wrong: qop and nc in quotes, algorithm in any case. Knows not whether the credentials are good.
 */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { readDigestParameters } from './digest-parameters.ts';

export interface DigestCredentials {
  readonly userName: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly response: string;
  /** As sent; undefined means MD5 (RFC 7616 3.4). */
  readonly algorithm: string | undefined;
  readonly qop: string | undefined;
  readonly cnonce: string | undefined;
  /** Eight hex digits, as sent. */
  readonly nonceCount: string | undefined;
}

/** Characters of one header value. */
export const credentialsLengthMax = 4_096;

/** Undefined for another scheme than Digest. The error says what is wrong (400; RFC 7616 3.4). */
export function parseDigestCredentials(text: string): Result<DigestCredentials, string> | undefined {
  if (!/^digest[ \t]/i.test(text)) return undefined;
  if (text.length > credentialsLengthMax) return err('the credentials are too long');
  const params = readDigestParameters(text, 'credentials');
  return typeof params === 'string' ? err(params) : collect(params);
}

function collect(params: ReadonlyMap<string, string>): Result<DigestCredentials, string> {
  const encodedName = params.get('username*');
  const plainName = params.get('username');
  if (encodedName !== undefined && plainName !== undefined) return err('username stands there twice');
  const userName = encodedName === undefined ? plainName : decodeExtendedValue(encodedName);
  const realm = params.get('realm');
  const nonce = params.get('nonce');
  const uri = params.get('uri');
  const response = params.get('response');
  if (userName === undefined || userName === '') return err('the credentials have no username');
  if (realm === undefined) return err('the credentials have no realm');
  if (nonce === undefined) return err('the credentials have no nonce');
  if (uri === undefined || uri === '') return err('the credentials have no uri');
  if (response === undefined) return err('the credentials have no response');
  return ok({
    userName,
    realm,
    nonce,
    uri,
    response,
    algorithm: params.get('algorithm'),
    qop: params.get('qop'),
    cnonce: params.get('cnonce'),
    nonceCount: params.get('nc'),
  });
}

/** RFC 8187 3.2 as far as RFC 7616 3.4 needs it: UTF-8 only. */
function decodeExtendedValue(text: string): string | undefined {
  const match = /^utf-8'[\w-]*'(.+)$/i.exec(text);
  if (match?.[1] === undefined) return undefined;
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return undefined;
  }
}
