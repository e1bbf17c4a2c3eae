import { describe, expect, it } from 'vitest';
import { StoreFault } from '../../src/base/store-fault.ts';
import type { Flow } from '../../src/sip/registrar/ports.ts';
import type { Authorisation } from '../../src/sip/event/event-package.ts';
import { restoredPauseMs, restoredPerPart } from '../../src/sip/event/notifier/kept/restart.ts';
import { writeDelayMs } from '../../src/sip/event/notifier/kept/subscription-writer.ts';
import { notifiesPerRun } from '../../src/sip/event/ports.ts';
import { begin, createCase, flow, startAgain, type Case } from './notifier-rig.ts';

const mary = 'mary@example.com';
const stream: Flow = { transport: 'tcp', remoteAddress: '192.0.2.1', remotePort: 40_000, connection: 4 };

describe.each(['stopped', 'killed'] as const)('after a restart, %s before, a subscription', (how) => {
  it('is there, and told what is new, within its dialog', async () => {
    const before = createCase();
    const { toTag } = await before.subscribe({ expires: '600', rows: [['Record-Route', '<sip:p;lr>']] });
    await before.look();
    before.state.text = 'busy';
    before.notifier.resourceChanged('presence', mary);
    await before.time.advance(5_000);
    await before.look();
    const next = await startAgain(before, how);
    next.state.text = 'closed';
    await begin(next);
    const { request, flow: onFlow } = next.sent[0] ?? {};
    expect(request).toMatchObject({ requestUri: 'sip:tom@192.0.2.1', nextHop: 'sip:p;lr' });
    expect(request?.headers.get('From')).toBe(`<sip:mary@example.com>;tag=${toTag}`);
    expect(request?.headers.get('To')).toBe('<sip:tom@example.com>;tag=their');
    expect(request?.headers.get('Call-ID')).toBe('c1');
    expect(request?.headers.get('Contact'), 'as we are reached now').toBe('<sip:192.0.2.77>');
    expect(parseInt(request?.headers.get('CSeq') ?? '', 10)).toBeGreaterThan(notifiesPerRun);
    expect(onFlow).toEqual(flow);
    expect(next.views.at(-1)?.version, 'documents are numbered on').toBeGreaterThan(2);
    expect(await next.look()).toEqual(['active;expires=590 closed']);
    expect((await next.subscribe({ toTag, cseq: 1 })).status, 'the order of requests is kept').toBe(500);
    expect((await next.subscribe({ toTag, cseq: 2, expires: '700' })).status).toBe(200);
    expect(await next.look()).toEqual(['active;expires=700 closed']);
  });

  it('has a higher CSeq after each of many restarts', async () => {
    let current = createCase();
    await current.subscribe({ expires: '7200' });
    const cseqs: number[] = [];
    for (let run = 0; run < 4; run += 1) {
      current.state.text = `state ${run}`;
      current.notifier.resourceChanged('presence', mary);
      await current.time.advance(6_000);
      cseqs.push(...current.sent.map(({ request }) => parseInt(request.headers.get('CSeq') ?? '', 10)));
      await current.look();
      await current.time.advance(6_000);
      cseqs.push(...current.sent.map(({ request }) => parseInt(request.headers.get('CSeq') ?? '', 10)));
      await current.look();
      current = await startAgain(current, how);
      await begin(current);
    }
    expect(cseqs.length).toBeGreaterThan(4);
    expect(cseqs).toEqual([...new Set(cseqs)].sort((a, b) => a - b));
  });

  it('that was pending is so still, and can be allowed', async () => {
    const before = createCase();
    before.judge.answer = 'pending';
    await before.subscribe();
    await before.look();
    const next = await startAgain(before, how);
    await begin(next);
    expect(await next.look()).toEqual([]);
    expect(next.notifier.subscriptionsTo('presence', mary)).toMatchObject([
      { subscriber: 'tom@example.com', status: 'pending', isUndecided: true },
    ]);
    next.judge.answer = 'active';
    next.notifier.authorisationChanged('presence', mary);
    expect(await next.look()).toEqual([expect.stringMatching(/^active;expires=\d+ open$/)]);
    expect(next.news).toEqual(['tom@example.com approved active']);
  });

  it('that was decided about meanwhile learns of it', async () => {
    const before = createCase();
    await before.subscribe();
    await before.look();
    const next = await startAgain(before, how);
    next.judge.answer = 'rejected';
    await begin(next);
    expect(await next.look()).toEqual(['terminated;reason=rejected']);
    await next.time.advance(writeDelayMs);
    expect((await startAgain(next, how)).notifier.size).toBe(0);
  });

  it('whose time is over is gone, and one that was ended stays so', async () => {
    const before = createCase();
    before.judge.answer = 'pending';
    await before.subscribe({ expires: '60' });
    const { toTag } = await before.subscribe({ callId: 'c2', expires: '600' });
    await before.look();
    await before.subscribe({ callId: 'c2', toTag, cseq: 2, expires: '0' });
    await before.look();
    await before.time.advance(1_000);
    const left = before.stores.snapshot();
    const next = createCase({ from: left, time: before.time });
    await next.notifier.load();
    expect(next.notifier.size).toBe(1);
    await before.time.advance(59_000);
    const later = createCase({ from: left, time: before.time });
    await later.notifier.load();
    expect(later.notifier.size).toBe(0);
    later.notifier.begin(() => '<sip:192.0.2.77>');
    expect(later.news, 'for whoever watches the watchers').toEqual(['tom@example.com timeout terminated']);
    await later.time.advance(1_000);
    expect(await later.stores.subscriptions.subscriptions(undefined, 9)).toEqual([]);
  });

  it('over a connection is told in any case, by its contact', async () => {
    const before = createCase();
    await before.subscribe({ flow: stream });
    await before.look();
    const next = await startAgain(before, how);
    await begin(next);
    expect(next.sent[0]?.flow).toEqual({ transport: 'tcp', remoteAddress: '192.0.2.1', remotePort: 40_000 });
    await next.look({ kind: 'no-way' });
    expect(next.notifier.size).toBe(0);
  });

  it.each([stream.remotePort, 41_000])(
    'that is refreshed first is told once, over the new way (port %i)',
    async (port) => {
      const before = createCase();
      const { toTag } = await before.subscribe({ flow: stream });
      await before.look();
      const next = await startAgain(before, how);
      next.notifier.begin(() => '<sip:192.0.2.77>');
      expect(
        (await next.subscribe({ toTag, cseq: 2, flow: { ...stream, remotePort: port, connection: 9 } })).status,
      ).toBe(200);
      expect(next.sent[0]?.flow.connection).toBe(9);
      expect(await next.look()).toHaveLength(1);
      await next.time.advance(60_000);
      expect(await next.look()).toEqual([]);
    },
  );
});

