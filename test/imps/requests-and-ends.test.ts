import { describe, expect, it } from 'vitest';
import { err } from '../../src/base/result.ts';
import { makeStatus } from '../../src/imps/primitives/results.ts';
import type { Primitive } from '../../src/imps/primitives/primitive.ts';
import { callAgainMs, CspSession, envelopeBytes, exchangesMax, keptAlive } from '../../src/imps/session/csp-session.ts';
import {
  keptAnswerBytesMax,
  keptAnswersMax,
  openRequestsMax,
  repetitionMs,
} from '../../src/imps/session/incoming-transactions.ts';
import type { SessionOutput } from '../../src/imps/session/session-events.ts';
import { limitsOf } from '../../src/imps/session/session-limits.ts';
import { delivered, getLists, incoming, keepAliveS, kindsOf, lists, Scene, sentIn } from './session-scene.ts';

describe('requests of the client', () => {
  it('are answered in the response to them', () => {
    const scene = new Scene();
    expect(scene.post(incoming('1', getLists))).toEqual([
      { kind: 'request', id: '1', primitive: getLists, extension: { deliveryConditions: [] }, hasExtension: false },
    ]);
    expect(sentIn(scene.answer('1', lists))).toEqual(['1: =1 GetList-Response']);
  });

  it('wait for each other in one response', () => {
    const scene = new Scene();
    expect(kindsOf(scene.post(incoming('1', getLists), incoming('2', getLists)))).toEqual(['request', 'request']);
    expect(scene.answer('2', makeStatus(402))).toEqual([]);
    expect(sentIn(scene.answer('1', lists))).toEqual(['1: =2 402 =1 GetList-Response']);
  });

  it('that come again are done once and answered as the first time', () => {
    const scene = new Scene();
    scene.post(incoming('1', getLists));
    expect(scene.post(incoming('1', getLists))).toEqual([]);
    expect(sentIn(scene.answer('1', lists))).toEqual(['1: =1 GetList-Response', '2: =1 GetList-Response']);
    expect(sentIn(scene.post(incoming('1', getLists)))).toEqual(['3: =1 GetList-Response']);
    scene.now += repetitionMs;
    expect(kindsOf(scene.post(incoming('1', getLists)))).toEqual(['request']);
  });

  it('with a used id and another content are new, or refused while the first is under way', () => {
    const scene = new Scene();
    scene.post(incoming('1', getLists));
    const other: Primitive = { name: 'DeleteList-Request', value: { contactList: 'x' } };
    expect(sentIn(scene.post(incoming('1', other)))).toEqual(['2: =1 420']);
    scene.answer('1', lists);
    expect(kindsOf(scene.post(incoming('1', other)))).toEqual(['request']);
  });

  it('that cannot be read are answered with what is wrong', () => {
    const scene = new Scene();
    const odd = { ...incoming('1', getLists), primitive: err({ code: 501, words: 'Odd is not known' } as const) };
    expect(sentIn(scene.post(odd))).toEqual(['1: =1 501']);
  });

  it('are answered although their connection is gone, when they come again', () => {
    const scene = new Scene();
    scene.post(incoming('1', getLists));
    scene.session.handle({ kind: 'gone', exchange: 1 }, scene.now);
    expect(scene.answer('1', lists)).toEqual([]);
    expect(sentIn(scene.post(incoming('1', getLists)))).toEqual(['2: =1 GetList-Response']);
  });

  it('whose answer is too large for the client get 432', () => {
    const scene = new Scene(4, 1_024);
    const big = new CspSession(
      { keepAliveS, limits: limitsOf({ parserSize: 1_024 }), sizeOf: () => 1_024 - envelopeBytes + 1 },
      0,
    );
    const fits = new CspSession(
      { keepAliveS, limits: limitsOf({ parserSize: 1_024 }), sizeOf: () => 1_024 - envelopeBytes },
      0,
    );
    for (const [session, code] of [
      [big, '432'],
      [fits, 'GetList-Response'],
    ] as const) {
      session.handle({ kind: 'message', exchange: 1, version: '1.2', transactions: [incoming('1', getLists)] }, 0);
      expect(sentIn(session.handle({ kind: 'answer', id: '1', primitive: lists }, 0))).toEqual([`1: =1 ${code}`]);
    }
    expect(scene.session.isOpen).toBe(true);
  });

  it('whose answers are too large together get 432, each that is too much, and the answer when they come again', () => {
    const limits = limitsOf({ parserSize: 1_024 });
    const session = new CspSession({ keepAliveS, limits, sizeOf: () => (1_024 - envelopeBytes) / 2 }, 0);
    const post = (exchange: number, ...ids: readonly string[]): SessionOutput[] => {
      const transactions = ids.map((id) => incoming(id, getLists));
      return session.handle({ kind: 'message', exchange, version: '1.2', transactions }, 0);
    };
    post(1, '1', '2', '3');
    for (const id of ['1', '2']) session.handle({ kind: 'answer', id, primitive: lists }, 0);
    expect(sentIn(session.handle({ kind: 'answer', id: '3', primitive: lists }, 0))).toEqual([
      '1: =1 GetList-Response =2 GetList-Response =3 432',
    ]);
    expect(sentIn(post(2, '3'))).toEqual(['2: =3 GetList-Response']);
  });

  it('under way have a limit, and so have responses', () => {
    const scene = new Scene();
    const many = Array.from({ length: openRequestsMax + 1 }, (_, at) => incoming(`${at}`, getLists));
    expect(kindsOf(scene.post(...many))).toEqual(many.slice(1).map(() => 'request'));
    for (let at = 0; at < openRequestsMax - 1; at += 1) scene.answer(`${at}`, lists);
    expect(sentIn(scene.answer(`${openRequestsMax - 1}`, lists))[0]).toContain(`=${openRequestsMax} 503`);

    for (let at = 0; at < exchangesMax; at += 1) scene.post(incoming('x', getLists));
    expect(sentIn(scene.post(incoming('y', getLists)))[0]).toMatch(/^\d+: =y 503$/);
  });

  it('are remembered up to a limit', () => {
    const scene = new Scene();
    for (let at = 0; at <= keptAnswersMax; at += 1) {
      scene.post(incoming(`${at}`, getLists));
      scene.answer(`${at}`, lists);
    }
    expect(kindsOf(scene.post(incoming('1', getLists)))).toEqual(['respond']);
    expect(kindsOf(scene.post(incoming('0', getLists)))).toEqual(['request']);
  });

  it('are remembered while their answers are not large', () => {
    for (const [bytes, kind] of [
      [keptAnswerBytesMax, 'respond'],
      [keptAnswerBytesMax + 1, 'request'],
    ] as const) {
      const session = new CspSession({ keepAliveS, limits: limitsOf({ parserSize: 20_000 }), sizeOf: () => bytes }, 0);
      const asking = (exchange: number): SessionOutput[] =>
        session.handle({ kind: 'message', exchange, version: '1.2', transactions: [incoming('1', getLists)] }, 0);
      asking(1);
      session.handle({ kind: 'answer', id: '1', primitive: lists }, 0);
      expect(kindsOf(asking(2))).toEqual([kind]);
    }
  });

  it('are remembered from their last use', () => {
    const scene = new Scene();
    const use = (id: string, primitive: Primitive): void => {
      scene.post(incoming(id, primitive));
      scene.answer(id, lists);
    };
    use('0', { name: 'DeleteList-Request', value: { contactList: 'x' } });
    for (let at = 1; at < keptAnswersMax; at += 1) use(`${at}`, getLists);
    use('0', getLists);
    use('new', getLists);
    expect(kindsOf(scene.post(incoming('0', getLists)))).toEqual(['respond']);
  });
});

