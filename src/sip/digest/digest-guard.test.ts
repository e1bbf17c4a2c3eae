import { describe, expect, it } from 'vitest';
import { systemHashes } from '../../base/system-hash.ts';
import { systemIds } from '../../base/system-ids.ts';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import { SipHeaders } from '../message/sip-headers.ts';
import { createSipRequest } from '../message/sip-message.ts';
import type { SipRequest } from '../message/sip-message.ts';
import type { DigestMode } from './digest-challenge.ts';
import { DigestGuard } from './digest-guard.ts';
import type { DigestOutcome } from './digest-guard.ts';
import type { DigestAlgorithm, HashLookup } from './digest-ports.ts';
import { digestResponse } from './digest-response.ts';
import { nonceLifetimeMs } from './nonce-book.ts';

const realm = 'example.com';
const question = { kind: '401', realm, source: '192.0.2.1' } as const;

const tomsHash: HashLookup = (userName, ofRealm, algorithm) =>
  userName === 'tom' || userName === 'tom@example.com'
    ? systemHashes.hash(algorithm, `${userName}:${ofRealm}:tom-secret`)
    : undefined;

function createGuard(options: { mode?: DigestMode; lookUpHash?: HashLookup } = {}) {
  const time = new VirtualTime();
  const failures: string[] = [];
  const successes: string[] = [];
  const limit = { isOpen: true };
  const guard = new DigestGuard({
    hashes: systemHashes,
    ids: systemIds,
    clock: time,
    mode: options.mode ?? 'md5',
    lookUpHash: options.lookUpHash ?? tomsHash,
    takesUri: (uri) => uri.startsWith('sip:example.com'),
    attempts: {
      mayTry: () => limit.isOpen,
      failed: (account, source) => failures.push(`${account} ${source}`),
      succeeded: (account, source) => successes.push(`${account} ${source}`),
    },
  });
  return { guard, time, failures, successes, limit };
}

function requestOf(...authorizations: string[]): SipRequest {
  const headers = new SipHeaders([
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa'],
    ['From', '<sip:tom@example.com>;tag=f'],
    ['To', '<sip:tom@example.com>'],
    ['Call-ID', 'c'],
    ['CSeq', '1 REGISTER'],
  ]);
  for (const value of authorizations) headers.add('Authorization', value);
  return createSipRequest({ method: 'REGISTER', requestUri: 'sip:example.com', headers });
}

interface Answer {
  readonly nonce: string;
  readonly userName?: string;
  readonly password?: string;
  readonly count?: number;
  readonly uri?: string;
  readonly algorithm?: DigestAlgorithm;
  readonly algorithmName?: string | undefined;
  readonly ofRealm?: string;
  readonly qop?: string;
}

/** What a client that knows a password answers. */
function answer(options: Answer): string {
  const {
    nonce,
    userName = 'tom',
    password = 'tom-secret',
    count = 1,
    uri = 'sip:example.com',
    qop = 'auth',
  } = options;
  const { algorithm = 'md5', algorithmName, ofRealm = realm } = options;
  const nonceCount = count.toString(16).padStart(8, '0');
  const passwordHash = systemHashes.hash(algorithm, `${userName}:${ofRealm}:${password}`);
  const parts = { passwordHash, method: 'REGISTER', uri, nonce, nonceCount, cnonce: 'c0' };
  const response = digestResponse(systemHashes, algorithm, parts);
  const named = algorithmName === undefined ? '' : `, algorithm=${algorithmName}`;
  return (
    `Digest username="${userName}", realm="${ofRealm}", nonce="${nonce}", uri="${uri}", response="${response}"` +
    `${named}, cnonce="c0", qop=${qop}, nc=${nonceCount}`
  );
}

async function challengeOf(
  guard: DigestGuard,
  request = requestOf(),
): Promise<Extract<DigestOutcome, { kind: 'challenge' }>> {
  const outcome = await guard.check(request, question);
  if (outcome.kind !== 'challenge') throw new Error(`no challenge but ${JSON.stringify(outcome)}`);
  return outcome;
}

async function nonceOf(guard: DigestGuard): Promise<string> {
  const [row] = (await challengeOf(guard)).headers;
  const nonce = /nonce="([^"]+)"/.exec(row?.[1] ?? '')?.[1];
  if (nonce === undefined) throw new Error('a challenge has a nonce');
  return nonce;
}

const authenticated = { kind: 'authenticated', address: 'tom@example.com', userName: 'tom', realm };

