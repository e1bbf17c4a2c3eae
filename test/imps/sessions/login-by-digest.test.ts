/** Login in four steps, with a password that is kept for it; digests are computed here, from the protocol alone. */
import { createHash } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failuresPerPairMax } from '../../../src/accounts/guess-limit.ts';
import { passwordHashesOf } from '../../../src/accounts/password-hashes.ts';
import { systemHashes } from '../../../src/base/system-hash.ts';
import type { Address } from '../../../src/model/address.ts';
import { keyFileName, passwordSeal } from '../../../src/stores/files/password-seal.ts';
import { changePassword } from '../../../src/cli/user.ts';
import { readConfig } from '../../../src/config.ts';
import { openStores } from '../../../src/server.ts';
import { recordedIo } from '../../recorded-io.ts';
import { openServer } from '../../transports/open-server.ts';
import { HttpWorld } from '../../http/http-world.ts';
import { CspClient, textOf } from '../csp-client.ts';

const mary = 'mary@localhost' as Address;
let folder: string;
let world: HttpWorld;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'restante-digest-'));
  world = await HttpWorld.open();
  world.passwordSeal = passwordSeal(folder);
  await keep('mary-secret');
});
afterEach(async () => {
  await world.close();
  rmSync(folder, { recursive: true });
});

async function keep(password: string): Promise<void> {
  const sealed = await passwordSeal(folder).seal(password, mary, true);
  if (!sealed.ok) throw new Error(sealed.error);
  const hashes = passwordHashesOf(password, mary, systemHashes);
  await world.stores.accounts.setPasswords(mary, hashes, sealed.value);
  await world.time.advance(2_000);
}

const codeOf = (xml: string): string => textOf(xml, 'Code');
const schemas = (...names: string[]): string => names.map((name) => `<DigestSchema>${name}</DigestSchema>`).join('');
const digestOf = (algorithm: 'md5' | 'sha1', octets: Buffer): string =>
  createHash(algorithm).update(octets).digest('base64');

function login(phone: CspClient, content: string, cookie = 'c'): Promise<string> {
  const client = `<ClientID><URL>http://${phone.device}</URL></ClientID>`;
  return phone.request(
    `<Login-Request><UserID>wv:${phone.user}@localhost</UserID>${client}${content}<SessionCookie>${cookie}</SessionCookie></Login-Request>`,
  );
}

async function nonceFor(phone: CspClient, asked = schemas('MD5'), cookie = 'c'): Promise<string> {
  return textOf(await login(phone, asked, cookie), 'Nonce');
}

const withDigest = (digest: string): string => `<DigestBytes>${digest}</DigestBytes>`;
const md5 = (nonce: string, password = 'mary-secret'): string =>
  withDigest(digestOf('md5', Buffer.from(nonce + password, 'latin1')));

describe('a login by digest', () => {
  it.each([
    ['1.1', '<DigestSchema>SHA,MD5</DigestSchema>', 'MD5', 'md5'],
    ['1.2', schemas('SHA', 'MD5'), 'MD5', 'md5'],
    ['1.3', schemas('PWD', 'SHA'), 'SHA', 'sha1'],
  ] as const)('opens a session of CSP %s asked with %s', async (version, asked, schema, algorithm) => {
    const phone = new CspClient(world, 'mary', version);
    const first = await login(phone, asked);
    expect([codeOf(first), textOf(first, 'DigestSchema'), textOf(first, 'CapabilityRequest')]).toEqual([
      '401',
      schema,
      'F',
    ]);
    expect(textOf(first, 'SessionID')).toBe('');
    const nonce = textOf(first, 'Nonce');
    expect(nonce).toMatch(/^\w{20,}$/);
    const second = await login(phone, withDigest(digestOf(algorithm, Buffer.from(`${nonce}mary-secret`))));
    expect([codeOf(second), textOf(second, 'CapabilityRequest')]).toEqual(['200', 'T']);
    phone.sessionId = textOf(second, 'SessionID');
    expect(codeOf(await phone.request('<KeepAlive-Request/>'))).toBe('200');
  });

  it('takes what is not ASCII as Latin-1 and as UTF-8', async () => {
    await keep('grüß');
    const phone = new CspClient(world, 'mary');
    for (const encoding of ['latin1', 'utf8'] as const) {
      const nonce = await nonceFor(phone);
      const digest = digestOf('md5', Buffer.from(`${nonce}grüß`, encoding)).replace(/=+$/, '');
      expect(codeOf(await login(phone, withDigest(digest)))).toBe('200');
    }
    await keep('密');
    const nonce = await nonceFor(phone);
    // What Latin-1 cannot say is not cut to what it can.
    expect(codeOf(await login(phone, withDigest(digestOf('md5', Buffer.from(`${nonce}密`, 'latin1')))))).toBe('409');
    expect(codeOf(await login(phone, md5(await nonceFor(phone), 'x')))).toBe('409');
  });

  it('with a wrong digest is refused, and its nonce is of no use any more', async () => {
    const phone = new CspClient(world, 'mary');
    const nonce = await nonceFor(phone);
    expect(codeOf(await login(phone, md5(nonce, 'wrong')))).toBe('409');
    const again = await login(phone, md5(nonce));
    expect([codeOf(again), textOf(again, 'Nonce') === nonce]).toEqual(['401', false]);
  });

  it('uses a nonce once, and only within a minute', async () => {
    const phone = new CspClient(world, 'mary');
    const [used, late] = [await nonceFor(phone), await nonceFor(phone, schemas('MD5'), 'other')];
    expect(codeOf(await login(phone, md5(used)))).toBe('200');
    expect(codeOf(await login(phone, md5(used)))).toBe('401');
    await world.time.advance(60_000);
    expect(codeOf(await login(phone, md5(late), 'other'))).toBe('401');
  });

  it('is guessed at no faster than a password', async () => {
    const phone = new CspClient(world, 'mary');
    const codes: string[] = [];
    for (let attempt = 0; attempt < 20; attempt += 1) {
      codes.push(codeOf(await login(phone, md5(await nonceFor(phone), 'wrong'))));
    }
    expect(new Set(codes)).toEqual(new Set(['409']));
    expect(codeOf(await login(phone, schemas('MD5')))).toBe('409');
    expect(codeOf(await login(phone, '<Password>mary-secret</Password>'))).toBe('409');
  });
});

