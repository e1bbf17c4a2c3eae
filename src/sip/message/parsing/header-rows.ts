/**
 * Reads the rows of a header section: names, folds (RFC 3261 7.3.1), what may occur once only, and the values that
 * every message needs. All other values are kept as they are: whoever needs one reads it.
 */
import { unreachable } from '../../../base/assert.ts';
import { AT, isWhite, LF, skipAll, skipWhite, TOKEN, WORD } from '../grammar/characters.ts';
import { Scanner } from '../grammar/scanner.ts';
import { knownHeaderAt } from '../header-names.ts';
import type { KnownHeader } from '../header-names.ts';
import { readCSeq } from '../header-values.ts';
import { readWholeNameAddr } from '../name-addr.ts';
import { readViasInto } from '../via.ts';
import { ABSENT } from './message-draft.ts';
import type { MessageDraft } from './message-draft.ts';

const MAX_FORWARDS_MAX = 255;
const LONELY = 'CR or LF on its own in the header section';

/** False when there is a fault, which ends the reading. */
export function readRows(draft: MessageDraft): boolean {
  const { text, headers } = draft;
  while (draft.at < text.length) {
    if (headers.size === draft.limits.headerRowsMax) draft.fail(513, 'too many header rows');
    else readRow(draft);
    if (draft.fault !== '') return false;
  }
  return true;
}

function readRow(draft: MessageDraft): void {
  const { text, codes } = draft;
  const nameStart = draft.at;
  const lineEnd = text.indexOf('\r', nameStart);
  if (codes[lineEnd + 1] !== LF) return draft.fail(400, LONELY);
  const colon = text.indexOf(':', nameStart);
  let nameEnd = colon;
  while (nameEnd > nameStart && isWhite(codes[nameEnd - 1] ?? 0)) nameEnd--;
  const known = knownHeaderAt(codes, nameStart, nameEnd);
  if (known === undefined && (colon > lineEnd || !isTokenRange(codes, nameStart, nameEnd))) {
    return draft.fail(400, 'malformed header name');
  }
  const start = skipWhite(codes, colon + 1, lineEnd);
  draft.at = lineEnd + 2;
  let at = lineEnd;
  const isFolded = isWhite(codes[draft.at] ?? 0);
  while (at > start && isWhite(codes[at - 1] ?? 0)) at--;
  const value = isFolded ? unfold(draft, start) : text.slice(start, at);
  // What is read below takes no LF anyway; in what is only kept it must not stand on its own.
  if (
    (known === undefined || known.role === 'none' || known.role === 'contact') &&
    text.indexOf('\n', start) < lineEnd
  ) {
    return draft.fail(400, LONELY);
  }
  if (known === undefined) {
    const name = text.slice(nameStart, nameEnd);
    return draft.headers.addRow(name.toLowerCase(), name, value);
  }
  draft.headers.addRow(known.name, known.name, value);
  if ((draft.seen & known.singleBit) !== 0) return draft.fail(400, `${known.name} occurs twice`);
  draft.seen |= known.singleBit;
  if (known.role === 'none') return;
  if (isFolded) return readValue(draft, known, new Scanner(value));
  draft.scanner.reset(start, at);
  readValue(draft, known, draft.scanner);
}

/** A token, which the names of the registry are anyway; there is none without a colon in the row. */
function isTokenRange(codes: Uint8Array, start: number, end: number): boolean {
  return end > start && skipAll(codes, start, end, TOKEN) === end;
}

/** The value with each fold as one space (RFC 3261 7.3.1); moves on behind its last line. */
function unfold(draft: MessageDraft, start: number): string {
  const { text, codes } = draft;
  let value = '';
  for (let from = start; ; from = draft.at) {
    const lineEnd = text.indexOf('\r\n', from);
    const line = trimWhite(text.slice(from, lineEnd));
    if (line.includes('\n') || line.includes('\r')) draft.fail(400, LONELY);
    value += value !== '' && line !== '' ? ` ${line}` : line;
    draft.at = lineEnd + 2;
    if (!isWhite(codes[draft.at] ?? 0)) return value;
  }
}

function trimWhite(line: string): string {
  let start = 0;
  let end = line.length;
  while (start < end && isWhite(line.charCodeAt(start))) start++;
  while (end > start && isWhite(line.charCodeAt(end - 1))) end--;
  return line.slice(start, end);
}

/** Reads a value that every message needs; the scanner stands on it. */
function readValue(draft: MessageDraft, known: KnownHeader, scanner: Scanner): void {
  switch (known.role) {
    case 'via':
      readViasInto(scanner, draft.vias);
      break;
    case 'from':
      draft.from = readWholeNameAddr(scanner);
      break;
    case 'to':
      draft.to = readWholeNameAddr(scanner);
      break;
    case 'call-id':
      draft.callId = readCallId(scanner);
      break;
    case 'cseq':
      readCSeqInto(draft, scanner);
      break;
    case 'max-forwards':
      draft.maxForwards = readWholeNumber(scanner);
      // RFC 4475 3.1.2.4: what is above the range may be treated as absent.
      if (draft.maxForwards !== undefined && draft.maxForwards > MAX_FORWARDS_MAX) draft.maxForwards = undefined;
      break;
    case 'content-length':
      draft.contentLength = readWholeNumber(scanner) ?? ABSENT;
      break;
    case 'contact':
      draft.hasContact = true;
      break;
    case 'none':
      break;
    default:
      unreachable(known.role);
  }
  if (scanner.fault !== '') draft.fail(400, `${known.name}: ${scanner.fault}`);
}

function readCSeqInto(draft: MessageDraft, scanner: Scanner): void {
  const cseq = readCSeq(scanner, draft.method);
  if (cseq === undefined) return;
  draft.cseq = cseq.number;
  draft.cseqMethod = cseq.method;
}

function readWholeNumber(scanner: Scanner): number | undefined {
  const number = scanner.readNumber();
  return number === undefined || !scanner.isAtEnd() ? scanner.fail('not a number') : number;
}

/** word [ "@" word ] */
function readCallId(scanner: Scanner): string | undefined {
  const { text, at: start } = scanner;
  const isWord = scanner.skipWhile(WORD) > 0;
  const isWhole = isWord && (!scanner.take(AT) || scanner.skipWhile(WORD) > 0) && scanner.isAtEnd();
  return isWhole ? text.slice(start, scanner.end) : scanner.fail('malformed');
}
