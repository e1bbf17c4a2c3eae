/**
 * Content-Encoding of a message (RFC 9110 8.4.1, as SIP uses it in RFC 3261 20.12): which ones can be undone here, and
 * content with its encoding undone.
 */

export type KnownEncoding = 'deflate' | 'gzip';

/** `too-large`: more than was allowed came out of it. `malformed`: it is not what it says. */
export type InflateOutcome =
  | { readonly kind: 'inflated'; readonly body: Uint8Array }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'malformed' };

/** Undoes an encoding; gives up as soon as more than `bytesMax` come out. */
export type Inflate = (encoding: KnownEncoding, body: Uint8Array, bytesMax: number) => InflateOutcome;

export interface Content {
  /** The whole media type. */
  readonly contentType: string;
  readonly contentEncoding?: string;
  readonly body: Uint8Array;
}

/** `identity`: nothing is encoded. `unknown`: one that nobody here can undo, or several on top of each other. */
export function encodingOf(contentEncoding: string | undefined): KnownEncoding | 'identity' | 'unknown' {
  switch (contentEncoding?.trim().toLowerCase()) {
    case undefined:
    case '':
    case 'identity':
      return 'identity';
    case 'deflate':
      return 'deflate';
    case 'gzip':
    case 'x-gzip':
      return 'gzip';
    default:
      return 'unknown';
  }
}

/** Without its encoding; as it is where there is none, or it cannot be undone. */
export function decodeContent(content: Content, inflate: Inflate, bytesMax: number): Content {
  const { contentType, contentEncoding, body } = content;
  const encoding = encodingOf(contentEncoding);
  if (encoding === 'unknown' || contentEncoding === undefined) return content;
  if (encoding === 'identity') return { contentType, body };
  const outcome = inflate(encoding, body, bytesMax);
  return outcome.kind === 'inflated' ? { contentType, body: outcome.body } : content;
}