it('guesses by digest that come together are counted together', async () => {
  const phones = Array.from({ length: failuresPerPairMax + 1 }, () => new CspClient(world, 'mary'));
  const nonces: string[] = [];
  for (const [at, phone] of phones.entries()) nonces.push(await nonceFor(phone, schemas('MD5'), `c${at}`));
  const held: (() => void)[] = [];
  world.passwordSeal = {
    open: async (sealed, address) => {
      await new Promise<void>((resolve) => held.push(resolve));
      return passwordSeal(folder).open(sealed, address);
    },
  };
  const answers: Promise<string>[] = [];
  for (const [at, phone] of phones.entries()) {
    // The last is right, and comes too late.
    const digest = md5(nonces[at] ?? '', at < failuresPerPairMax ? 'wrong' : 'mary-secret');
    answers.push(login(phone, digest, `c${at}`));
    while (held.length <= at) await world.settle();
  }
  for (const [at, release] of held.entries()) {
    release();
    expect(codeOf((await answers[at]) ?? '')).toBe('409');
  }
});

describe('the password instead', () => {
  it('is what accounts without, unknown ones, and other schemas are told to come with', async () => {
    const others = [new CspClient(world, 'tom'), new CspClient(world, 'nobody')];
    for (const phone of others) expect(codeOf(await login(phone, schemas('MD5', 'SHA')))).toBe('543');
    const phone = new CspClient(world, 'mary');
    expect(codeOf(await login(phone, schemas('MD4', 'MD6')))).toBe('543');
    expect(codeOf(await phone.logIn())).toBe('200');
  });

  it('is what serves while the key is missing or another one, and the digest again when it is back', async () => {
    const phone = new CspClient(world, 'mary');
    const nonce = await nonceFor(phone);
    const key = join(folder, keyFileName);
    renameSync(key, `${key}.away`);
    expect(codeOf(await login(phone, schemas('MD5')))).toBe('543');
    expect(codeOf(await login(phone, md5(nonce)))).toBe('543');
    expect(codeOf(await phone.logIn())).toBe('200');
    phone.sessionId = '';
    writeFileSync(key, '0'.repeat(64), { mode: 0o600 });
    expect(codeOf(await login(phone, schemas('MD5')))).toBe('543');
    renameSync(`${key}.away`, key);
    expect(codeOf(await login(phone, md5(await nonceFor(phone))))).toBe('200');
    const faults = [...world.counters.entries()].find(({ name }) => name === 'restante_imps_digest_faults_total');
    expect(faults?.value).toBe(3);
  });

  it('takes the place of a digest when it changes without one', async () => {
    const phone = new CspClient(world, 'mary');
    const nonce = await nonceFor(phone);
    await world.stores.accounts.setPasswords(mary, passwordHashesOf('new', mary, systemHashes));
    await world.time.advance(2_000);
    expect(codeOf(await login(phone, md5(nonce)))).toBe('543');
    expect(codeOf(await login(phone, '<Password>new</Password>'))).toBe('200');
  });
});

describe('a whole server', () => {
  it('reads the key of its folder, for an account that a command has changed beside it', async () => {
    const server = await openServer({ msrps: 'off', sips: 'off', https: 'off' });
    const data = join(server.folder, 'data');
    const config = readConfig({ flags: { data } });
    if (!config.ok) throw new Error(config.error);
    const stores = await openStores(config.value, false);
    const io = recordedIo();
    const user = { address: mary, password: 'second', isOperator: false, hasImpsDigest: true };
    expect(await changePassword(user, { stores, config: config.value, io })).toBe(0);
    await stores.close();
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const origin = `http://127.0.0.1:${server.running.http.port}`;
    const phone = new CspClient({ origin, settle: turn, time: { advance: turn } }, 'mary');
    // The server looks at what commands did when its time has come.
    let nonce = '';
    while (nonce === '') nonce = await nonceFor(phone);
    expect(codeOf(await login(phone, md5(nonce, 'second')))).toBe('200');
    await server.close();
  });
});
