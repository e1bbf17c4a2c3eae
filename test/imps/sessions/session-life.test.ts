/** How a session begins beside others, what is kept of it, and how it ends, as its phones see it. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sessionHeldMs, sessionsPerPrincipalMax } from '../../../src/endpoints/imps/session/session-table.ts';
import { passwordHashesOf } from '../../../src/accounts/password-hashes.ts';
import { ok } from '../../../src/base/result.ts';
import { StoreFault } from '../../../src/base/store-fault.ts';
import { systemHashes } from '../../../src/base/system-hash.ts';
import type { Address } from '../../../src/model/address.ts';
import { HttpWorld } from '../../http/http-world.ts';
import { CspClient, textOf } from '../csp-client.ts';

const mary = 'mary@localhost' as Address;
let world: HttpWorld;

beforeEach(async () => {
  world = await HttpWorld.open();
});
afterEach(() => world.close());

const codeOf = (xml: string): string => textOf(xml, 'Code');
const sign = '<KeepAlive-Request/>';

function phone(device: string): CspClient {
  const client = new CspClient(world, 'mary');
  client.device = device;
  return client;
}

async function codesAt(...phones: readonly CspClient[]): Promise<string[]> {
  const codes: string[] = [];
  for (const each of phones) codes.push(codeOf(await each.request(sign)));
  return codes;
}

describe('what is kept of a session', () => {
  it('opens none, and is enough to go on after a restart', async () => {
    const client = await phone('one').start();
    const kept = await world.stores.impsSessions.sessions(undefined, 9);
    expect(kept).toHaveLength(1);
    expect(JSON.stringify(kept)).not.toContain(client.sessionId);
    const thief = phone('one');
    for (const told of [kept[0]?.idHash ?? '', ...(JSON.stringify(kept).match(/[a-z2-7]{13,}/g) ?? [])]) {
      thief.sessionId = told;
      expect([told, codeOf(await thief.request(sign))]).toEqual([told, '604']);
    }
    world = await world.restarted();
    expect(codeOf(await client.movedTo(world).request(sign))).toBe('200');
  });

  it('is how long it lasts, as it was granted last', async () => {
    const client = await phone('one').start();
    const granted = await client.request('<KeepAlive-Request><TimeToLive>3600</TimeToLive></KeepAlive-Request>');
    expect([codeOf(granted), textOf(granted, 'KeepAliveTime')]).toEqual(['200', '3600']);
    world = await world.restarted();
    await world.time.advance(3_599_000);
    expect(codeOf(await client.movedTo(world).request(sign))).toBe('200');
    await world.time.advance(3_600_000);
    expect(codeOf(await client.movedTo(world).request(sign))).toBe('600');
  });

  it('is nothing when the store cannot keep it', async () => {
    world.beforeCall = (name) => {
      if (name === 'impsSessions.change') throw new StoreFault('no', true);
    };
    expect(codeOf(await phone('one').logIn())).toBe('503');
    world.beforeCall = undefined;
    expect(await world.stores.impsSessions.sessions(undefined, 9)).toEqual([]);
    expect(codeOf(await phone('one').logIn())).toBe('200');
  });
});

describe('a session that is none', () => {
  it('is told so under the id of what was asked, however long its name is', async () => {
    const client = phone('one');
    for (const sessionId of ['x', 's'.repeat(50), 's'.repeat(51), 's'.repeat(5000)]) {
      client.sessionId = sessionId;
      expect(await codesAt(client)).toEqual(['604']);
    }
  });
});

describe('one session more than somebody may have', () => {
  async function fill(): Promise<CspClient[]> {
    const phones = Array.from({ length: sessionsPerPrincipalMax }, (_, at) => phone(`d${at}`));
    for (const each of phones) expect(codeOf(await each.logIn())).toBe('200');
    return phones;
  }

  it('takes the place of that of which nothing was heard for longest', async () => {
    const [first, second, ...others] = await fill();
    if (first === undefined || second === undefined) throw new Error('too few');
    await world.time.advance(sessionHeldMs);
    expect(await codesAt(first)).toEqual(['200']);
    const [late, later] = [phone('late'), phone('later')];
    expect(codeOf(await late.logIn())).toBe('200');
    expect(await codesAt(second, first, late, ...others)).toEqual(['601', '200', '200', ...others.map(() => '200')]);
    // All were heard of by now.
    expect(codeOf(await later.logIn())).toBe('503');
    expect(await codesAt(...others)).toEqual(others.map(() => '200'));
    expect((await world.stores.impsSessions.sessions(undefined, 99)).length).toBe(sessionsPerPrincipalMax);
  });

  it('does not, a moment before it may', async () => {
    await fill();
    await world.time.advance(sessionHeldMs - 1);
    expect(codeOf(await phone('late').logIn())).toBe('503');
    await world.time.advance(1);
    expect(codeOf(await phone('late').logIn())).toBe('200');
  });

  it('takes the place of one that was not heard of since a restart', async () => {
    const phones = await fill();
    world = await world.restarted();
    const moved = phones.slice(1).map((each) => each.movedTo(world));
    expect(await codesAt(...moved)).toEqual(moved.map(() => '200'));
    const late = phone('late');
    expect(codeOf(await late.logIn())).toBe('200');
    expect(codeOf(await (phones[0] ?? late).movedTo(world).request(sign))).toBe('601');
  });

  it('is not had by logging in from many phones at once, nor two of one phone', async () => {
    const attempts = Array.from({ length: 2 * sessionsPerPrincipalMax }, (_, at) => phone(`d${at}`));
    const codes = await Promise.all(attempts.map(async (each) => codeOf(await each.logIn())));
    expect(codes.filter((code) => code === '200')).toHaveLength(sessionsPerPrincipalMax);
    expect((await world.stores.impsSessions.sessions(undefined, 99)).length).toBe(sessionsPerPrincipalMax);
    const open = attempts.filter(({ sessionId }) => sessionId !== '');
    const twins = [phone('d0'), phone('d0')];
    await open[0]?.request('<Logout-Request/>');
    for (const code of await Promise.all(twins.map(async (each) => codeOf(await each.logIn()))))
      expect(code).toBe('200');
    expect((await codesAt(...twins)).toSorted()).toEqual(['200', '601']);
  });
});

describe('a session of an account', () => {
  it('that went while its login was checked does not begin', async () => {
    const held: (() => void)[] = [];
    world.passwordSeal = {
      open: async () => {
        await new Promise<void>((resolve) => held.push(resolve));
        return ok('mary-secret');
      },
    };
    await world.stores.accounts.setPasswords(mary, passwordHashesOf('mary-secret', mary, systemHashes), 'sealed');
    await world.time.advance(2000);
    const step = (content: string): Promise<string> =>
      phone('one').request(
        `<Login-Request><UserID>mary</UserID>${content}<SessionCookie>c</SessionCookie></Login-Request>`,
      );
    const release = async (step: Promise<string>, before: () => Promise<void>): Promise<string> => {
      while (held.length === 0) await world.settle();
      await before();
      held.shift()?.();
      return step;
    };
    const nonce = textOf(await release(step('<DigestSchema>MD5</DigestSchema>'), async () => undefined), 'Nonce');
    const digest = createHash('md5').update(`${nonce}mary-secret`).digest('base64');
    const answer = await release(step(`<DigestBytes>${digest}</DigestBytes>`), async () => {
      await world.stores.accounts.remove(mary);
      await world.time.advance(2000);
    });
    expect(codeOf(answer)).toBe('409');
    expect(await world.stores.impsSessions.sessions(undefined, 9)).toEqual([]);
  });

  it('ends with a new password', async () => {
    const client = await phone('one').start();
    await world.stores.accounts.setPasswords(mary, passwordHashesOf('other', mary, systemHashes), undefined);
    await world.time.advance(2000);
    expect(await codesAt(client)).toEqual(['601']);
    client.sessionId = '';
    expect(codeOf(await client.logIn())).toBe('409');
    expect(codeOf(await client.logIn('other'))).toBe('200');
  });

  it('that got another password while the server stood still is over when it is there again', async () => {
    const client = await phone('one').start();
    await world.stores.accounts.setPasswords(mary, passwordHashesOf('other', mary, systemHashes), undefined);
    world = await world.restarted();
    await world.time.advance(2000);
    expect(codeOf(await client.movedTo(world).request(sign))).toBe('601');
  });
});
