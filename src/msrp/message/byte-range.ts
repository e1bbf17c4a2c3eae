/** Byte-Range (RFC 4975 7.1.1): where in its message a chunk stands. The first octet is number 1. */
import { err, ok, type Result } from '../../base/result.ts';

export interface ByteRange {
  readonly start: number;
  /** Undefined for `*`: the chunk may be interrupted. */
  readonly end?: number;
  /** Undefined for `*`: not known yet. */
  readonly total?: number;
}

/** Octets of one message as far as numbers are exact. */
const octetsMax = Number.MAX_SAFE_INTEGER;

export function parseByteRange(text: string): Result<ByteRange, string> {
  const match = /^(\d+)-(\d+|\*)\/(\d+|\*)$/.exec(text.trim());
  if (match === null) return err(`"${text.slice(0, 60)}" is not a Byte-Range`);
  const [start, end, total] = match.slice(1).map((part) => (part === '*' ? undefined : Number(part)));
  if (start === undefined || [start, end ?? 0, total ?? 0].some((number) => number > octetsMax)) {
    return err('a number of Byte-Range is too large');
  }
  if (start < 1) return err('Byte-Range begins before 1');
  // An empty message has the range 1-0/0.
  if (end !== undefined && end < start - 1) return err('Byte-Range ends before it begins');
  if (total !== undefined && (start > total + 1 || (end ?? 0) > total)) return err('Byte-Range is beyond its total');
  return ok({ start, ...(end === undefined ? {} : { end }), ...(total === undefined ? {} : { total }) });
}

export function formatByteRange({
  start,
  end = '*',
  total = '*',
}: {
  readonly start: number;
  readonly end?: number | string | undefined;
  readonly total?: number | string | undefined;
}): string {
  return `${start}-${end}/${total}`;
}
