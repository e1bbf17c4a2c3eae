import { describe, expect, it } from 'vitest';
import {
  challengeMs,
  challengesMax,
  challengesPerUserMax,
  clientKey,
  LoginChallenges,
  type LoginRequest,
} from './login.ts';

const mary: LoginRequest = {
  userId: 'wv:mary@localhost',
  clientId: { url: 'http://phone' },
  digestSchemas: [],
  sessionCookie: 'c',
};
const challenge = { nonce: 'n', schema: 'MD5' } as const;

describe('a login', () => {
  const book = new LoginChallenges();

  it.each([
    ['a password', { ...mary, password: 'p' }, { kind: 'check-password', password: 'p' }],
    ['an empty password', { ...mary, password: '' }, { kind: 'check-password', password: '' }],
    ['schemas', { ...mary, digestSchemas: ['SHA', 'md5'] }, { kind: 'challenge', schema: 'MD5' }],
    ['one schema', { ...mary, digestSchemas: ['MD4', 'SHA'] }, { kind: 'challenge', schema: 'SHA' }],
    ['schemas that nobody knows', { ...mary, digestSchemas: ['MD4', 'PWD'] }, { kind: 'no-common-schema' }],
    ['nothing', mary, { kind: 'check-password', password: '' }],
    ['a digest without a challenge', { ...mary, digestBytes: 'd' }, { kind: 'challenge', schema: 'MD5' }],
  ] as const)('with %s', (_what, request, step) => {
    expect(book.nextStep(request, 0)).toEqual(step);
  });

  it('in four steps uses its challenge up', () => {
    book.remember(mary, challenge, 0);
    const answer = { ...mary, userId: 'WV:Mary@localhost', digestBytes: 'd' };
    expect(book.nextStep(answer, challengeMs - 1)).toEqual({ kind: 'check-digest', digest: 'd', challenge });
    expect(book.nextStep(answer, challengeMs - 1).kind).toBe('challenge');
  });

  it('in four steps comes from one client within its time', () => {
    book.remember(mary, challenge, 0);
    const other = { ...mary, clientId: { url: 'http://other' }, digestBytes: 'd' };
    expect(book.nextStep(other, 0).kind).toBe('challenge');
    expect(book.nextStep({ ...mary, sessionCookie: 'x', digestBytes: 'd' }, 0).kind).toBe('challenge');
    expect(book.nextStep({ ...mary, digestBytes: 'd' }, challengeMs).kind).toBe('challenge');
  });

  it('in four steps is forgotten when there are too many, the oldest first', () => {
    const full = new LoginChallenges();
    for (let at = 0; at <= challengesMax; at += 1) full.remember({ ...mary, userId: `u${at}` }, challenge, 0);
    const of = (user: number): string => full.nextStep({ ...mary, userId: `u${user}`, digestBytes: 'd' }, 0).kind;
    expect([of(0), of(1), of(challengesMax)]).toEqual(['challenge', 'check-digest', 'check-digest']);
  });

  it('in four steps takes the place of the same user only', () => {
    const book = new LoginChallenges();
    book.remember({ ...mary, userId: 'tom' }, challenge, 0);
    for (let at = 0; at <= challengesPerUserMax; at += 1) {
      book.remember({ ...mary, sessionCookie: `${at}` }, challenge, 0);
    }
    const of = (more: Partial<LoginRequest>): string => book.nextStep({ ...mary, ...more, digestBytes: 'd' }, 0).kind;
    expect(of({ userId: 'tom' })).toBe('check-digest');
    const cookies = ['0', '1', `${challengesPerUserMax}`].map((sessionCookie) => of({ sessionCookie }));
    expect(cookies).toEqual(['challenge', 'check-digest', 'check-digest']);
  });
});

it('a client is told by all that it says of itself', () => {
  const keys = [undefined, { url: 'a' }, { msisdn: 'a' }, { text: 'a' }, { url: 'a', msisdn: 'b' }].map(clientKey);
  expect(new Set(keys).size).toBe(keys.length);
  expect(clientKey({ url: 'a' })).toBe(clientKey({ url: 'a' }));
});
