import { describe, expect, it } from 'vitest';
import { StoreFault } from '../../src/base/store-fault.ts';
import type { Flow } from '../../src/sip/registrar/ports.ts';
import type { Authorisation } from '../../src/sip/event/event-package.ts';
import { createCase, flow, type Subscribe } from './notifier-rig.ts';

describe('a subscription', () => {
  it('is answered, and then told the state', async () => {
    const { subscribe, sent, look, notifier } = createCase();
    const answer = await subscribe({ expires: '600', rows: [['Record-Route', '<sip:p;lr>']] });
    expect(answer).toMatchObject({ status: 200, toTag: expect.stringMatching(/^[a-z0-9]{16}$/) });
    expect(answer.headers).toEqual([
      ['Record-Route', '<sip:p;lr>'],
      ['Expires', '600'],
      ['Contact', '<sip:192.0.2.99>'],
    ]);
    const notify = sent[0]?.request;
    expect(notify).toMatchObject({ method: 'NOTIFY', requestUri: 'sip:tom@192.0.2.1', nextHop: 'sip:p;lr' });
    expect([...(notify?.headers ?? [])]).toEqual([
      ['Max-Forwards', '70'],
      ['From', `<sip:mary@example.com>;tag=${answer.toTag}`],
      ['To', '<sip:tom@example.com>;tag=their'],
      ['Call-ID', 'c1'],
      ['CSeq', '1 NOTIFY'],
      ['Contact', '<sip:192.0.2.99>'],
      ['Route', '<sip:p;lr>'],
      ['Content-Type', 'application/pidf+xml'],
      ['Event', 'presence'],
      ['Subscription-State', 'active;expires=600'],
    ]);
    expect(await look()).toEqual(['active;expires=600 open']);
    expect(notifier.hasSubscriptions('presence', 'mary@example.com')).toBe(true);
  });

  it('is told of changes at the pace, the last one too', async () => {
    const { subscribe, look, notifier, state, time } = createCase();
    await subscribe();
    await look();
    await time.advance(10_000);
    for (const text of ['a', 'b', 'c']) {
      state.text = text;
      notifier.resourceChanged('presence', 'mary@example.com');
      await time.settle();
    }
    expect(await look()).toEqual(['active;expires=3590 a']);
    await time.advance(4_999);
    expect(await look()).toEqual([]);
    await time.advance(1);
    expect(await look()).toEqual(['active;expires=3585 c']);
    notifier.resourceChanged('presence', 'john@example.com');
    notifier.resourceChanged('presence.winfo', 'mary@example.com');
    await time.advance(60_000);
    expect(await look()).toEqual([]);
  });

  it('is refreshed within its dialog, over the flow of the refresh', async () => {
    const { subscribe, sent, look } = createCase();
    const { toTag } = await subscribe({ expires: '600' });
    await look();
    const stream: Flow = { ...flow, transport: 'tcp', connection: 4 };
    expect(await subscribe({ toTag, cseq: 2, expires: '900', flow: stream })).toMatchObject({ status: 200, toTag });
    expect(sent[0]?.flow).toBe(stream);
    expect(sent[0]?.request.headers.get('CSeq')).toBe('2 NOTIFY');
    expect(await look()).toEqual(['active;expires=900 open']);
  });

  it('ends when it is unsubscribed, with a last NOTIFY', async () => {
    const { subscribe, look, notifier, news } = createCase();
    const { toTag } = await subscribe();
    await look();
    expect(await subscribe({ toTag, cseq: 2, expires: '0' })).toMatchObject({
      status: 200,
      headers: [
        ['Expires', '0'],
        ['Contact', expect.any(String)],
      ],
    });
    expect((await subscribe({ toTag, cseq: 3 })).status, 'from here on it is unknown').toBe(481);
    expect(await look()).toEqual(['terminated;reason=timeout open']);
    expect(notifier.size).toBe(0);
    expect(news).toEqual(['tom@example.com subscribe active', 'tom@example.com timeout terminated']);
  });

  it('ends when its time is over', async () => {
    const { subscribe, look, notifier, time } = createCase();
    await subscribe({ expires: '60' });
    await look();
    await time.advance(60_000);
    expect(await look()).toEqual(['terminated;reason=timeout open']);
    expect(notifier.size).toBe(0);
  });

  it('that only asks gets the state and is gone', async () => {
    const { subscribe, look, notifier, news, views } = createCase();
    expect(await subscribe({ expires: '0' })).toMatchObject({ status: 200 });
    expect(await look()).toEqual(['terminated;reason=timeout open']);
    expect(views).toMatchObject([{ isAskedFor: true, isLast: true, version: 0 }]);
    expect(notifier.size).toBe(0);
    expect(news).toEqual([]);
  });

  it('has documents of its own count, the first whole, none where nothing is new', async () => {
    const { subscribe, look, notifier, views, time } = createCase();
    const { toTag } = await subscribe();
    await look();
    await time.advance(5_000);
    notifier.resourceChanged('presence', 'mary@example.com');
    await look();
    await subscribe({ toTag, cseq: 2 });
    await look();
    expect(views.map(({ version, isAskedFor }) => [version, isAskedFor])).toEqual([
      [0, true],
      [1, false],
      [1, true],
    ]);
    expect(new Set(views.map(({ subscriptionId }) => subscriptionId)).size).toBe(1);
  });
});

