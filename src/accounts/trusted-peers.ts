/**
 * Networks whose requests are believed without a challenge (contract section 1, --trust): CIDR blocks of IPv4 and IPv6
 * (RFC 4632, RFC 4291). An IPv4-mapped IPv6 address is its IPv4 address. Knows no socket and no header.
 */
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';

/** More blocks than this are refused: every request is compared with each. */
export const trustedBlocksMax = 256;

/** Four words of 32 bits; IPv4 addresses are held as ::ffff:a.b.c.d, so that there is one kind only. */
type AddressBits = readonly [number, number, number, number];

interface Block {
  readonly bits: AddressBits;
  readonly masks: AddressBits;
}

/** Answers that are remembered, since the same few machines ask all the time. */
const rememberedMax = 1_024;

export class TrustedPeers {
  readonly #blocks: readonly Block[];
  readonly #remembered = new Map<string, boolean>();

  private constructor(blocks: readonly Block[]) {
    this.#blocks = blocks;
  }

  /** Reads `ADDRESS/LENGTH`, or an address alone for one machine. The error names the first that is none. */
  static parse(cidrs: readonly string[]): Result<TrustedPeers, string> {
    if (cidrs.length > trustedBlocksMax) return err(`at most ${trustedBlocksMax} trusted networks`);
    const blocks: Block[] = [];
    for (const cidr of cidrs) {
      const block = parseBlock(cidr.trim());
      if (block === undefined) return err(`"${cidr}" is not a network such as 10.0.0.0/8 or 2001:db8::/32`);
      blocks.push(block);
    }
    return ok(new TrustedPeers(blocks));
  }

  /** `address` as a socket reports it, with or without brackets or a zone. */
  has(address: string): boolean {
    if (this.#blocks.length === 0) return false;
    let isTrusted = this.#remembered.get(address);
    if (isTrusted === undefined) {
      const bits = parseIp(address);
      isTrusted = bits !== undefined && this.#blocks.some((block) => isWithin(bits, block));
      if (this.#remembered.size >= rememberedMax) this.#remembered.clear();
      this.#remembered.set(address, isTrusted);
    }
    return isTrusted;
  }
}

function parseBlock(cidr: string): Block | undefined {
  const slash = cidr.indexOf('/');
  const address = slash < 0 ? cidr : cidr.slice(0, slash);
  const bits = parseIp(address);
  if (bits === undefined) return undefined;
  const isShort = !address.includes(':');
  const lengthMax = isShort ? 32 : 128;
  const length = slash < 0 ? lengthMax : parseLength(cidr.slice(slash + 1), lengthMax);
  if (length === undefined) return undefined;
  const masks = masksOf(isShort ? length + 96 : length);
  return { bits: [bits[0] & masks[0], bits[1] & masks[1], bits[2] & masks[2], bits[3] & masks[3]], masks };
}

function parseLength(text: string, max: number): number | undefined {
  if (!/^\d{1,3}$/.test(text)) return undefined;
  const length = Number(text);
  return length <= max ? length : undefined;
}

function masksOf(length: number): AddressBits {
  return [maskWord(length), maskWord(length - 32), maskWord(length - 64), maskWord(length - 96)];
}

function maskWord(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : -1 << (32 - bits);
}

function isWithin(bits: AddressBits, { bits: block, masks }: Block): boolean {
  return (
    (bits[3] & masks[3]) === block[3] &&
    (bits[2] & masks[2]) === block[2] &&
    (bits[1] & masks[1]) === block[1] &&
    (bits[0] & masks[0]) === block[0]
  );
}

function parseIp(text: string): AddressBits | undefined {
  if (!text.includes(':')) {
    const word = parseIpv4(text);
    return word === undefined ? undefined : [0, 0, 0xffff, word];
  }
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const zone = bare.indexOf('%');
  return parseIpv6(zone < 0 ? bare : bare.slice(0, zone));
}

/** Four decimal numbers; no leading zeros, since some readers take those for octal. */
function parseIpv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let word = 0;
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part)) return undefined;
    const octet = Number(part);
    if (octet > 255) return undefined;
    word = (word << 8) | octet;
  }
  return word;
}

function parseIpv6(text: string): AddressBits | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '');
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '') : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  return [joinGroups(groups, 0), joinGroups(groups, 2), joinGroups(groups, 4), joinGroups(groups, 6)];
}

/** The 16-bit groups of one side of the `::`; an IPv4 address may stand at the end. */
function parseGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.') && index === parts.length - 1) {
      const word = parseIpv4(part);
      if (word === undefined) return undefined;
      groups.push(word >>> 16, word & 0xffff);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function joinGroups(groups: readonly number[], at: number): number {
  return ((groups[at] ?? 0) << 16) | (groups[at + 1] ?? 0);
}
