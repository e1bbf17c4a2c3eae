/**
 * What a client is told of a message that is too large for it, from the assistant: what waits, from whom, and how to fetch it
 * over HTTP. It says the same of one that waited for its moment and of one that waited for a client.
 */
import type { AnnouncedMessage } from '../../../delivery/ports.ts';
import { mediaTypeOf } from '../../../formats/content-type.ts';
import { type Address, domainOf } from '../../../model/address.ts';
import { bodyBytesOf, type InstantMessage } from '../../../model/instant-message.ts';

type Told = Omit<AnnouncedMessage, 'attemptNumber'>;

/** As a message with the same id. */
export function noticeInstead(announced: Told, contentUrl: string): Told {
  const { message } = announced;
  const { recipient, sentAt } = message;
  const notice: InstantMessage = {
    sender: `inbox@${domainOf(recipient)}` as Address,
    recipient,
    origin: 'imps',
    sentAt,
    contentType: 'text/plain;charset=UTF-8',
    body: new TextEncoder().encode(wordsOf(message, contentUrl)),
    reportsWanted: [],
  };
  return { ...announced, message: notice };
}

function wordsOf(message: InstantMessage, contentUrl: string): string {
  const { sender, senderName, subject, contentType } = message;
  const from = senderName === undefined ? sender : `${senderName} (${sender})`;
  const about = subject === undefined ? '' : ` about "${subject}"`;
  return (
    `A message from ${from}${about} waits for you that is too large for this client: ` +
    `${mediaTypeOf(contentType)}, ${bodyBytesOf(message)} bytes. Fetch it with your address and password: ${contentUrl}`
  );
}
