/** The answers of contract section 5 in their HTTP column, and the problems that calls have of their own. */
import { unreachable } from '../../../base/assert.ts';
import type { SubmissionRefusal } from '../../../delivery/submission.ts';
import { type Problem, ProblemFault } from '../problem.ts';

export function problemOfRefusal(refusal: SubmissionRefusal): Problem {
  switch (refusal.reason) {
    case 'malformed-condition': {
      const { position, detail } = refusal;
      const title = 'Malformed condition';
      return {
        status: 400,
        name: refusal.reason,
        title,
        detail: `at position ${position}: ${detail}`,
        more: { position },
      };
    }
    case 'too-large':
      return tooLarge(refusal.bytesMax);
    case 'unknown-recipient':
      return { status: 404, name: 'unknown-recipient', title: 'No such recipient' };
    case 'domain-not-served':
      return { status: 404, name: 'unknown-recipient', title: 'No such recipient', detail: 'a domain not served here' };
    case 'conditional-delivery-not-supported':
      return { status: 501, name: refusal.reason, title: 'Conditional delivery is not supported' };
    case 'attribute-not-authorised': {
      const { attributes } = refusal;
      const title = 'Presence attribute needs to be authorised by the recipient';
      return { status: 403, name: refusal.reason, title, detail: attributes.join(', '), more: { attributes } };
    }
    case 'blocked':
      return { status: 403, name: 'blocked', title: 'Recipient blocked the sender' };
    case 'key-used-otherwise':
      return {
        status: 409,
        name: 'idempotency-key-used',
        title: 'The Idempotency-Key was used for another message',
      };
    case 'not-stored':
      return { status: 409, name: 'not-stored', title: 'Not stored' };
    case 'offline-space-full':
      return { status: 507, name: 'offline-space-full', title: 'Unable to deliver IM, offline space is full' };
    case 'sender-queue-full':
      return { status: 429, name: 'sender-queue-full', title: 'Message queue for offline messages is full' };
    case 'refused-by-recipient':
      return {
        status: 422,
        name: 'refused-by-recipient',
        title: 'Every client refused it for good',
        more: { refusal: refusal.status },
      };
    case 'too-many-requests':
      return { status: 429, name: 'too-many-requests', title: 'Too many requests', ...retryIn(refusal.retryAfterMs) };
    case 'store-unavailable':
      return storeUnavailable(refusal.retryAfterMs);
    default:
      return unreachable(refusal);
  }
}

export function tooLarge(bytesMax: number): Problem {
  return { status: 413, name: 'too-large', title: 'Too large', detail: `at most ${bytesMax} bytes` };
}

export function storeUnavailable(retryAfterMs: number): Problem {
  return { status: 503, name: 'store-unavailable', title: 'The store cannot commit', ...retryIn(retryAfterMs) };
}

export const unknownMessage: Problem = { status: 404, name: 'unknown-message', title: 'No such message' };

/** The message came to another end before. */
/** `state` is told where it is known. */
export function alreadyEnded(state?: string): ProblemFault {
  return new ProblemFault({
    status: 409,
    name: 'already-ended',
    title: 'It has ended',
    ...(state === undefined ? {} : { detail: `it is ${state}`, more: { state } }),
  });
}

export function malformed(name: string, detail: string, more?: Record<string, unknown>): ProblemFault {
  const title = name === 'malformed-address' ? 'Malformed address' : 'Malformed request';
  return new ProblemFault({ status: 400, name, title, detail, ...(more === undefined ? {} : { more }) });
}

function retryIn(ms: number): { readonly retryAfter: number } {
  return { retryAfter: Math.max(1, Math.ceil(ms / 1000)) };
}
