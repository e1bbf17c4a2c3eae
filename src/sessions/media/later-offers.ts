/** What every session of ours does with a later offer, and with an answer that comes with the ACK (RFC 3264 8, RFC 3261 13.2.2.4). */
import type { OfferReply, SessionContent } from '../../sip/invite/session-words.ts';
import { described } from './described.ts';
import { readDescription } from './description.ts';
import type { SessionLeg } from './session-leg.ts';

export function reoffered(leg: SessionLeg | undefined, offer: SessionContent | undefined): OfferReply {
  if (leg === undefined) return { kind: 'refuse', status: 491 };
  if (offer === undefined) return { kind: 'accept', content: described(leg.offer()) };
  const read = readDescription(offer.body);
  if (read.ok) return { kind: 'accept', content: described(leg.answer(read.value)) };
  const { words: warning, warningCode } = read.error;
  return { kind: 'refuse', status: 488, options: { warning, warningCode } };
}

/** False where there had to be one that can be taken. */
export function takeLateAnswer(leg: SessionLeg | undefined, answer: SessionContent | undefined): boolean {
  if (leg === undefined || leg.remote !== undefined) return true;
  return answer !== undefined && leg.answered(answer.body).ok;
}
