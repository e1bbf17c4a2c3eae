/**
 * Addresses in headers: name-addr and addr-spec with the header's parameters (RFC 3261 20.10, 25.1), as in From, To,
 * Contact, Route, Record-Route, Path, Refer-To and P-Asserted-Identity. It does not know which header it serves.
 */
import { assert } from '../../base/assert.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { COMMA, GREATER, isWhite, LESS, QUESTION, QUOTE, SEMICOLON, TOKEN } from './grammar/characters.ts';
import { current, headerParamsOf, skipHeaderParams, uncheckedParams } from './grammar/header-params.ts';
import { ParamList } from './grammar/params.ts';
import { isToken, quote, Scanner, unquote } from './grammar/scanner.ts';
import { readUri, readWholeUri } from './uri/uri-reader.ts';
import type { SipUri } from './sip-uri.ts';

export interface NameAddr {
  /** The display name as written, with its quotes. */
  readonly rawName: string | undefined;
  /** Without quotes and escapes; undefined when there is none. */
  readonly displayName: string | undefined;
  readonly uri: SipUri;
  /** Of the header, never of the URI (RFC 3261 20). */
  readonly params: ParamList;
  /** The `tag` parameter; undefined also for a peer of RFC 2543 that sends none. */
  readonly tag: string | undefined;
}

/** Reads one address that fills the text. The error says what does not fit. */
export function parseNameAddr(text: string): Result<NameAddr, string> {
  const scanner = new Scanner(text);
  const address = readWholeNameAddr(scanner);
  return address === undefined ? err(scanner.fault) : ok(address);
}

/** Reads a comma-separated list with at least one member, spread over the given rows in order. */
export function parseNameAddrList(rows: readonly string[]): Result<readonly NameAddr[], string> {
  const addresses: NameAddr[] = [];
  for (const row of rows) {
    const scanner = new Scanner(row);
    if (!readNameAddrsInto(scanner, addresses)) return err(scanner.fault);
  }
  return ok(addresses);
}

/** Reads the rows of a Contact header: a list, or `*`, which stands alone. */
export function parseContacts(rows: readonly string[]): Result<readonly NameAddr[] | '*', string> {
  if (rows.length === 1 && rows[0]?.trim() === '*') return ok('*');
  return parseNameAddrList(rows);
}

export function formatNameAddr(address: NameAddr): string {
  const name = address.rawName === undefined ? '' : `${address.rawName} `;
  // Always in angle brackets: without them a URI with parameters would lose them to the header (RFC 3261 20).
  return `${name}<${address.uri.text}>${address.params.toString()}`;
}

/** An address without a display name. */
/** The value of From or To as our own requests write it; asserts nothing, since its parts are our own. */
export function formatAddressValue(uriText: string, tag?: string, displayName?: string): string {
  const name = displayName === undefined ? '' : `${quote(displayName)} `;
  return `${name}<${uriText}>${tag === undefined ? '' : `;tag=${tag}`}`;
}

export function createNameAddr(uri: SipUri, params: ParamList = ParamList.empty, displayName?: string): NameAddr {
  const rawName = displayName === undefined ? undefined : quote(displayName);
  return new NameAddrValue(rawName, uri, params, params.get('tag'));
}

/** The same address with this tag added, as in the To of a response; asserts that it has none and that it is a token. */
export function withTag(address: NameAddr, newTag: string): NameAddr {
  assert(address.tag === undefined && isToken(newTag), 'a tag is a token and there is one only');
  return new NameAddrValue(
    address.rawName,
    address.uri,
    uncheckedParams(`${address.params.toString()};tag=${newTag}`),
    newTag,
  );
}

/** Reads one address that fills the scanner's range. */
export function readWholeNameAddr(scanner: Scanner): NameAddr | undefined {
  const address = readNameAddr(scanner);
  if (address === undefined) return undefined;
  return scanner.isAtEnd() ? address : scanner.fail('unexpected character behind the address');
}

