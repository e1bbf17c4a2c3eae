/**
 * Whether an INVITE means one large message, a file, or a conversation (OMA SIMPLE IM, CPM; the order is that of
 * docs/sessions.md). Never inferred from a size.
 */
import type { MessageMedia } from '../../../../formats/sdp/message-media.ts';
import type { SipHeaders } from '../../../../sip/message/sip-headers.ts';
import { featuresAskedFor } from './feature-words.ts';

export type SessionKind = 'large-message' | 'file-transfer' | 'conversation';

/** `media`: of the offer, where there is one. */
export function sessionKindOf(
  headers: SipHeaders,
  media: Pick<MessageMedia, 'direction' | 'file'> | undefined,
): SessionKind {
  const asked = featuresAskedFor(headers);
  if (asked.has('large-message')) return 'large-message';
  if (asked.has('session')) return 'conversation';
  // A selector that gives no more than a size is seen with large messages.
  const isFile = media?.file?.name !== undefined || media?.file?.type !== undefined;
  if (asked.has('file-transfer') || isFile) return 'file-transfer';
  if (asked.has('im')) return 'conversation';
  return media?.direction === 'sendonly' ? 'large-message' : 'conversation';
}