describe('what was told before the restart', () => {
  it('is not told again after an orderly stop', async () => {
    const before = createCase();
    await before.subscribe();
    await before.look();
    const next = await startAgain(before, 'stopped');
    await begin(next);
    expect(await next.look()).toEqual([]);
  });

  it('is told again where it was under way at the stop, and what the stop cuts off ends nothing', async () => {
    const before = createCase();
    await before.subscribe({ flow: stream });
    await before.look();
    await before.subscribe({ callId: 'c2' });
    const [open] = before.sent;
    const stopped = before.notifier.stop();
    open?.finish({ kind: 'no-way' });
    await before.time.settle();
    await stopped;
    expect((await before.subscribe({ callId: 'c3' })).status, 'nothing new is taken').toBe(503);
    const next = await startAgain(before, 'killed');
    expect(next.notifier.size).toBe(2);
    await begin(next);
    expect(await next.look()).toHaveLength(2);
  });

  it('is told again after a crash, which may have hidden what was told last', async () => {
    const before = createCase();
    await before.subscribe();
    await before.look();
    const next = await startAgain(await startAgain(before, 'stopped'), 'killed');
    await begin(next);
    expect(await next.look()).toEqual([expect.stringMatching(/^active;expires=\d+ open$/)]);
  });

  it('comes in parts where many have to be told', async () => {
    const limits = { subscriptionsMax: 999, perSubscriberMax: 999, perResourceMax: 999 };
    const before = createCase({ limits });
    for (let n = 0; n <= restoredPerPart; n += 1) await before.subscribe({ callId: `c${n}` });
    await before.look();
    const next = await startAgain(before, 'killed', { limits });
    await begin(next);
    expect(await next.look()).toHaveLength(restoredPerPart);
    await next.time.advance(restoredPauseMs);
    expect(await next.look()).toHaveLength(1);
  });
});

