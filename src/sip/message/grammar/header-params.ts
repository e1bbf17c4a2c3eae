/**
 * Reads the parameters behind a header value: `*( SEMI token [ EQUAL ( token / host / quoted-string ) ] )`
 * (generic-param, RFC 3261 25.1). Every name occurs once only (7.3.1).
 */
import {
  BRACKET_OPEN,
  COLON,
  DOT,
  EQUALS,
  HEX,
  isOf,
  isWhite,
  SEMICOLON,
  skipAll,
  skipWhite,
  TOKEN,
} from './characters.ts';
import { readHost } from '../uri/host.ts';
import { nameTableOf } from './name-table.ts';
import { ParamList, paramsMax } from './params.ts';
import type { Param } from './params.ts';
import { RangeSet } from './range-set.ts';
import { Scanner, unquote } from './scanner.ts';

const wellKnown = nameTableOf(['branch', 'rport', 'received', 'maddr', 'ttl', 'tag', 'expires', 'q']);
const names = new RangeSet(paramsMax);

/** The parameter that was just read. There is one for all readers, since no reader calls another one meanwhile. */
export const current = {
  /** One of the well-known names above, or empty. */
  name: '',
  nameStart: 0,
  nameEnd: 0,
  /** -1 without a value. */
  valueStart: -1,
  valueEnd: -1,
  /** The value is one token, neither quoted nor an address in colons. */
  isToken: false,
};

/**
 * Checks the parameters, calls `visit` for each, and moves on behind them and the white space there. With a fault the
 * scanner stands behind the last good one.
 */
export function skipHeaderParams(scanner: Scanner, visit: (scanner: Scanner) => void): void {
  const { codes, end } = scanner;
  names.clear();
  let at = skipWhite(codes, scanner.at, end);
  while (at < end && codes[at] === SEMICOLON) {
    scanner.at = at;
    const behind = skipHeaderParam(scanner, skipWhite(codes, at + 1, end));
    if (behind === -1) return;
    visit(scanner);
    if (scanner.fault !== '') return;
    at = skipWhite(codes, behind, end);
  }
  scanner.at = at;
}

/** The end of the parameter that begins at `start`; -1 when it is malformed. */
function skipHeaderParam(scanner: Scanner, start: number): number {
  const { codes, end } = scanner;
  const nameEnd = skipAll(codes, start, end, TOKEN);
  const fault = nameEnd === start ? 'empty parameter' : names.add(codes, start, nameEnd);
  if (fault !== undefined) return fail(scanner, fault);
  current.nameStart = start;
  current.nameEnd = nameEnd;
  current.name = wellKnown.find(codes, start, nameEnd) ?? '';
  current.valueStart = -1;
  current.isToken = false;
  const at = skipWhite(codes, nameEnd, end);
  if (at === end || codes[at] !== EQUALS) return nameEnd;
  return skipValue(scanner, skipWhite(codes, at + 1, end));
}

function fail(scanner: Scanner, fault: string): -1 {
  scanner.fail(fault);
  return -1;
}

/** The end of the token, host or quoted string that begins at `start`; -1 when there is none. */
function skipValue(scanner: Scanner, start: number): number {
  const { codes, end } = scanner;
  let at = skipAll(codes, start, end, TOKEN);
  const next = at < end ? codes[at] : 0;
  current.isToken = at > start && next !== COLON;
  if (next === COLON) at = skipAddress(codes, at, end);
  else if (at === start) at = skipBracketedOrQuoted(scanner, start);
  current.valueStart = start;
  current.valueEnd = at;
  return at;
}

function skipBracketedOrQuoted(scanner: Scanner, start: number): number {
  const { at } = scanner;
  scanner.at = start;
  const isRight = scanner.peek() === BRACKET_OPEN ? readHost(scanner) !== undefined : scanner.skipQuoted();
  const behind = scanner.at;
  scanner.at = at;
  return isRight ? behind : fail(scanner, 'malformed parameter value');
}

/** A raw IPv6 address, which received and maddr carry in practice (RFC 5118 4.5), is taken as a value too. */
function skipAddress(codes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (codes[at] === COLON || codes[at] === DOT || isOf(codes[at] ?? 0, HEX))) at++;
  return at;
}

/** Reads what parameters there are; undefined when one of them is malformed. */
export function readHeaderParams(scanner: Scanner): ParamList | undefined {
  const start = scanner.at;
  skipHeaderParams(scanner, ignore);
  return scanner.fault === '' ? headerParamsOf(scanner, start) : undefined;
}

function ignore(): void {}

/** The list that the scanner has just moved over, without white space around it. */
export function headerParamsOf(scanner: Scanner, from: number): ParamList {
  const { codes } = scanner;
  let end = scanner.at;
  const start = skipWhite(codes, from, end);
  while (end > start && isWhite(codes[end - 1] ?? 0)) end--;
  return end === start ? ParamList.empty : uncheckedParams(scanner.text.slice(start, end));
}

/** The list behind a text that is known to fit the grammar. */
export function uncheckedParams(text: string): ParamList {
  return new ParamList(text, takeApart);
}

function takeApart(text: string): readonly Param[] {
  const scanner = new Scanner(text);
  const params: Param[] = [];
  skipHeaderParams(scanner, () => params.push(currentParam(text)));
  return params;
}

function currentParam(text: string): Param {
  const { nameStart, nameEnd, valueStart, valueEnd } = current;
  const name = text.slice(nameStart, nameEnd);
  if (valueStart === -1) return { name, value: undefined, text: name };
  const value = text.slice(valueStart, valueEnd);
  return { name, value: value.startsWith('"') ? unquote(value) : value, text: `${name}=${value}` };
}
