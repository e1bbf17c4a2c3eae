/**
 * What becomes of one PUBLISH (RFC 3903 4 and 6), decided from the live entity tags of its presentity. Pure: who may
 * publish, what a document says and where it is stored are decided elsewhere.
 */
import type { PresenceState } from '../../model/presence-state.ts';

/** Live publications of one presentity. */
export const publicationsMax = 256;

/** Seconds. Longer is cut to the maximum, shorter than the minimum is refused (RFC 3903 6 step 4). */
export const publicationExpiresMin = 60;
export const publicationExpiresDefault = 3_600;
export const publicationExpiresMax = 86_400;

export interface PublishedContent {
  readonly state: PresenceState;
  /** The document as it came. */
  readonly document: Uint8Array;
}

export interface PublicationRequest {
  /** SIP-If-Match: the tag of the publication that is meant; none for a new one. */
  readonly entityTag?: string;
  /** Seconds; as asked, not yet checked. */
  readonly expires?: number;
  readonly content?: PublishedContent;
}

export type PublicationDecision =
  | { readonly kind: 'create'; readonly content: PublishedContent; readonly expires: number }
  | {
      readonly kind: 'modify';
      readonly entityTag: string;
      readonly content: PublishedContent;
      readonly expires: number;
    }
  | { readonly kind: 'refresh'; readonly entityTag: string; readonly expires: number }
  | { readonly kind: 'remove'; readonly entityTag: string }
  /** A new one that ends at once: accepted, and there is nothing to keep. */
  | { readonly kind: 'nothing' }
  | PublicationRefusal;

export type PublicationRefusal =
  /** 412: no such tag is live. */
  | { readonly kind: 'unknown-tag' }
  /** 423 with Min-Expires, in seconds. */
  | { readonly kind: 'too-brief'; readonly minExpires: number }
  /** 400: a new publication needs a document. */
  | { readonly kind: 'no-content' }
  /** As many are live as may be; nothing that is published is lost. */
  | { readonly kind: 'too-many' };

/** In the order of RFC 3903 6: tag, interval, content. */
export function decidePublication(
  request: PublicationRequest,
  liveTags: { has(entityTag: string): boolean; readonly size: number },
): PublicationDecision {
  const { entityTag, content, expires: asked = publicationExpiresDefault } = request;
  const refusal = refuseUnread(request, (tag) => liveTags.has(tag));
  if (refusal !== undefined) return refusal;
  const expires = Math.min(asked, publicationExpiresMax);
  if (entityTag !== undefined) {
    // RFC 3903 4.5 forbids a document with a removal; one that comes all the same is not read.
    if (expires === 0) return { kind: 'remove', entityTag };
    return content === undefined
      ? { kind: 'refresh', entityTag, expires }
      : { kind: 'modify', entityTag, content, expires };
  }
  if (content === undefined) return { kind: 'no-content' };
  if (expires === 0) return { kind: 'nothing' };
  return liveTags.size >= publicationsMax ? { kind: 'too-many' } : { kind: 'create', content, expires };
}

/** What is refused without a look at the document (RFC 3903 6 steps 3 and 4). */
export function refuseUnread(
  { entityTag, expires = publicationExpiresDefault }: Pick<PublicationRequest, 'entityTag' | 'expires'>,
  isLive: (entityTag: string) => boolean,
): PublicationRefusal | undefined {
  if (entityTag !== undefined && !isLive(entityTag)) return { kind: 'unknown-tag' };
  if (expires > 0 && expires < publicationExpiresMin) return { kind: 'too-brief', minExpires: publicationExpiresMin };
  return undefined;
}
