/**
 * SIP and SIPS URIs, and as much of tel, im, pres, wv and any other URI as a server needs to tell them apart
 * (RFC 3261 19.1 and 25.1, RFC 3966, RFC 3859, RFC 3860). It resolves nothing and knows no domain.
 */
import { assert } from '../../base/assert.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { URI_PARAM, USER } from './grammar/characters.ts';
import { isSameName } from './grammar/params.ts';
import type { ParamList } from './grammar/params.ts';
import { Scanner } from './grammar/scanner.ts';
import { escapeUriText, unescapeUriText } from './uri/uri-escapes.ts';
import { readWholeUri } from './uri/uri-reader.ts';

export type SipUriScheme = 'sip' | 'sips' | 'tel' | 'im' | 'pres' | 'wv' | 'other';

export interface UriHeader {
  /** Unescaped once. */
  readonly name: string;
  readonly value: string;
}

/** A parsed URI. Immutable; `text` is how it stands in the message, so nothing is lost on the way through. */
export interface SipUri {
  readonly text: string;
  readonly scheme: SipUriScheme;
  /** Unescaped once (left escaped where that is not UTF-8); the number of a tel URI; undefined for `other`. */
  readonly user: string | undefined;
  readonly rawUser: string | undefined;
  /** As written, with its escapes. */
  readonly password: string | undefined;
  /** As written, an IPv6 address with its brackets; empty for `tel` and `other`. */
  readonly host: string;
  readonly port: number | undefined;
  /** Names and values unescaped once. */
  readonly params: ParamList;
  readonly headers: readonly UriHeader[];
}

/** Reads one whole URI, without angle brackets or white space around it. The error says what does not fit. */
export function parseSipUri(text: string): Result<SipUri, string> {
  const scanner = new Scanner(text);
  const uri = readWholeUri(scanner);
  return uri === undefined ? err(scanner.fault) : ok(uri);
}

/** The URI as it is sent. */
export function formatSipUri(uri: SipUri): string {
  return uri.text;
}

export interface SipUriParts {
  /** Default `sip`. */
  readonly scheme?: 'sip' | 'sips' | 'im' | 'pres' | 'wv';
  /** Plain; what must be escaped is escaped here. */
  readonly user?: string | undefined;
  /** An IPv6 address with its brackets. */
  readonly host: string;
  readonly port?: number | undefined;
  /** Plain; undefined for a parameter without a value. */
  readonly params?: Readonly<Record<string, string | undefined>>;
}

/** Makes a URI from plain parts; asserts that the host is one. */
export function createSipUri(parts: SipUriParts): SipUri {
  const user = parts.user === undefined ? '' : `${escapeUriText(parts.user, USER)}@`;
  const port = parts.port === undefined ? '' : `:${parts.port}`;
  const params = formatUriParams(Object.entries(parts.params ?? {}));
  return mustParse(`${parts.scheme ?? 'sip'}:${user}${parts.host}${port}${params}`);
}

/** The URI with these parameters in place of its own and without headers (RFC 3261 19.1.5, 10.3). */
export function withUriParams(uri: SipUri, params: Readonly<Record<string, string | undefined>>): SipUri {
  return mustParse(bareUriText(uri) + formatUriParams(Object.entries(params)));
}

function mustParse(text: string): SipUri {
  const parsed = parseSipUri(text);
  assert(parsed.ok, `not a URI: ${text}`);
  return parsed.value;
}

function formatUriParams(params: readonly (readonly [string, string | undefined])[]): string {
  let text = '';
  for (const [name, value] of params) {
    text += `;${escapeUriText(name, URI_PARAM)}`;
    if (value !== undefined) text += `=${escapeUriText(value, URI_PARAM)}`;
  }
  return text;
}

/** Scheme, userinfo, host and port as written. */
function bareUriText(uri: SipUri): string {
  const password = uri.password === undefined ? '' : `:${uri.password}`;
  const user = uri.rawUser === undefined ? '' : `${uri.rawUser}${password}`;
  if (uri.scheme === 'tel') return `tel:${user}`;
  return `${uri.scheme}:${user === '' ? '' : `${user}@`}${uri.host}${uri.port === undefined ? '' : `:${uri.port}`}`;
}

/**
 * The one name of a principal: `user@host`, both unescaped and in lower case, without password, port or parameters,
 * the same for sip, sips, im, pres and wv (RFC 3261 10.3 step 5). Undefined where the URI can name no principal: no
 * user, another scheme, a user that is not UTF-8 or holds control characters.
 */
export function addressOfRecordOf(uri: SipUri): string | undefined {
  const { rawUser, user } = uri;
  if (user === undefined || rawUser === undefined || uri.scheme === 'tel' || uri.scheme === 'other') return undefined;
  if (rawUser.includes('%') && (unescapeUriText(rawUser) === undefined || hasControl(user))) return undefined;
  const host = uri.host.endsWith('.') ? uri.host.slice(0, -1) : uri.host;
  return `${user}@${host}`.toLowerCase();
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true;
  }
  return false;
}

/** Parameters that make two URIs differ when only one of them has it (RFC 3261 19.1.4). */
const DISTINGUISHING = ['user', 'ttl', 'method', 'maddr', 'transport'];

/** Equality by RFC 3261 19.1.4; tel by RFC 3966 4; of any other scheme the texts must be equal. */
export function areSipUrisEqual(a: SipUri, b: SipUri): boolean {
  if (a.text === b.text) return true;
  if (a.scheme !== b.scheme || a.scheme === 'other') return false;
  if (a.scheme === 'tel') return areTelUrisEqual(a, b);
  return (
    a.user === b.user &&
    unescaped(a.password) === unescaped(b.password) &&
    a.port === b.port &&
    isSameName(a.host, b.host) &&
    areParamsEqual(a.params, b.params) &&
    areHeadersEqual(a.headers, b.headers)
  );
}

function unescaped(raw: string | undefined): string | undefined {
  return raw === undefined ? undefined : (unescapeUriText(raw) ?? raw);
}

function areParamsEqual(a: ParamList, b: ParamList): boolean {
  for (const name of DISTINGUISHING) if (a.has(name) !== b.has(name)) return false;
  for (const param of a) {
    const other = b.get(param.name);
    if (other !== undefined && !isSameName(other, param.value ?? '')) return false;
  }
  return true;
}

/** Header components are never ignored; their order does not count. */
function areHeadersEqual(a: readonly UriHeader[], b: readonly UriHeader[]): boolean {
  return a.length === b.length && sortedHeaders(a) === sortedHeaders(b);
}

function sortedHeaders(headers: readonly UriHeader[]): string {
  const rows = headers.map(({ name, value }) => JSON.stringify([name.toLowerCase(), value]));
  return rows.sort().join();
}

function areTelUrisEqual(a: SipUri, b: SipUri): boolean {
  if (digitsOf(a) !== digitsOf(b) || a.params.size !== b.params.size) return false;
  for (const param of a.params) {
    const other = b.params.get(param.name);
    if (other === undefined || !isSameName(other, param.value ?? '')) return false;
  }
  return true;
}

/** Visual separators do not count. */
function digitsOf(uri: SipUri): string {
  return (uri.user ?? '').replace(/[-.()]/g, '').toLowerCase();
}
