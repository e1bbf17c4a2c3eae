/**
 * INVITE where nobody takes sessions: every offer is refused, but each for its right reason (RFC 3261 13.3.1), so that a client
 * learns what is wrong.
 */
import type { SipRequest } from '../message/sip-message.ts';
import { refuseAccept, refuseContent } from './content-checks.ts';
import type { Refusal } from './request-checks.ts';
import type { RespondOptions } from './request-context.ts';
import type { RequestHandler } from './server-core.ts';

const SDP = 'application/sdp';
const MEDIA_TYPE_NOT_AVAILABLE = 304;

export const refuseInvite: RequestHandler = (context) => {
  const { request } = context;
  if (request.to.tag !== undefined) {
    context.respond(481, noDialog);
    return;
  }
  const refusal = findOfferRefusal(request);
  if (refusal === undefined) {
    context.respond(488, { warning: 'no media of any type is available', warningCode: MEDIA_TYPE_NOT_AVAILABLE });
  } else context.respond(refusal.status, refusal);
};

/** What is wrong with the offer of an INVITE whatever it offers, or with the answer that it could get. */
export function findOfferRefusal(request: SipRequest): Refusal | undefined {
  return refuseBody(request) ?? refuseAccept(request, [SDP]);
}

const noDialog: RespondOptions = { warning: 'no such dialog' };

/** A multipart is never the fault: whoever takes bodies opens it (RFC 5621 8.4), and the offer in it is refused. */
function refuseBody(request: SipRequest): Refusal | undefined {
  const refusal = refuseContent(request, [SDP]);
  const type = (request.headers.get('Content-Type') ?? '').toLowerCase();
  return refusal?.status === 415 && type.startsWith('multipart/') ? undefined : refusal;
}
