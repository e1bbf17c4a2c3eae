import { describe, expect, it } from 'vitest';
import { StoreFault } from '../../../base/store-fault.ts';
import { systemIds } from '../../../base/system-ids.ts';
import { VirtualTime } from '../../../base/time/virtual-time.ts';
import type { DialogRequest } from '../../dialog/dialog-request.ts';
import { SipHeaders } from '../../message/sip-headers.ts';
import type { HeaderRow } from '../../message/sip-headers.ts';
import { createSipRequest } from '../../message/sip-message.ts';
import type { SipRequest } from '../../message/sip-message.ts';
import type { Flow } from '../../registrar/ports.ts';
import type { Authorisation, EventPackage, SubscriptionView } from '../event-package.ts';
import { Notifier } from './notifier.ts';
import type { NotifyOutcome } from './notify-outcome.ts';
import type { SubscribeAnswer } from './subscribe-request.ts';
import type { WatchLimits } from './watch-list.ts';

const flow: Flow = { transport: 'udp', remoteAddress: '192.0.2.1', remotePort: 5060 };
const succeeded: NotifyOutcome = { kind: 'status', status: 200 };

interface Subscribe {
  readonly user?: string;
  readonly resource?: string;
  readonly toTag?: string | undefined;
  readonly cseq?: number;
  readonly event?: string | undefined;
  readonly expires?: string;
  readonly rows?: readonly HeaderRow[];
  readonly callId?: string;
  readonly flow?: Flow;
}

function requestOf(options: Subscribe): SipRequest {
  const { user = 'tom', resource = 'mary', toTag, cseq = 1 } = options;
  const event = 'event' in options ? options.event : 'presence';
  const headers = new SipHeaders([
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa'],
    ['From', `<sip:${user}@example.com>;tag=their`],
    ['To', `<sip:${resource}@example.com>${toTag === undefined ? '' : `;tag=${toTag}`}`],
    ['Call-ID', options.callId ?? 'c1'],
    ['CSeq', `${cseq} SUBSCRIBE`],
    ['Contact', `<sip:${user}@192.0.2.1>`],
    ...(event === undefined ? [] : [['Event', event] as const]),
    ...(options.expires === undefined ? [] : [['Expires', options.expires] as const]),
    ...(options.rows ?? []),
  ]);
  return createSipRequest({ method: 'SUBSCRIBE', requestUri: `sip:${resource}@example.com`, headers });
}

function createCase(limits?: WatchLimits) {
  const time = new VirtualTime();
  const sent: { request: DialogRequest; flow: Flow; finish: (outcome: NotifyOutcome) => void }[] = [];
  const views: SubscriptionView[] = [];
  const news: string[] = [];
  const judge = { answer: 'active' as Authorisation | Promise<Authorisation> };
  const state = { text: 'open' };
  const presence: EventPackage = {
    name: 'presence',
    expiresDefault: 3_600,
    expiresMin: 60,
    expiresMax: 7_200,
    paceMs: 5_000,
    contentTypes: ['application/pidf+xml', 'text/plain'],
    authorise: () => judge.answer,
    document(view) {
      views.push(view);
      return { contentType: view.contentType, body: new TextEncoder().encode(view.isPending ? '' : state.text) };
    },
  };
  const notifier = new Notifier({
    packages: [presence, { ...presence, name: 'presence.winfo' }],
    sender: {
      send: (request, onFlow, finish) => sent.push({ request, flow: onFlow, finish }),
    },
    clock: time,
    timers: time,
    ids: systemIds,
    ...(limits === undefined ? {} : { limits }),
    onSubscriptionChanged: ({ subscriber, status }, event) => news.push(`${subscriber} ${event} ${status}`),
  });
  const answers: SubscribeAnswer[] = [];
  const subscribe = (options: Subscribe = {}): SubscribeAnswer => {
    const { user = 'tom', resource = 'mary' } = options;
    const incoming = {
      request: requestOf(options),
      subscriber: `${user}@example.com`,
      resource: `${resource}@example.com`,
      flow: options.flow ?? flow,
      contact: '<sip:192.0.2.99>',
    };
    const before = answers.length;
    notifier.subscribe(incoming, (answer) => {
      expect(sent.length, 'the answer goes before the NOTIFY').toBe(notified);
      answers.push(answer);
    });
    const answer = answers[before];
    notified = sent.length;
    return answer ?? { status: 0, reason: 'none yet', headers: [] };
  };
  let notified = 0;
  /** The NOTIFYs since the last look, answered with 200. */
  const look = (outcome: NotifyOutcome = succeeded): string[] => {
    const seen: string[] = [];
    for (const { request, finish } of sent.splice(0)) {
      seen.push(`${request.headers.get('Subscription-State')} ${new TextDecoder().decode(request.body)}`.trim());
      finish(outcome);
    }
    notified = sent.length;
    return seen;
  };
  return { time, notifier, sent, views, news, judge, state, answers, subscribe, look };
}

