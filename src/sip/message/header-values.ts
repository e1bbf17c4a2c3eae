/**
 * Readers and writers of header values that are neither addresses nor Via (RFC 3261 20 and 25.1, RFC 6665 8.4,
 * RFC 3903). Numbers, tokens and their parameters only: what a value means is for the room that asks.
 */
import { assert } from '../../base/assert.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { COMMA, isWhite, SLASH } from './grammar/characters.ts';
import { readHeaderParams } from './grammar/header-params.ts';
import { readMethod } from './grammar/methods.ts';
import type { ParamList } from './grammar/params.ts';
import { isToken, quote, Scanner, unquote } from './grammar/scanner.ts';

export { isToken };

/** 2^32 - 1, the largest number of CSeq (RFC 4475 3.1.2.4) and of seconds (RFC 3261 20.19). */
export const cseqMax = 0xffff_ffff;
export const deltaSecondsMax = 0xffff_ffff;

export interface CSeq {
  readonly number: number;
  readonly method: string;
}

export function parseCSeq(text: string): Result<CSeq, string> {
  const scanner = new Scanner(text);
  const cseq = readCSeq(scanner);
  return cseq === undefined ? err(scanner.fault) : ok(cseq);
}

/** Reads a CSeq that fills the scanner's range; where it names the method `expected` it answers with that string. */
export function readCSeq(scanner: Scanner, expected = ''): CSeq | undefined {
  const number = scanner.readNumber();
  if (number === undefined) return scanner.fail('no number');
  if (number > cseqMax) return scanner.fail('number above 2^32-1');
  if (!isWhite(scanner.peek())) return scanner.fail('no space behind the number');
  scanner.skipWhite();
  const { text, at, end } = scanner;
  if (at + expected.length === end && expected !== '' && text.startsWith(expected, at)) {
    return { number, method: expected };
  }
  const method = readMethod(scanner);
  if (method === undefined || !scanner.isAtEnd()) return scanner.fail('malformed method');
  return { number, method };
}

/**
 * Seconds as in Expires, Min-Expires or an `expires` parameter; undefined when it is no number. What is above 2^32-1
 * becomes `deltaSecondsMax` (RFC 3261 20.19, RFC 4475 3.1.2.4): whoever has a maximum cuts it further.
 */
