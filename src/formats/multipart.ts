/**
 * Bodies of several parts (RFC 2046 5.1), read as ranges of the bytes. What stands before the first boundary and behind the last
 * is left out; an end that is missing is forgiven. Knows nothing of what the parts mean.
 */
import { parseContentType } from './content-type.ts';
import type { MimeHeader } from './cpim.ts';

/** Parts of one body; those behind are left out. */
export const multipartPartsMax = 16;

export interface BodyPart {
  /** As it stands in the part; `text/plain` where it says nothing (RFC 2046 5.1). */
  readonly contentType: string;
  readonly content: Uint8Array;
  /** By their names in lower case; of two alike the last. */
  readonly headers: ReadonlyMap<string, string>;
  /** With its headers, as it stands between the boundaries. */
  readonly whole: Uint8Array;
}

/** RFC 2045 6.2: whether a Content-Transfer-Encoding leaves the content as it is; absent is 7bit. */
export function isIdentityTransfer(encoding = '7bit'): boolean {
  return identities.has(encoding.trim().toLowerCase());
}

const identities: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary']);

/** Undefined when the type is none of several parts, or names no boundary that is there. */
export function parseMultipart(contentType: string, body: Uint8Array): readonly BodyPart[] | undefined {
  const type = parseContentType(contentType);
  const boundary = type?.parameters.get('boundary') ?? '';
  if (type?.type.startsWith('multipart/') !== true || boundary === '') return undefined;
  // One octet is one sign, so that places in the text are places in the bytes.
  const text = latin1.decode(body);
  const delimiter = `--${boundary}`;
  let at = findDelimiter(text, delimiter, 0);
  if (at < 0) return undefined;
  const parts: BodyPart[] = [];
  while (parts.length < multipartPartsMax) {
    if (text.startsWith('--', at + delimiter.length)) break;
    const lineEnd = text.indexOf('\n', at);
    if (lineEnd < 0) break;
    const next = findDelimiter(text, delimiter, lineEnd + 1);
    // The line end before a boundary belongs to it.
    const end = next < 0 ? text.length : next - (text[next - 2] === '\r' ? 2 : 1);
    parts.push(readPart(text, body, lineEnd + 1, Math.max(end, lineEnd + 1)));
    if (next < 0) break;
    at = next;
  }
  return parts;
}

const latin1 = new TextDecoder('latin1');

/** At the beginning of a line only. */
function findDelimiter(text: string, delimiter: string, from: number): number {
  let at = text.indexOf(delimiter, from);
  while (at > 0 && text[at - 1] !== '\n') at = text.indexOf(delimiter, at + 1);
  return at;
}

function readPart(text: string, body: Uint8Array, start: number, end: number): BodyPart {
  const headers = new Map<string, string>();
  let at = start;
  while (at < end) {
    const found = text.indexOf('\n', at);
    const lineEnd = found < 0 || found >= end ? end : found + 1;
    const line = text.slice(at, lineEnd).trim();
    at = lineEnd;
    if (line === '') break;
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trimEnd().toLowerCase(), line.slice(colon + 1).trimStart());
  }
  return {
    contentType: headers.get('content-type') ?? 'text/plain',
    content: body.subarray(at, end),
    headers,
    whole: body.subarray(start, end),
  };
}

/** Parts as one body under a boundary that stands in none of them. */
export function formatMultipart(boundary: string, parts: readonly Uint8Array[]): Uint8Array {
  const encoder = new TextEncoder();
  const before = encoder.encode(`--${boundary}\r\n`);
  const lineEnd = encoder.encode('\r\n');
  const pieces = parts.flatMap((part) => [before, part, lineEnd]);
  return joined([...pieces, encoder.encode(`--${boundary}--\r\n`)]);
}

/** A part of its headers and its content. */
export function formatPart(headers: readonly MimeHeader[], content: Uint8Array): Uint8Array {
  const head = headers.map(({ name, value }) => `${name}: ${value}\r\n`).join('');
  return joined([new TextEncoder().encode(`${head}\r\n`), content]);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
