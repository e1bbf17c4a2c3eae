/**
 * Octets into a SIP message (RFC 3261 7, 8.1.1, 18.3 and 25.1), with every check that needs nothing but the message:
 * what is wrong with it is a value that names the status to answer with. It knows no transport and throws nothing.
 */
import { codesOf, CR, LF } from './grammar/characters.ts';
import { knownSipMethods } from './grammar/methods.ts';
import { decodeUtf8 } from './grammar/utf8.ts';
import { malformed } from './malformed-message.ts';
import type { MalformedMessage } from './malformed-message.ts';
import { parseContacts } from './name-addr.ts';
import { findHeaderEnd } from './parsing/header-end.ts';
import { readRows } from './parsing/header-rows.ts';
import { ABSENT, MessageDraft } from './parsing/message-draft.ts';
import { defaultMessageLimits } from './parsing/message-limits.ts';
import type { MessageLimits } from './parsing/message-limits.ts';
import { isStatusLine, readRequestLine, readStatusLine } from './parsing/start-line.ts';
import type { SipRequest, SipResponse } from './sip-message.ts';

export { defaultMessageLimits };
export type { MessageLimits };

export type ParsedSip =
  | { readonly kind: 'request'; readonly message: SipRequest }
  | { readonly kind: 'response'; readonly message: SipResponse }
  | MalformedMessage;

/** Methods whose Contact is needed to serve them; a malformed one in any other is ignored (RFC 3261 8.2.2). */
const CONTACT_METHODS = new Set(['REGISTER', 'INVITE', 'SUBSCRIBE', 'NOTIFY', 'UPDATE', 'REFER']);

/**
 * Reads one message: a datagram, a WebSocket message, or what the stream framer cut out. The body of the answer is a
 * view of `bytes`. Without Content-Length the body goes to the end; what is behind a shorter body is ignored.
 */
export function parseSipMessage(bytes: Uint8Array, limits: MessageLimits = defaultMessageLimits): ParsedSip {
  const start = skipLineEnds(bytes);
  const end = findHeaderEnd(bytes, start);
  if (end === ABSENT || end - start > limits.headerSectionBytesMax) return refuseHeaders(bytes.subarray(start), limits);
  const head = bytes.subarray(start, end - 2);
  const text = decodeUtf8(head);
  // Equal lengths mean that each octet became one UTF-16 unit.
  const codes = text.length === head.length ? head : codesOf(text);
  const draft = new MessageDraft(text, codes, limits);
  const rest = bytes.subarray(end);
  return isStatusLine(codes) ? readResponse(draft, rest) : readRequest(draft, rest);
}

function refuseHeaders(bytes: Uint8Array, limits: MessageLimits): MalformedMessage {
  const text = decodeUtf8(bytes.subarray(0, limits.headerSectionBytesMax));
  return bytes.length > limits.headerSectionBytesMax
    ? malformed(text, 513, 'header section too long')
    : malformed(text, 400, 'header section does not end with an empty line');
}

/** Line ends before the start line do not count (RFC 3261 7.5). */
function skipLineEnds(bytes: Uint8Array): number {
  let at = 0;
  while (bytes[at] === CR && bytes[at + 1] === LF) at += 2;
  return at;
}

function readRequest(draft: MessageDraft, rest: Uint8Array): ParsedSip {
  const line = readRequestLine(draft);
  const fields = line === undefined ? undefined : readFields(draft);
  if (line === undefined || fields === undefined) return malformed(draft.text, draft.faultStatus, draft.fault);
  const { method } = line;
  const body = takeBody(draft, rest);
  if (draft.cseqMethod !== method) {
    // The caller would answer an unknown method with 501 anyway, which tells more (RFC 4475 3.1.2.18).
    draft.fail(knownSipMethods.has(method) ? 400 : 501, `CSeq names ${draft.cseqMethod}, the request is ${method}`);
  }
  checkContact(draft, method);
  if (body === undefined || draft.fault !== '') return malformed(draft.text, draft.faultStatus, draft.fault);
  const { headers, vias, cseq, maxForwards } = draft;
  const { topVia, from, to, callId } = fields;
  const { requestUri, uri } = line;
  return {
    kind: 'request',
    message: {
      kind: 'request',
      method,
      requestUri,
      uri,
      headers,
      body,
      topVia,
      vias,
      from,
      to,
      callId,
      cseq,
      maxForwards,
    },
  };
}

function readResponse(draft: MessageDraft, rest: Uint8Array): ParsedSip {
  const line = readStatusLine(draft);
  const fields = line === undefined ? undefined : readFields(draft);
  if (line === undefined || fields === undefined) return { kind: 'malformed-response', reason: draft.fault };
  const body = takeBody(draft, rest);
  checkContact(draft, draft.cseqMethod);
  if (body === undefined || draft.fault !== '') return { kind: 'malformed-response', reason: draft.fault };
  const { headers, vias, cseq, cseqMethod } = draft;
  return { kind: 'response', message: { kind: 'response', ...line, headers, body, vias, cseq, cseqMethod, ...fields } };
}

type Fields = Pick<SipRequest, 'topVia' | 'from' | 'to' | 'callId'>;

/** Reads all rows and says which mandatory header is missing; a missing Max-Forwards is tolerated (RFC 4475 3.3.1). */
function readFields(draft: MessageDraft): Fields | undefined {
  if (!readRows(draft)) return undefined;
  const { from, to, callId } = draft;
  const [topVia] = draft.vias;
  if (topVia === undefined) return draft.fail(400, 'missing Via');
  if (from === undefined) return draft.fail(400, 'missing From');
  if (to === undefined) return draft.fail(400, 'missing To');
  if (callId === undefined) return draft.fail(400, 'missing Call-ID');
  if (draft.cseq === ABSENT) return draft.fail(400, 'missing CSeq');
  return { topVia, from, to, callId };
}

function checkContact(draft: MessageDraft, method: string): void {
  if (!draft.hasContact || !CONTACT_METHODS.has(method)) return;
  const contacts = parseContacts(draft.headers.getAll('Contact'));
  if (!contacts.ok) draft.fail(400, `Contact: ${contacts.error}`);
}

/** RFC 3261 18.3: a shorter Content-Length cuts, a longer one is an error, none means all. */
function takeBody(draft: MessageDraft, rest: Uint8Array): Uint8Array | undefined {
  const { contentLength } = draft;
  if (contentLength > rest.length) return draft.fail(400, 'Content-Length larger than the body');
  const length = contentLength === ABSENT ? rest.length : contentLength;
  if (length > draft.limits.bodyBytesMax) return draft.fail(413, 'too large');
  return length === rest.length ? rest : rest.subarray(0, length);
}
