/**
 * The notations of settings, each from text to a value in plain units. Errors complete the sentence `--flag VALUE …`.
 * Knows no setting.
 */
import { err, ok, type Result } from '../base/result.ts';

export type Parse<T> = (text: string) => Result<T, string>;

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

const SECOND_MS = 1000;
const DURATION_UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', SECOND_MS],
  ['', SECOND_MS],
  ['m', 60 * SECOND_MS],
  ['h', 3600 * SECOND_MS],
  ['d', 86_400 * SECOND_MS],
  ['w', 604_800 * SECOND_MS],
]);

/** `7d`, `2h`, `30m`, `45s`, `500ms` or plain seconds, with decimals; in milliseconds. The range is in milliseconds too. */
export function durationWithin(range: Range): Parse<number> {
  return (text) => {
    const match = /^(\d{1,12}(?:\.\d{1,3})?) ?(ms|s|m|h|d|w|)$/i.exec(text);
    const unitMs = DURATION_UNITS_MS.get(match?.[2]?.toLowerCase() ?? 'none');
    if (unitMs === undefined) return err('is not a time such as 7d, 2h, 30m, 45s or plain seconds');
    const ms = Math.round(Number(match?.[1]) * unitMs);
    if (ms >= range.min && ms <= range.max) return ok(ms);
    return err(`is not between ${formatDuration(range.min)} and ${formatDuration(range.max)}`);
  };
}

/** The shortest exact notation: 90,000 ms is `90s`, 7,200,000 ms is `2h`. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's']) {
    const unitMs = DURATION_UNITS_MS.get(unit) ?? 1;
    if (ms >= unitMs && ms % unitMs === 0) return `${ms / unitMs}${unit}`;
  }
  return ms === 0 ? '0s' : `${ms}ms`;
}

const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['kib', 1024],
  ['mib', 1024 ** 2],
  ['gib', 1024 ** 3],
  ['tib', 1024 ** 4],
  ['k', 1024],
  ['m', 1024 ** 2],
  ['g', 1024 ** 3],
  ['t', 1024 ** 4],
  ['kb', 1000],
  ['mb', 1000 ** 2],
  ['gb', 1000 ** 3],
  ['tb', 1000 ** 4],
]);

/** `64KiB`, `100 MiB`, `1GB` or plain bytes; in bytes. K, M, G and T alone are powers of 1,024. */
export function sizeWithin(range: Range): Parse<number> {
  return (text) => {
    const match = /^(\d{1,15}(?:\.\d{1,3})?) ?([a-z]*)$/i.exec(text);
    const unit = SIZE_UNITS.get(match?.[2]?.toLowerCase() ?? 'none');
    if (unit === undefined) return err('is not a size such as 64KiB, 100MiB or plain bytes');
    const bytes = Math.round(Number(match?.[1]) * unit);
    if (bytes >= range.min && bytes <= range.max) return ok(bytes);
    return err(`is not between ${formatSize(range.min)} and ${formatSize(range.max)}`);
  };
}

export function formatSize(bytes: number): string {
  for (const unit of ['TiB', 'GiB', 'MiB', 'KiB']) {
    const size = SIZE_UNITS.get(unit.toLowerCase()) ?? 1;
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return `${bytes}B`;
}

export function countWithin(range: Range): Parse<number> {
  return (text) => {
    if (!/^\d{1,15}$/.test(text)) return err('is not a whole number');
    const count = Number(text);
    if (count >= range.min && count <= range.max) return ok(count);
    return err(`is not between ${range.min} and ${range.max}`);
  };
}

/** `N,BYTES`, as in `20000,64MiB`. */
export function messagesAndBytes(messages: Range, bytes: Range): Parse<{ messages: number; bytes: number }> {
  return (text) => {
    const [count, size, ...rest] = text.split(',');
    if (count === undefined || size === undefined || rest.length > 0) {
      return err('is not a number of messages and a size, such as 20000,64MiB');
    }
    const parsedCount = countWithin(messages)(count.trim());
    if (!parsedCount.ok) return err(`has a number of messages that ${parsedCount.error}`);
    const parsedSize = sizeWithin(bytes)(size.trim());
    if (!parsedSize.ok) return err(`has a size that ${parsedSize.error}`);
    return ok({ messages: parsedCount.value, bytes: parsedSize.value });
  };
}

/** `N/S`: at most N requests in S seconds. */
export function requestsPerSeconds(requests: Range, seconds: Range): Parse<{ requests: number; seconds: number }> {
  return (text) => {
    const [count, span, ...rest] = text.split('/');
    if (count === undefined || span === undefined || rest.length > 0) {
      return err('is not a number of messages and of seconds, such as 600/60');
    }
    const parsedCount = countWithin(requests)(count.trim());
    if (!parsedCount.ok) return err(`has a number of messages that ${parsedCount.error}`);
    const parsedSpan = countWithin(seconds)(span.trim());
    if (!parsedSpan.ok) return err(`has a number of seconds that ${parsedSpan.error}`);
    return ok({ requests: parsedCount.value, seconds: parsedSpan.value });
  };
}

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9](?:[a-z0-9-]{0,62}))*$/i;

