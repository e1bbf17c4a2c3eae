/**
 * What is left of a message that does not fit the grammar: the status that names the fault and the rows that an
 * answer copies (RFC 3261 8.2.6.2), gathered without believing any of it. Only slow paths come here.
 */
import { isWhite } from './grammar/characters.ts';
import { Scanner } from './grammar/scanner.ts';
import { headerKeyOf } from './header-names.ts';
import { readAnswerableVia } from './via.ts';
import type { Via } from './via.ts';

export type MalformedStatus = 400 | 413 | 414 | 501 | 505 | 513;

/** The rows that an answer copies, as they stood; of a header that occurred twice the first. */
export interface RequestEcho {
  /** Undefined when not even that could be read. */
  readonly method: string | undefined;
  /** Where the answer goes; parameters behind a malformed one are missing. */
  readonly topVia: Via;
  /** All rows, the topmost first. */
  readonly vias: readonly string[];
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly callId: string | undefined;
  readonly cseq: string | undefined;
}

export interface MalformedRequest {
  readonly kind: 'malformed-request';
  readonly status: MalformedStatus;
  /** What is wrong, fit for the Reason-Phrase or a Warning. */
  readonly reason: string;
  readonly echo: RequestEcho;
}

export type MalformedMessage =
  | MalformedRequest
  | { readonly kind: 'malformed-response'; readonly reason: string }
  /** No usable Via, or an ACK, which is never answered. */
  | { readonly kind: 'unanswerable'; readonly reason: string };

/** `text` is the header section, or as much of it as there is. */
export function malformed(text: string, status: MalformedStatus, reason: string): MalformedMessage {
  if (text.slice(0, 4).toUpperCase() === 'SIP/') return { kind: 'malformed-response', reason };
  const echo = readEcho(text);
  if (echo === undefined || echo.method === 'ACK') return { kind: 'unanswerable', reason };
  return { kind: 'malformed-request', status, reason, echo };
}

function readEcho(text: string): RequestEcho | undefined {
  const lines = text.split('\r\n');
  const vias: string[] = [];
  const firsts = new Map<string, string>();
  for (let i = 1; i < lines.length;) {
    let line = lines[i++] ?? '';
    const folds = [line];
    while (i < lines.length && isWhite(lines[i]?.charCodeAt(0) ?? 0)) folds.push(lines[i++] ?? '');
    if (folds.length > 1) line = folds.join(' ');
    const colon = line.indexOf(':');
    if (colon === -1) continue;
    const key = headerKeyOf(line.slice(0, colon).trim());
    const value = line.slice(colon + 1).trim();
    if (key === 'Via') vias.push(value);
    else if (!firsts.has(key)) firsts.set(key, value);
  }
  const topVia = readAnswerableVia(vias[0] ?? '');
  if (topVia === undefined) return undefined;
  return {
    method: readMethod(lines[0] ?? ''),
    topVia,
    vias,
    from: firsts.get('From'),
    to: firsts.get('To'),
    callId: firsts.get('Call-ID'),
    cseq: firsts.get('CSeq'),
  };
}

function readMethod(line: string): string | undefined {
  return new Scanner(line).readToken();
}
