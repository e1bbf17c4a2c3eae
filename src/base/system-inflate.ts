/** Inflation by Node's zlib, stopped at a number of octets. Knows nothing of messages; the same bytes give the same answer. */
import { gunzipSync, inflateRawSync, inflateSync, type ZlibOptions } from 'node:zlib';

export type Inflated =
  | { readonly kind: 'inflated'; readonly body: Uint8Array }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'malformed' };

export function systemInflate(encoding: 'deflate' | 'gzip', body: Uint8Array, bytesMax: number): Inflated {
  if (encoding === 'gzip') return attempt(gunzipSync, body, bytesMax);
  // RFC 1950; some write RFC 1951 alone and call it the same.
  const inflated = attempt(inflateSync, body, bytesMax);
  return inflated.kind === 'malformed' ? attempt(inflateRawSync, body, bytesMax) : inflated;
}

function attempt(
  undo: (body: Uint8Array, options: ZlibOptions) => Uint8Array,
  body: Uint8Array,
  bytesMax: number,
): Inflated {
  try {
    // Zlib refuses a limit of nothing.
    const bytes = undo(body, { maxOutputLength: Math.max(1, bytesMax) });
    if (bytes.length > bytesMax) return { kind: 'too-large' };
    return { kind: 'inflated', body: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) };
  } catch (fault) {
    return { kind: fault instanceof RangeError ? 'too-large' : 'malformed' };
  }
}
