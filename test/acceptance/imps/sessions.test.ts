import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { node, textAt } from '../../../src/cli/imps-phone/csp-node.ts';
import type { ImpsPhone } from '../../../src/cli/imps-phone/imps-phone.ts';
import { pauseMs } from '../../processes/child-program.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { phoneOf, startPhone, withinMs } from './phones.ts';

let stage: Stage;
/** Nothing is heard of it from here on; the last test asks what became of it. */
let silent: ImpsPhone;
let silentForMs = 0;
let silentSince = 0;

beforeAll(async () => {
  stage = await openStage();
  silent = phoneOf(stage, 'john', { clientId: 'http://silent.example' });
  const { heard } = await silent.login({ timeToLive: 1 });
  silentSince = performance.now();
  silentForMs = Number(textAt(heard.primitive, 'KeepAliveTime')) * 1000;
}, startMsMax);

afterAll(() => stage.close(), startMsMax);

describe('login', () => {
  it('takes the user id with and without wv: and domain, in any case', async () => {
    for (const user of ['wv:tom@localhost', 'tom@localhost', 'wv:tom', 'tom', 'WV:Tom@LocalHost']) {
      const phone = phoneOf(stage, 'tom');
      const request = node(
        'Login-Request',
        node('UserID', user),
        node('ClientID', node('URL', 'http://names.example')),
        node('Password', 'tom-secret'),
        node('SessionCookie', 'c'),
      );
      const { code } = await phone.ask(request, { sessionId: null });
      expect([user, code]).toEqual([user, 200]);
    }
  });

  it('without a client id is possible, and with children in another order', async () => {
    const request = node(
      'Login-Request',
      node('SessionCookie', 'c'),
      node('Vendor', 'x'),
      node('Password', 'tom-secret'),
      node('UserID', 'wv:tom@localhost'),
    );
    expect((await phoneOf(stage, 'tom').ask(request, { sessionId: null })).code).toBe(200);
  });

  it('is refused with 409 alike for a wrong password, none, and an unknown user', async () => {
    expect((await phoneOf(stage, 'tom', { password: 'x' }).login()).code).toBe(409);
    expect((await phoneOf(stage, 'ghost').login()).code).toBe(409);
    const request = node('Login-Request', node('UserID', 'wv:tom@localhost'), node('SessionCookie', 'c'));
    expect([402, 409]).toContain((await phoneOf(stage, 'tom').ask(request, { sessionId: null })).code);
  });

  it('of another client makes another session, of the same client ends the older', async () => {
    const one = await startPhone(stage, 'tom', { clientId: 'http://one.example' });
    const two = await startPhone(stage, 'tom', { clientId: 'http://two.example' });
    expect(one.line.sessionId).not.toBe(two.line.sessionId);
    expect((await one.keepAlive()).code).toBe(200);
    const again = await startPhone(stage, 'tom', { clientId: 'http://one.example' });
    expect((await one.keepAlive()).code).toBe(601);
    expect((await two.keepAlive()).code).toBe(200);
    expect((await again.keepAlive()).code).toBe(200);
    await again.logout();
    await two.logout();
  });

  it('of several clients delivers to at least one of them, to none twice', async () => {
    const one = await startPhone(stage, 'tom', { clientId: 'http://one.example' });
    const two = await startPhone(stage, 'tom', { clientId: 'http://two.example' });
    const mary = await startPhone(stage, 'mary');
    const sending = mary.send({ to: 'tom@localhost', text: 'for one of you' });
    await Promise.any([one.next('NewMessage', withinMs), two.next('NewMessage', withinMs)]);
    await sending;
    await two.poll();
    await one.poll();
    const came = [...one.asked, ...two.asked].map(({ primitive }) => textAt(primitive, 'ContentData'));
    expect([1, 2]).toContain(came.length);
    expect(new Set(came)).toEqual(new Set(['for one of you']));
    for (const phone of [one, two, mary]) await phone.logout();
  });
});

