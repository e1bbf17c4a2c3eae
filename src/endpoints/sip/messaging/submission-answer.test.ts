import { describe, expect, it } from 'vitest';
import type { SubmissionRefusal } from '../../../delivery/submission.ts';
import { answerSubmission } from './submission-answer.ts';

describe('the answers of contract section 5, SIP column', () => {
  it.each([
    [{ reason: 'not-stored' }, 603, /not stored/],
    [{ reason: 'offline-space-full' }, 603, /^Unable to deliver IM, offline space is full$/],
    [{ reason: 'sender-queue-full' }, 603, /^Message queue for offline messages is full$/],
    [{ reason: 'blocked' }, 403, /recipient blocked the sender/],
    [{ reason: 'unknown-recipient' }, 404, /no such recipient/],
    [{ reason: 'domain-not-served' }, 404, /a domain not served here/],
    [
      { reason: 'attribute-not-authorised', attributes: ['mood', 'activity'] },
      403,
      /^presence attribute needs to be authorised by the recipient: mood, activity$/,
    ],
    [{ reason: 'conditional-delivery-not-supported' }, 420, /conditional delivery is not supported/],
    [
      { reason: 'malformed-condition', position: 8, detail: 'a value is missing' },
      400,
      /position 8.*a value is missing/,
    ],
    [{ reason: 'too-large', bytesMax: 65_536 }, 413, /65536/],
    [{ reason: 'refused-by-recipient', status: 'sip 603 Declined' }, 603, /refused/],
    [{ reason: 'too-many-requests', retryAfterMs: 1500 }, 480, /too many requests/],
    [{ reason: 'store-unavailable', retryAfterMs: 5000 }, 503, /the store cannot commit/],
  ] as const)('%o', (refusal: SubmissionRefusal, status, words) => {
    const answer = answerSubmission({ kind: 'refused', refusal });
    expect(answer.status).toBe(status);
    expect(answer.warning).toMatch(words);
  });
  it('Retry-After goes with what may succeed later, Unsupported with what is not supported', () => {
    const headersOf = (refusal: SubmissionRefusal) => answerSubmission({ kind: 'refused', refusal }).headers;
    expect(headersOf({ reason: 'too-many-requests', retryAfterMs: 1500 })).toEqual([['Retry-After', '2']]);
    expect(headersOf({ reason: 'store-unavailable', retryAfterMs: 5000 })).toEqual([['Retry-After', '5']]);
    expect(headersOf({ reason: 'conditional-delivery-not-supported' })).toEqual([['Unsupported', 'deliver-when']]);
  });
  it('"A 202 carries Deferred-Message: ID;state=held|waiting;expires=SECONDS"', () => {
    const accepted = { kind: 'accepted', id: 'abc', state: 'held', isForMoment: true, acceptedAt: 0, expiresAt: 1500 };
    expect(answerSubmission({ ...accepted, kind: 'accepted', state: 'held' })).toEqual({
      status: 202,
      headers: [['Deferred-Message', 'abc;state=held;expires=2']],
    });
  });
  it('a client of another protocol refuses in its own words; the sender hears 403', () => {
    const refusal = { reason: 'refused-by-recipient', status: 'imps 538' } as const;
    expect(answerSubmission({ kind: 'refused', refusal }).status).toBe(403);
  });
  it('delivered and dropped are 200', () => {
    expect(answerSubmission({ kind: 'delivered', id: 'x', expiresAt: 0 }).status).toBe(200);
    expect(answerSubmission({ kind: 'dropped' }).status).toBe(200);
  });
});
