/**
 * A message summary (RFC 3842 5.2): whether something waits, how much, and the headers of some of it. What is written into
 * it is one line each; the newest ones go in as far as there is room.
 */

export const messageSummaryContentType = 'application/simple-message-summary';

export interface MessageSummary {
  /** The URI of the mailbox. */
  readonly account: string;
  readonly newMessages: number;
  readonly oldMessages: number;
  /** The first is the most important one. */
  readonly messages: readonly SummarizedMessage[];
}

/** Header values. */
export interface SummarizedMessage {
  readonly messageId: string;
  readonly from: string;
  readonly date: string;
  readonly subject?: string;
}

/** `bytesMax`: leaves out messages from the end until it fits; the counts are always there. */
export function formatMessageSummary(summary: MessageSummary, bytesMax = Number.POSITIVE_INFINITY): Uint8Array {
  const { account, newMessages, oldMessages, messages } = summary;
  const isWaiting = newMessages > 0;
  const encoder = new TextEncoder();
  const head = [
    `Messages-Waiting: ${isWaiting ? 'yes' : 'no'}`,
    `Message-Account: ${oneLine(account)}`,
    `Text-Message: ${newMessages}/${oldMessages}`,
  ];
  const parts = [encoder.encode(linesOf(head))];
  let bytes = parts[0]?.length ?? 0;
  for (const message of messages) {
    const part = encoder.encode(`\r\n${linesOf(rowsOf(message))}`);
    if (bytes + part.length > bytesMax) break;
    bytes += part.length;
    parts.push(part);
  }
  return joined(parts, bytes);
}

function rowsOf({ messageId, from, date, subject }: SummarizedMessage): string[] {
  const rows = [`Message-ID: ${oneLine(messageId)}`, `From: ${oneLine(from)}`, `Date: ${oneLine(date)}`];
  if (subject !== undefined) rows.push(`Subject: ${oneLine(subject)}`);
  return rows;
}

function linesOf(rows: readonly string[]): string {
  return rows.map((row) => `${row}\r\n`).join('');
}

/** A line break in a value would be another header. */
function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- those are what is looked for
  return text.replaceAll(/[\0-\x1f\x7f]+/g, ' ');
}

function joined(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
