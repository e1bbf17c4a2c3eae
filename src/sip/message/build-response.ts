/**
 * The response to a request (RFC 3261 8.2.6): which rows it copies and what it adds. It decides no status.
 */
import { assert } from '../../base/assert.ts';
import { defaultReasonOf } from './grammar/reason-phrases.ts';
import type { OutgoingResponse } from './format-message.ts';
import type { MalformedRequest } from './malformed-message.ts';
import { parseNameAddr, withTag } from './name-addr.ts';
import { SipHeaders } from './sip-headers.ts';
import type { HeaderRow } from './sip-headers.ts';
import type { SipRequest, SipResponse } from './sip-message.ts';

export interface ResponseOptions {
  /** Default: the usual phrase of the status. */
  readonly reason?: string | undefined;
  /** Added to a To without one; needed for every status but 100. The same for all responses to a request. */
  readonly toTag?: string;
  /** Added behind the copied rows, in order. */
  readonly headers?: Iterable<HeaderRow>;
  readonly body?: Uint8Array;
}

const EMPTY = new Uint8Array(0);
const TRYING = 100;

export function buildResponse(request: SipRequest, status: number, options?: ResponseOptions): SipResponse;
export function buildResponse(
  request: SipRequest,
  status: number,
  reason: string | undefined,
  options?: ResponseOptions,
): SipResponse;
export function buildResponse(
  request: SipRequest,
  status: number,
  reasonOrOptions?: string | ResponseOptions,
  lastOptions: ResponseOptions = {},
): SipResponse {
  const options = typeof reasonOrOptions === 'object' ? reasonOrOptions : lastOptions;
  const reason = typeof reasonOrOptions === 'string' ? reasonOrOptions : (options.reason ?? defaultReasonOf(status));
  const { topVia, vias, from, callId, cseq } = request;
  const headers = new SipHeaders().copyRows('Via', request.headers).copyRows('From', request.headers);
  let { to } = request;
  const rawTo = request.headers.get('To') ?? '';
  if (to.tag === undefined && status !== TRYING) {
    const { toTag } = options;
    assert(toTag !== undefined, 'a response other than 100 has a To tag');
    to = withTag(to, toTag);
    headers.add('To', `${rawTo};tag=${toTag}`);
  } else headers.add('To', rawTo);
  headers.copyRows('Call-ID', request.headers).copyRows('CSeq', request.headers);
  if (status === TRYING) headers.copyRows('Timestamp', request.headers);
  for (const [name, value] of options.headers ?? []) headers.add(name, value);
  return {
    kind: 'response',
    status,
    reason,
    headers,
    body: options.body ?? EMPTY,
    topVia,
    vias,
    from,
    to,
    callId,
    cseq,
    cseqMethod: request.method,
  };
}

/**
 * The response to a request that could not be read: what was found of the rows that a response copies. For 400 the
 * reason phrase names the fault (RFC 3261 21.4.1).
 */
export function buildMalformedResponse(malformed: MalformedRequest, options: ResponseOptions = {}): OutgoingResponse {
  const { echo, status } = malformed;
  const headers = new SipHeaders();
  for (const via of echo.vias) headers.add('Via', via);
  if (echo.from !== undefined) headers.add('From', echo.from);
  if (echo.to !== undefined) headers.add('To', taggedTo(echo.to, options.toTag));
  if (echo.callId !== undefined) headers.add('Call-ID', echo.callId);
  if (echo.cseq !== undefined) headers.add('CSeq', echo.cseq);
  for (const [name, value] of options.headers ?? []) headers.add(name, value);
  const reason = status === 400 ? reasonOf(malformed.reason) : defaultReasonOf(status);
  return { status, reason, headers, body: options.body ?? EMPTY };
}

/** Where To cannot be read it goes back as it came: nobody could say where its tag belongs. */
function taggedTo(raw: string, toTag: string | undefined): string {
  const to = parseNameAddr(raw);
  return toTag !== undefined && to.ok && to.value.tag === undefined ? `${raw};tag=${toTag}` : raw;
}

/** With the characters that the grammar of Reason-Phrase allows. */
function reasonOf(fault: string): string {
  const text = fault.replace(/[^\w\-.!~*'();/?:@&=+$, ]/g, '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
