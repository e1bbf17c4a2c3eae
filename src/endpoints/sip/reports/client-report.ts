/**
 * An IMDN that a recipient's client sent (RFC 5438 7.2), read as what it reports of which message. What is no IMDN, or one
 * that cannot be understood, is a message like any other. Knows not whether there was such a message.
 */
import type { ClientReport } from '../../../delivery/desks/client-reports.ts';
import type { Content } from '../../../formats/content-encoding.ts';
import { mediaTypeOf } from '../../../formats/content-type.ts';
import { cpimContentType, parseCpim, wrappedContentType } from '../../../formats/cpim.ts';
import { type Imdn, imdnContentType, parseImdn } from '../../../formats/imdn.ts';
import type { InstantMessage } from '../../../model/instant-message.ts';
import { formatReference, referenceOfImdn } from './imdn-reference.ts';

/**
 * Undefined for anything but a report. `message`: from the client that reports, to the sender of what it reports on;
 * `content`: what is in it, without an encoding.
 */
export function readClientReport(
  message: Pick<InstantMessage, 'sender' | 'recipient'>,
  { contentType, contentEncoding, body }: Content,
): ClientReport | undefined {
  if (contentEncoding !== undefined) return undefined;
  if (mediaTypeOf(contentType) === imdnContentType) return readBareReport(message, body);
  if (mediaTypeOf(contentType) !== cpimContentType) return undefined;
  const envelope = parseCpim(body);
  if (!envelope.ok || mediaTypeOf(wrappedContentType(envelope.value)) !== imdnContentType) return undefined;
  const parsed = parseImdn(envelope.value.content);
  if (!parsed.ok) return undefined;
  const reference = formatReference(referenceOfImdn(parsed.value, envelope.value));
  const writtenAt = Date.parse(parsed.value.dateTime);
  return {
    sender: message.recipient,
    recipient: message.sender,
    messageId: parsed.value.messageId,
    duplicateKey: imdnKey(parsed.value.messageId),
    ...kindOf(parsed.value),
    ...(reference === undefined ? {} : { reference }),
    ...(Number.isNaN(writtenAt) ? {} : { writtenAt }),
  };
}

/** Without an envelope it names the Call-ID that the client got, which this server made of the message's id (Linphone). */
function readBareReport(
  message: Pick<InstantMessage, 'sender' | 'recipient'>,
  body: Uint8Array,
): ClientReport | undefined {
  const parsed = parseImdn(body);
  const [id = ''] = parsed.ok ? parsed.value.messageId.split('@') : [];
  if (!parsed.ok || id === '') return undefined;
  const { messageId } = parsed.value;
  const about = { sender: message.recipient, recipient: message.sender };
  return { ...about, messageId, duplicateKey: imdnKey(messageId), id, ...kindOf(parsed.value) };
}

/** Under which a message that names itself so is known (contract section 4). */
export function imdnKey(messageId: string): string {
  return `imdn ${messageId}`;
}

/** Display that was denied or went wrong (`forbidden`, `error`) is passed on as it was said: the reader has done with it. */
function kindOf({ kind, status }: Imdn): Pick<ClientReport, 'kind' | 'state'> {
  if (kind === 'processing') return { kind: 'stored', state: 'waiting' };
  if (kind === 'display') return { kind: 'displayed', state: 'displayed' };
  return status === 'delivered' ? { kind: 'delivered', state: 'delivered' } : { kind: 'failed', state: 'failed' };
}
