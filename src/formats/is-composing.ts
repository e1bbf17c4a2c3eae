/**
 * Recognises notices that somebody is typing (RFC 3994), plain or wrapped in CPIM, by content type. They are relayed or
 * dropped, never stored, so nothing here reads them.
 */
import { mediaTypeOf } from './content-type.ts';
import { cpimContentType, parseCpim, wrappedContentType } from './cpim.ts';

export const isComposingContentType = 'application/im-iscomposing+xml';

export function isComposingNotice(contentType: string, body: Uint8Array): boolean {
  const type = mediaTypeOf(contentType);
  if (type === isComposingContentType) return true;
  if (type !== cpimContentType) return false;
  const envelope = parseCpim(body);
  return envelope.ok && mediaTypeOf(wrappedContentType(envelope.value)) === isComposingContentType;
}
