import { afterEach, describe, expect, it } from 'vitest';
import { tokensPerAccountMax } from '../../src/accounts/ports.ts';
import { turnsMax } from '../../src/presence/turns.ts';
import { HttpWorld, type Answer, type Flags } from './http-world.ts';

let world: HttpWorld;

async function open(flags: Flags = {}): Promise<void> {
  world = await HttpWorld.open(flags);
}

afterEach(() => world.close());

const nameOf = ({ status, json }: Answer): string => `${status} ${String(json['type']).split(':').at(-1)}`;
const put = (who: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
  world.call(who, 'PUT', path, { body, headers });

describe('signing in', () => {
  it.each([
    ['nothing', {}],
    ['a wrong password', { authorization: `Basic ${Buffer.from('tom@localhost:guess').toString('base64')}` }],
    ['nobody', { authorization: `Basic ${Buffer.from('nobody@localhost:tom-secret').toString('base64')}` }],
    ['the user part alone', { authorization: `Basic ${Buffer.from('tom:tom-secret').toString('base64')}` }],
    ['a made-up token', { authorization: 'Bearer abcdef' }],
    ['another scheme', { authorization: 'Digest username="tom"' }],
  ])('%s gets 401 with the ways to sign in', async (_what, headers) => {
    await open();
    const answer = await world.call('-', 'GET', '/v1/inbox', { headers });
    expect(nameOf(answer)).toBe('401 unauthorised');
    expect(answer.headers.get('www-authenticate')).toBe(
      'Basic realm="localhost", charset="UTF-8", Bearer realm="localhost"',
    );
  });

  it('guessing ends in 401 even for the right password, from that source and for that account', async () => {
    await open();
    const guess = { authorization: `Basic ${Buffer.from('tom@localhost:guess').toString('base64')}` };
    for (let count = 0; count < 10; count += 1) await world.call('-', 'GET', '/v1/inbox', { headers: guess });
    expect((await world.call('tom', 'GET', '/v1/inbox')).status).toBe(401);
    expect((await world.call('mary', 'GET', '/v1/inbox')).status).toBe(200);
    await world.time.advance(120_000);
    expect((await world.call('tom', 'GET', '/v1/inbox')).status).toBe(200);
  });

  it('a token stands for its account until it is revoked, expires, or the password changes', async () => {
    await open();
    const issue = async () => (await world.call('tom', 'POST', '/v1/tokens')).json;
    const { token, expiresAt } = await issue();
    const bearer = (secret: unknown) => ({ headers: { authorization: `Bearer ${String(secret)}` } });
    const status = async (secret: unknown) => (await world.call('-', 'GET', '/v1/inbox', bearer(secret))).status;
    expect(expiresAt).toBe('2026-12-21T09:00:00.000Z');
    expect(await status(token)).toBe(200);
    expect((await world.call('-', 'DELETE', '/v1/tokens', bearer(token))).status).toBe(204);
    expect(await status(token)).toBe(401);
    expect(nameOf(await world.call('tom', 'DELETE', '/v1/tokens'))).toBe('400 malformed-request');
    const second = (await issue())['token'];
    expect(await status(second)).toBe(200);
    world.time.stepWall(30 * 24 * 3_600_000);
    expect(await status(second)).toBe(401);
    const third = (await issue())['token'];
    await world.stores.accounts.setPasswords('tom@localhost' as never, {
      md5: 'a'.repeat(64),
      sha256: 'b'.repeat(128),
    });
    await world.time.advance(1000);
    expect(await status(third)).toBe(401);
  });

  it('tokensPerAccountMax tokens and not one more', async () => {
    await open();
    for (let count = 0; count < tokensPerAccountMax; count += 1) {
      expect((await world.call('tom', 'POST', '/v1/tokens')).status).toBe(201);
    }
    expect(nameOf(await world.call('tom', 'POST', '/v1/tokens'))).toBe('409 too-many-tokens');
  });
});

describe('presence', () => {
  it('named ones are set, null removes, the rest stays, for as long as asked', async () => {
    await open();
    await put('mary', '/v1/presence', {
      availability: 'not-available',
      mood: ['angry', 'sad'],
      statusText: 'busy, sorry',
    });
    const { json } = await put('mary', '/v1/presence', {
      mood: null,
      'x-desk': 'b4',
      placeType: 'home',
      expiresIn: 60,
    });
    const { visible: _visible, ...shown } = json;
    expect(shown).toEqual({
      address: 'mary@localhost',
      online: false,
      availability: 'not-available',
      statusText: 'busy, sorry',
      'x-desk': ['b4'],
      placeType: ['home'],
    });
    await world.time.advance(60_000);
    const later = (await world.call('mary', 'GET', '/v1/presence/mary@localhost')).json;
    expect(Object.keys(later)).toEqual(['address', 'visible', 'online', 'availability', 'statusText']);
  });

  it('shows as much as the rules say, and the fake to whom is deceived', async () => {
    await open();
    await put('mary', '/v1/presence', { availability: 'available', mood: 'happy' });
    const seen = async () => (await world.call('tom', 'GET', '/v1/presence/mary@localhost')).json;
    expect(await seen()).toMatchObject({ visible: ['online', 'availability'], availability: 'available' });
    await put('mary', '/v1/rules', [{ watchers: ['tom@localhost'], attributes: ['mood'], action: 'allow' }]);
    expect(await seen()).toMatchObject({ visible: ['online', 'availability', 'mood'], mood: ['happy'] });
    await put('mary', '/v1/rules', [{ watchers: ['tom@localhost'], action: 'polite-block' }]);
    expect(await seen()).toMatchObject({ online: false, availability: 'not-available' });
    expect(await seen()).not.toHaveProperty('mood');
    await put('mary', '/v1/rules', [{ watchers: ['tom@localhost'], action: 'block' }]);
    expect(nameOf(await world.call('tom', 'GET', '/v1/presence/mary@localhost'))).toBe('403 blocked');
    expect(nameOf(await world.call('tom', 'GET', '/v1/presence/nobody@localhost'))).toBe('404 unknown-recipient');
  });

  it.each([
    ['an attribute that is none', { moood: 'x' }, 'mood'],
    ['online', { online: 'true' }, 'derived'],
    ['a value that is none', { availability: 'maybe' }, 'not-available'],
    ['a control character', { statusText: 'a\nb' }, 'control'],
    ['no validity', { mood: 'happy', expiresIn: 0 }, 'expiresIn'],
  ])('%s is refused by name', async (_what, body, words) => {
    await open();
    const answer = await put('mary', '/v1/presence', body);
    expect(nameOf(answer)).toBe('400 malformed-request');
    expect(JSON.stringify(answer.json)).toContain(words);
  });
});

describe('rules', () => {
  const rules = [{ watchers: ['tom@localhost'], attributes: ['mood'], action: 'allow' }];

  it('are replaced as a whole; If-Match keeps two writers apart', async () => {
    await open();
    const first = await put('mary', '/v1/rules', rules);
    const tag = first.headers.get('etag') ?? '';
    const got = await world.call('mary', 'GET', '/v1/rules');
    expect([got.json, got.headers.get('etag')]).toEqual([rules, tag]);
    expect((await put('mary', '/v1/rules', [], { 'if-match': tag })).status).toBe(200);
    expect(nameOf(await put('mary', '/v1/rules', rules, { 'if-match': tag }))).toBe('412 rules-changed');
    expect((await put('mary', '/v1/rules', rules, { 'if-match': '*' })).status).toBe(200);
  });

  it('a withdrawn authorisation holds what depends on it', async () => {
    await open();
    await put('mary', '/v1/presence', { mood: 'happy' });
    await put('mary', '/v1/rules', rules);
    const id = await world.send('tom', 'mary', 'a', { deliverWhen: 'mood is happy' });
    const state = async () => (await world.call('tom', 'GET', `/v1/messages/${id}`)).json['state'];
    expect(await state()).toBe('waiting');
    await put('mary', '/v1/rules', []);
    expect(await state()).toBe('held');
    await put('mary', '/v1/rules', rules);
    expect(await state()).toBe('waiting');
  });

  it.each([
    [[{ watchers: ['tom'], action: 'block' }], '400 malformed-address'],
    [[{ watchers: ['tom@localhost'], attributes: ['moood'], action: 'allow' }], '400 malformed-request'],
    [[{ watchers: ['tom@localhost'], action: 'forbid' }], '400 malformed-request'],
    [[{ watchers: [], action: 'block' }], '400 malformed-request'],
    [{}, '400 malformed-request'],
    [Array.from({ length: 1001 }, () => ({ watchers: '*', action: 'confirm' })), '409 too-many-rules'],
  ])('%o is %s', async (body, expected) => {
    await open();
    expect(nameOf(await put('mary', '/v1/rules', body))).toBe(expected);
    expect((await world.call('mary', 'GET', '/v1/rules')).json).toEqual([]);
  });

  it('an answer to a request takes the place of the one before', async () => {
    await open();
    const decide = (allow: boolean) =>
      world.call('mary', 'POST', '/v1/rules/requests/tom@localhost', { body: { allow } });
    await decide(true);
    await decide(false);
    expect((await world.call('mary', 'GET', '/v1/rules')).json).toEqual([
      { watchers: ['tom@localhost'], action: 'block' },
    ]);
  });
});

describe('blocks', () => {
  it('are in effect at once, and gone at once', async () => {
    await open();
    expect((await world.call('mary', 'PUT', '/v1/blocks/sip:tom@localhost')).status).toBe(204);
    expect((await world.call('mary', 'PUT', '/v1/blocks/tom@localhost')).status).toBe(204);
    expect((await world.call('mary', 'GET', '/v1/blocks')).json).toEqual({ items: ['tom@localhost'] });
    const body = { to: 'mary@localhost', text: 'a' };
    expect(nameOf(await world.call('tom', 'POST', '/v1/messages', { body }))).toBe('403 blocked');
    expect((await world.call('mary', 'DELETE', '/v1/blocks/tom@localhost')).status).toBe(204);
    expect((await world.call('mary', 'DELETE', '/v1/blocks/tom@localhost')).status).toBe(204);
    expect((await world.call('tom', 'POST', '/v1/messages', { body })).status).toBe(202);
    expect(nameOf(await world.call('mary', 'PUT', '/v1/blocks/tom'))).toBe('400 malformed-address');
  });
});

describe('conditions and capabilities', () => {
  it('says what a condition waits for, where it is wrong, and what may not be asked', async () => {
    await open();
    const check = async (body: unknown) => (await world.call('tom', 'POST', '/v1/conditions/check', { body })).json;
    expect(await check({ condition: 'mood is happy' })).toEqual({
      valid: true,
      sentence: "Wait until the recipient's mood is happy.",
    });
    expect(await check({ condition: 'online or mod is x' })).toMatchObject({ valid: false, position: 10 });
    expect(await check({ condition: 'online and mood is x', to: 'mary@localhost' })).toMatchObject({
      notAuthorised: ['mood'],
    });
    const nobody = { condition: 'online', to: 'nobody@localhost' };
    expect(nameOf(await world.call('tom', 'POST', '/v1/conditions/check', { body: nobody }))).toBe(
      '404 unknown-recipient',
    );
  });

  it('says what this server does', async () => {
    await open({ conditional: 'off', 'max-body': '1000' });
    expect((await world.call('tom', 'GET', '/v1/capabilities')).json).toMatchObject({
      conditional: false,
      storeOffline: true,
      delivery: ['push', 'notify', 'pull'],
      limits: { bodyBytes: 1000, conditionTests: 32 },
    });
  });

  it('promises no style that needs a store where there is none', async () => {
    await open({ 'store-offline': 'off' });
    const { json } = await world.call('tom', 'GET', '/v1/capabilities');
    expect([json['storeOffline'], json['delivery']]).toEqual([false, ['push']]);
    const chosen = await world.call('tom', 'PUT', '/v1/delivery', { body: { method: 'pull' } });
    expect(chosen.json).toEqual({ method: 'push' });
    expect((await world.call('tom', 'GET', '/v1/delivery')).json).toEqual({ method: 'push' });
    const listening = await world.listen('tom');
    void world.call('mary', 'POST', '/v1/messages', { body: { to: 'tom@localhost', text: 'hi' } });
    expect(await listening.next('message')).toMatchObject({ text: 'hi' });
  });
});

describe('what all calls share', () => {
  it('a request id of the caller or of ours, and the rate that is left', async () => {
    await open({ 'call-rate': '5/10' });
    const named = await world.call('tom', 'GET', '/v1/inbox', { headers: { 'x-request-id': 'mine-1' } });
    expect(named.headers.get('x-request-id')).toBe('mine-1');
    expect([named.headers.get('ratelimit-limit'), named.headers.get('ratelimit-remaining')]).toEqual(['5', '4']);
    const odd = await world.call('tom', 'GET', '/v1/inbox', { headers: { 'x-request-id': 'a b' } });
    expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('what is not JSON gets 415, whatever it calls itself', async () => {
    await open();
    for (const type of ['text/plain', 'application/xml', 'multipart/form-data', 'nonsense']) {
      const answer = await world.call('tom', 'PUT', '/v1/presence', { body: 'x', headers: { 'content-type': type } });
      expect(nameOf(answer)).toBe('415 unsupported-media-type');
    }
  });

  it('pages of other origins may call where the operator says so', async () => {
    await open({ cors: 'https://chat.example.com' });
    const preflight = (origin: string) =>
      fetch(`${world.origin}/v1/messages`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    const allowed = await preflight('https://chat.example.com');
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://chat.example.com');
    const headers = { origin: 'https://chat.example.com' };
    const { headers: got } = await world.call('tom', 'GET', '/v1/inbox', { headers });
    expect(got.get('access-control-expose-headers')).toContain('ratelimit-remaining');
    const other = await preflight('https://evil.example.com');
    expect(other.headers.get('access-control-allow-origin')).not.toBe('https://evil.example.com');
  });

  it('answers nothing before it is ready', async () => {
    await open();
    const { server } = world;
    const { createHttpApp } = await import('../../src/endpoints/http/http-server.ts');
    const { silentLog } = await import('../../src/base/log.ts');
    const { systemIds } = await import('../../src/base/system-ids.ts');
    const app = await createHttpApp({
      counters: world.counters,
      log: silentLog,
      ids: systemIds,
      version: '0',
      domains: [],
      api: server.api,
      isReady: () => false,
    });
    const answer = await app.inject('/v1/inbox');
    expect([answer.statusCode, answer.json<{ type: string }>().type]).toEqual([503, 'urn:restante:problem:not-ready']);
    await app.close();
  });
});

describe("words of one's own that come faster than they are kept", () => {
  it('are refused with 429 and Retry-After beyond the limit; those within it are taken', async () => {
    await open({ 'call-rate': '100000/1' });
    const gate = Promise.withResolvers<void>();
    world.beforeCall = (name) => (name === 'publications.change' ? gate.promise : undefined);
    const refused: Answer[] = [];
    let over = 0;
    const calls = Array.from({ length: turnsMax + 1 }, async (_, at) => {
      const answer = await put('mary', '/v1/presence', { mood: `m${at}` });
      if (answer.status !== 200) refused.push(answer);
      over += 1;
      return answer;
    });
    // Whichever came last: the others wait for the store.
    await expect.poll(() => over, { timeout: 30_000 }).toBe(1);
    expect(refused.map(nameOf)).toEqual(['429 too-many-requests']);
    expect(refused[0]?.headers.get('retry-after')).toBe('1');
    gate.resolve();
    const answers = await Promise.all(calls);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(turnsMax);
  }, 300_000);
});
