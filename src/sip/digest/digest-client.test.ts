import { describe, expect, it } from 'vitest';
import { systemHashes } from '../../base/system-hash.ts';
import { systemIds } from '../../base/system-ids.ts';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import { SipHeaders } from '../message/sip-headers.ts';
import type { HeaderRow } from '../message/sip-headers.ts';
import { createSipRequest, createSipResponse } from '../message/sip-message.ts';
import type { SipResponse } from '../message/sip-message.ts';
import { challengeLengthMax, ChallengeHistory, DigestClient, realmsMax } from './digest-client.ts';
import type { DigestMode } from './digest-challenge.ts';
import { DigestGuard } from './digest-guard.ts';
import { nonceLifetimeMs } from './nonce-book.ts';

const uri = 'sip:mary@example.com';

function responseWith(status: number, ...rows: readonly HeaderRow[]): SipResponse {
  const headers = new SipHeaders([
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa'],
    ['From', '<sip:inbox@example.com>;tag=f'],
    ['To', '<sip:mary@example.com>;tag=t'],
    ['Call-ID', 'c'],
    ['CSeq', '1 SUBSCRIBE'],
    ...rows,
  ]);
  return createSipResponse({ status, reason: 'Unauthorized', headers });
}

const challenge = (text: string, status = 401): SipResponse =>
  responseWith(status, [status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate', text]);

function createClient(password = 'secret', cnonce?: string): DigestClient {
  const ids = cnonce === undefined ? systemIds : { randomToken: () => cnonce };
  return new DigestClient({ userName: 'inbox', password, hashes: systemHashes, ids });
}

const parameterOf = (rows: readonly HeaderRow[], name: string): string | undefined =>
  new RegExp(`\\b${name}="?([^",]*)`).exec(rows[0]?.[1] ?? '')?.[1];

describe('the answer to a challenge', () => {
  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('is that of RFC 7616 3.9.1 for %s', (algorithm, response) => {
    const client = new DigestClient({
      userName: 'Mufasa',
      password: 'Circle of Life',
      hashes: systemHashes,
      ids: { randomToken: () => 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' },
    });
    const nonce = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v';
    const opaque = 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS';
    const text = `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="${nonce}", opaque="${opaque}"`;
    expect(client.takeChallenge(challenge(text), new ChallengeHistory())).toBe(true);
    const rows = client.rowsFor('GET', '/dir/index.html');
    expect(parameterOf(rows, 'response')).toBe(response);
    expect(parameterOf(rows, 'opaque')).toBe(opaque);
  });

  it('is that of RFC 2617 3.5 without a qop, as a server of RFC 2069 wants it', () => {
    const client = createClient();
    client.takeChallenge(challenge('Digest realm="r", nonce="n"'), new ChallengeHistory());
    const rows = client.rowsFor('SUBSCRIBE', uri);
    const md5 = (text: string): string => systemHashes.hash('md5', text);
    expect(parameterOf(rows, 'response')).toBe(md5(`${md5('inbox:r:secret')}:n:${md5(`SUBSCRIBE:${uri}`)}`));
    expect(rows[0]?.[1]).not.toMatch(/qop|cnonce|nc=/);
  });

  it.each<DigestMode>(['md5', 'both', 'sha-256'])(
    'satisfies our own server (%s), also when its nonce is old',
    async (mode) => {
      const time = new VirtualTime();
      const guard = new DigestGuard({
        mode,
        hashes: systemHashes,
        ids: systemIds,
        clock: time,
        lookUpHash: (name, realm, algorithm) => systemHashes.hash(algorithm, `${name}:${realm}:secret`),
        takesUri: () => false,
        attempts: { mayTry: () => true, failed: () => undefined, succeeded: () => undefined },
      });
      const client = createClient();
      const ask = (): { kind: string; headers?: readonly HeaderRow[] } => {
        const headers = responseWith(200).headers.clone();
        for (const [name, value] of client.rowsFor('SUBSCRIBE', uri)) headers.add(name, value);
        const request = createSipRequest({ method: 'SUBSCRIBE', requestUri: uri, headers });
        return guard.check(request, { kind: '401', realm: 'example.com', source: '192.0.2.1' }) as never;
      };
      const first = ask();
      expect(first.kind).toBe('challenge');
      expect(client.takeChallenge(responseWith(401, ...(first.headers ?? [])), new ChallengeHistory())).toBe(true);
      // The nonce is used again, counted, without another challenge.
      expect([ask().kind, ask().kind, ask().kind]).toEqual(['authenticated', 'authenticated', 'authenticated']);
      await time.advance(nonceLifetimeMs + 1);
      const late = ask();
      expect(late.kind).toBe('challenge');
      expect(client.takeChallenge(responseWith(401, ...(late.headers ?? [])), new ChallengeHistory())).toBe(true);
      expect(ask().kind).toBe('authenticated');
    },
  );

  it('counts a nonce from 1, and anew for another', () => {
    const client = createClient();
    client.takeChallenge(challenge('Digest realm="r", nonce="n", qop="auth"'), new ChallengeHistory());
    const counts = [1, 2].map(() => parameterOf(client.rowsFor('SUBSCRIBE', uri), 'nc'));
    client.takeChallenge(challenge('Digest realm="r", nonce="m", qop="auth", stale=TRUE'), new ChallengeHistory());
    expect([...counts, parameterOf(client.rowsFor('SUBSCRIBE', uri), 'nc')]).toEqual([
      '00000001',
      '00000002',
      '00000001',
    ]);
  });

  it('answers a proxy and a server side by side', () => {
    const client = createClient();
    client.takeChallenge(challenge('Digest realm="p", nonce="n"', 407), new ChallengeHistory());
    client.takeChallenge(challenge('Digest realm="s", nonce="n"'), new ChallengeHistory());
    expect(client.rowsFor('SUBSCRIBE', uri).map(([name]) => name)).toEqual(['Proxy-Authorization', 'Authorization']);
  });

  it('quotes what needs it', () => {
    const client = new DigestClient({ userName: 'in"b\\ox', password: 's', hashes: systemHashes, ids: systemIds });
    client.takeChallenge(challenge('Digest realm="r", nonce="n"'), new ChallengeHistory());
    expect(client.rowsFor('SUBSCRIBE', uri)[0]?.[1]).toContain('username="in\\"b\\\\ox"');
  });
});

describe('a challenge that helps nobody', () => {
  it.each([
    ['another scheme', 'Basic realm="r"'],
    ['another algorithm', 'Digest realm="r", nonce="n", algorithm=SHA-512-256'],
    ['auth-int alone', 'Digest realm="r", nonce="n", qop="auth-int"'],
    ['no realm', 'Digest nonce="n"'],
    ['no nonce', 'Digest realm="r"'],
    ['a quote that does not end', 'Digest realm="r, nonce="n'],
    ['too long a one', `Digest realm="r", nonce="${'n'.repeat(challengeLengthMax)}"`],
  ])('%s', (_, text) => {
    const client = createClient();
    expect(client.takeChallenge(challenge(text), new ChallengeHistory())).toBe(false);
    expect(client.rowsFor('SUBSCRIBE', uri)).toEqual([]);
  });

  it('the same realm once more for one request: the password is wrong; not so where the nonce was stale', () => {
    const client = createClient();
    const history = new ChallengeHistory();
    expect(client.takeChallenge(challenge('Digest realm="r", nonce="a"'), history)).toBe(true);
    expect(client.takeChallenge(challenge('Digest realm="r", nonce="b", stale=true'), history)).toBe(true);
    expect(client.takeChallenge(challenge('Digest realm="r", nonce="c"'), history)).toBe(false);
    expect(client.takeChallenge(challenge('Digest realm="r", nonce="c"'), new ChallengeHistory())).toBe(true);
  });

  it('one that is called stale for ever', () => {
    const client = createClient();
    const history = new ChallengeHistory();
    const answers = [1, 2, 3, 4, 5].map((n) =>
      client.takeChallenge(challenge(`Digest realm="r", nonce="${n}", stale=true`), history),
    );
    expect(answers).toEqual([true, true, true, true, false]);
  });

  it('takes the second of two where the first is one that it does not know', () => {
    const client = createClient();
    const both = responseWith(
      401,
      ['WWW-Authenticate', 'Digest realm="r", nonce="n", algorithm=SHA-512-256'],
      ['WWW-Authenticate', 'Digest realm="r", nonce="n", algorithm=MD5'],
    );
    expect(client.takeChallenge(both, new ChallengeHistory())).toBe(true);
    expect(parameterOf(client.rowsFor('SUBSCRIBE', uri), 'algorithm')).toBe('MD5');
  });

  it('keeps the nonces of realmsMax realms and not of one more', () => {
    const client = createClient();
    for (let n = 0; n < realmsMax; n++) {
      client.takeChallenge(challenge(`Digest realm="r${n}", nonce="n"`), new ChallengeHistory());
    }
    expect(client.rowsFor('SUBSCRIBE', uri)).toHaveLength(realmsMax);
    client.takeChallenge(challenge('Digest realm="last", nonce="n"'), new ChallengeHistory());
    const rows = client.rowsFor('SUBSCRIBE', uri).map(([, value]) => value);
    expect(rows).toHaveLength(realmsMax);
    expect(rows.some((value) => value.includes('realm="r0"'))).toBe(false);
    expect(rows.at(-1)).toContain('realm="last"');
  });
});
