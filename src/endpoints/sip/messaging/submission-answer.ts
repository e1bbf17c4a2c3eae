/** The answers of contract section 5 in their SIP column: a status, a Warning in the table's words, and what goes with it. */
import { unreachable } from '../../../base/assert.ts';
import { refuse, type SipAnswer } from '../sip-answer.ts';
import type { HeaderRow } from '../../../sip/message/sip-headers.ts';
import type { AcceptedSubmission, SubmissionOutcome, SubmissionRefusal } from '../../../delivery/submission.ts';

export function answerSubmission(outcome: SubmissionOutcome): SipAnswer {
  switch (outcome.kind) {
    case 'delivered':
    case 'dropped':
      return { status: 200, headers: [] };
    case 'accepted':
      return { status: 202, headers: [['Deferred-Message', deferredMessage(outcome)]] };
    case 'refused':
      return answerRefusal(outcome.refusal);
    default:
      return unreachable(outcome);
  }
}

export function deferredMessage({
  id,
  state,
  acceptedAt,
  expiresAt,
}: Pick<AcceptedSubmission, 'id' | 'state' | 'acceptedAt' | 'expiresAt'>): string {
  return `${id};state=${state};expires=${Math.ceil((expiresAt - acceptedAt) / 1000)}`;
}

function answerRefusal(refusal: SubmissionRefusal): SipAnswer {
  switch (refusal.reason) {
    case 'malformed-condition':
      return refuse(400, `malformed condition at position ${refusal.position}: ${refusal.detail}`);
    case 'too-large':
      return refuse(413, `too large: at most ${refusal.bytesMax} bytes`);
    case 'unknown-recipient':
      return refuse(404, 'no such recipient');
    case 'domain-not-served':
      return refuse(404, 'a domain not served here');
    case 'conditional-delivery-not-supported':
      return refuse(420, 'conditional delivery is not supported', [['Unsupported', 'deliver-when']]);
    case 'attribute-not-authorised':
      return refuse(
        403,
        `presence attribute needs to be authorised by the recipient: ${refusal.attributes.join(', ')}`,
      );
    case 'blocked':
      return refuse(403, 'recipient blocked the sender');
    case 'not-stored':
      return refuse(603, 'not stored');
    case 'offline-space-full':
      return refuse(603, 'Unable to deliver IM, offline space is full');
    case 'sender-queue-full':
      return refuse(603, 'Message queue for offline messages is full');
    case 'refused-by-recipient':
      return answerOfClients(statusOf(refusal.status));
    case 'key-used-otherwise':
      return refuse(400, 'the name of the message was used for another one');
    case 'too-many-requests':
      return refuse(480, 'too many requests', [retryAfter(refusal.retryAfterMs)]);
    case 'store-unavailable':
      return refuse(503, 'the store cannot commit', [retryAfter(refusal.retryAfterMs)]);
    default:
      return unreachable(refusal);
  }
}

/** RFC 3261 21.4.13: a 415 says what would have been taken, and plain text always is, if need be out of an envelope. */
function answerOfClients(status: number): SipAnswer {
  const accept: HeaderRow[] = status === 415 ? [['Accept', 'text/plain, message/cpim']] : [];
  return refuse(status, 'every client refused it for good', accept);
}

function retryAfter(ms: number): readonly [string, string] {
  return ['Retry-After', String(Math.max(1, Math.ceil(ms / 1000)))];
}

/**
 * `sip 603 Declined` is 603; the refusal of a client of another protocol is a plain refusal (RFC 3261 21.4.4). So is what
 * means nothing to the sender: a client's redirection, or its wish for credentials that are not the sender's (21.4.2).
 */
function statusOf(status: string): number {
  const match = /^sip (\d{3})\b/.exec(status);
  const passed = Number(match?.[1] ?? 403);
  return passed < 400 || passed === 401 || passed === 407 ? 403 : passed;
}
