/**
 * What a client that takes no large message is told in place of it: what waits, from whom, and how to fetch it over HTTP. It
 * says the same of one that waited for its moment and of one that waited for a client.
 */
import type { OutgoingMessage } from '../../../delivery/ports.ts';
import { mediaTypeOf } from '../../../formats/content-type.ts';
import { type Address, domainOf } from '../../../model/address.ts';
import { bodyBytesOf, type InstantMessage } from '../../../model/instant-message.ts';

/** As a pager message from the assistant, who can be asked for it again. */
export function largeNotice({ message, ...outgoing }: OutgoingMessage, contentUrl: string): OutgoingMessage {
  const { recipient, sentAt } = message;
  const notice: InstantMessage = {
    sender: `inbox@${domainOf(recipient)}` as Address,
    recipient,
    origin: 'sip',
    sentAt,
    contentType: 'text/plain;charset=UTF-8',
    body: new TextEncoder().encode(largeNoticeText(message, contentUrl)),
    autoSubmitted: 'auto-generated',
    reportsWanted: [],
  };
  return { ...outgoing, message: notice };
}

function largeNoticeText(message: InstantMessage, contentUrl: string): string {
  const { sender, senderName, subject, contentType } = message;
  const from = senderName === undefined ? sender : `${senderName} (${sender})`;
  const about = subject === undefined ? '' : ` about "${subject}"`;
  const what = `${mediaTypeOf(contentType)}, ${formatBytes(bodyBytesOf(message))}`;
  return (
    `A message from ${from}${about} waits for you that is too large for this client: ${what}. ` +
    `Fetch it with your address and password: ${contentUrl}`
  );
}

/** In the largest unit of which there is one at least. */
export function formatBytes(bytes: number): string {
  const units = ['KiB', 'MiB', 'GiB'];
  let size = bytes;
  let unit = 'bytes';
  while (size >= 1024 && units.length > 0) {
    size /= 1024;
    unit = units.shift() ?? unit;
  }
  return unit === 'bytes' ? `${bytes} bytes` : `${size < 10 ? size.toFixed(1) : Math.floor(size)} ${unit}`;
}
