import { describe, expect, it } from 'vitest';
import { Counters } from '../../../base/counters.ts';
import { silentLog } from '../../../base/log.ts';
import { ok } from '../../../base/result.ts';
import { systemIds } from '../../../base/system-ids.ts';
import { VirtualTime } from '../../../base/time/virtual-time.ts';
import type { DialogRequest } from '../../dialog/dialog-request.ts';
import { SipHeaders } from '../../message/sip-headers.ts';
import type { HeaderRow } from '../../message/sip-headers.ts';
import { createSipRequest, createSipResponse } from '../../message/sip-message.ts';
import type { SipRequest, SipResponse } from '../../message/sip-message.ts';
import type { Flow } from '../../registrar/ports.ts';
import { silencesMax } from './server-standing.ts';
import { Subscriber } from './subscriber.ts';

const flow: Flow = { transport: 'udp', remoteAddress: '192.0.2.7', remotePort: 5070 };

interface Sent {
  readonly request: DialogRequest;
  readonly flow: Flow | undefined;
  readonly end: (response: SipResponse | undefined) => void;
}

function rowsOf({ headers }: DialogRequest, more: readonly HeaderRow[]): SipHeaders {
  return new SipHeaders([
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa'],
    ['From', headers.get('From') ?? ''],
    ['To', `${headers.get('To')?.split(';')[0]};tag=theirs`],
    ['Call-ID', headers.get('Call-ID') ?? ''],
    ['CSeq', headers.get('CSeq') ?? ''],
    ...more,
  ]);
}

function answerTo(request: DialogRequest, status: number): SipResponse {
  return createSipResponse({ status, reason: 'x', headers: rowsOf(request, [['Expires', '600']]) });
}

function notifyFor({ headers }: DialogRequest, state = 'active', body = 'open', cseq = 1): SipRequest {
  const rows = new SipHeaders([
    ['Via', 'SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKn'],
    ['From', `${headers.get('To')?.split(';')[0]};tag=theirs`],
    ['To', headers.get('From') ?? ''],
    ['Call-ID', headers.get('Call-ID') ?? ''],
    ['CSeq', `${cseq} NOTIFY`],
    ['Contact', '<sip:192.0.2.7>'],
    ['Event', 'presence'],
    ['Subscription-State', state],
    ['Content-Type', 'text/plain'],
  ]);
  return createSipRequest({
    method: 'NOTIFY',
    requestUri: 'sip:192.0.2.1',
    headers: rows,
    body: new TextEncoder().encode(body),
  });
}

function createCase(options: { watchedMax?: number; startsPerSecond?: number } = {}) {
  const time = new VirtualTime();
  const counters = new Counters();
  const sent: Sent[] = [];
  const heard: string[] = [];
  const subscriber = new Subscriber<string>({
    sender: { send: (request, onFlow, end) => sent.push({ request, flow: onFlow, end }) },
    listener: {
      told: (resource, document) => heard.push(`${resource} ${document}`),
      prolonged: (resource) => heard.push(`${resource} prolonged`),
      lost: (resource) => heard.push(`${resource} lost`),
    },
    planFor: (resource) => ({
      eventPackage: {
        name: 'presence',
        contentTypes: ['text/plain'],
        expires: 600,
        read: (_, body) => ok(new TextDecoder().decode(body)),
      },
      resource,
      resourceUri: `sip:${resource}`,
      subscriberUri: 'sip:inbox@example.com',
      serverUri: 'sip:192.0.2.7',
      contact: '<sip:192.0.2.1>',
      credentials: undefined,
      identity: [],
      ids: systemIds,
    }),
    clock: time,
    timers: time,
    log: silentLog,
    counters,
    ids: { ...systemIds, fraction: () => 1 },
    name: 'presence',
    ...options,
  });
  const take = (): Sent => {
    const first = sent.shift();
    if (first === undefined) throw new Error('nothing was sent');
    return first;
  };
  const subscribe = async (resource: string): Promise<Sent> => {
    subscriber.want(resource, true);
    await time.advance(100);
    const one = take();
    one.end(answerTo(one.request, 200));
    subscriber.notify(notifyFor(one.request), flow);
    return one;
  };
  return { time, counters, sent, heard, subscriber, take, subscribe };
}