describe('a subscription', () => {
  it('is answered, and then told the state', () => {
    const { subscribe, sent, look, notifier } = createCase();
    const answer = subscribe({ expires: '600', rows: [['Record-Route', '<sip:p;lr>']] });
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
    expect(look()).toEqual(['active;expires=600 open']);
    expect(notifier.hasSubscriptions('presence', 'mary@example.com')).toBe(true);
  });

  it('is told of changes at the pace, the last one too', async () => {
    const { subscribe, look, notifier, state, time } = createCase();
    subscribe();
    look();
    await time.advance(10_000);
    for (const text of ['a', 'b', 'c']) {
      state.text = text;
      notifier.resourceChanged('presence', 'mary@example.com');
    }
    expect(look()).toEqual(['active;expires=3590 a']);
    await time.advance(4_999);
    expect(look()).toEqual([]);
    await time.advance(1);
    expect(look()).toEqual(['active;expires=3585 c']);
    notifier.resourceChanged('presence', 'john@example.com');
    notifier.resourceChanged('presence.winfo', 'mary@example.com');
    await time.advance(60_000);
    expect(look()).toEqual([]);
  });

  it('is refreshed within its dialog, over the flow of the refresh', () => {
    const { subscribe, sent, look } = createCase();
    const { toTag } = subscribe({ expires: '600' });
    look();
    const stream: Flow = { ...flow, transport: 'tcp', connection: 4 };
    expect(subscribe({ toTag, cseq: 2, expires: '900', flow: stream })).toMatchObject({ status: 200, toTag });
    expect(sent[0]?.flow).toBe(stream);
    expect(sent[0]?.request.headers.get('CSeq')).toBe('2 NOTIFY');
    expect(look()).toEqual(['active;expires=900 open']);
  });

  it('ends when it is unsubscribed, with a last NOTIFY', () => {
    const { subscribe, look, notifier, news } = createCase();
    const { toTag } = subscribe();
    look();
    expect(subscribe({ toTag, cseq: 2, expires: '0' })).toMatchObject({
      status: 200,
      headers: [
        ['Expires', '0'],
        ['Contact', expect.any(String)],
      ],
    });
    expect(subscribe({ toTag, cseq: 3 }).status, 'from here on it is unknown').toBe(481);
    expect(look()).toEqual(['terminated;reason=timeout open']);
    expect(notifier.size).toBe(0);
    expect(news).toEqual(['tom@example.com subscribe active', 'tom@example.com timeout terminated']);
  });

  it('ends when its time is over', async () => {
    const { subscribe, look, notifier, time } = createCase();
    subscribe({ expires: '60' });
    look();
    await time.advance(60_000);
    expect(look()).toEqual(['terminated;reason=timeout open']);
    expect(notifier.size).toBe(0);
  });

  it('that only asks gets the state and is gone', () => {
    const { subscribe, look, notifier, news, views } = createCase();
    expect(subscribe({ expires: '0' })).toMatchObject({ status: 200 });
    expect(look()).toEqual(['terminated;reason=timeout open']);
    expect(views).toMatchObject([{ isAskedFor: true, isLast: true, version: 0 }]);
    expect(notifier.size).toBe(0);
    expect(news).toEqual([]);
  });

  it('has documents of its own count, the first whole, none where nothing is new', async () => {
    const { subscribe, look, notifier, views, time } = createCase();
    const { toTag } = subscribe();
    look();
    await time.advance(5_000);
    notifier.resourceChanged('presence', 'mary@example.com');
    look();
    subscribe({ toTag, cseq: 2 });
    look();
    expect(views.map(({ version, isAskedFor }) => [version, isAskedFor])).toEqual([
      [0, true],
      [1, false],
      [1, true],
    ]);
    expect(new Set(views.map(({ subscriptionId }) => subscriptionId)).size).toBe(1);
  });
});

