/**
 * Reads a URI from a range of text: SIP-URI, SIPS-URI and absoluteURI of RFC 3261 25.1. The range must hold the URI
 * and nothing else; finding its borders is for whoever knows where it stands.
 */
import type { SipUri, SipUriScheme, UriHeader } from '../sip-uri.ts';
import {
  ALPHANUM,
  AMPERSAND,
  AT,
  COLON,
  DASH,
  DOT,
  EQUALS,
  isOf,
  LETTER,
  PASSWORD,
  PLUS,
  QUESTION,
  SEMICOLON,
  URIC,
  URI_HEADER,
  URI_PARAM,
  USER,
  wordAt,
  wordOf,
} from '../grammar/characters.ts';
import { readHost } from './host.ts';
import { ParamList, paramsMax } from '../grammar/params.ts';
import type { Param } from '../grammar/params.ts';
import { RangeSet } from '../grammar/range-set.ts';
import { Scanner } from '../grammar/scanner.ts';
import { isEscapeAt, unescapeUriText } from './uri-escapes.ts';

const PORT_MAX = 65_535;
const SIP = wordOf('sip:');
const NO_HEADERS: readonly UriHeader[] = [];

/** Reads the URI that fills the scanner's range. */
export function readWholeUri(scanner: Scanner): SipUri | undefined {
  const uri = readUri(scanner);
  if (uri !== undefined && !scanner.isAtEnd()) return scanner.fail('unexpected character in the URI');
  return uri;
}

/** Reads a URI as far as its characters go; whether it may end there is for the caller. */
export function readUri(scanner: Scanner): SipUri | undefined {
  const start = scanner.at;
  const scheme = readScheme(scanner);
  if (scheme === undefined) return scanner.fail('the URI has no scheme');
  if (scheme === 'other') return readOpaqueUri(scanner, start);
  if (scheme === 'tel') return readTelUri(scanner, start);
  const { text, at: userStart } = scanner;
  const userEnd = findUserEnd(scanner);
  const hasUser = userEnd !== -1;
  const rawUser = hasUser ? text.slice(userStart, userEnd) : undefined;
  const password = hasUser && userEnd < scanner.at ? text.slice(userEnd + 1, scanner.at) : undefined;
  if (hasUser) scanner.at++;
  const host = readHost(scanner);
  if (host === undefined) return undefined;
  const port = scanner.peek() === COLON ? readPort(scanner) : undefined;
  const params = scanner.peek() === SEMICOLON ? readUriParams(scanner) : ParamList.empty;
  const headers = scanner.peek() === QUESTION ? readUriHeaders(scanner) : NO_HEADERS;
  if (scanner.fault !== '') return undefined;
  const user = rawUser === undefined ? undefined : unescapeOrKeep(rawUser);
  return { text: text.slice(start, scanner.at), scheme, user, rawUser, password, host, port, params, headers };
}

/** Reads the scheme and its colon. */
function readScheme(scanner: Scanner): SipUriScheme | undefined {
  const { text, codes, at, end } = scanner;
  if (at + 4 <= end && wordAt(codes, at) === SIP) {
    scanner.at = at + 4;
    return 'sip';
  }
  let colon = at;
  while (colon < end && isSchemeCharacter(codes[colon] ?? 0)) colon++;
  if (colon === at || colon >= end || codes[colon] !== COLON || !isOf(codes[at] ?? 0, LETTER)) return undefined;
  scanner.at = colon + 1;
  const scheme = text.slice(at, colon).toLowerCase();
  switch (scheme) {
    case 'sip':
    case 'sips':
    case 'tel':
    case 'im':
    case 'pres':
    case 'wv':
      return scheme;
    default:
      return 'other';
  }
}

function isSchemeCharacter(code: number): boolean {
  return isOf(code, ALPHANUM) || code === PLUS || code === DASH || code === DOT;
}

/**
 * Where the user part ends, or -1 when there is no userinfo. The scanner then stands at the "@" (behind a password,
 * if there is one), or where it stood. A "@" occurs nowhere else in these URIs.
 */
function findUserEnd(scanner: Scanner): number {
  const { codes, at: start, end } = scanner;
  const userEnd = skipEscaped(codes, start, end, USER);
  if (userEnd === start || userEnd >= end) return -1;
  let at = userEnd;
  if (codes[at] === COLON) at = skipEscaped(codes, at + 1, end, PASSWORD);
  if (at >= end || codes[at] !== AT) return -1;
  scanner.at = at;
  return userEnd;
}

