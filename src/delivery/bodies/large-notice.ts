/**
 * What a client that cannot have a large message is told in place of it, from the assistant, who can be asked for it again: what
 * waits, from whom, and how to fetch it. It says the same of one that waited for its moment and of one that waited for a client.
 */
import { type Address, domainOf } from '../../model/address.ts';
import { bodyBytesOf, type InstantMessage } from '../../model/instant-message.ts';

export interface LargeNoticePlan {
  /** Of the client's protocol. */
  readonly origin: InstantMessage['origin'];
  /** Of the content, without parameters. */
  readonly mediaType: string;
  readonly contentUrl: string;
}

export function largeNotice(message: InstantMessage, plan: LargeNoticePlan): InstantMessage {
  const { recipient, sentAt } = message;
  return {
    sender: `inbox@${domainOf(recipient)}` as Address,
    recipient,
    origin: plan.origin,
    sentAt,
    contentType: 'text/plain;charset=UTF-8',
    body: new TextEncoder().encode(wordsOf(message, plan)),
    autoSubmitted: 'auto-generated',
    reportsWanted: [],
  };
}

function wordsOf(message: InstantMessage, { mediaType, contentUrl }: LargeNoticePlan): string {
  const { sender, senderName, subject } = message;
  const from = senderName === undefined ? sender : `${senderName} (${sender})`;
  const about = subject === undefined ? '' : ` about "${subject}"`;
  const what = `${mediaType}, ${formatBytes(bodyBytesOf(message))}`;
  return (
    `A message from ${from}${about} waits for you that is too large for this client: ${what}. ` +
    `Fetch it with your address and password: ${contentUrl}`
  );
}

/** In the largest unit of which there is one at least. */
function formatBytes(bytes: number): string {
  const units = ['KiB', 'MiB', 'GiB'];
  let size = bytes;
  let unit = 'bytes';
  while (size >= 1024 && units.length > 0) {
    size /= 1024;
    unit = units.shift() ?? unit;
  }
  return unit === 'bytes' ? `${bytes} bytes` : `${size < 10 ? size.toFixed(1) : Math.floor(size)} ${unit}`;
}
