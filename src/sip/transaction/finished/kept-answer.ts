/**
 * A final response without what its request says again: the retransmission of the request brings Via, From, To,
 * Call-ID and CSeq (RFC 3261 8.2.6.2), so only the rest is kept. It knows no time and no place.
 */
import type { SipHeaders } from '../../message/sip-headers.ts';
import type { SipRequest, SipResponse } from '../../message/sip-message.ts';

/** A response as it was sent, and where its middle lies, which is not kept. */
export interface CutAnswer {
  readonly bytes: Uint8Array;
  readonly startLineEnd: number;
  readonly tailStart: number;
  /** ASCII, and part of the middle; empty when the request had a To tag itself. */
  readonly toTag: string;
}

export interface KeptAnswer {
  /** With its line end. */
  readonly startLine: Uint8Array;
  readonly toTag: string;
  /** Everything behind the CSeq row. */
  readonly tail: Uint8Array;
}

/**
 * What to keep of the answer to a request that looks like this. Undefined when its copied rows do not stand in front,
 * so that it cannot be cut.
 */
export function cutAnswer(bytes: Uint8Array, response: SipResponse, request: SipRequest): CutAnswer | undefined {
  const toTag = request.to.tag === undefined ? (response.to.tag ?? '') : '';
  if (!measureCopiedRows(response.headers) || !isAscii(toTag)) return undefined;
  const startLineEnd = bytes.indexOf(LF) + 1;
  const guess = startLineEnd + copied.length;
  // Rows that are not ASCII are longer than their text; then the lines are counted.
  const tailStart = endsWithCseq(bytes, guess) ? guess : skipLines(bytes, startLineEnd, copied.rows);
  return { bytes, startLineEnd, tailStart, toTag };
}

/** The octets of the same answer once more. */
export function formatKeptAnswer(kept: KeptAnswer, request: SipRequest): Uint8Array {
  const { headers } = request;
  let rows = '';
  for (const via of headers.getAll('Via')) rows += `Via: ${via}\r\n`;
  const tag = kept.toTag === '' ? '' : `;tag=${kept.toTag}`;
  rows += `From: ${headers.get('From') ?? ''}\r\nTo: ${headers.get('To') ?? ''}${tag}\r\n`;
  rows += `Call-ID: ${request.callId}\r\nCSeq: ${headers.get('CSeq') ?? ''}\r\n`;
  const { startLine, tail } = kept;
  const middle = utf8.encode(rows);
  const bytes = new Uint8Array(startLine.length + middle.length + tail.length);
  bytes.set(startLine);
  bytes.set(middle, startLine.length);
  bytes.set(tail, startLine.length + middle.length);
  return bytes;
}

const LF = 10;
const utf8 = new TextEncoder();
const ROW_EXTRA = ': \r\n'.length;
const CSEQ_START = '\nCSeq: ';
/** Via, From, To, Call-ID, CSeq. */
const COPIED_ROWS_MIN = 5;

/** The rows up to CSeq, measured without a closure for each response; nothing runs between first row and last. */
const copied = {
  rows: 0,
  /** Of the rows with their line ends, in letters. */
  length: 0,
  isInFront: true,
  cseq: '',
  visit: (name: string, value: string): void => {
    if (copied.cseq !== '' || !copied.isInFront) return;
    if (name === 'CSeq') copied.cseq = value;
    else copied.isInFront = name === 'Via' || name === 'From' || name === 'To' || name === 'Call-ID';
    copied.rows++;
    copied.length += name.length + value.length + ROW_EXTRA;
  },
};

/** Leaves its findings in `copied`; false when another row stands between them or CSeq comes first. */
function measureCopiedRows(headers: SipHeaders): boolean {
  copied.rows = 0;
  copied.length = 0;
  copied.isInFront = true;
  copied.cseq = '';
  // eslint-disable-next-line unicorn/no-array-for-each -- not an array, and an iterator would cost more than the rest
  headers.forEach(copied.visit);
  return copied.cseq !== '' && copied.isInFront && copied.rows >= COPIED_ROWS_MIN;
}

/** Whether the CSeq row ends there: it stands once in a header section. */
function endsWithCseq(bytes: Uint8Array, end: number): boolean {
  const valueEnd = end - 2;
  return (
    bytes[end - 1] === LF &&
    isTextAt(bytes, valueEnd - copied.cseq.length, copied.cseq) &&
    isTextAt(bytes, valueEnd - copied.cseq.length - CSEQ_START.length, CSEQ_START)
  );
}

function isTextAt(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

function skipLines(bytes: Uint8Array, start: number, lines: number): number {
  let at = start;
  for (let i = 0; i < lines; i++) at = bytes.indexOf(LF, at) + 1;
  return at;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}