export function parseDeltaSeconds(text: string): number | undefined {
  if (!isNumber(text)) return undefined;
  return Math.min(Number(text), deltaSecondsMax);
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

/** 0 to 1 with at most three decimals (qvalue); undefined when it is none. */
export function parseQValue(text: string): number | undefined {
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : undefined;
}

export function formatQValue(q: number): string {
  assert(q >= 0 && q <= 1, `a q value is between 0 and 1, not ${q}`);
  return String(Math.round(q * 1000) / 1000);
}

/** A token and the parameters behind it, as in Content-Disposition, Reason, Privacy or Session-Expires. */
export interface Parameterized {
  /** As written. */
  readonly value: string;
  readonly params: ParamList;
}

export function parseParameterized(text: string): Result<Parameterized, string> {
  const scanner = new Scanner(text.trim());
  const value = scanner.readToken();
  if (value === undefined) return err('no token');
  const params = readLastParams(scanner);
  return params === undefined ? err(scanner.fault) : ok({ value, params });
}

export function formatParameterized(parameterized: Parameterized): string {
  return parameterized.value + parameterized.params.toString();
}

function readLastParams(scanner: Scanner): ParamList | undefined {
  const params = readHeaderParams(scanner);
  if (params === undefined) return undefined;
  return scanner.isAtEnd() ? params : scanner.fail('unexpected character behind the parameters');
}

/** The Event header (RFC 6665 8.4). */
export interface EventHeader {
  /** Package and templates as written, `presence.winfo`. */
  readonly type: string;
  readonly params: ParamList;
  readonly id: string | undefined;
}

export function parseEvent(text: string): Result<EventHeader, string> {
  const parsed = parseParameterized(text);
  if (!parsed.ok) return parsed;
  const { value, params } = parsed.value;
  if (value.split('.').includes('')) return err('empty part in the event type');
  return ok({ type: value, params, id: params.get('id') });
}

/** The Subscription-State header (RFC 6665 8.4). */
export interface SubscriptionState {
  /** `active`, `pending`, `terminated` or any other token, in lower case. */
  readonly state: string;
  readonly reason: string | undefined;
  /** Seconds; undefined when absent or malformed. */
  readonly expires: number | undefined;
  readonly retryAfter: number | undefined;
  readonly params: ParamList;
}

export function parseSubscriptionState(text: string): Result<SubscriptionState, string> {
  const parsed = parseParameterized(text);
  if (!parsed.ok) return parsed;
  const { value, params } = parsed.value;
  return ok({
    state: value.toLowerCase(),
    reason: params.get('reason')?.toLowerCase(),
    expires: parseDeltaSeconds(params.get('expires') ?? ''),
    retryAfter: parseDeltaSeconds(params.get('retry-after') ?? ''),
    params,
  });
}

/** A media type or a media range (Content-Type, Accept). */
export interface MediaType {
  /** `type/subtype` in lower case; `*` may stand for either in a range. */
  readonly essence: string;
  readonly params: ParamList;
}

export function parseMediaType(text: string): Result<MediaType, string> {
  const scanner = new Scanner(text.trim());
  const media = readMediaType(scanner);
  if (media === undefined) return err(scanner.fault);
  return scanner.isAtEnd() ? ok(media) : err('unexpected character behind the media type');
}

function readMediaType(scanner: Scanner): MediaType | undefined {
  const type = scanner.readToken();
  if (type === undefined || !scanner.takeSeparator(SLASH)) return scanner.fail('malformed media type');
  const subtype = scanner.readToken();
  if (subtype === undefined) return scanner.fail('malformed media type');
  const params = readHeaderParams(scanner);
  return params === undefined ? undefined : { essence: `${type}/${subtype}`.toLowerCase(), params };
}

export function formatMediaType(media: MediaType): string {
  return media.essence + media.params.toString();
}

/** The ranges of the rows of Accept, in order; an empty row means that nothing is accepted (RFC 3261 20.1). */
export function parseAccept(rows: readonly string[]): Result<readonly MediaType[], string> {
  const ranges: MediaType[] = [];
  for (const row of rows) {
    const scanner = new Scanner(row.trim());
    if (scanner.isAtEnd()) continue;
    do {
      const range = readMediaType(scanner);
      if (range === undefined) return err(scanner.fault);
      ranges.push(range);
    } while (scanner.takeSeparator(COMMA));
    if (!scanner.isAtEnd()) return err('unexpected character behind the media range');
  }
  return ok(ranges);
}

/** Whether one of the ranges takes the media type (`type/subtype`), by the most specific range that names it. */
export function isAccepted(essence: string, ranges: readonly MediaType[]): boolean {
  const wanted = essence.toLowerCase();
  const ofType = `${wanted.slice(0, wanted.indexOf('/'))}/*`;
  for (const candidate of [wanted, ofType, '*/*']) {
    const range = ranges.find((each) => each.essence === candidate);
    if (range !== undefined) return parseQValue(range.params.get('q') ?? '1') !== 0;
  }
  return false;
}

/** The tokens of the rows of Require, Supported, Allow and the like; empty members are skipped. */
export function parseTokenList(rows: readonly string[]): Result<readonly string[], string> {
  const tokens: string[] = [];
  for (const row of rows) {
    for (const member of row.split(',')) {
      const token = member.trim();
      if (token === '') continue;
      if (!isToken(token)) return err(`not a token: ${token}`);
      tokens.push(token);
    }
  }
  return ok(tokens);
}

/** Seconds, and what may stand behind them: a comment and parameters (RFC 3261 20.33). */
export function parseRetryAfter(text: string): number | undefined {
  const match = /^\s*(\d+)\s*(?:$|[(;])/.exec(text);
  return match === null ? undefined : parseDeltaSeconds(match[1] ?? '');
}

export interface Warning {
  /** Three digits (RFC 3261 20.43). */
  readonly code: number;
  /** Host, host and port, or pseudonym of who warns. */
  readonly agent: string;
  /** Plain. */
  readonly text: string;
}

export function formatWarning(warning: Warning): string {
  assert(warning.code >= 100 && warning.code <= 999, `a warning code has three digits, not ${warning.code}`);
  return `${warning.code} ${warning.agent} ${quote(warning.text)}`;
}

/** Reads one member of a Warning list. */
export function parseWarning(text: string): Result<Warning, string> {
  const match = /^(\d{3}) +([^\s"]+) +(".*")$/su.exec(text.trim());
  if (match === null) return err('malformed warning');
  const [, code = '', agent = '', quoted = ''] = match;
  const scanner = new Scanner(quoted);
  if (!scanner.skipQuoted() || !scanner.isAtEnd()) return err('malformed warning text');
  return ok({ code: Number(code), agent, text: unquote(quoted) });
}
