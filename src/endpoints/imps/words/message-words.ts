/** Messages between the CSP and the model: content in and out, and what a recipient is told of a message. */
import { err, ok, type Result } from '../../../base/result.ts';
import type { AnnouncedMessage } from '../../../delivery/ports.ts';
import { type Content, decodeContent, encodingOf, type Inflate } from '../../../formats/content-encoding.ts';
import { mediaTypeOf, parseContentType } from '../../../formats/content-type.ts';
import { decodePlainText, type PlainText, plainTextOf } from '../../../formats/plain-text.ts';
import type { PrimitiveValue } from '../../../imps/primitives/primitive.ts';
import { userIdOf } from './user-ids.ts';

export type MessageInfo = PrimitiveValue<'MessageNotification'>['messageInfo'];

/** What a recipient gets. */
export interface ShownMessage {
  readonly messageInfo: MessageInfo;
  readonly contentData: string;
  /** As it is carried. */
  readonly bytes: number;
}

export interface GivenContent {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** Octets that are read of encoded content to show its text; what was accepted has fewer. */
const decodedBytesMax = 1_048_576;

/** Text is passed on as UTF-8, whatever charset its type named. The error says in words what is wrong. */
export function contentOf({
  messageInfo,
  contentData = '',
}: PrimitiveValue<'SendMessage-Request'>): Result<GivenContent, string> {
  const { contentType = 'text/plain', contentEncoding, messageUri } = messageInfo;
  if (messageUri !== undefined && contentData === '') return err('Content that is somewhere else is not sent on');
  if (parseContentType(contentType) === undefined) return err(`ContentType may not be ${contentType.slice(0, 40)}`);
  if (typeof contentData !== 'string') return ok({ contentType, body: contentData });
  if (contentEncoding === 'BASE64') {
    const body = decodeBase64(contentData);
    return body === undefined ? err('ContentData is not BASE64') : ok({ contentType, body });
  }
  const isText = mediaTypeOf(contentType).startsWith('text/');
  return ok({ contentType: isText ? inUtf8(contentType) : contentType, body: encoder.encode(contentData) });
}

/** What is shown never says why it waited: the same for every reason. */
export function shownMessage(announced: Omit<AnnouncedMessage, 'attemptNumber'>, inflate: Inflate): ShownMessage {
  const { contentType, body, contentEncoding } = announced.message;
  const decoded = decodeContent(announced.message, inflate, decodedBytesMax);
  const readable = plainTextOf(decoded) ?? otherTextOf(decoded);
  const text = readable === undefined ? undefined : decodePlainText(readable);
  const isText = text !== undefined && readable !== undefined && !notInXml.test(text);
  const data = isText ? text : encodeBase64(contentEncoding === undefined ? body : decoded.body);
  const bytes = encoder.encode(data).length;
  const info = infoOf(announced, isText ? withoutCharset(readable.contentType) : contentType, bytes);
  return { messageInfo: { ...info, contentEncoding: isText ? 'None' : 'BASE64' }, contentData: data, bytes };
}

function infoOf(
  announced: Omit<AnnouncedMessage, 'attemptNumber'>,
  contentType: string,
  contentSize: number,
): MessageInfo {
  const { id, message, expiresAt } = announced;
  const recipient = { users: [{ userId: userIdOf(message.recipient) }], groups: [], contactLists: [] };
  return {
    messageId: id,
    contentType,
    contentSize,
    recipient,
    sender: { user: { userId: userIdOf(message.sender) } },
    dateTime: message.sentAt,
    // From DateTime on, so that both say when it is over.
    validity: Math.max(0, Math.min(validityMaxS, Math.floor((expiresAt - message.sentAt) / 1000))),
  };
}

/** What XML cannot carry (1.0, 2.2). */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const notInXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/u;

const validityMaxS = 0xffff_ffff;
const encoder = new TextEncoder();

function inUtf8(contentType: string): string {
  return `${withoutCharset(contentType)};charset=UTF-8`;
}

/** Text in a document has the characters of the document. */
function withoutCharset(contentType: string): string {
  return contentType.replace(/;\s*charset\s*=\s*(?:"[^"]*"|[^;\s]*)/i, '');
}

/** A card, a calendar: text that is no plain text. */
function otherTextOf({ contentType, contentEncoding, body }: Content): PlainText | undefined {
  const isText = mediaTypeOf(contentType).startsWith('text/') && encodingOf(contentEncoding) === 'identity';
  return isText ? { contentType, body } : undefined;
}

function decodeBase64(text: string): Uint8Array | undefined {
  const compact = text.replaceAll(/[ \t\r\n]/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return undefined;
  try {
    return Uint8Array.from(atob(compact), (sign) => sign.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