/** The end of a run of characters of the class and of well-formed escapes. */
function skipEscaped(codes: Uint8Array, start: number, end: number, bits: number): number {
  let at = start;
  for (;;) {
    while (at < end && isOf(codes[at] ?? 0, bits)) at++;
    if (!isEscapeAt(codes, at, end)) return at;
    at += 3;
  }
}

function readPort(scanner: Scanner): number | undefined {
  scanner.at++;
  const port = scanner.readNumber();
  if (port === undefined || port > PORT_MAX) return scanner.fail('malformed port');
  return port;
}

const names = new RangeSet(paramsMax);

/** RFC 3261 19.1.1: any given parameter name occurs once only. */
function readUriParams(scanner: Scanner): ParamList {
  const { text, codes, at: start } = scanner;
  names.clear();
  while (scanner.peek() === SEMICOLON) {
    const fault = skipUriParam(scanner) ?? names.add(codes, current.start, current.nameEnd);
    if (fault !== undefined) {
      scanner.fail(`URI: ${fault}`);
      return ParamList.empty;
    }
  }
  return scanner.at === start ? ParamList.empty : new ParamList(text.slice(start, scanner.at), takeApart);
}

/** The URI parameter that was just read; a value ends where the parameter does. */
const current = { start: 0, nameEnd: 0, end: 0 };

function skipUriParam(scanner: Scanner): string | undefined {
  const { codes, end } = scanner;
  const start = scanner.at + 1;
  const nameEnd = skipEscaped(codes, start, end, URI_PARAM);
  let at = nameEnd;
  if (at < end && codes[at] === EQUALS) at = skipEscaped(codes, at + 1, end, URI_PARAM);
  current.start = start;
  current.nameEnd = nameEnd;
  current.end = at;
  scanner.at = at;
  return nameEnd === start || at === nameEnd + 1 ? 'empty parameter' : undefined;
}

function takeApart(text: string): readonly Param[] {
  const scanner = new Scanner(text);
  const params: Param[] = [];
  while (scanner.peek() === SEMICOLON && skipUriParam(scanner) === undefined) {
    const { start, nameEnd, end } = current;
    const name = unescapeOrKeep(text.slice(start, nameEnd));
    const value = nameEnd === end ? undefined : unescapeOrKeep(text.slice(nameEnd + 1, end));
    params.push({ name, value, text: text.slice(start, scanner.at) });
  }
  return params;
}

function unescapeOrKeep(raw: string): string {
  return raw.includes('%') ? (unescapeUriText(raw) ?? raw) : raw;
}

function readUriHeaders(scanner: Scanner): readonly UriHeader[] {
  const headers: UriHeader[] = [];
  const { text, codes, end } = scanner;
  do {
    const start = scanner.at + 1;
    const nameEnd = skipEscaped(codes, start, end, URI_HEADER);
    if (nameEnd === start || nameEnd >= end || codes[nameEnd] !== EQUALS) {
      scanner.fail('malformed header in the URI');
      return headers;
    }
    const valueEnd = skipEscaped(codes, nameEnd + 1, end, URI_HEADER);
    scanner.at = valueEnd;
    headers.push({
      name: unescapeOrKeep(text.slice(start, nameEnd)),
      value: unescapeOrKeep(text.slice(nameEnd + 1, valueEnd)),
    });
  } while (scanner.peek() === AMPERSAND);
  return headers;
}

/** A telephone number (RFC 3966) with its parameters; the number is the user. */
function readTelUri(scanner: Scanner, start: number): SipUri | undefined {
  const { text, codes, at, end } = scanner;
  const numberEnd = skipEscaped(codes, at, end, URI_PARAM);
  if (numberEnd === at) return scanner.fail('missing telephone number');
  scanner.at = numberEnd;
  const params = readUriParams(scanner);
  if (scanner.fault !== '') return undefined;
  const rawUser = text.slice(at, numberEnd);
  return {
    text: text.slice(start, scanner.at),
    scheme: 'tel',
    user: unescapeOrKeep(rawUser),
    rawUser,
    password: undefined,
    host: '',
    port: undefined,
    params,
    headers: NO_HEADERS,
  };
}

/** absoluteURI of a scheme that is not ours to understand: only its characters are checked. */
function readOpaqueUri(scanner: Scanner, start: number): SipUri | undefined {
  const { text, codes, at, end } = scanner;
  scanner.at = skipEscaped(codes, at, end, URIC);
  if (scanner.at === at) return scanner.fail('the URI ends behind its scheme');
  return {
    text: text.slice(start, scanner.at),
    scheme: 'other',
    user: undefined,
    rawUser: undefined,
    password: undefined,
    host: '',
    port: undefined,
    params: ParamList.empty,
    headers: NO_HEADERS,
  };
}
