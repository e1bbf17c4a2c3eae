/** Hosts of the SIP grammar: names, IPv4 and IPv6 addresses (RFC 3261 25.1, corrected by RFC 5954). No look-ups. */
import {
  BRACKET_CLOSE,
  BRACKET_OPEN,
  codesOf,
  COLON,
  DASH,
  DIGIT,
  DOT,
  HEX,
  isOf,
  LABEL,
  LETTER,
} from '../grammar/characters.ts';
import type { Scanner } from '../grammar/scanner.ts';

const IPV6_GROUPS = 8;
const IPV4_PARTS = 4;
const IPV4_DIGITS_MAX = 3;

/** Reads a host name, an IPv4 address or an IPv6 reference, and answers it as written. */
export function readHost(scanner: Scanner): string | undefined {
  const { text, codes, at: from, end } = scanner;
  let at = from;
  let topStart = from;
  for (;;) {
    const labelStart = at;
    while (at < end && isOf(codes[at] ?? 0, LABEL)) at++;
    if (at === labelStart) break;
    if (codes[labelStart] === DASH || codes[at - 1] === DASH) return scanner.fail('malformed host');
    topStart = labelStart;
    if (at === end || codes[at] !== DOT) break;
    at++;
  }
  if (at === from) return scanner.peek() === BRACKET_OPEN ? readIpv6Reference(scanner) : scanner.fail('missing host');
  if (codes[at] === DOT && at < end) return scanner.fail('malformed host');
  // The top label of a name begins with a letter; otherwise it can only be an IPv4 address.
  if (!isOf(codes[topStart] ?? 0, LETTER) && !isIpv4Range(codes, from, at)) return scanner.fail('malformed host');
  scanner.at = at;
  return text.slice(from, at);
}

/** Four numbers of one to three digits. */
export function isIpv4Range(codes: Uint8Array, from: number, end: number): boolean {
  let dots = 0;
  let digits = 0;
  for (let at = from; at < end; at++) {
    const code = codes[at] ?? 0;
    if (isOf(code, DIGIT)) {
      if (++digits > IPV4_DIGITS_MAX) return false;
    } else if (code === DOT && digits > 0) {
      dots++;
      digits = 0;
    } else return false;
  }
  return dots === IPV4_PARTS - 1 && digits > 0;
}

function readIpv6Reference(scanner: Scanner): string | undefined {
  const { text, codes, at: from, end } = scanner;
  let at = from + 1;
  while (at < end && codes[at] !== BRACKET_CLOSE) at++;
  if (at >= end || !isIpv6(text.slice(from + 1, at))) return scanner.fail('malformed IPv6 reference');
  scanner.at = at + 1;
  return text.slice(from, at + 1);
}

export function isIpv4(text: string): boolean {
  return isIpv4Range(codesOf(text), 0, text.length);
}

/**
 * An IPv6 address without brackets. Three colons before an embedded IPv4 address, which the first grammar of
 * RFC 3261 asked for by mistake, are taken as two (RFC 5118 4.10).
 */
export function isIpv6(address: string): boolean {
  let text = address;
  let groupsMax = IPV6_GROUPS;
  const lastColon = text.lastIndexOf(':');
  if (lastColon === -1) return false;
  if (text.includes('.', lastColon)) {
    if (!isIpv4(text.slice(lastColon + 1))) return false;
    // The IPv4 address stands for the last two groups; a group of its own keeps the colon before it meaningful.
    text = `${text.slice(0, lastColon + 1).replace(/:::$/, '::')}0`;
    groupsMax -= 1;
  }
  const gap = text.indexOf('::');
  if (gap === -1) return countGroups(text) === groupsMax;
  const left = countGroups(text.slice(0, gap));
  const right = countGroups(text.slice(gap + 2));
  return left !== -1 && right !== -1 && left + right < groupsMax;
}

const MAPPED = '0:0:0:0:0:ffff:';

/**
 * One spelling for all forms of an IPv6 address, to compare with and never to send; an IPv4 address in its IPv6 form is
 * that IPv4 address. Any other text comes back as it is.
 */
export function canonicalIpv6(address: string): string {
  if (!isIpv6(address)) return address;
  const [left = '', right] = groupsWithIpv4(address)
    .toLowerCase()
    .split(/:{2,3}/);
  const head = groupsIn(left);
  const tail = groupsIn(right ?? '');
  const gap = Array.from({ length: IPV6_GROUPS - head.length - tail.length }, () => '0');
  const text = [...head, ...gap, ...tail].map((group) => Number.parseInt(group, 16).toString(16)).join(':');
  if (!text.startsWith(MAPPED)) return text;
  const octets = groupsIn(text.slice(MAPPED.length)).flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
  return octets.join('.');
}

/** The embedded IPv4 address, if there is one, as the two groups that it stands for. */
function groupsWithIpv4(address: string): string {
  const start = address.lastIndexOf(':') + 1;
  if (!address.includes('.', start)) return address;
  const [a = 0, b = 0, c = 0, d = 0] = address.slice(start).split('.').map(Number);
  return `${address.slice(0, start)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

function groupsIn(text: string): string[] {
  return text === '' ? [] : text.split(':');
}

/** How many groups of hexadecimal digits the text has; -1 when it is no such list. */
function countGroups(text: string): number {
  if (text === '') return 0;
  let groups = 1;
  let digits = 0;
  for (const code of codesOf(text)) {
    if (isOf(code, HEX)) {
      if (++digits > 4) return -1;
    } else if (code === COLON && digits > 0) {
      groups++;
      digits = 0;
    } else return -1;
  }
  return digits === 0 ? -1 : groups;
}