describe('what a subscriber may see', () => {
  it('may be undecided, then allowed', () => {
    const { subscribe, look, notifier, judge, news } = createCase();
    judge.answer = 'pending';
    expect(subscribe()).toMatchObject({ status: 200 });
    expect(look()).toEqual(['pending;expires=3600']);
    notifier.resourceChanged('presence', 'mary@example.com');
    expect(look()).toEqual([]);
    judge.answer = 'active';
    notifier.authorisationChanged('presence', 'mary@example.com');
    expect(look()).toEqual(['active;expires=3600 open']);
    expect(news).toEqual(['tom@example.com subscribe pending', 'tom@example.com approved active']);
  });

  it('may be nothing', () => {
    const { subscribe, look, notifier, judge } = createCase();
    judge.answer = 'rejected';
    expect(subscribe()).toMatchObject({ status: 403 });
    judge.answer = 'no-such-resource';
    expect(subscribe()).toMatchObject({ status: 404 });
    expect(look()).toEqual([]);
    expect(notifier.size).toBe(0);
  });

  it('may be taken away, by a change of rules or at a refresh', () => {
    const { subscribe, look, notifier, judge, news } = createCase();
    subscribe();
    const { toTag } = subscribe({ user: 'john', callId: 'c2' });
    look();
    judge.answer = 'rejected';
    expect(subscribe({ user: 'john', callId: 'c2', toTag, cseq: 2 })).toMatchObject({ status: 403 });
    expect(look()).toEqual(['terminated;reason=rejected']);
    notifier.authorisationChanged('presence', 'mary@example.com');
    expect(look()).toEqual(['terminated;reason=rejected']);
    expect(notifier.size).toBe(0);
    expect(news.slice(2)).toEqual(['john@example.com rejected terminated', 'tom@example.com rejected terminated']);
  });

  it('is waited for where it must be read, and 503 where it cannot be', async () => {
    const { subscribe, answers, look, judge, time, notifier, state } = createCase();
    judge.answer = Promise.resolve<Authorisation>('active');
    subscribe();
    await time.settle();
    expect([answers[0]?.status, ...look()]).toEqual([200, 'active;expires=3600 open']);
    state.text = 'now you see';
    notifier.authorisationChanged('presence', 'mary@example.com');
    await time.advance(5_000);
    expect(look()).toEqual(['active;expires=3595 now you see']);
    judge.answer = Promise.reject(new StoreFault('locked', true));
    subscribe({ callId: 'c2' });
    await time.settle();
    expect(answers[1]).toMatchObject({ status: 503, headers: [['Retry-After', '30']] });
    judge.answer = Promise.reject(new StoreFault('locked', true));
    notifier.authorisationChanged('presence', 'mary@example.com');
    await time.advance(60_000);
    expect(look()).toEqual([]);
    expect(notifier.size).toBe(1);
  });
});

describe('a decision that comes too late', () => {
  it('changes nothing for who has ended the subscription', async () => {
    const { subscribe, look, notifier, judge, news, time } = createCase();
    judge.answer = 'pending';
    const { toTag } = subscribe();
    look();
    judge.answer = Promise.resolve<Authorisation>('active');
    notifier.authorisationChanged('presence', 'mary@example.com');
    judge.answer = 'pending';
    subscribe({ toTag, cseq: 2, expires: '0' });
    await time.settle();
    expect(look()).toEqual(['terminated;reason=timeout']);
    await time.settle();
    expect(look()).toEqual([]);
    expect(news.at(-1)).toBe('tom@example.com timeout terminated');
  });
});

