/** Which part of some octets a Range header asks for (RFC 9110 14.1.2, 14.2). One part; who asks for several gets it all. */

export type ByteRange =
  | { readonly kind: 'whole' }
  /** `end` is the octet behind the last. */
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' };

const whole: ByteRange = { kind: 'whole' };
const unsatisfiable: ByteRange = { kind: 'unsatisfiable' };
/** More digits than any size has. */
const digitsMax = 15;

/** What is no range, or of another unit, is as good as absent. */
export function readByteRange(header: string | undefined, bytes: number): ByteRange {
  const [, first = '', last = ''] = /^bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? '') ?? [];
  if ((first === '' && last === '') || first.length > digitsMax || last.length > digitsMax) return whole;
  if (first === '') {
    const length = Math.min(Number(last), bytes);
    return length === 0 ? unsatisfiable : { kind: 'part', start: bytes - length, end: bytes };
  }
  const start = Number(first);
  const end = last === '' ? bytes : Math.min(Number(last) + 1, bytes);
  if (last !== '' && Number(last) < start) return whole;
  return start >= bytes ? unsatisfiable : { kind: 'part', start, end };
}
