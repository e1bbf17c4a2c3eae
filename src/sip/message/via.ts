/** The Via header (RFC 3261 20.42, RFC 3581): which way a request came and a response goes. It routes nothing. */
import { assert } from '../../base/assert.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { COLON, COMMA, DIGIT, isOf, isWhite, QUOTE, SLASH, wordAt, wordOf } from './grammar/characters.ts';
import { current, headerParamsOf, skipHeaderParams, uncheckedParams } from './grammar/header-params.ts';
import { isIpv4Range, isIpv6, readHost } from './uri/host.ts';
import type { ParamList } from './grammar/params.ts';
import { Scanner } from './grammar/scanner.ts';

const PORT_MAX = 65_535;
const TTL_MAX = 255;
const ZERO = 48;

export interface Via {
  /** Name and version as written, in practice `SIP/2.0`. */
  readonly protocol: string;
  /** In upper case: UDP, TCP, TLS, WS, WSS or any other token. */
  readonly transport: string;
  /** Of sent-by, as written; an IPv6 address with its brackets. */
  readonly host: string;
  readonly port: number | undefined;
  readonly params: ParamList;
  /** Undefined for a peer of RFC 2543 that sends none. */
  readonly branch: string | undefined;
  /** Without brackets. */
  readonly received: string | undefined;
  /** A number, `requested` for the parameter without a value (RFC 3581 3), undefined without the parameter. */
  readonly rport: number | 'requested' | undefined;
  readonly maddr: string | undefined;
}

/** Reads one via-parm that fills the text. The error says what does not fit. */
export function parseVia(text: string): Result<Via, string> {
  const vias = parseViaList([text]);
  if (!vias.ok) return vias;
  const [via] = vias.value;
  return via === undefined || vias.value.length > 1 ? err('more than one Via') : ok(via);
}

/** Reads the rows of a Via header in order; each has at least one member. */
export function parseViaList(rows: readonly string[]): Result<readonly Via[], string> {
  const vias: Via[] = [];
  for (const row of rows) {
    const scanner = new Scanner(row);
    if (!readViasInto(scanner, vias)) return err(scanner.fault);
  }
  return ok(vias);
}

export function formatVia(via: Via): string {
  const port = via.port === undefined ? '' : `:${via.port}`;
  return `${via.protocol}/${via.transport} ${via.host}${port}${via.params.toString()}`;
}

export interface ViaParts {
  /** In upper case. */
  readonly transport: string;
  /** An IPv6 address with its brackets. */
  readonly host: string;
  readonly port?: number | undefined;
  readonly branch: string;
  /** Whether `rport` is asked for. */
  readonly rport?: boolean;
}

/** Our own Via for a request. */
export function createVia(parts: ViaParts): Via {
  const rport = parts.rport === true ? ';rport' : '';
  const port = parts.port === undefined ? '' : `:${parts.port}`;
  const via = parseVia(`SIP/2.0/${parts.transport} ${parts.host}${port};branch=${parts.branch}${rport}`);
  assert(via.ok, 'our own Via is malformed');
  return via.value;
}

/**
 * The Via of a request as its receiver completes it: `received`, and the port in `rport` when it was asked for
 * (RFC 3261 18.2.1, RFC 3581 4). The address is without brackets.
 */
export function withReceived(via: Via, received: string, rport: number | undefined): Via {
  const known = { branch: via.branch, received, rport: rport ?? via.rport, maddr: via.maddr };
  const text = via.params.toString();
  const isRportInPlace = rport === undefined || via.rport === 'requested';
  if (via.received === undefined && isRportInPlace && !text.includes('"')) {
    const start = rport === undefined ? text : text.replace(RPORT, `;rport=${rport}`);
    return new ViaValue(via, uncheckedParams(`${start};received=${received}`), known);
  }
  // What the sender wrote there is none of its business and is replaced.
  const params = via.params.with('received', received);
  return new ViaValue(via, rport === undefined ? params : params.with('rport', String(rport)), known);
}

/** The answer to an offer of keep-alives: how often, in seconds (RFC 6223 4.3). */
export function withKeep(via: Via, seconds: number): Via {
  return new ViaValue(via, via.params.with('keep', String(seconds)), via);
}

const RPORT = /;[ \t]*rport[ \t]*(?=;|$)/i;

/** What stands before the parameters. */
interface SentBy {
  readonly protocol: string;
  readonly transport: string;
  readonly host: string;
  readonly port: number | undefined;
}

class ViaValue implements Via {
  readonly protocol: string;
  readonly transport: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly params: ParamList;
  readonly branch: string | undefined;
  readonly received: string | undefined;
  readonly rport: number | 'requested' | undefined;
  readonly maddr: string | undefined;

  constructor(sentBy: SentBy, params: ParamList, known: KnownParams) {
    this.protocol = sentBy.protocol;
    this.transport = sentBy.transport;
    this.host = sentBy.host;
    this.port = sentBy.port;
    this.params = params;
    this.branch = known.branch;
    this.received = known.received;
    this.rport = known.rport;
    this.maddr = known.maddr;
  }
}

interface KnownParams {
  branch: string | undefined;
  received: string | undefined;
  rport: number | 'requested' | undefined;
  maddr: string | undefined;
}

