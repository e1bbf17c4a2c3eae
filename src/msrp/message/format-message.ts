/** MSRP messages as bytes (RFC 4975 7.1, 9). */
import { formatByteRange } from './byte-range.ts';
import type { ContinuationFlag, MsrpRequestHead, MsrpResponseHead } from './msrp-message.ts';
import { formatMsrpPath } from './msrp-uri.ts';

const encoder = new TextEncoder();

/** What stands before the body of a request; with a Content-Type the empty line too. */
export function formatRequestHead(head: MsrpRequestHead): Uint8Array {
  const lines = [`MSRP ${head.transactionId} ${head.method}`, `To-Path: ${formatMsrpPath(head.toPath)}`];
  lines.push(`From-Path: ${formatMsrpPath(head.fromPath)}`);
  if (head.messageId !== undefined) lines.push(`Message-ID: ${head.messageId}`);
  if (head.byteRange !== undefined) lines.push(`Byte-Range: ${formatByteRange(head.byteRange)}`);
  if (head.successReport) lines.push('Success-Report: yes');
  if (head.failureReport !== 'yes') lines.push(`Failure-Report: ${head.failureReport}`);
  if (head.status !== undefined) lines.push(`Status: 000 ${digits(head.status)} ${commentOf(head.status)}`);
  for (const { name, value } of head.headers) lines.push(`${name}: ${value}`);
  if (head.contentType !== undefined) lines.push(`Content-Type: ${head.contentType}`, '');
  return encoder.encode(`${lines.join('\r\n')}\r\n`);
}

/** What stands behind it; behind a body with the line end that is not the body's. */
export function formatEndLine(transactionId: string, flag: ContinuationFlag, hasBody: boolean): Uint8Array {
  return encoder.encode(`${hasBody ? '\r\n' : ''}-------${transactionId}${flag}\r\n`);
}

/** A request in parts, so that its body is not copied; an empty one with a Content-Type has an empty body. */
export function formatRequest(head: MsrpRequestHead, body: Uint8Array, flag: ContinuationFlag): Uint8Array[] {
  const hasBody = head.contentType !== undefined;
  return [formatRequestHead(head), body, formatEndLine(head.transactionId, flag, hasBody)];
}

export function formatResponse(head: MsrpResponseHead): Uint8Array {
  const { transactionId, status, comment, toPath, fromPath, headers } = head;
  const lines = [`MSRP ${transactionId} ${digits(status)}${comment === '' ? '' : ` ${comment}`}`];
  lines.push(`To-Path: ${formatMsrpPath(toPath)}`, `From-Path: ${formatMsrpPath(fromPath)}`);
  for (const { name, value } of headers) lines.push(`${name}: ${value}`);
  lines.push(`-------${transactionId}$`);
  return encoder.encode(`${lines.join('\r\n')}\r\n`);
}

/** There are always three (RFC 4975 9), also of a status that means nothing and is passed on. */
function digits(status: number): string {
  return String(status).padStart(3, '0');
}

/** RFC 4975 10, RFC 4976 and RFC 7701. */
export function commentOf(status: number): string {
  return comments[status] ?? 'Unknown';
}

const comments: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  403: 'Forbidden',
  408: 'Timeout',
  413: 'Stop Sending',
  415: 'Unsupported Media Type',
  423: 'Out Of Bounds',
  481: 'No Such Session',
  501: 'Unknown Method',
  506: 'Session In Use',
};