describe('a session', () => {
  it('is granted a time that is not shorter than clients can bear, and keeps it', async () => {
    const tom = phoneOf(stage, 'tom');
    const short = await tom.login({ timeToLive: 1 });
    expect(Number(short.text('KeepAliveTime'))).toBeGreaterThan(5);
    const kept = await tom.keepAlive(120);
    expect([kept.code, kept.text('KeepAliveTime')]).toEqual([200, '120']);
    await tom.logout();
  });

  it('that never was is answered 604, and 604 after its logout', async () => {
    const tom = await startPhone(stage, 'tom');
    const id = tom.line.sessionId ?? '';
    for (const sessionId of ['x', id.slice(1), `${id}0`, 'x'.repeat(50)]) {
      expect((await tom.ask(node('KeepAlive-Request'), { sessionId })).code).toBe(604);
    }
    await tom.logout();
    expect((await tom.keepAlive()).code).toBe(604);
  });

  it('of another user cannot be used by its transactions', async () => {
    const [tom, mary] = [await startPhone(stage, 'tom'), await startPhone(stage, 'mary', { answers: false })];
    const sending = tom.send({ to: 'mary@localhost', text: 'x' });
    const came = await mary.next('NewMessage', withinMs);
    await tom.reply(came);
    await sending;
    await expect.poll(() => mary.poll().then(() => mary.repeated), { timeout: withinMs }).toBeGreaterThan(0);
    await mary.reply(came);
    await tom.logout();
    await mary.logout();
  });

  it('carries several transactions in one message, each with its answer', async () => {
    const tom = await startPhone(stage, 'tom');
    const [one, two] = [tom.line.nextId(), tom.line.nextId()];
    const reply = await tom.line.exchange([
      tom.line.transaction(node('KeepAlive-Request'), { id: one }),
      tom.line.transaction(node('GetList-Request'), { id: two }),
    ]);
    const names = new Map(reply.transactions.map(({ id, primitive }) => [id, primitive.name]));
    expect([names.get(one), names.get(two)]).toEqual(['KeepAlive-Response', 'GetList-Response']);
    await tom.logout();
  });

  it('answers a poll with nothing when nothing waits', async () => {
    const tom = await startPhone(stage, 'tom');
    await tom.poll();
    const reply = await tom.poll();
    expect([reply.status, reply.transactions]).toEqual([200, []]);
    await tom.logout();
  });

  it('says Poll when more waits than went along', async () => {
    const tom = await startPhone(stage, 'tom');
    for (const text of ['one', 'two', 'three', 'four']) await tom.send({ to: 'mary@localhost', text });
    const mary = phoneOf(stage, 'mary');
    await mary.login();
    await mary.negotiate([node('MultiTrans', 1)]);
    await mary.next('NewMessage', withinMs);
    expect(Math.max(...mary.line.replies.map(({ transactions }) => transactions.length))).toBeLessThanOrEqual(2);
    for (let count = 0; count < 3; count += 1) await mary.next('NewMessage', withinMs);
    expect(mary.asked).toHaveLength(4);
    await mary.logout();
    await tom.logout();
  });

  it('ends when the password changes or the account is removed', async () => {
    await stage.server.command('user', 'add', 'short@localhost', '--password', 'short-secret');
    const phone = phoneOf(stage, 'short');
    await expect.poll(() => phone.login().then(({ code }) => code), { timeout: withinMs }).toBe(200);
    await stage.server.command('user', 'remove', 'short@localhost');
    await expect.poll(() => phone.keepAlive().then(({ code }) => code), { timeout: withinMs }).toBe(601);
  });

  it('of which nothing is heard expires, with 600', async () => {
    await pauseMs(Math.max(0, silentSince + silentForMs + 2000 - performance.now()));
    expect((await silent.keepAlive()).code).toBe(600);
  }, 120_000);
});