/** Reads a comma-separated list that fills the scanner's range; false when it does not fit. */
export function readViasInto(scanner: Scanner, vias: Via[]): boolean {
  do {
    const via = readVia(scanner);
    if (via === undefined) return false;
    vias.push(via);
  } while (scanner.takeSeparator(COMMA));
  if (!scanner.isAtEnd()) scanner.fail('unexpected character behind the parameters');
  return scanner.fault === '';
}

/** Of the Via that is being read. */
const known: KnownParams = { branch: undefined, received: undefined, rport: undefined, maddr: undefined };

function readVia(scanner: Scanner): Via | undefined {
  const sentBy = readSentBy(scanner);
  if (sentBy === undefined) return undefined;
  const via = readParams(scanner, sentBy);
  return scanner.fault === '' ? via : undefined;
}

/**
 * Reads as much of the first member of a row as is needed to send an answer: sent-by must be right, parameters count
 * up to the first malformed one (RFC 4475 3.1.2.1).
 */
export function readAnswerableVia(row: string): Via | undefined {
  const scanner = new Scanner(row);
  const sentBy = readSentBy(scanner);
  return sentBy === undefined ? undefined : readParams(scanner, sentBy);
}

function readParams(scanner: Scanner, sentBy: SentBy): Via {
  known.branch = known.received = known.rport = known.maddr = undefined;
  const start = scanner.at;
  skipHeaderParams(scanner, keepKnown);
  return new ViaValue(sentBy, headerParamsOf(scanner, start), known);
}

/** The parameters with a grammar of their own (via-params, RFC 3261 25.1). */
function keepKnown(scanner: Scanner): void {
  const { name, valueStart, valueEnd, isToken } = current;
  switch (name) {
    case 'branch':
      if (!isToken) return scanner.fail('malformed branch');
      known.branch = scanner.text.slice(valueStart, valueEnd);
      return;
    case 'rport':
      known.rport = valueStart === -1 ? 'requested' : readNumber(scanner, PORT_MAX);
      return;
    case 'received':
      known.received = readReceived(scanner);
      return;
    case 'ttl':
      readNumber(scanner, TTL_MAX);
      return;
    case 'maddr':
      if (valueStart === -1 || scanner.codes[valueStart] === QUOTE) return scanner.fail('malformed maddr');
      known.maddr = scanner.text.slice(valueStart, valueEnd);
      return;
    default:
      return;
  }
}

/** The value as a number of at most `max`. */
function readNumber(scanner: Scanner, max: number): number | undefined {
  const { valueStart, valueEnd } = current;
  let number = 0;
  for (let at = valueStart; at < valueEnd; at++) {
    const code = scanner.codes[at] ?? 0;
    number = isOf(code, DIGIT) ? number * 10 + (code - ZERO) : Number.POSITIVE_INFINITY;
  }
  return valueStart === -1 || number > max ? scanner.fail(`malformed ${current.name}`) : number;
}

/** An address; IPv6 is taken with and without brackets (RFC 5118 4.5). */
function readReceived(scanner: Scanner): string | undefined {
  const { valueStart, valueEnd } = current;
  if (valueStart === -1) return scanner.fail('malformed received');
  const value = scanner.text.slice(valueStart, valueEnd);
  if (isIpv4Range(scanner.codes, valueStart, valueEnd)) return value;
  const address = value.startsWith('[') ? value.slice(1, -1) : value;
  return isIpv6(address) ? address : scanner.fail('malformed received');
}

function readSentBy(scanner: Scanner): SentBy | undefined {
  scanner.skipWhite();
  const protocol = readProtocol(scanner);
  if (protocol === undefined) return scanner.fail('malformed sent-protocol');
  const transport = readTransport(scanner);
  if (transport === undefined) return scanner.fail('missing transport');
  if (!isWhite(scanner.peek())) return scanner.fail('no space behind the transport');
  scanner.skipWhite();
  const host = readHost(scanner);
  if (host === undefined) return undefined;
  const port = scanner.takeSeparator(COLON) ? readPort(scanner) : undefined;
  return scanner.fault === '' ? { protocol, transport, host, port } : undefined;
}

const SIP = wordOf('SIP/');
const VERSION = wordOf('2.0/');
const UDP = wordOf('UDP ');
const TCP = wordOf('TCP ');
const TLS = wordOf('TLS ');
/** Of `SIP/2.0/UDP `. */
const PREFIX_LENGTH = 12;

/** Protocol name, version and the slash behind them. */
function readProtocol(scanner: Scanner): string | undefined {
  const { codes, at, end } = scanner;
  if (at + PREFIX_LENGTH <= end && wordAt(codes, at) === SIP && wordAt(codes, at + 4) === VERSION) {
    scanner.at = at + 8;
    return 'SIP/2.0';
  }
  const name = scanner.readToken();
  if (name === undefined || !scanner.takeSeparator(SLASH)) return undefined;
  const version = scanner.readToken();
  if (version === undefined || !scanner.takeSeparator(SLASH)) return undefined;
  return `${name}/${version}`;
}

function readTransport(scanner: Scanner): string | undefined {
  const { codes, at, end } = scanner;
  const word = at + 4 <= end ? wordAt(codes, at) : 0;
  if (word !== UDP && word !== TCP && word !== TLS) return scanner.readToken()?.toUpperCase();
  scanner.at = at + 3;
  if (word === UDP) return 'UDP';
  return word === TCP ? 'TCP' : 'TLS';
}

function readPort(scanner: Scanner): number | undefined {
  const port = scanner.readNumber();
  return port === undefined || port > PORT_MAX ? scanner.fail('malformed port') : port;
}
