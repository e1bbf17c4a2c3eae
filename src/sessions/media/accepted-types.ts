/**
 * Which form a message may have for somebody who said which types they take (RFC 4975 8.6): as it is, out of its envelope, or
 * in one. Types are compared without parameters and without case.
 */
import { mediaTypeOf } from '../../formats/content-type.ts';
import { cpimContentType } from '../../formats/cpim.ts';
import type { MessageMedia } from '../../formats/sdp/message-media.ts';

export type AcceptedTypes = Pick<MessageMedia, 'acceptTypes' | 'acceptWrappedTypes'>;

/** `as-is`, or what has to be done with it; undefined where it cannot be taken. */
export type Form = 'as-is' | 'unwrapped' | 'wrapped';

/** Whether one of `entries` names the type. */
export function isListed(entries: readonly string[], contentType: string): boolean {
  const type = mediaTypeOf(contentType);
  const family = `${type.slice(0, type.indexOf('/') + 1)}*`;
  return entries.some((entry) => {
    const listed = mediaTypeOf(entry);
    return listed === '*' || listed === '*/*' || listed === type || listed === family;
  });
}

/** `wrappedType`: of what a message/cpim holds. */
export function formFor(
  { acceptTypes, acceptWrappedTypes }: AcceptedTypes,
  contentType: string,
  wrappedType?: string,
): Form | undefined {
  const isEnvelope = mediaTypeOf(contentType) === cpimContentType;
  if (isEnvelope && isListed(acceptTypes, cpimContentType)) {
    return wrappedType === undefined || takesWrapped({ acceptTypes, acceptWrappedTypes }, wrappedType)
      ? 'as-is'
      : undefined;
  }
  if (isEnvelope) return wrappedType !== undefined && isListed(acceptTypes, wrappedType) ? 'unwrapped' : undefined;
  if (isListed(acceptTypes, contentType)) return 'as-is';
  const isWrappable = isListed(acceptTypes, cpimContentType) && isListed(acceptWrappedTypes, contentType);
  return isWrappable ? 'wrapped' : undefined;
}

/** Inside a container every type counts that may stand outside, too (RFC 4975 8.6). */
function takesWrapped({ acceptTypes, acceptWrappedTypes }: AcceptedTypes, type: string): boolean {
  return acceptWrappedTypes.length === 0 || isListed(acceptWrappedTypes, type) || isListed(acceptTypes, type);
}

/** What our side lists towards one party so that everything gets through that the other one takes, in whatever form. */
export function typesThrough({ acceptTypes, acceptWrappedTypes }: AcceptedTypes): AcceptedTypes {
  const takesEnvelopes = isListed(acceptTypes, cpimContentType);
  const inner = takesEnvelopes ? acceptWrappedTypes : [];
  const types = distinct([cpimContentType, ...acceptTypes.filter((type) => type !== cpimContentType), ...inner]);
  return {
    acceptTypes: types,
    acceptWrappedTypes: distinct([...acceptTypes.filter((type) => type !== cpimContentType), ...inner]),
  };
}

function distinct(types: readonly string[]): string[] {
  return [...new Set(types)];
}
