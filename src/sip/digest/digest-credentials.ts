/**
 * Reads the value of an Authorization or Proxy-Authorization header (RFC 3261 25.1, RFC 7616 3.4). Tolerant where stock
 * clients are wrong: qop and nc in quotes, algorithm in any case. Knows not whether the credentials are good.
 */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';

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
/** Parameters in one header value. */
export const credentialsParametersMax = 32;

/** Undefined for another scheme than Digest. The error says what is wrong (400; RFC 7616 3.4). */
export function parseDigestCredentials(text: string): Result<DigestCredentials, string> | undefined {
  if (!/^digest[ \t]/i.test(text)) return undefined;
  if (text.length > credentialsLengthMax) return err('the credentials are too long');
  const params = readParameters(text, 'digest '.length);
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

const SPACE = 32;
const TAB = 9;
const QUOTE = 34;
const COMMA = 44;
const EQUALS = 61;
const BACKSLASH = 92;

/** `name=value` or `name="value"`, separated by commas; empty members are let through. A string is a fault. */
function readParameters(text: string, start: number): Map<string, string> | string {
  const params = new Map<string, string>();
  let at = start;
  for (;;) {
    at = skipSeparators(text, at);
    if (at >= text.length) return params;
    const equals = text.indexOf('=', at);
    if (equals <= at) return 'a parameter of the credentials has no value';
    const name = text.slice(at, equals).trim().toLowerCase();
    if (!isToken(name)) return 'a parameter of the credentials has no name';
    if (params.has(name)) return `the credentials have ${name} twice`;
    if (params.size >= credentialsParametersMax) return 'the credentials have too many parameters';
    const from = skipWhite(text, equals + 1);
    const end = text.charCodeAt(from) === QUOTE ? endOfQuoted(text, from) : endOfPlain(text, from);
    if (end < 0) return 'a quoted string of the credentials does not end';
    params.set(name, valueBetween(text, from, end));
    at = skipWhite(text, end);
    if (at < text.length && text.charCodeAt(at) !== COMMA) return 'the credentials lack a comma';
  }
}

function skipWhite(text: string, start: number): number {
  let at = start;
  while (at < text.length && (text.charCodeAt(at) === SPACE || text.charCodeAt(at) === TAB)) at += 1;
  return at;
}

function skipSeparators(text: string, start: number): number {
  let at = skipWhite(text, start);
  while (text.charCodeAt(at) === COMMA) at = skipWhite(text, at + 1);
  return at;
}

function endOfPlain(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === SPACE || code === TAB || code === QUOTE || code === EQUALS) break;
    at += 1;
  }
  return at;
}

/** The position behind the closing quote, or -1. */
function endOfQuoted(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at + 1;
  }
  return -1;
}

function valueBetween(text: string, from: number, end: number): string {
  if (text.charCodeAt(from) !== QUOTE) return text.slice(from, end);
  const inner = text.slice(from + 1, end - 1);
  return inner.includes('\\') ? inner.replaceAll(/\\(.)/g, '$1') : inner;
}

function isToken(name: string): boolean {
  return /^[\w.!%*+`'~-]+$/.test(name);
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
