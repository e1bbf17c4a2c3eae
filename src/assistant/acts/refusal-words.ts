/** Refusals of delivery in the words of contract section 5, first column. */
import { unreachable } from '../../base/assert.ts';
import type { SubmissionRefusal } from '../../delivery/submission.ts';
import { shorten } from '../answer-text.ts';

const detailMax = 200;

export function sayRefusal(refusal: SubmissionRefusal): string {
  switch (refusal.reason) {
    case 'malformed-condition':
      return `malformed condition at character ${refusal.position + 1}: ${shorten(refusal.detail, detailMax)}`;
    case 'too-large':
      return `too large, at most ${refusal.bytesMax} bytes`;
    case 'unknown-recipient':
      return 'no such recipient';
    case 'domain-not-served':
      return 'a domain not served here';
    case 'conditional-delivery-not-supported':
      return 'conditional delivery is not supported';
    case 'attribute-not-authorised':
      return `presence attribute needs to be authorised by the recipient: ${shorten(refusal.attributes.join(', '), detailMax)}`;
    case 'blocked':
      return 'recipient blocked the sender';
    case 'key-used-otherwise':
      return 'the name of the message was used for another one';
    case 'not-stored':
      return 'not stored';
    case 'offline-space-full':
      return 'Unable to deliver IM, offline space is full';
    case 'sender-queue-full':
      return 'Message queue for offline messages is full';
    case 'refused-by-recipient':
      return `every client refused it for good (${shorten(refusal.status, detailMax)})`;
    case 'too-many-requests':
      return `too many requests; try again in ${Math.max(1, Math.ceil(refusal.retryAfterMs / 1000))} s`;
    case 'store-unavailable':
      return 'the store cannot commit; try again in a moment';
    default:
      return unreachable(refusal);
  }
}
