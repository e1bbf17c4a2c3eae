/**
 * A SIP request and a SIP response as values (RFC 3261 7): the rows as they came and, next to them, the fields that
 * every layer asks for, read once. Changing the rows does not change the fields. It knows no transport.
 */
import { assert } from '../../base/assert.ts';
import type { Result } from '../../base/result.ts';
import { firstMemberEnd } from './grammar/split-list.ts';
import { parseCSeq } from './header-values.ts';
import { parseContacts, parseNameAddr } from './name-addr.ts';
import type { NameAddr } from './name-addr.ts';
import type { SipHeaders } from './sip-headers.ts';
import { parseSipUri } from './sip-uri.ts';
import type { SipUri } from './sip-uri.ts';
import { formatVia, parseViaList } from './via.ts';
import type { Via } from './via.ts';

export interface SipRequest {
  readonly kind: 'request';
  /** Compared with case (RFC 3261 7.1). Any token: whether it is one of `knownSipMethods` is for the caller (501). */
  readonly method: string;
  readonly requestUri: string;
  /** `requestUri` read; its scheme may be one that the caller must refuse (416). */
  readonly uri: SipUri;
  readonly headers: SipHeaders;
  /** A view of the octets that were parsed, not a copy. */
  readonly body: Uint8Array;
  readonly topVia: Via;
  /** All of them in order, the topmost first. */
  readonly vias: readonly Via[];
  readonly from: NameAddr;
  readonly to: NameAddr;
  readonly callId: string;
  readonly cseq: number;
  /** 0 to 255; undefined when absent or larger (RFC 4475 3.1.2.4). */
  readonly maxForwards: number | undefined;
}

export interface SipResponse {
  readonly kind: 'response';
  /** 100 to 699. */
  readonly status: number;
  readonly reason: string;
  readonly headers: SipHeaders;
  /** A view of the octets that were parsed, not a copy. */
  readonly body: Uint8Array;
  readonly topVia: Via;
  /** More than one means that the response is not for us (RFC 3261 8.1.3.3). */
  readonly vias: readonly Via[];
  readonly from: NameAddr;
  readonly to: NameAddr;
  readonly callId: string;
  readonly cseq: number;
  readonly cseqMethod: string;
}

export type SipMessage = SipRequest | SipResponse;

/** The Contact rows, read; an empty list when there are none, `*` for the one of REGISTER. */
export function contactsOf(message: SipMessage): Result<readonly NameAddr[] | '*', string> {
  return parseContacts(message.headers.getAll('Contact'));
}

/** The request with another topmost Via, as the receiving transport completes it; the rows are changed in place. */
export function withTopVia(request: SipRequest, via: Via): SipRequest {
  const { headers, vias } = request;
  const row = headers.get('Via');
  assert(row !== undefined, 'a request has a Via');
  headers.replaceFirst('Via', formatVia(via) + restOfRow(row));
  return { ...request, topVia: via, vias: vias.with(0, via) };
}

function restOfRow(row: string): string {
  return row.includes(',') ? row.slice(firstMemberEnd(row)) : '';
}

export interface SipRequestParts {
  readonly method: string;
  readonly requestUri: string;
  /** With Via, From, To, Call-ID and CSeq. */
  readonly headers: SipHeaders;
  readonly body?: Uint8Array;
}

/** A request of our own from its rows; asserts that the rows are complete and well formed. */
export function createSipRequest(parts: SipRequestParts): SipRequest {
  const { method, requestUri, headers } = parts;
  const uri = unwrap(parseSipUri(requestUri));
  const { cseqMethod, ...fields } = readFields(headers);
  assert(cseqMethod === method, `CSeq names ${cseqMethod} in a ${method}`);
  const maxForwards = headers.get('Max-Forwards');
  return {
    kind: 'request',
    method,
    requestUri,
    uri,
    headers,
    body: parts.body ?? EMPTY,
    ...fields,
    maxForwards: maxForwards === undefined ? undefined : Number(maxForwards),
  };
}

export interface SipResponseParts {
  readonly status: number;
  readonly reason: string;
  readonly headers: SipHeaders;
  readonly body?: Uint8Array;
}

/** A response of our own from its rows; asserts that the rows are complete and well formed. */
export function createSipResponse(parts: SipResponseParts): SipResponse {
  const { status, reason, headers } = parts;
  assert(status >= 100 && status <= 699, `no status of SIP: ${status}`);
  return { kind: 'response', status, reason, headers, body: parts.body ?? EMPTY, ...readFields(headers) };
}

const EMPTY = new Uint8Array(0);

type CommonFields = Pick<SipResponse, 'topVia' | 'vias' | 'from' | 'to' | 'callId' | 'cseq' | 'cseqMethod'>;

function readFields(headers: SipHeaders): CommonFields {
  const vias = unwrap(parseViaList(headers.getAll('Via')));
  const [topVia] = vias;
  assert(topVia !== undefined, 'a message has a Via');
  const callId = headers.get('Call-ID');
  assert(callId !== undefined, 'a message has a Call-ID');
  const cseq = unwrap(parseCSeq(headers.get('CSeq') ?? ''));
  const from = unwrap(parseNameAddr(headers.get('From') ?? ''));
  const to = unwrap(parseNameAddr(headers.get('To') ?? ''));
  return { topVia, vias, from, to, callId, cseq: cseq.number, cseqMethod: cseq.method };
}

function unwrap<T>(result: Result<T, string>): T {
  assert(result.ok, `our own message is malformed: ${result.ok ? '' : result.error}`);
  return result.value;
}