describe('subscriptions of ours', () => {
  it('find the one that a NOTIFY is for, and know nothing of others', async () => {
    const { subscriber, subscribe, heard } = createCase();
    const mary = await subscribe('mary@example.com');
    const john = await subscribe('john@example.com');
    expect(subscriber.notify(notifyFor(john.request, 'active', 'busy', 2), flow)).toMatchObject({ status: 200 });
    expect(subscriber.notify(notifyFor(mary.request, 'active', 'away', 2), flow)).toMatchObject({ status: 200 });
    const stranger = notifyFor(mary.request);
    stranger.headers.set('To', '<sip:inbox@example.com>;tag=unknown');
    const parsed = createSipRequest({ method: 'NOTIFY', requestUri: 'sip:192.0.2.1', headers: stranger.headers });
    expect(subscriber.notify(parsed, flow)).toBeUndefined();
    expect(heard).toEqual([
      'mary@example.com open',
      'john@example.com open',
      'john@example.com busy',
      'mary@example.com away',
    ]);
    expect(subscriber.counts).toEqual({ active: 2, pending: 0 });
  });

  it('are refreshed over the way by which the last NOTIFY came', async () => {
    const { subscribe, time, take } = createCase();
    const first = await subscribe('mary@example.com');
    expect(first.flow).toBeUndefined();
    await time.advance(600_000);
    expect(take().flow).toBe(flow);
  });

  it('begin at the pace, those that somebody waits for first', async () => {
    const { subscriber, time, sent } = createCase({ startsPerSecond: 10 });
    for (let n = 0; n < 30; n++) subscriber.want(`user${n}@example.com`, false);
    await time.advance(1);
    subscriber.want('mary@example.com', true);
    expect(subscriber.waiting).toBe(30);
    await time.advance(100);
    expect(sent.map(({ request }) => request.requestUri)).toEqual(['sip:user0@example.com', 'sip:mary@example.com']);
    await time.advance(899);
    expect(sent).toHaveLength(11);
    await time.advance(2_000);
    expect(sent).toHaveLength(31);
  });

  it('are watchedMax at most, and one more is refused until another goes', async () => {
    const { subscriber, subscribe, time, sent } = createCase({ watchedMax: 2 });
    const mary = await subscribe('mary@example.com');
    await subscribe('john@example.com');
    expect(subscriber.want('tom@example.com', true)).toBe(false);
    expect(subscriber.want('mary@example.com', true), 'one that is watched').toBe(true);
    subscriber.unwant('mary@example.com');
    const end = sent.shift();
    end?.end(answerTo(mary.request, 200));
    expect(subscriber.want('tom@example.com', true), 'the last NOTIFY is awaited').toBe(false);
    subscriber.notify(notifyFor(mary.request, 'terminated;reason=timeout', '', 2), flow);
    expect(subscriber.want('tom@example.com', true)).toBe(true);
    await time.advance(1_000);
    expect(sent).toHaveLength(1);
  });

  it('one that is wanted again while it ends begins anew', async () => {
    const { subscriber, subscribe, time, take, heard } = createCase();
    const mary = await subscribe('mary@example.com');
    subscriber.unwant('mary@example.com');
    subscriber.want('mary@example.com', true);
    const end = take();
    expect(end.request.headers.get('Expires')).toBe('0');
    end.end(answerTo(end.request, 200));
    subscriber.notify(notifyFor(mary.request, 'terminated;reason=timeout', '', 2), flow);
    await time.advance(1_000);
    const again = take();
    expect(again.request.headers.get('Expires')).toBe('600');
    expect(again.request.headers.get('Call-ID')).not.toBe(mary.request.headers.get('Call-ID'));
    expect(heard).toEqual(['mary@example.com open', 'mary@example.com lost']);
  });

  it('one that is not wanted before its turn is never sent', async () => {
    const { subscriber, time, sent } = createCase({ startsPerSecond: 1 });
    subscriber.want('mary@example.com', false);
    subscriber.want('john@example.com', false);
    subscriber.unwant('john@example.com');
    await time.advance(10_000);
    expect(sent.map(({ request }) => request.requestUri)).toEqual(['sip:mary@example.com']);
    expect(subscriber.size).toBe(1);
  });

  it('while the server is away one at a time tries, and all come back soon after it', async () => {
    const { subscriber, time, take, sent } = createCase();
    for (let n = 0; n < 100; n++) subscriber.want(`user${n}@example.com`, false);
    await time.advance(60);
    expect(sent.length).toBeGreaterThanOrEqual(silencesMax);
    for (const { end } of sent.splice(0)) end(undefined);
    expect(subscriber.serverState).toBe('away');
    await time.advance(600_000);
    expect(sent, 'one tries').toHaveLength(1);
    take().end(undefined);
    await time.advance(30_000);
    const probe = take();
    expect(sent).toHaveLength(0);
    probe.end(answerTo(probe.request, 200));
    expect(subscriber.serverState).toBe('up');
    await time.advance(2_100);
    expect(sent.length, 'and the others follow at the pace').toBeGreaterThanOrEqual(99);
  });

  it('are counted by what came of them', async () => {
    const { subscriber, subscribe, counters, time, take } = createCase();
    const mary = await subscribe('mary@example.com');
    subscriber.notify(notifyFor(mary.request), flow);
    subscriber.want('john@example.com', true);
    await time.advance(100);
    const john = take();
    john.end(answerTo(john.request, 404));
    const counts = [...counters.entries()].map(({ name, value }) => `${name} ${value}`);
    expect(counts).toEqual([
      'external_subscribes{package="presence",outcome="accepted"} 1',
      'external_notifies{package="presence",status="200"} 1',
      'external_notifies{package="presence",status="500"} 1',
      'external_subscribes{package="presence",outcome="refused"} 1',
    ]);
  });

  it('end with the server', async () => {
    const { subscriber, subscribe, time, sent } = createCase();
    const mary = await subscribe('mary@example.com');
    subscriber.stop();
    mary.end(answerTo(mary.request, 200));
    expect(subscriber.notify(notifyFor(mary.request), flow)).toBeUndefined();
    expect(subscriber.want('john@example.com', true)).toBe(false);
    await time.advance(3_600_000);
    expect(sent).toEqual([]);
  });
});
