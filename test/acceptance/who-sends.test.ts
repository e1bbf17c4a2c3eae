/** Who a request is from, where nobody is trusted: challenges, credentials, and names that do not fit (contract section 2). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerChallenge, chooseChallenge } from '../../src/cli/demo/user-agent/digest-answer.ts';
import type { SipUserAgent } from '../../src/cli/demo/user-agent/sip-user-agent.ts';
import { openStage, type Stage, startMsMax } from './stage.ts';

let stage: Stage | undefined;
let tom: SipUserAgent;
const tomsPassword = { user: 'tom', password: 'tom-secret' };

beforeAll(async () => {
  stage = await openStage();
  tom = await stage.phone('tom');
}, startMsMax);

afterAll(() => stage?.close());

/** The value of Proxy-Authorization for a MESSAGE to mary, from a challenge of now. */
async function credentialsFor(user: string, password: string, count = 1): Promise<string> {
  const asked = await tom.request('MESSAGE', 'sip:mary@localhost', { mayAuthenticate: false });
  const challenge = chooseChallenge(asked.headerValues('Proxy-Authenticate'));
  if (challenge === undefined) throw new Error('no challenge');
  return answerChallenge(challenge, { user, password }, { method: 'MESSAGE', uri: 'sip:mary@localhost' }, count);
}

async function send(credentials: string, headers: Readonly<Record<string, string>> = {}) {
  return tom.request('MESSAGE', 'sip:mary@localhost', {
    mayAuthenticate: false,
    contentType: 'text/plain',
    body: 'hello',
    headers: { 'Proxy-Authorization': credentials, ...headers },
  });
}

describe('a request without credentials', () => {
  it.each([
    ['REGISTER', 401],
    ['PUBLISH', 401],
    ['SUBSCRIBE', 401],
    ['MESSAGE', 407],
    ['INVITE', 407],
  ] as const)('%s is asked for them with %i, in words', async (method, status) => {
    const answer = await tom.request(method, 'sip:tom@localhost', { mayAuthenticate: false });
    expect(answer.status).toBe(status);
    expect(answer.header('Warning')).toBe('399 localhost "wrong or missing credentials"');
    const challenges = answer.headerValues(status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate');
    expect(challenges).toEqual([
      expect.stringMatching(/^Digest realm="localhost", nonce="[^"]+", qop="auth", algorithm=MD5$/),
    ]);
  });

  it('is asked for them before anything else that is wrong is said', async () => {
    const headers = { 'Deliver-When': 'online', Event: 'dialog', Expires: '-1' };
    expect((await tom.request('PUBLISH', 'sip:ghost@localhost', { mayAuthenticate: false, headers })).status).toBe(401);
  });

  it('OPTIONS is answered without', async () => {
    expect((await tom.request('OPTIONS', 'sip:localhost', { mayAuthenticate: false })).status).toBe(200);
  });
});

describe('credentials', () => {
  it('are taken with the user part and with the whole address', async () => {
    expect((await send(await credentialsFor('tom', 'tom-secret'))).status).toBe(202);
    expect((await send(await credentialsFor('tom@localhost', 'tom-secret'))).status).toBe(202);
  });

  it('count once: the second time the nonce is stale', async () => {
    const credentials = await credentialsFor('tom', 'tom-secret');
    expect((await send(credentials)).status).toBe(202);
    const again = await send(credentials);
    expect(again.status).toBe(407);
    expect(again.header('Proxy-Authenticate')).toMatch(/stale=true/);
  });

  it('of an unknown nonce are stale when the password is right, and only wrong when it is not', async () => {
    const made = { realm: 'localhost', nonce: 'made-up', algorithm: 'MD5', hasQop: true, isStale: false } as const;
    const request = { method: 'MESSAGE', uri: 'sip:mary@localhost' };
    const right = await send(answerChallenge(made, tomsPassword, request, 1));
    expect(right.header('Proxy-Authenticate')).toMatch(/stale=true/);
    const wrong = await send(answerChallenge(made, { user: 'tom', password: 'guess' }, request, 1));
    expect([wrong.status, /stale/.test(wrong.header('Proxy-Authenticate') ?? '')]).toEqual([407, false]);
  });

  it.each([
    ['of another realm', 'Digest username="tom", realm="x", nonce="n", uri="sip:a", response="r"', 407],
    ['of another scheme', 'Basic dG9tOnRvbS1zZWNyZXQ=', 407],
    ['with parts missing', 'Digest username="tom"', 400],
    [
      'for a uri that is no address',
      'Digest username="tom", realm="localhost", nonce="n", uri="http://a", response="r", qop=auth, nc=00000001, cnonce="c"',
      400,
    ],
  ])('%s: %s', async (_what, credentials, status) => {
    expect((await send(credentials)).status).toBe(status);
  });
});

describe('a request that names somebody else than its credentials', () => {
  it.each([
    ['From', '<sip:mary@localhost>;tag=1', 'From names another principal'],
    ['P-Asserted-Identity', '<sip:mary@localhost>', 'P-Asserted-Identity names another principal'],
    [
      'P-Asserted-Identity',
      '<sip:tom@localhost>, <tel:+123>, <sip:mary@localhost>',
      'P-Asserted-Identity names another principal',
    ],
  ])('%s: 403', async (name, value, words) => {
    const answer = await send(await credentialsFor('tom', 'tom-secret'), { [name]: value });
    expect([answer.status, answer.header('Warning')]).toEqual([403, `399 localhost "${words}"`]);
  });

  it('may assert its own name beside a number', async () => {
    const asserted = { 'P-Asserted-Identity': '<tel:+123>, <sip:tom@localhost>' };
    expect((await send(await credentialsFor('tom', 'tom-secret'), asserted)).status).toBe(202);
  });

  it('asserts it to nobody else: no phone is told', async () => {
    const peter = await stage?.phone('peter');
    if (peter === undefined) throw new Error('no server');
    await peter.register();
    const asserted = { 'P-Asserted-Identity': '<sip:tom@localhost>' };
    await tom.sendMessage('peter@localhost', 'hello', { headers: asserted });
    const { from, request } = await peter.nextMessage(startMsMax);
    expect(from).toBe('tom@localhost');
    expect(request.header('P-Asserted-Identity')).toBeUndefined();
  });

  it('may write its own name in capitals', async () => {
    const answer = await send(await credentialsFor('tom', 'tom-secret'), { From: '<sip:TOM@LocalHost:5099>;tag=1' });
    expect(answer.status).toBe(202);
  });

  it('registers nobody else', async () => {
    const answer = await tom.request('REGISTER', 'sip:localhost', {
      to: 'sip:mary@localhost',
      headers: { Contact: `<${tom.contact}>` },
    });
    expect(answer.status).toBe(403);
  });
});