describe('what a subscriber may see', () => {
  it('may be undecided, then allowed', async () => {
    const { subscribe, look, notifier, judge, news } = createCase();
    judge.answer = 'pending';
    expect(await subscribe()).toMatchObject({ status: 200 });
    expect(await look()).toEqual(['pending;expires=3600']);
    notifier.resourceChanged('presence', 'mary@example.com');
    expect(await look()).toEqual([]);
    judge.answer = 'active';
    notifier.authorisationChanged('presence', 'mary@example.com');
    expect(await look()).toEqual(['active;expires=3600 open']);
    expect(news).toEqual(['tom@example.com subscribe pending', 'tom@example.com approved active']);
  });

  it('may be nothing', async () => {
    const { subscribe, look, notifier, judge } = createCase();
    judge.answer = 'rejected';
    expect(await subscribe()).toMatchObject({ status: 403 });
    judge.answer = 'no-such-resource';
    expect(await subscribe()).toMatchObject({ status: 404 });
    expect(await look()).toEqual([]);
    expect(notifier.size).toBe(0);
  });

  it('may be taken away, by a change of rules or at a refresh', async () => {
    const { subscribe, look, notifier, judge, news } = createCase();
    await subscribe();
    const { toTag } = await subscribe({ user: 'john', callId: 'c2' });
    await look();
    judge.answer = 'rejected';
    expect(await subscribe({ user: 'john', callId: 'c2', toTag, cseq: 2 })).toMatchObject({ status: 403 });
    expect(await look()).toEqual(['terminated;reason=rejected']);
    notifier.authorisationChanged('presence', 'mary@example.com');
    expect(await look()).toEqual(['terminated;reason=rejected']);
    expect(notifier.size).toBe(0);
    expect(news.slice(2)).toEqual(['john@example.com rejected terminated', 'tom@example.com rejected terminated']);
  });

  it('is waited for where it must be read, and 503 where it cannot be', async () => {
    const { subscribe, answers, look, judge, time, notifier, state } = createCase();
    judge.answer = Promise.resolve<Authorisation>('active');
    await subscribe();
    await time.settle();
    expect([answers[0]?.status, ...(await look())]).toEqual([200, 'active;expires=3600 open']);
    state.text = 'now you see';
    notifier.authorisationChanged('presence', 'mary@example.com');
    await time.advance(5_000);
    expect(await look()).toEqual(['active;expires=3595 now you see']);
    judge.answer = Promise.reject(new StoreFault('locked', true));
    await subscribe({ callId: 'c2' });
    await time.settle();
    expect(answers[1]).toMatchObject({ status: 503, headers: [['Retry-After', '30']] });
    judge.answer = Promise.reject(new StoreFault('locked', true));
    judge.answer.catch(() => undefined);
    notifier.authorisationChanged('presence', 'mary@example.com');
    await time.advance(60_000);
    expect(await look()).toEqual([]);
    expect(notifier.size).toBe(1);
  });
});

describe('a decision that comes too late', () => {
  it('changes nothing for who has ended the subscription', async () => {
    const { subscribe, look, notifier, judge, news, time } = createCase();
    judge.answer = 'pending';
    const { toTag } = await subscribe();
    await look();
    judge.answer = Promise.resolve<Authorisation>('active');
    notifier.authorisationChanged('presence', 'mary@example.com');
    judge.answer = 'pending';
    await subscribe({ toTag, cseq: 2, expires: '0' });
    await time.settle();
    expect(await look()).toEqual(['terminated;reason=timeout']);
    await time.settle();
    expect(await look()).toEqual([]);
    expect(news.at(-1)).toBe('tom@example.com timeout terminated');
  });
});

