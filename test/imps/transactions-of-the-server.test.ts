import { describe, expect, it } from 'vitest';
import type { OutgoingTransaction } from '../../src/imps/message/csp-message.ts';
import { makeStatus } from '../../src/imps/primitives/results.ts';
import { CspSession, envelopeBytes } from '../../src/imps/session/csp-session.ts';
import {
  answeredMax,
  answerMs,
  offerAgainMs,
  offeringsMax,
  offersMax,
} from '../../src/imps/session/outgoing-transactions.ts';
import type { SessionOutput } from '../../src/imps/session/session-events.ts';
import { limitsOf } from '../../src/imps/session/session-limits.ts';
import {
  delivered,
  getLists,
  incoming,
  keepAliveS,
  kindsOf,
  lists,
  notice,
  poll,
  Scene,
  sentIn,
} from './session-scene.ts';

describe('transactions of the server', () => {
  it('ride in the answer to a poll, and are over when they are answered', () => {
    const scene = new Scene();
    expect(kindsOf(scene.offer(7))).toEqual(['call']);
    expect(sentIn(scene.poll())).toEqual(['1: >s1 MessageNotification']);
    expect(scene.post(incoming('s1', makeStatus(200), 'Response'))).toEqual([
      { kind: 'answered', handle: 7, primitive: makeStatus(200), isSettledLater: false },
      { kind: 'respond', exchange: 2, transactions: [], poll: false },
    ]);
    expect(sentIn(scene.poll())).toEqual(['3:']);
  });

  it('whose answer has to be written down first are answered to when that is done', () => {
    const scene = new Scene();
    scene.offer(7);
    scene.session.handle({ kind: 'offer', offer: { handle: 8, primitive: notice('m8'), isSettledLater: true } }, 0);
    scene.poll();
    const answers = [incoming('s1', makeStatus(200), 'Response'), incoming('s2', delivered, 'Response')];
    expect(kindsOf(scene.post(...answers, incoming('1', getLists)))).toEqual(['answered', 'answered', 'request']);
    expect(scene.answer('1', lists)).toEqual([]);
    expect(sentIn(scene.poll())).toEqual(['3:']);
    expect(sentIn(scene.session.handle({ kind: 'settled', handle: 7 }, scene.now))).toEqual([]);
    expect(sentIn(scene.session.handle({ kind: 'settled', handle: 8 }, scene.now))).toEqual(['2: =1 GetList-Response']);
  });

  it('that are answered again are answered to as the first time, as long as that is known', () => {
    const scene = new Scene();
    for (let handle = 0; handle <= answeredMax; handle += 1) {
      scene.session.handle({ kind: 'offer', offer: { handle, primitive: notice('m'), isSettledLater: true } }, 0);
    }
    const answer = (number: number): SessionOutput[] => scene.post(incoming(`s${number}`, delivered, 'Response'));
    const settle = (handle: number): SessionOutput[] => scene.session.handle({ kind: 'settled', handle }, scene.now);
    scene.poll();
    expect(kindsOf(answer(1))).toEqual(['answered']);
    expect(answer(1)).toEqual([]);
    // Both wait for what the first means.
    expect(kindsOf(settle(0))).toEqual(['respond', 'respond']);
    expect(kindsOf(scene.post(incoming('s1', makeStatus(500), 'Response')))).toEqual(['respond']);
    for (let number = 2; number <= answeredMax; number += 1) {
      scene.poll();
      answer(number);
      settle(number - 1);
    }
    expect(kindsOf(answer(1))).toEqual(['respond']);
    scene.poll();
    answer(answeredMax + 1);
    settle(answeredMax);
    expect(kindsOf(answer(2))).toEqual(['respond']);
    // The oldest is known no more, and asked for as what was fetched.
    expect(kindsOf(answer(1))).toEqual(['request']);
  });

  it('ride beside the answer to another request', () => {
    const scene = new Scene();
    scene.post(incoming('1', getLists));
    expect(scene.offer(7)).toEqual([]);
    expect(sentIn(scene.answer('1', lists))).toEqual(['1: =1 GetList-Response >s1 MessageNotification']);
  });

  it('go in order, as many at once as the client takes', () => {
    const scene = new Scene(2);
    for (const handle of [1, 2, 3]) scene.offer(handle);
    expect(sentIn(scene.poll())).toEqual(['1: >s1 MessageNotification >s2 MessageNotification']);
    expect(sentIn(scene.poll())).toEqual(['2:']);
    expect(sentIn(scene.post(incoming('s1', makeStatus(200), 'Response')))).toEqual(['3: >s3 MessageNotification']);
  });

  it('of a client that takes one at a time wait for the next poll', () => {
    const scene = new Scene(1);
    scene.offer(1);
    scene.post(incoming('1', getLists));
    expect(sentIn(scene.answer('1', lists))).toEqual(['1: =1 GetList-Response +']);
    expect(sentIn(scene.poll())).toEqual(['2: >s1 MessageNotification']);
  });

  it('fit into what the client can parse', () => {
    const room = 1_024 - envelopeBytes;
    const narrow = new CspSession(
      { keepAliveS, limits: limitsOf({ multiTrans: 4, parserSize: 1_024 }), sizeOf: () => Math.floor(room / 2) },
      0,
    );
    for (const handle of [1, 2, 3]) {
      narrow.handle({ kind: 'offer', offer: { handle, primitive: notice('m') } }, 0);
    }
    const transactions = [incoming('', poll)];
    expect(sentIn(narrow.handle({ kind: 'message', exchange: 1, version: '1.2', transactions }, 0))).toEqual([
      '1: >s1 MessageNotification >s2 MessageNotification +',
    ]);
    const large = new CspSession({ keepAliveS, limits: limitsOf({ parserSize: 1_024 }), sizeOf: () => room + 1 }, 0);
    expect(large.handle({ kind: 'offer', offer: { handle: 9, primitive: notice('m') } }, 0)).toEqual([
      { kind: 'unanswered', handle: 9, why: 'too-large' },
    ]);
  });

  it('leave room for the answers beside them', () => {
    const narrow = new CspSession(
      { keepAliveS, limits: limitsOf({ multiTrans: 4, parserSize: 1_024 }), sizeOf: () => (1_025 - envelopeBytes) / 2 },
      0,
    );
    narrow.handle({ kind: 'offer', offer: { handle: 1, primitive: notice('m') } }, 0);
    narrow.handle({ kind: 'message', exchange: 1, version: '1.2', transactions: [incoming('1', getLists)] }, 0);
    expect(sentIn(narrow.handle({ kind: 'answer', id: '1', primitive: lists }, 0))).toEqual([
      '1: =1 GetList-Response +',
    ]);
  });

  it('that the client cannot take any more, having said otherwise, are given back and hold up nothing', () => {
    const sizes = new Map([['m1', 400]]);
    const sizeOf = ({ primitive }: OutgoingTransaction): number =>
      sizes.get(primitive.name === 'MessageNotification' ? (primitive.value.messageInfo.messageId ?? '') : '') ?? 100;
    const session = new CspSession({ keepAliveS, limits: limitsOf({ parserSize: 2_000 }), sizeOf }, 0);
    for (const handle of [1, 2]) {
      session.handle({ kind: 'offer', offer: { handle, primitive: notice(`m${handle}`) } }, 0);
    }
    session.handle({ kind: 'limits', limits: limitsOf({ parserSize: 1_024 }) }, 0);
    sizes.set('m1', 1_024 - envelopeBytes);
    const ask = (exchange: number): SessionOutput[] =>
      session.handle({ kind: 'message', exchange, version: '1.2', transactions: [incoming('', poll)] }, 0);
    const fits = new CspSession({ keepAliveS, limits: limitsOf({ parserSize: 1_024 }), sizeOf }, 0);
    fits.handle({ kind: 'offer', offer: { handle: 1, primitive: notice('m1') } }, 0);
    const message = { kind: 'message', exchange: 1, version: '1.2', transactions: [incoming('', poll)] } as const;
    expect(sentIn(fits.handle(message, 0))).toEqual(['1: >s1 MessageNotification']);
    sizes.set('m1', 1_024 - envelopeBytes + 1);
    const outputs = ask(1);
    expect(outputs).toContainEqual({ kind: 'unanswered', handle: 1, why: 'too-large' });
    expect([...sentIn(outputs), ...sentIn(ask(2))].join(' ')).toContain('>s2 MessageNotification');
    expect(kindsOf(session.handle({ kind: 'tick' }, 0))).toEqual([]);
  });

  it('are offered again under the same id until they are answered', () => {
    const scene = new Scene();
    scene.offer(7);
    scene.poll();
    scene.now += offerAgainMs - 1;
    expect(sentIn(scene.poll())).toEqual(['2:']);
    scene.now += 1;
    expect(sentIn(scene.poll())).toEqual(['3: >s1 MessageNotification']);
    expect(kindsOf(scene.post(incoming('s1', makeStatus(200), 'Response')))).toContain('answered');
  });

  it('that are never answered are given back, however often they are asked for', () => {
    const scene = new Scene();
    scene.offer(7);
    for (let times = 0; times < offeringsMax; times += 1) {
      expect(sentIn(scene.poll())[0]).toContain('>s1');
      expect(scene.session.deadline()).toBeDefined();
      if (times < offeringsMax - 1) scene.now += offerAgainMs;
    }
    expect(scene.after(offerAgainMs - 1)).toEqual([]);
    expect(scene.after(1)).toEqual([{ kind: 'unanswered', handle: 7, why: 'silence' }]);
  });

  it('that are not even asked for again are given back after a while', () => {
    const scene = new Scene();
    scene.offer(7);
    scene.poll();
    expect(scene.after(answerMs - 1)).toEqual([{ kind: 'call' }]);
    expect(scene.after(1)).toEqual([{ kind: 'unanswered', handle: 7, why: 'silence' }]);
  });

  it('are replaced by a newer one, or taken back, while they wait', () => {
    const scene = new Scene();
    scene.offer(1, 'presence of tom');
    expect(scene.offer(2, 'presence of tom')).toEqual([{ kind: 'unanswered', handle: 1, why: 'replaced' }]);
    scene.offer(3);
    expect(scene.session.handle({ kind: 'withdraw', handle: 3 }, scene.now)).toEqual([
      { kind: 'unanswered', handle: 3, why: 'withdrawn' },
    ]);
    expect(sentIn(scene.poll())).toEqual(['1: >s2 MessageNotification']);
    scene.offer(4, 'presence of tom');
    expect(sentIn(scene.poll())).toEqual(['2: >s4 MessageNotification']);
  });

  it('that may not go any more do not leave', () => {
    const scene = new Scene();
    const mayGo = { first: true, second: true };
    for (const [handle, name] of [
      [1, 'first'],
      [2, 'second'],
    ] as const) {
      const offer = { handle, primitive: notice('m'), mayGo: () => mayGo[name] };
      scene.session.handle({ kind: 'offer', offer }, scene.now);
    }
    mayGo.second = false;
    const [late, response] = scene.poll();
    expect(late).toEqual({ kind: 'unanswered', handle: 2, why: 'withdrawn' });
    expect(sentIn(response === undefined ? [] : [response])).toEqual(['1: >s1 MessageNotification']);
    mayGo.first = false;
    scene.now += offerAgainMs;
    expect(sentIn(scene.poll())).toEqual(['2:']);
    expect(kindsOf(scene.post(incoming('s1', makeStatus(200), 'Response')))).toEqual(['answered', 'respond']);
  });

  it('that are stopped while they are open are not offered again, and may be answered', () => {
    const scene = new Scene();
    scene.offer(7);
    scene.poll();
    expect(scene.session.handle({ kind: 'withdraw', handle: 7 }, scene.now)).toEqual([]);
    scene.now += offerAgainMs;
    expect(sentIn(scene.poll())).toEqual(['2:']);
    expect(kindsOf(scene.post(incoming('s1', makeStatus(200), 'Response')))).toEqual(['answered', 'respond']);
  });

  it('have a limit', () => {
    const scene = new Scene();
    for (let handle = 0; handle < offersMax; handle += 1) scene.offer(handle);
    expect(scene.offer(offersMax)).toEqual([{ kind: 'unanswered', handle: offersMax, why: 'too-many' }]);
  });

  it('are not answered twice, and not by what was not offered', () => {
    const scene = new Scene();
    scene.offer(7);
    expect(kindsOf(scene.post(incoming('s1', makeStatus(200), 'Response')))).toEqual(['respond']);
    scene.post(incoming('s1', makeStatus(200), 'Response'));
    expect(kindsOf(scene.post(incoming('s1', makeStatus(200), 'Response')))).toEqual(['respond']);
    expect(kindsOf(scene.post(incoming('stray', makeStatus(200), 'Response')))).toEqual(['respond']);
  });
});
