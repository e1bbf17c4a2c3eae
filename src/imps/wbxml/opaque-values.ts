/**
 * Values that WBXML carries as octets (WV-CSP-WBXML data types): integers of one to four octets, big-endian, and dates of six.
 * Which elements hold them.
 */
import type { CspVersion } from '../csp-version.ts';

const integers =
  'Code ContentSize MessageCount Validity KeepAliveTime SearchFindings SearchIndex SearchLimit TimeToLive MultiTrans ' +
  'ParserSize ServerPollMin TCPPort UDPPort';
const until12 = 'AcceptedCharSet AcceptedContentLength';
const from12 = 'HistoryPeriod MaxWatcherList';
const from13 =
  'AcceptedPullLength AcceptedPushLength AcceptedRichContentLength AcceptedTextContentLength AnswerOptionID ' +
  'ChosenOptionID ContentPolicyLimit GroupContentLimit MessageTotalCount MultiTransPerMessage PairID PlainTextCharset ' +
  'SegmentCount SegmentReference SessionPriority TryAgainTimeout UserSessionLimit WatcherCount';

const written: Readonly<Record<CspVersion, ReadonlySet<string>>> = {
  '1.1': setOf(integers, until12),
  '1.2': setOf(integers, until12, from12),
  '1.3': setOf(integers, from12, from13),
};
// SearchID: one encoder in the field writes it as an integer.
const read = setOf(integers, until12, from12, from13, 'SearchID');

export function isWrittenAsInteger(name: string, version: CspVersion): boolean {
  return written[version].has(name);
}

export function isReadAsInteger(name: string): boolean {
  return read.has(name);
}

export function isDate(name: string): boolean {
  return name === 'DateTime' || name === 'DeliveryTime';
}

export const integerMax = 0xffff_ffff;

/** The shortest octets of a decimal number in its shortest form; undefined for other text, which stays a string. */
export function formatOpaqueInteger(text: string): Uint8Array | undefined {
  if (!/^(?:0|[1-9]\d{0,9})$/.test(text)) return undefined;
  const value = Number(text);
  if (value > integerMax) return undefined;
  const octets: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Uint8Array.from(octets.length === 0 ? [0] : octets);
}

/** No octets at all are zero; more than four are no integer. */
export function parseOpaqueInteger(octets: Uint8Array): string | undefined {
  if (octets.length > 4) return undefined;
  let value = 0;
  for (const octet of octets) value = value * 256 + octet;
  return String(value);
}

/** `YYYYMMDDThhmmss` with or without the letter of a zone; undefined for other notations, which stay strings. */
export function formatOpaqueDate(text: string): Uint8Array | undefined {
  const found = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)([A-IK-Z]?)$/.exec(text);
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number);
  if (year > 4095 || month > 12 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined;
  return Uint8Array.of(
    year >> 6,
    ((year & 0x3f) << 2) | (month >> 2),
    ((month & 0x03) << 6) | (day << 1) | (hour >> 4),
    ((hour & 0x0f) << 4) | (minute >> 2),
    ((minute & 0x03) << 6) | second,
    found[7] === '' ? 0 : (found[7] ?? '').charCodeAt(0),
  );
}

/** Undefined for what is no date of six octets. */
export function parseOpaqueDate(octets: Uint8Array): string | undefined {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, zone = 0] = octets;
  if (octets.length !== 6 || a > 0x3f) return undefined;
  const numbers = [
    ((b & 0x03) << 2) | (c >> 6),
    (c >> 1) & 0x1f,
    ((c & 0x01) << 4) | (d >> 4),
    ((d & 0x0f) << 2) | (e >> 6),
    e & 0x3f,
  ];
  const [month, day, hour, minute, second] = numbers.map((number) => String(number).padStart(2, '0'));
  const year = String((a << 6) | (b >> 2)).padStart(4, '0');
  const letter = zone === 0 ? '' : String.fromCharCode(zone);
  if (!/^[A-IK-Z]?$/.test(letter)) return undefined;
  return `${year}${month}${day}T${hour}${minute}${second}${letter}`;
}

function setOf(...lists: readonly string[]): ReadonlySet<string> {
  return new Set(lists.join(' ').split(' '));
}