/** `HOST:PORT`; an IPv6 address stands in brackets, which are gone from the value. Port 0 is any free one. */
export function parseEndpoint(text: string): Result<Endpoint, string> {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+)):(\d{1,5})$/i.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) return err('is not HOST:PORT, such as 127.0.0.1:5060 or [::1]:5060');
  // Whether an IPv6 address is one, the system says when it is asked to listen there.
  if (match?.[1] === undefined && !HOST_NAME.test(host))
    return err(`names "${host}", which is neither a host nor an address`);
  const port = Number(match?.[3]);
  if (port > 65_535) return err(`has the port ${port}; the highest is 65535`);
  return ok({ host, port });
}

/** A SIP server that requests of ours are sent to. */
export interface SipServer extends Endpoint {
  readonly transport: 'udp' | 'tcp' | 'tls';
  /** As a URI, with port and transport. */
  readonly uri: string;
}

const sipPorts = { udp: 5060, tcp: 5060, tls: 5061 };

/** `sip:HOST[:PORT][;transport=udp|tcp|tls]`; an IPv6 address stands in brackets, which are gone from the host. */
export function parseSipServer(text: string): Result<SipServer, string> {
  const match =
    /^sip:(?<at>\[[0-9a-f:.]+\]|[^:;@[\]]+)(?::(?<port>\d{1,5}))?(?:;transport=(?<transport>[a-z]+))?$/i.exec(text);
  const { at, transport = 'udp' } = match?.groups ?? {};
  if (at === undefined)
    return err('is not a SIP server, such as sip:192.0.2.7:5060 or sip:ps.example.com;transport=tcp');
  const kind = oneOf(['udp', 'tcp', 'tls'])(transport);
  if (!kind.ok) return err(`asks for transport=${transport}, which is not one of udp, tcp, tls`);
  const port = match?.groups?.['port'] ?? String(sipPorts[kind.value]);
  const endpoint = parseEndpoint(`${at}:${port}`);
  if (!endpoint.ok) return endpoint;
  if (endpoint.value.port === 0) return err('has the port 0');
  const uri = `sip:${at}:${port};transport=${kind.value}`;
  return ok({ ...endpoint.value, transport: kind.value, uri });
}

/** Nothing where nothing was given. */
export function optional<T>(parse: Parse<T>): Parse<T | undefined> {
  return (text) => (text === '' ? ok(undefined) : parse(text));
}

/** One line of printable text. */
export function textWithin(charactersMax: number): Parse<string> {
  return (text) => {
    if (text.length > charactersMax) return err(`is longer than ${charactersMax} characters`);
    // eslint-disable-next-line no-control-regex -- that is what it looks for
    return /[\u0000-\u001f\u007f]/.test(text) ? err('has a control character') : ok(text);
  };
}

/** A domain of addresses: a name in lower case, an IPv4 address, or an IPv6 address in brackets. */
export function parseDomain(text: string): Result<string, string> {
  const isIpv6 = /^\[[0-9a-f:.]+\]$/i.test(text);
  if (isIpv6 || HOST_NAME.test(text)) return ok(text.toLowerCase());
  return err('is not a domain, such as example.com');
}

export function parseSwitch(text: string): Result<boolean, string> {
  const word = text.toLowerCase();
  if (['on', 'true', 'yes', '1'].includes(word)) return ok(true);
  if (['off', 'false', 'no', '0'].includes(word)) return ok(false);
  return err('is neither on nor off');
}

export function oneOf<const Word extends string>(words: readonly Word[]): Parse<Word> {
  return (text) => {
    const word = words.find((candidate) => candidate === text.toLowerCase());
    return word === undefined ? err(`is not one of ${words.join(', ')}`) : ok(word);
  };
}

export function orOff<T>(parse: Parse<T>): Parse<T | undefined> {
  return (text) => (text === 'off' ? ok(undefined) : parse(text));
}

export function orAuto<T>(parse: Parse<T>): Parse<T | undefined> {
  return (text) => (text === 'auto' ? ok(undefined) : parse(text));
}