/** Reads a comma-separated list that fills the scanner's range; false when it does not fit. */
export function readNameAddrsInto(scanner: Scanner, addresses: NameAddr[]): boolean {
  do {
    const address = readNameAddr(scanner);
    if (address === undefined) return false;
    addresses.push(address);
  } while (scanner.takeSeparator(COMMA));
  if (!scanner.isAtEnd()) scanner.fail('unexpected character behind the address');
  return scanner.fault === '';
}

class NameAddrValue implements NameAddr {
  readonly uri: SipUri;
  readonly params: ParamList;
  readonly tag: string | undefined;
  readonly rawName: string | undefined;

  constructor(rawName: string | undefined, uri: SipUri, params: ParamList, tag: string | undefined) {
    this.rawName = rawName;
    this.uri = uri;
    this.params = params;
    this.tag = tag;
  }

  get displayName(): string | undefined {
    return this.rawName?.startsWith('"') === true ? unquote(this.rawName) : this.rawName;
  }
}

let tag: string | undefined;

/** Reads an address and the parameters behind it, and the white space behind those. */
function readNameAddr(scanner: Scanner): NameAddr | undefined {
  scanner.skipWhite();
  const rawName = scanner.peek() === LESS ? undefined : readRawName(scanner);
  if (scanner.fault !== '') return undefined;
  const uri = scanner.peek() === LESS ? readBracketedUri(scanner) : readPlainUri(scanner);
  if (uri === undefined) return undefined;
  tag = undefined;
  const start = scanner.at;
  skipHeaderParams(scanner, keepTag);
  if (scanner.fault !== '') return undefined;
  return new NameAddrValue(rawName, uri, headerParamsOf(scanner, start), tag);
}

function keepTag(scanner: Scanner): void {
  if (current.name !== 'tag') return;
  if (!current.isToken) return scanner.fail('malformed tag');
  tag = scanner.text.slice(current.valueStart, current.valueEnd);
}

/** Leaves the scanner at the "<", or where it stood when what follows is a URI without brackets. */
function readRawName(scanner: Scanner): string | undefined {
  const { text, at: start } = scanner;
  let nameEnd = start;
  if (scanner.peek() === QUOTE) {
    if (!scanner.skipQuoted()) return scanner.fail('unterminated or malformed quoted string');
    nameEnd = scanner.at;
    scanner.skipWhite();
    return scanner.peek() === LESS ? text.slice(start, nameEnd) : scanner.fail('no "<" behind the display name');
  }
  while (scanner.skipWhile(TOKEN) > 0) {
    nameEnd = scanner.at;
    // RFC 3261 asks for white space before the "<", RFC 4475 3.1.1.6 for taking names without it.
    scanner.skipWhite();
  }
  if (nameEnd > start && scanner.peek() === LESS) return text.slice(start, nameEnd);
  scanner.at = start;
  return undefined;
}

function readBracketedUri(scanner: Scanner): SipUri | undefined {
  scanner.at++;
  const uri = readUri(scanner);
  if (uri !== undefined && !scanner.take(GREATER)) return scanner.fail('unexpected character in the URI');
  return uri;
}

/** addr-spec without brackets: what follows ";" belongs to the header, and "?" must not occur (RFC 3261 20). */
function readPlainUri(scanner: Scanner): SipUri | undefined {
  const { codes, at: start, end } = scanner;
  let close = start;
  while (close < end) {
    const code = codes[close] ?? 0;
    if (code === SEMICOLON || code === COMMA || isWhite(code)) break;
    if (code === QUESTION) return scanner.fail('a URI with "?" must stand in angle brackets');
    if (code === GREATER || code === LESS) return scanner.fail('malformed address');
    close++;
  }
  scanner.end = close;
  const uri = readWholeUri(scanner);
  scanner.end = end;
  scanner.at = close;
  return uri;
}
