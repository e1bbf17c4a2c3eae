/**
 * An INVITE that brings one large message, and the beginning of the message itself, read into a submission: who, what, on
 * which condition, for how long; by the same rules as a MESSAGE. Decides nothing about delivery.
 */
import type { Millis } from '../../../../base/time/clock.ts';
import { err, ok, type Result } from '../../../../base/result.ts';
import type { SubmissionHead } from '../../../../delivery/submission.ts';
import { mediaTypeOf, parseContentType } from '../../../../formats/content-type.ts';
import type { MessageFile, MessageMedia } from '../../../../formats/sdp/message-media.ts';
import { imdnContentType } from '../../../../formats/imdn.ts';
import type { InstantMessage } from '../../../../model/instant-message.ts';
import type { Address } from '../../../../model/address.ts';
import type { SipRequest } from '../../../../sip/message/sip-message.ts';
import { quote } from '../../../../sip/message/grammar/scanner.ts';
import type { Identity } from '../../identity.ts';
import type { SessionKind } from './session-kind.ts';
import { automaticOrigin } from '../../messaging/automatic-origin.ts';
import {
  conditionOf,
  hopsLeftOf,
  optional,
  sentAt,
  transactionKey,
  type UnreadableMessage,
  validityOf,
} from '../../messaging/message-words.ts';
import { readEnvelope } from '../../reports/read-envelope.ts';

export interface LargeMessageRequest {
  readonly request: SipRequest;
  readonly identity: Identity;
  readonly recipient: Address;
  readonly media: Pick<MessageMedia, 'file' | 'acceptTypes'> | undefined;
  readonly kind: SessionKind;
}

/** Before anything of the message has come: its type is known when it does. */
export function readLargeMessage(
  { request, identity, recipient, media, kind }: LargeMessageRequest,
  now: Millis,
): Result<SubmissionHead, UnreadableMessage> {
  const { headers } = request;
  const condition = conditionOf(headers);
  if (!condition.ok) return condition;
  const validity = validityOf(headers);
  if (!validity.ok) return validity;
  if (request.maxForwards === 0) return err({ status: 483, words: 'too many hops' });
  const { autoSubmitted, isAutomatic } = automaticOrigin(headers);
  const file = media?.file;
  return ok({
    message: {
      sender: identity.principal,
      recipient,
      origin: 'sip',
      sentAt: sentAt(headers, now),
      contentType: file?.type ?? media?.acceptTypes[0] ?? 'application/octet-stream',
      reportsWanted: [],
      ...optional('ownSession', ownSessions[kind]),
      ...optional('hopsLeft', hopsLeftOf(request)),
      ...optional('senderName', request.from.displayName),
      ...optional('subject', headers.get('Subject')),
      ...optional('priority', headers.get('Priority')),
      ...optional('contentDisposition', file === undefined ? undefined : dispositionOf(file)),
      ...optional('autoSubmitted', autoSubmitted),
    },
    bytes: file?.size,
    ...optional('condition', condition.value),
    ...optional('validityMs', validity.value),
    duplicateKeys: [transactionKey(request)],
    isTrusted: identity.isTrusted,
    isAutomatic,
    isTransient: false,
  });
}

const ownSessions = { 'large-message': 'large-message', 'file-transfer': 'file', conversation: undefined } as const;

export interface ContentWords {
  readonly contentType: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

/** `first`: the first octets, at least those of the envelope's headers where it has one. */
export function withContent(
  head: SubmissionHead,
  { contentType, headers }: ContentWords,
  first: Uint8Array,
): Result<SubmissionHead, UnreadableMessage> {
  const { message, duplicateKeys, isAutomatic = false } = head;
  const envelope = readEnvelope({ contentType, body: first }, { principal: message.sender }, message.sentAt);
  if (!envelope.ok) return envelope;
  const { reportsWanted, reportReference, isReport, duplicateKeys: names } = envelope.value;
  const disposition = headers.find(({ name }) => name.toLowerCase() === 'content-disposition')?.value;
  return ok({
    ...head,
    message: {
      ...message,
      contentType,
      reportsWanted,
      ...optional('contentDisposition', disposition ?? message.contentDisposition),
      ...optional('reportReference', reportReference),
    },
    duplicateKeys: [...duplicateKeys, ...names],
    isAutomatic: isAutomatic || isReport || mediaTypeOf(contentType) === imdnContentType,
  });
}

/** What was kept of a file, as it is offered (RFC 5547 6). */
export function fileOf(
  { contentDisposition = '', contentType, large }: InstantMessage,
  transferId: string,
): MessageFile {
  const name = parseContentType(`x/x;${contentDisposition}`)?.parameters.get('filename');
  const type = mediaTypeOf(contentType);
  const words = [...(name === undefined ? [] : [`name:"${escapeName(name)}"`]), `type:${type}`];
  if (large !== undefined) words.push(`size:${large.bytes}`);
  return {
    selector: words.join(' '),
    transferId,
    disposition: contentDisposition.startsWith('inline') ? 'render' : 'attachment',
  };
}

function escapeName(name: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return name.replace(/["%\u0000-\u001f\u007f]/g, encodeURIComponent);
}

/** RFC 5547 6 in the words of RFC 2183. */
function dispositionOf({ name, disposition }: MessageFile): string {
  const kind = disposition === 'render' ? 'inline' : 'attachment';
  return name === undefined ? kind : `${kind}; filename=${quote(name)}`;
}