describe('a SUBSCRIBE that is refused', () => {
  it('leaves nothing behind', () => {
    const { subscribe, look, notifier } = createCase();
    expect(subscribe({ event: 'dialog' })).toMatchObject({ status: 489, headers: [['Allow-Events', 'presence']] });
    expect(subscribe({ rows: [['Contact', '<sip:a@b>']] }).status).toBe(400);
    expect(subscribe({ toTag: 'x' })).toEqual({ status: 481, reason: 'Subscription Does Not Exist', headers: [] });
    expect(look()).toEqual([]);
    expect(notifier.size).toBe(0);
  });

  it.each([
    ['with a CSeq that is not higher', { cseq: 1 }, 500],
    ['of somebody else', { user: 'john' }, 403],
    ['of another event', { event: 'presence;id=2' }, 481],
    ['of another Call-ID', { callId: 'c9' }, 481],
    ['that is too short', { expires: '10' }, 423],
  ])('within its dialog is one %s, and it lives on', (_, options: Subscribe, status) => {
    const { subscribe, look, notifier } = createCase();
    const { toTag } = subscribe();
    look();
    expect(subscribe({ toTag, cseq: 2, ...options })).toMatchObject({ status });
    expect(look()).toEqual([]);
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
  ])('with %j ends the subscription', (outcome) => {
    const { subscribe, look, notifier, news } = createCase();
    subscribe();
    look(outcome);
    expect(notifier.size).toBe(0);
    expect(news.at(-1)).toBe('tom@example.com timeout terminated');
  });

  it.each([401, 403, 407, 415, 486, 500, 503, 600])('with %d is tried again', async (status) => {
    const { subscribe, look, notifier, time } = createCase();
    subscribe();
    look({ kind: 'status', status, retryAfterMs: 7_000 });
    expect(notifier.size).toBe(1);
    await time.advance(7_000);
    expect(look()).toEqual(['active;expires=3593 open']);
  });
});

describe('the end from outside', () => {
  it('is that of a resource, of a subscriber, or of the server', () => {
    const { subscribe, look, notifier } = createCase();
    subscribe();
    subscribe({ callId: 'c2', resource: 'john' });
    subscribe({ callId: 'c3', user: 'peter', resource: 'john' });
    subscribe({ callId: 'c4', user: 'peter', resource: 'sue' });
    look();
    notifier.endResource('presence', 'mary@example.com', 'noresource');
    expect(look()).toEqual(['terminated;reason=noresource']);
    notifier.endSubscriber('tom@example.com', 'rejected');
    expect(look()).toEqual(['terminated;reason=rejected']);
    expect(notifier.subscriptionsOf('peter@example.com').map(({ resource }) => resource)).toEqual([
      'john@example.com',
      'sue@example.com',
    ]);
    expect(notifier.subscriptionsTo('presence', 'sue@example.com')).toMatchObject([
      { subscriber: 'peter@example.com', status: 'active' },
    ]);
    notifier.endAll('probation', 30_000);
    expect(look()).toEqual([
      'terminated;reason=probation;retry-after=30',
      'terminated;reason=probation;retry-after=30',
    ]);
    expect(notifier.size).toBe(0);
  });
});

describe('limits', () => {
  it.each([
    ['the server', { subscriptionsMax: 2, perSubscriberMax: 9, perResourceMax: 9 }, {}, 503],
    ['a subscriber', { subscriptionsMax: 9, perSubscriberMax: 2, perResourceMax: 9 }, {}, 403],
    ['a resource', { subscriptionsMax: 9, perSubscriberMax: 9, perResourceMax: 2 }, {}, 503],
  ] as const)('are those of %s', (_, limits, __, status) => {
    const { subscribe, look, notifier } = createCase(limits);
    const { toTag } = subscribe({ callId: 'c1' });
    expect(subscribe({ callId: 'c2' }).status).toBe(200);
    expect(subscribe({ callId: 'c3' }).status).toBe(status);
    look();
    expect(subscribe({ callId: 'c1', toTag, cseq: 2 }).status, 'a refresh is none more').toBe(200);
    expect(subscribe({ callId: 'c1', toTag, cseq: 3, expires: '0' }).status).toBe(200);
    look();
    look();
    expect(notifier.size).toBe(1);
    expect(subscribe({ callId: 'c3' }).status).toBe(200);
  });
});
