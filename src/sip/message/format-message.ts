/**
 * SIP messages into octets (RFC 3261 7): long header names, the right Content-Length as the last row, UTF-8. No
 * value can break its row open: `SipHeaders` holds none that could, and the start line is checked here.
 */
import { assert } from '../../base/assert.ts';
import { takeOctets } from './grammar/octets.ts';
import { oneLine } from './sip-headers.ts';
import type { SipHeaders } from './sip-headers.ts';

export interface OutgoingRequest {
  readonly method: string;
  readonly requestUri: string;
  readonly headers: SipHeaders;
  readonly body?: Uint8Array | undefined;
}

export interface OutgoingResponse {
  readonly status: number;
  readonly reason: string;
  readonly headers: SipHeaders;
  readonly body?: Uint8Array | undefined;
}

/** Asserts that method and Request-URI hold no white space or control characters: they come from parsed values. */
export function formatSipRequest(request: OutgoingRequest): Uint8Array {
  const { method, requestUri } = request;
  assert(!BREAKS_LINE.test(method) && !BREAKS_LINE.test(requestUri), 'a space in the request line');
  return formatMessage(`${method} ${requestUri} SIP/2.0`, request.headers, request.body);
}

export function formatSipResponse(response: OutgoingResponse): Uint8Array {
  return formatMessage(`SIP/2.0 ${response.status} ${oneLine(response.reason)}`, response.headers, response.body);
}

const BREAKS_LINE = /[\0-\x20\x7f]/;
const EMPTY = new Uint8Array(0);
const encoder = new TextEncoder();

function formatMessage(startLine: string, headers: SipHeaders, body: Uint8Array = EMPTY): Uint8Array {
  let head = `${startLine}\r\n`;
  // eslint-disable-next-line unicorn/no-array-for-each -- not an array, and an iterator would cost a third of the time
  headers.forEach((name, value) => {
    if (name !== 'Content-Length') head += `${name}: ${value}\r\n`;
  });
  head += `Content-Length: ${body.length}\r\n\r\n`;
  let octets = takeOctets(head.length + body.length);
  let { read, written } = encoder.encodeInto(head, octets);
  if (written !== head.length || read !== head.length) {
    // Something is not ASCII: no UTF-16 unit takes more than three octets.
    octets = takeOctets(head.length * 3 + body.length);
    ({ read, written } = encoder.encodeInto(head, octets));
  }
  octets.set(body, written);
  return octets.length === written + body.length ? octets : octets.subarray(0, written + body.length);
}