describe('durability', () => {
  it('comes before the answer, and without it there is no subscription', async () => {
    let isBroken = false;
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { subscribe, answers, look, notifier, time, stores } = createCase({
      beforeCall: (name) => {
        if (isBroken) throw new StoreFault('the disk is full', true);
        return name === 'subscriptions.change' ? gate : undefined;
      },
    });
    await subscribe();
    await time.advance(10_000);
    expect([answers, await look()]).toEqual([[], []]);
    release();
    await time.settle();
    expect([answers[0]?.status, ...(await look())]).toEqual([200, expect.stringMatching(/^active/)]);
    isBroken = true;
    const refused = await subscribe({ callId: 'c2' });
    expect(refused).toMatchObject({ status: 503, headers: [['Retry-After', '30']] });
    expect(await look()).toEqual([]);
    expect(notifier.size).toBe(1);
    const { toTag } = answers[0] ?? {};
    expect((await subscribe({ toTag, cseq: 2 })).status, 'what only prolongs waits for nothing').toBe(200);
    expect((await subscribe({ toTag, cseq: 3, flow: stream })).status, 'another way has to be kept').toBe(503);
    await look();
    expect((await subscribe({ toTag, cseq: 4, expires: '0' })).status).toBe(200);
    await look();
    expect(stores.state.subscriptions.size).toBe(1);
    isBroken = false;
    await time.advance(2_000);
    expect(stores.state.subscriptions.size, 'the end was written in the end').toBe(0);
  });

  it.each([
    ['403', 'rejected', (one: Case) => one.notifier.authorisationChanged('presence', mary)],
    ['404', 'active', (one: Case) => one.notifier.endResource('presence', mary, 'noresource')],
  ] as const)('%s where that was decided while it was being written', async (status, judged, act) => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const one = createCase({ beforeCall: (name) => (name === 'subscriptions.change' ? gate : undefined) });
    await one.subscribe();
    one.judge.answer = judged as Authorisation;
    act(one);
    await one.time.settle();
    release();
    await one.time.advance(1_000);
    expect(one.answers.map((answer) => String(answer.status))).toEqual([status]);
    expect(await one.look()).toEqual([]);
    expect([one.notifier.size, one.stores.state.subscriptions.size]).toEqual([0, 0]);
  });

  it('of thousands of NOTIFYs is written before a crash could make a CSeq twice', async () => {
    const { subscribe, look, notifier, state, stores, time } = createCase({ paceMs: 0 });
    const { toTag } = await subscribe({ expires: '7200' });
    await look();
    for (let n = 0; n < notifiesPerRun / 2; n += 1) {
      state.text = `state ${n}`;
      notifier.resourceChanged('presence', mary);
      await look();
    }
    await time.advance(100);
    const kept = stores.state.subscriptions.get(toTag ?? '')?.subscription;
    expect(kept?.localCSeq).toBeGreaterThanOrEqual(notifiesPerRun / 2);
  });
});
