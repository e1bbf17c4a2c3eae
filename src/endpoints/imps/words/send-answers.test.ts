import { describe, expect, it } from 'vitest';
import type { SubmissionOutcome, SubmissionRefusal } from '../../../delivery/submission.ts';
import { answerOf, keptForOffline, type RecipientAnswer, resultOf } from './send-answers.ts';

const accepted = { kind: 'accepted', id: 'm', state: 'waiting', acceptedAt: 0, expiresAt: 1 } as const;
const away: SubmissionOutcome = { ...accepted, isForMoment: false };
const forMoment: SubmissionOutcome = { ...accepted, state: 'held', isForMoment: true };

describe('one recipient', () => {
  it.each([
    [{ kind: 'delivered', id: 'm', expiresAt: 1 }, 200, 200],
    [{ kind: 'dropped' }, 200, 200],
    [forMoment, 202, 200],
    [away, 533, 200],
  ] as const)('%j', (outcome, standard, success) => {
    expect(answerOf(outcome, 'standard').code).toBe(standard);
    expect(answerOf(outcome, 'success').code).toBe(success);
  });

  const refusals: readonly (readonly [SubmissionRefusal, number, RegExp])[] = [
    [{ reason: 'malformed-condition', position: 7, detail: 'no such word' }, 402, /position 7: no such word/],
    [{ reason: 'too-large', bytesMax: 100 }, 402, /100 bytes/],
    [{ reason: 'unknown-recipient' }, 531, /Unknown user/],
    [{ reason: 'domain-not-served' }, 516, /Domain not supported/],
    [{ reason: 'conditional-delivery-not-supported' }, 405, /Conditional delivery is not supported/],
    [
      { reason: 'attribute-not-authorised', attributes: ['mood', 'activity'] },
      534,
      /authorised by the recipient: mood, activity$/,
    ],
    [{ reason: 'blocked' }, 532, /Blocked/],
    [{ reason: 'key-used-otherwise' }, 420, /./],
    [{ reason: 'not-stored' }, 533, /^Message recipient not logged in\.$/],
    [{ reason: 'offline-space-full' }, 507, /^Unable to deliver IM, offline space is full$/],
    [{ reason: 'sender-queue-full' }, 507, /^Message queue for offline messages is full$/],
    [{ reason: 'refused-by-recipient', status: 'sip 415 Unsupported' }, 410, /./],
    [{ reason: 'refused-by-recipient', status: 'sip 603 Declined' }, 538, /./],
    [{ reason: 'refused-by-recipient', status: 'imps 538' }, 538, /./],
    [{ reason: 'refused-by-recipient', status: 'turned away' }, 538, /./],
    [{ reason: 'too-many-requests', retryAfterMs: 1 }, 503, /./],
    [{ reason: 'store-unavailable', retryAfterMs: 1 }, 503, /./],
  ];
  it.each(refusals)('%j', (refusal, code, words) => {
    const answer = answerOf({ kind: 'refused', refusal }, 'success');
    expect(answer.code).toBe(code);
    expect(answer.words).toMatch(words);
  });
});

describe('several recipients', () => {
  const ok: RecipientAnswer = { code: 200, words: 'Successfully completed.' };
  const blocked: RecipientAnswer = { code: 532, words: 'Blocked.' };
  const unknown: RecipientAnswer = { code: 531, words: 'Unknown user.' };
  const offline: RecipientAnswer = { code: 533, words: keptForOffline };
  const to = (userId: string, answer: RecipientAnswer) => ({ userId, answer });
  const shortOf = (...sent: readonly ReturnType<typeof to>[]): unknown => {
    const { code, details } = resultOf(sent);
    return [code, ...details.map((detail) => [detail.code, ...detail.userIds])];
  };

  it('that fared alike are told so in one code', () => {
    expect(shortOf(to('a', ok), to('b', ok))).toEqual([200]);
    expect(shortOf(to('a', blocked), to('b', blocked))).toEqual([532]);
    expect(shortOf(to('a', { code: 202, words: 'Accepted.' }))).toEqual([202]);
  });

  it('who are offline are a detail, also when there is one', () => {
    expect(shortOf(to('a', offline))).toEqual([201, [533, 'a']]);
    expect(resultOf([to('a', offline)]).details[0]?.description).toBe('IM accepted for offline user');
    expect(shortOf(to('a', offline), to('b', offline))).toEqual([201, [533, 'a', 'b']]);
  });

  it('that fared differently are named by code', () => {
    expect(shortOf(to('a', ok), to('b', blocked), to('c', unknown), to('d', blocked))).toEqual([
      201,
      [532, 'b', 'd'],
      [531, 'c'],
    ]);
    expect(shortOf(to('b', blocked), to('c', unknown))).toEqual([900, [532, 'b'], [531, 'c']]);
    expect(shortOf(to('b', blocked), to('c', offline))).toEqual([201, [532, 'b'], [533, 'c']]);
  });

  it('that are none are refused', () => {
    expect(shortOf()).toEqual([402]);
  });
});
