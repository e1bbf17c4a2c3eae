/**
 * A request of ours on its way to octets: without Via first, since the way decides about that, and the two requests
 * that follow from an INVITE by themselves (RFC 3261 9.1 and 17.1.1.3).
 */
import { assert } from '../../base/assert.ts';
import { formatNameAddr } from '../message/name-addr.ts';
import { formatSipRequest } from '../message/format-message.ts';
import { takeOctets } from '../message/grammar/octets.ts';
import { SipHeaders } from '../message/sip-headers.ts';
import type { SipResponse } from '../message/sip-message.ts';
import type { OutgoingRoute } from '../transport/message-transport.ts';

/** A request without its Via, which its transaction and its way give it. */
export interface OutgoingSipRequest {
  readonly method: string;
  readonly requestUri: string;
  /** From, To, Call-ID, CSeq, Max-Forwards and whatever else; no Via, no Content-Length. Not changed afterwards. */
  readonly headers: SipHeaders;
  readonly body?: Uint8Array;
}

/** The octets without a Via. */
export function formatOutgoing(request: OutgoingSipRequest): Uint8Array {
  const { method, requestUri, headers, body = EMPTY } = request;
  return formatSipRequest({ method, requestUri, headers, body });
}

export function formatTopVia(route: OutgoingRoute, branch: string): string {
  return `${route.viaStart};branch=${branch};rport`;
}

/** What the Via adds to the octets, without its start. */
export function viaRestBytes(branch: string): number {
  return `Via: ;branch=${branch};rport\r\n`.length;
}

/** Puts the Via behind the request line. */
export function insertVia(bytes: Uint8Array, via: string): Uint8Array {
  const lineEnd = bytes.indexOf(LF) + 1;
  assert(lineEnd > 0, 'a request has a request line');
  const row = `Via: ${via}\r\n`;
  const whole = takeOctets(bytes.length + row.length);
  whole.set(bytes.subarray(0, lineEnd));
  // A Via is ASCII: numbers, addresses and a branch of ours.
  for (let i = 0; i < row.length; i++) whole[lineEnd + i] = row.charCodeAt(i);
  whole.set(bytes.subarray(lineEnd), lineEnd + row.length);
  return whole;
}

const EMPTY = new Uint8Array(0);
const LF = 10;
const COPIED = ['Route', 'From', 'Call-ID', 'Max-Forwards'];

/** The ACK to a final response that is no 2xx. */
export function acknowledge(invite: OutgoingSipRequest, response: SipResponse): OutgoingSipRequest {
  return follow(invite, 'ACK', response.headers.get('To') ?? formatNameAddr(response.to));
}

export function cancelRequest(invite: OutgoingSipRequest): OutgoingSipRequest {
  return follow(invite, 'CANCEL', invite.headers.get('To') ?? '');
}

function follow(invite: OutgoingSipRequest, method: string, to: string): OutgoingSipRequest {
  const headers = new SipHeaders();
  for (const name of COPIED) headers.copyRows(name, invite.headers);
  const [number = ''] = (invite.headers.get('CSeq') ?? '').split(' ');
  headers.add('To', to).add('CSeq', `${number} ${method}`);
  return { method, requestUri: invite.requestUri, headers };
}