describe('a retrieval', () => {
  it('is acknowledged under the client’s own id, and that is answered', () => {
    const scene = new Scene();
    scene.post(incoming('5', { name: 'GetMessage-Request', value: { messageId: 'm1' } }));
    scene.answer('5', {
      name: 'GetMessage-Response',
      value: { messageInfo: { contentSize: 1, recipient: { users: [], groups: [], contactLists: [] }, sender: {} } },
    });
    expect(scene.post(incoming('5', delivered, 'Response'))).toMatchObject([
      { kind: 'request', id: '5', primitive: delivered },
    ]);
    expect(sentIn(scene.answer('5', makeStatus(200)))).toEqual(['2: =5 200']);
    const twice = [incoming('5', delivered, 'Response'), incoming('5', delivered, 'Response')];
    expect(kindsOf(scene.post(...twice))).toEqual(['request']);
  });

  it('that came by push is acknowledged under the server’s id, without an answer', () => {
    const scene = new Scene();
    scene.offer(7);
    scene.poll();
    expect(kindsOf(scene.post(incoming('s1', delivered, 'Response')))).toEqual(['answered', 'respond']);
  });
});

describe('a call', () => {
  it('is made once until the client asks, and again when it does not', () => {
    const scene = new Scene();
    expect(scene.offer(1)).toEqual([{ kind: 'call' }]);
    expect(scene.offer(2)).toEqual([]);
    expect(scene.session.deadline()).toBe(scene.now + callAgainMs);
    expect(scene.after(callAgainMs - 1)).toEqual([]);
    expect(scene.after(1)).toEqual([{ kind: 'call' }]);
    scene.poll();
    expect(scene.offer(3)).toEqual([{ kind: 'call' }]);
  });

  it('is not made while the client is asking', () => {
    const scene = new Scene();
    scene.post(incoming('1', getLists));
    expect(scene.offer(1)).toEqual([]);
  });

  it('is not made for what the client was told of in a response', () => {
    const scene = new Scene(1);
    scene.post(incoming('1', getLists));
    scene.offer(1);
    scene.answer('1', lists);
    expect(scene.offer(2)).toEqual([]);
    expect(scene.after(callAgainMs)).toEqual([{ kind: 'call' }]);
  });
});