describe('a SUBSCRIBE that is refused', () => {
  it('leaves nothing behind', async () => {
    const { subscribe, look, notifier } = createCase();
    expect(await subscribe({ event: 'dialog' })).toMatchObject({
      status: 489,
      headers: [['Allow-Events', 'presence, presence.winfo']],
    });
    expect((await subscribe({ rows: [['Contact', '<sip:a@b>']] })).status).toBe(400);
    expect(await subscribe({ toTag: 'x' })).toEqual({
      status: 481,
      reason: 'Subscription Does Not Exist',
      headers: [],
    });
    expect(await look()).toEqual([]);
    expect(notifier.size).toBe(0);
  });

  it.each([
    ['with a CSeq that is not higher', { cseq: 1 }, 500],
    ['of somebody else', { user: 'john' }, 403],
    ['of another event', { event: 'presence;id=2' }, 481],
    ['of another Call-ID', { callId: 'c9' }, 481],
    ['that is too short', { expires: '10' }, 423],
  ])('within its dialog is one %s, and it lives on', async (_, options: Subscribe, status) => {
    const { subscribe, look, notifier } = createCase();
    const { toTag } = await subscribe();
    await look();
    expect(await subscribe({ toTag, cseq: 2, ...options })).toMatchObject({ status });
    expect(await look()).toEqual([]);
    expect(notifier.size).toBe(1);
  });
});

describe('a NOTIFY that fails', () => {
  it.each([
    ...[404, 405, 408, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604].map(
      (status) => ({ kind: 'status', status }) as const,
    ),
    { kind: 'silence' } as const,
    { kind: 'no-way' } as const,
  ])('with %j ends the subscription', async (outcome) => {
    const { subscribe, look, notifier, news } = createCase();
    await subscribe();
    await look(outcome);
    expect(notifier.size).toBe(0);
    expect(news.at(-1)).toBe('tom@example.com timeout terminated');
  });

  it.each([401, 403, 407, 415, 486, 500, 503, 600])('with %d is tried again', async (status) => {
    const { subscribe, look, notifier, time } = createCase();
    await subscribe();
    await look({ kind: 'status', status, retryAfterMs: 7_000 });
    expect(notifier.size).toBe(1);
    await time.advance(7_000);
    expect(await look()).toEqual(['active;expires=3593 open']);
  });
});

describe('the end from outside', () => {
  it('is that of a resource, or of a subscriber', async () => {
    const { subscribe, look, notifier } = createCase();
    await subscribe();
    await subscribe({ callId: 'c2', resource: 'john' });
    await subscribe({ callId: 'c3', user: 'peter', resource: 'john' });
    await subscribe({ callId: 'c4', user: 'peter', resource: 'sue' });
    await look();
    notifier.endResource('presence', 'mary@example.com', 'noresource');
    expect(await look()).toEqual(['terminated;reason=noresource']);
    notifier.endSubscriber('tom@example.com', 'rejected');
    expect(await look()).toEqual(['terminated;reason=rejected']);
    expect(notifier.subscriptionsTo('presence', 'sue@example.com')).toMatchObject([
      { subscriber: 'peter@example.com', status: 'active' },
    ]);
    expect(notifier.size).toBe(2);
  });
});

describe('limits', () => {
  it.each([
    ['the server', { subscriptionsMax: 2, perSubscriberMax: 9, perResourceMax: 9 }, {}, 503],
    ['a subscriber', { subscriptionsMax: 9, perSubscriberMax: 2, perResourceMax: 9 }, {}, 403],
    ['a resource', { subscriptionsMax: 9, perSubscriberMax: 9, perResourceMax: 2 }, {}, 503],
  ] as const)('are those of %s', async (_, limits, __, status) => {
    const { subscribe, look, notifier } = createCase({ limits });
    const { toTag } = await subscribe({ callId: 'c1' });
    expect((await subscribe({ callId: 'c2' })).status).toBe(200);
    expect((await subscribe({ callId: 'c3' })).status).toBe(status);
    await look();
    expect((await subscribe({ callId: 'c1', toTag, cseq: 2 })).status, 'a refresh is none more').toBe(200);
    expect((await subscribe({ callId: 'c1', toTag, cseq: 3, expires: '0' })).status).toBe(200);
    await look();
    await look();
    expect(notifier.size).toBe(1);
    expect((await subscribe({ callId: 'c3' })).status).toBe(200);
  });
});
