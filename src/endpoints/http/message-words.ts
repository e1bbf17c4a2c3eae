/** A message as its recipient gets it over HTTP: as text where it is text, else as base64. Says nothing of why it waited. */
import { isUtf8 } from 'node:buffer';
import type { OutgoingMessage } from '../../delivery/ports.ts';
import { systemInflate } from '../../base/system-inflate.ts';
import { decodeContent } from '../../formats/content-encoding.ts';
import { mediaTypeOf } from '../../formats/content-type.ts';
import { decodePlainText, plainTextOf } from '../../formats/plain-text.ts';

/** Octets that are read of encoded content to show its text; what was accepted has fewer. */
const decodedBytesMax = 16 * 1_048_576;

export interface ShownMessage {
  readonly id: string;
  readonly from: string;
  readonly at: string;
  readonly deferred: boolean;
  readonly subject?: string;
  readonly contentType: string;
  readonly contentEncoding?: string;
  readonly text?: string;
  readonly body?: string;
  /** In place of both, of one that is too large to go along. */
  readonly size?: number;
  readonly contentUrl?: string;
}

type ShownOf = Pick<OutgoingMessage, 'id' | 'message' | 'isDeferred'>;

export function shownMessage(outgoing: ShownOf): ShownMessage {
  const { contentType, contentEncoding, body, large } = outgoing.message;
  if (large !== undefined) return shownLarge(outgoing, large.bytes);
  const plain = plainTextOf(decodeContent(outgoing.message, systemInflate, decodedBytesMax));
  const text = plain === undefined ? undefined : decodePlainText(plain);
  const isWhole = text !== undefined && mediaTypeOf(contentType) === 'text/plain' && contentEncoding === undefined;
  return {
    ...shownNotice(outgoing),
    ...(contentEncoding === undefined ? {} : { contentEncoding }),
    ...(text === undefined ? {} : { text }),
    // What the text was taken out of goes along as it came.
    ...(isWhole && isUtf8(body) ? {} : { body: Buffer.from(body).toString('base64') }),
  };
}

/** Its reader fetches the content by itself, as a stream. */
function shownLarge(outgoing: ShownOf, size: number): ShownMessage {
  const { contentEncoding } = outgoing.message;
  return {
    ...shownNotice(outgoing),
    ...(contentEncoding === undefined ? {} : { contentEncoding }),
    size,
    contentUrl: `/v1/inbox/${outgoing.id}/content`,
  };
}

/** The same without content. */
export function shownNotice({
  id,
  message,
  isDeferred,
}: ShownOf): Omit<ShownMessage, 'text' | 'body' | 'contentEncoding' | 'size' | 'contentUrl'> {
  const { sender, sentAt, subject, contentType } = message;
  return {
    id,
    from: sender,
    at: new Date(sentAt).toISOString(),
    deferred: isDeferred,
    ...(subject === undefined ? {} : { subject }),
    contentType,
  };
}