describe('the end of a session', () => {
  it('comes without a word from the client, and any word puts it off', () => {
    const scene = new Scene();
    scene.after(keepAliveS * 1000 - 1);
    scene.poll();
    expect(scene.session.deadline()).toBe(scene.now + keepAliveS * 1000);
    scene.after(keepAliveS * 1000 - 1);
    expect(scene.after(1)).toEqual([{ kind: 'ended', why: 'expired' }]);
    expect(scene.session.deadline()).toBeUndefined();
    expect(sentIn(scene.poll())).toEqual(['2: = 604']);
    expect(scene.offer(1)).toEqual([]);
  });

  it('is said to a client that comes too late', () => {
    const scene = new Scene();
    scene.offer(7);
    scene.now += keepAliveS * 1000;
    const outputs = scene.post(incoming('1', getLists));
    expect(sentIn(outputs)).toEqual(['1: =1 600']);
    expect(outputs.slice(1)).toEqual([
      { kind: 'unanswered', handle: 7, why: 'ended' },
      { kind: 'ended', why: 'expired' },
    ]);
  });

  it('is put off by a sign of life, which says how long it lasts; another time is asked for outside', () => {
    const scene = new Scene();
    const keepAlive = (id: string, timeToLive?: number): SessionOutput[] =>
      scene.post(incoming(id, { name: 'KeepAlive-Request', value: timeToLive === undefined ? {} : { timeToLive } }));
    const granted = (seconds: number) => [{ transactions: [{ primitive: { value: { keepAliveTime: seconds } } }] }];
    expect(keepAlive('1')).toMatchObject(granted(keepAliveS));
    expect(keepAlive('2', keepAliveS)).toMatchObject(granted(keepAliveS));
    expect(kindsOf(keepAlive('3', 30))).toEqual(['request']);
    scene.session.handle({ kind: 'keep-alive', keepAliveS: 30 }, scene.now);
    expect(sentIn(scene.answer('3', keptAlive(30)))).toEqual(['3: =3 200']);
    scene.now += 29_999;
    // Less than the least that is granted is what there is already.
    expect(keepAlive('4', 1)).toMatchObject(granted(30));
    expect(scene.after(29_999)).toEqual([]);
    expect(scene.after(1)).toEqual([{ kind: 'ended', why: 'expired' }]);
  });

  it('is not the answer to a login within it', () => {
    const scene = new Scene();
    const login: Primitive = { name: 'Login-Request', value: { userId: 'u', digestSchemas: [], sessionCookie: 'c' } };
    expect(sentIn(scene.post(incoming('1', login)))).toEqual(['1: =1 603']);
    expect(scene.session.isOpen).toBe(true);
  });

  it.each([
    ['1.1', 'Disconnect'],
    ['1.2', 'Status'],
    ['1.3', 'Status'],
  ] as const)('is the answer to a logout, in the manner of %s', (version, name) => {
    const scene = new Scene();
    scene.offer(7);
    scene.post(incoming('1', getLists));
    const outputs = scene.postAs(version, incoming('2', { name: 'Logout-Request', value: {} }));
    expect(sentIn(outputs)).toEqual(['2: =2 200', '1: =1 604']);
    expect(outputs).toMatchObject([
      { transactions: [{ primitive: { name } }] },
      { kind: 'respond' },
      { kind: 'unanswered', handle: 7, why: 'ended' },
      { kind: 'ended', why: 'logout' },
    ]);
  });

  it('is said in every response that is open when the server ends it', () => {
    const scene = new Scene();
    scene.post(incoming('1', getLists));
    const outputs = scene.session.handle({ kind: 'disconnect', code: 601 }, scene.now);
    expect(sentIn(outputs)).toEqual(['1: =1 601 >d1 601']);
    expect(outputs.at(-1)).toEqual({ kind: 'ended', why: 'disconnected' });
    expect(scene.session.isOpen).toBe(false);
  });
});
