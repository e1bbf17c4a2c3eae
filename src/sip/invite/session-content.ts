/** The body of a request or response as an offer or an answer that outlives the packet it came in. */
import { keepText } from '../../base/keep-text.ts';
import type { SipMessage, SipRequest } from '../message/sip-message.ts';
import type { Refusal } from '../user-agent/request-checks.ts';
import type { SessionContent } from './session-words.ts';

export function contentOf({ headers, body }: SipMessage): SessionContent | undefined {
  if (body.length === 0) return undefined;
  return { contentType: keepText(headers.get('Content-Type') ?? ''), body: body.slice() };
}

/** Nobody asked for an encoded offer, so nobody here undoes it (RFC 3261 21.4.13). */
export function refuseEncoding({ headers }: SipRequest): Refusal | undefined {
  const encodings = headers.values('Content-Encoding');
  if (encodings.every((each) => each.toLowerCase() === 'identity')) return undefined;
  return { status: 415, headers: [['Accept-Encoding', 'identity']], warning: 'an encoded offer is not taken' };
}