describe('DigestGuard', () => {
  it.each([
    ['md5', ['MD5']],
    ['both', ['SHA-256', 'MD5']],
    ['sha-256', ['SHA-256']],
  ] as const)('offers in mode %s: %s', async (mode, algorithms) => {
    const { headers, status, why } = await challengeOf(createGuard({ mode }).guard);
    expect({ status, why }).toEqual({ status: 401, why: 'no-credentials' });
    expect(headers.map(([name]) => name)).toEqual(algorithms.map(() => 'WWW-Authenticate'));
    for (const [index, algorithm] of algorithms.entries()) {
      const form = new RegExp(`^Digest realm="example.com", nonce="[^"]+", qop="auth", algorithm=${algorithm}$`);
      expect(headers[index]?.[1]).toMatch(form);
    }
  });

  it('asks as a proxy where it is told to, and reads that header only', async () => {
    const { guard } = createGuard();
    const nonce = await nonceOf(guard);
    const request = requestOf(answer({ nonce }));
    const outcome = await guard.check(request, { ...question, kind: '407' });
    expect(outcome).toMatchObject({ kind: 'challenge', status: 407 });
    expect(outcome).toMatchObject({ headers: [['Proxy-Authenticate', expect.stringContaining('Digest')]] });
    request.headers.add('Proxy-Authorization', answer({ nonce }));
    expect(guard.check(request, { ...question, kind: '407' })).toEqual(authenticated);
  });

  it('believes the right answer at once where the hash is known at once', async () => {
    const { guard, successes } = createGuard();
    const nonce = await nonceOf(guard);
    expect(guard.check(requestOf(answer({ nonce })), question)).toEqual(authenticated);
    expect(guard.check(requestOf(answer({ nonce, count: 2 })), question)).toEqual(authenticated);
    expect(successes, 'told once per nonce').toEqual(['tom@example.com 192.0.2.1']);
  });

  it('believes it later where the hash must be fetched, and passes a fault of the fetch on', async () => {
    const store: { fault?: Error } = {};
    const lookUpHash: HashLookup = async (userName, ofRealm, algorithm) => {
      if (store.fault !== undefined) throw store.fault;
      return tomsHash(userName, ofRealm, algorithm);
    };
    const { guard } = createGuard({ lookUpHash });
    const nonce = await nonceOf(guard);
    const outcome = guard.check(requestOf(answer({ nonce })), question);
    expect(outcome).toBeInstanceOf(Promise);
    expect(await outcome).toEqual(authenticated);
    store.fault = new Error('locked');
    await expect(guard.check(requestOf(answer({ nonce, count: 2 })), question)).rejects.toBe(store.fault);
  });

  it('takes the whole address as user name', async () => {
    const { guard } = createGuard();
    const userName = 'tom@example.com';
    const outcome = guard.check(requestOf(answer({ nonce: await nonceOf(guard), userName })), question);
    expect(outcome).toEqual({ ...authenticated, userName });
  });

  it('takes each offered algorithm and MD5 without a name, and asks again for others', async () => {
    const { guard } = createGuard({ mode: 'both' });
    const ask = async (options: Partial<Answer>): Promise<string> => {
      const outcome = await guard.check(requestOf(answer({ nonce: await nonceOf(guard), ...options })), question);
      return outcome.kind;
    };
    expect(await ask({ algorithm: 'sha-256', algorithmName: 'SHA-256' })).toBe('authenticated');
    expect(await ask({ algorithmName: 'md5' })).toBe('authenticated');
    expect(await ask({})).toBe('authenticated');
    expect(await ask({ algorithmName: 'SHA-512-256' })).toBe('challenge');
    expect(await ask({ algorithmName: 'MD5-sess' })).toBe('challenge');
    const strict = createGuard({ mode: 'sha-256' }).guard;
    expect((await challengeOf(strict, requestOf(answer({ nonce: await nonceOf(strict) })))).why).toBe('no-credentials');
  });

  it('asks again for another realm, another qop and another scheme, and finds its own among several', async () => {
    const { guard, failures } = createGuard();
    const nonce = await nonceOf(guard);
    const foreign = answer({ nonce, ofRealm: 'elsewhere.net' });
    expect((await challengeOf(guard, requestOf(foreign))).why).toBe('no-credentials');
    expect((await challengeOf(guard, requestOf(answer({ nonce, qop: 'auth-int' })))).why).toBe('no-credentials');
    expect((await challengeOf(guard, requestOf('Basic dG9tOnRvbS1zZWNyZXQ='))).why).toBe('no-credentials');
    expect(guard.check(requestOf(foreign, answer({ nonce })), question)).toEqual(authenticated);
    expect(failures).toEqual([]);
  });

  it.each([
    ['no qop', (text: string) => text.replace(', qop=auth', '')],
    ['no cnonce', (text: string) => text.replace(', cnonce="c0"', '')],
    ['no nonce count', (text: string) => text.replace(', nc=00000001', '')],
    ['a short nonce count', (text: string) => text.replace('nc=00000001', 'nc=1')],
    ['no response', (text: string) => text.replace(/, response="\w+"/, '')],
  ])('calls credentials with %s malformed', async (_, spoil) => {
    const { guard } = createGuard();
    const text = spoil(answer({ nonce: await nonceOf(guard) }));
    expect(guard.check(requestOf(text), question)).toMatchObject({ kind: 'malformed', reason: expect.any(String) });
  });

  it('takes a uri that is not the Request-URI but names something here, and no other', async () => {
    const { guard } = createGuard();
    const ask = async (uri: string): Promise<string> =>
      (await guard.check(requestOf(answer({ nonce: await nonceOf(guard), uri })), question)).kind;
    expect(await ask('sip:example.com;transport=tcp')).toBe('authenticated');
    expect(await ask('sip:elsewhere.net')).toBe('malformed');
  });

  it('calls a wrong password and nobody the same and counts both', async () => {
    const { guard, failures } = createGuard();
    const wrong = await challengeOf(guard, requestOf(answer({ nonce: await nonceOf(guard), password: 'x' })));
    const nobody = await challengeOf(guard, requestOf(answer({ nonce: await nonceOf(guard), userName: 'nobody' })));
    expect(wrong.why).toBe('wrong-credentials');
    expect(nobody.why).toBe('wrong-credentials');
    expect(wrong.headers[0]?.[1]).not.toContain('stale');
    expect(nobody.headers[0]?.[1]).not.toContain('stale');
    expect(failures).toEqual(['tom@example.com 192.0.2.1', 'nobody@example.com 192.0.2.1']);
  });

  it('does not believe that nobody has the password whose hash nobody has', async () => {
    const { guard } = createGuard();
    const nonce = await nonceOf(guard);
    const parts = { method: 'REGISTER', uri: 'sip:example.com', nonce, nonceCount: '00000001', cnonce: 'c0' };
    const response = digestResponse(systemHashes, 'md5', { ...parts, passwordHash: '0'.repeat(32) });
    const forged = answer({ nonce, userName: 'nobody' }).replace(/response="\w+"/, `response="${response}"`);
    expect((await challengeOf(guard, requestOf(forged))).why).toBe('wrong-credentials');
  });

  it('says stale to the right answer for an old or unknown nonce, and not to a wrong one', async () => {
    const { guard, time, failures } = createGuard();
    const nonce = await nonceOf(guard);
    await time.advance(nonceLifetimeMs);
    const old = await challengeOf(guard, requestOf(answer({ nonce })));
    expect(old.why).toBe('stale-nonce');
    expect(old.headers[0]?.[1]).toMatch(/, stale=true$/);
    expect((await challengeOf(guard, requestOf(answer({ nonce: 'made-up' })))).why).toBe('stale-nonce');
    expect(failures).toEqual([]);
    expect((await challengeOf(guard, requestOf(answer({ nonce, password: 'x' })))).why).toBe('wrong-credentials');
  });

  it('refuses an answer that is played again, and lets the client go on with a new nonce', async () => {
    const { guard } = createGuard();
    const nonce = await nonceOf(guard);
    const request = requestOf(answer({ nonce }));
    expect(guard.check(request, question)).toEqual(authenticated);
    const replay = await challengeOf(guard, request);
    expect(replay.why).toBe('replayed');
    expect(replay.headers[0]?.[1]).toMatch(/, stale=true$/);
  });

  it('does not let a wrong answer use up a count', async () => {
    const { guard } = createGuard();
    const nonce = await nonceOf(guard);
    await guard.check(requestOf(answer({ nonce, password: 'x' })), question);
    expect(guard.check(requestOf(answer({ nonce })), question)).toEqual(authenticated);
  });

  it('checks nothing while there were too many failures', async () => {
    const { guard, limit, failures } = createGuard();
    const nonce = await nonceOf(guard);
    limit.isOpen = false;
    const refused = await challengeOf(guard, requestOf(answer({ nonce })));
    expect(refused.why).toBe('too-many-attempts');
    expect(refused.headers[0]?.[1]).not.toContain('stale');
    expect(failures).toEqual([]);
    limit.isOpen = true;
    expect(guard.check(requestOf(answer({ nonce })), question)).toEqual(authenticated);
  });

  it('checks nothing when others have used up what was left while the password was looked up', async () => {
    const { guard, limit, failures } = createGuard({ lookUpHash: async (...asked) => tomsHash(...asked) });
    const nonce = await nonceOf(guard);
    const answered = guard.check(requestOf(answer({ nonce })), question);
    limit.isOpen = false;
    expect(await answered).toMatchObject({ kind: 'challenge', why: 'too-many-attempts' });
    expect(failures).toEqual([]);
  });
});
