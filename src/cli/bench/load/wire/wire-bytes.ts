/**
 * The little that a fast peer reads of a SIP message (RFC 3261 section 7): is it an answer, with what status, to which of
 * our transactions; and the answer 200 to a request, made of its own lines (section 8.2.6).
 */

/** Begins each of our branches, behind the cookie of RFC 3261 8.1.1.7. */
export const branchMark = 'z9hG4bKb';

export interface TransactionName {
  readonly number: number;
  readonly lane: number;
}

const markBytes = Buffer.from(branchMark, 'latin1');
const branchBytes = Buffer.from(';branch=', 'latin1');
const headEndBytes = Buffer.from('\r\n\r\n', 'latin1');
const S = 83;
const I = 73;
const P = 80;
const slash = 47;

/** Every answer begins with `SIP/`, and no method does. */
export function isAnswer(bytes: Buffer): boolean {
  return bytes[0] === S && bytes[1] === I && bytes[2] === P && bytes[3] === slash;
}

/** Of an answer. */
export function statusOf(bytes: Buffer): number {
  return (digitAt(bytes, 8) * 10 + digitAt(bytes, 9)) * 10 + digitAt(bytes, 10);
}

/** Undefined for an answer to a request of somebody else. */
export function transactionOf(bytes: Buffer): TransactionName | undefined {
  const found = bytes.indexOf(markBytes);
  const start = found + markBytes.length;
  if (found < 0 || start + 11 > bytes.length) return undefined;
  return { number: readHex(bytes, start, 8), lane: readHex(bytes, start + 8, 3) };
}

/** The offset of the body; the length where there is none. */
export function bodyStartOf(bytes: Buffer): number {
  const end = bytes.indexOf(headEndBytes);
  return end < 0 ? bytes.length : end + headEndBytes.length;
}

/** A number that differs from request to request; the same for a retransmission (RFC 3261 17.2.3). */
export function hashOfBranch(bytes: Buffer): number {
  let hash = 0x811c9dc5;
  const found = bytes.indexOf(branchBytes);
  if (found < 0) return hash;
  for (let at = found + branchBytes.length; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    // A semicolon, a comma or any white space ends it.
    if (byte === 59 || byte === 44 || byte <= 32) break;
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash;
}

export function readDecimal(bytes: Buffer, start: number, width: number): number {
  let value = 0;
  for (let at = start; at < start + width; at += 1) value = value * 10 + digitAt(bytes, at);
  return value;
}

/** The value of the first header of this name, spelt long; for the few answers that are looked at closely. */
export function headerOf(bytes: Buffer, name: string): string | undefined {
  const head = bytes.toString('latin1', 0, bodyStartOf(bytes));
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0 && line.slice(0, colon).trim().toLowerCase() === name) return line.slice(colon + 1).trim();
  }
  return undefined;
}

/** The names of the lines that an answer repeats, in lower case, long and compact. */
const repeatedNames = new Set(['via', 'v', 'from', 'f', 'call-id', 'i', 'cseq']);

/** A 200 without a body; the tag that a To lacks is added. */
export function formatOkAnswer(request: Buffer): Buffer {
  const head = request.toString('latin1', 0, bodyStartOf(request));
  let answer = 'SIP/2.0 200 OK\r\n';
  let start = head.indexOf('\r\n') + 2;
  for (;;) {
    const end = head.indexOf('\r\n', start);
    if (end <= start) break;
    const colon = head.indexOf(':', start);
    const name = head.slice(start, colon).toLowerCase();
    if (repeatedNames.has(name)) answer += head.slice(start, end + 2);
    else if (name === 'to' || name === 't') {
      const line = head.slice(start, end);
      answer += line.includes(';tag=') ? `${line}\r\n` : `${line};tag=callee\r\n`;
    }
    start = end + 2;
  }
  return Buffer.from(`${answer}Content-Length: 0\r\n\r\n`, 'latin1');
}

function digitAt(bytes: Buffer, at: number): number {
  return (bytes[at] ?? 48) - 48;
}

function readHex(bytes: Buffer, start: number, width: number): number {
  let value = 0;
  for (let at = start; at < start + width; at += 1) {
    const byte = bytes[at] ?? 48;
    value = value * 16 + (byte >= 97 ? byte - 87 : byte - 48);
  }
  return value;
}
