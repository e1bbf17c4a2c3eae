import { describe, expect, it } from 'vitest';
import { writeDelayMs } from '../../src/sip/event/notifier/kept/subscription-writer.ts';
import { notifyRetryMs } from '../../src/sip/event/notifier/subscription.ts';
import { notifiesPerRun } from '../../src/sip/event/ports.ts';
import { begin, createCase, flow, startAgain } from './notifier-rig.ts';

const mary = 'mary@example.com';

describe('after kill -9 a subscription', () => {
  it('has the time and the order of its refreshes, but for one of the last moment', async () => {
    const before = createCase();
    const { toTag } = await before.subscribe({ expires: '600' });
    await before.look();
    await before.subscribe({ toTag, cseq: 2, expires: '900' });
    await before.look();
    await before.time.advance(writeDelayMs);
    await before.subscribe({ toTag, cseq: 3, expires: '1200' });
    await before.look();
    const next = await startAgain(before, 'killed');
    await begin(next);
    expect(await next.look()).toEqual(['active;expires=894 open']);
    expect((await next.subscribe({ toTag, cseq: 2 })).status).toBe(500);
    expect((await next.subscribe({ toTag, cseq: 3 })).status).toBe(200);
  });

  it.each([
    ['contact', { contact: '<sip:tom@192.0.2.1:5099>' }, ['sip:tom@192.0.2.1:5099', 5060, 'application/pidf+xml']],
    ['flow', { flow: { ...flow, remotePort: 5099 } }, ['sip:tom@192.0.2.1', 5099, 'application/pidf+xml']],
    ['kind of document', { rows: [['Accept', 'text/plain']] }, ['sip:tom@192.0.2.1', 5060, 'text/plain']],
  ] as const)('is told by the %s of its last refresh', async (_what, change, expected) => {
    const before = createCase();
    const event = 'presence;id=7';
    const { toTag } = await before.subscribe({ event, expires: '600' });
    await before.look();
    await before.subscribe({ toTag, event, cseq: 2, expires: '600', ...change });
    const next = await startAgain(before, 'killed');
    await begin(next);
    const { request, flow: onFlow } = next.sent[0] ?? {};
    expect([request?.requestUri, onFlow?.remotePort, request?.headers.get('Content-Type')]).toEqual(expected);
    expect(request?.headers.get('Event')).toBe(event);
  });

  it('stands as it was decided a moment before', async () => {
    const before = createCase();
    before.judge.answer = 'pending';
    for (const callId of ['c1', 'c2']) await before.subscribe({ callId });
    await before.look();
    before.judge.answer = 'active';
    before.notifier.authorisationChanged('presence', mary);
    await before.look();
    await before.time.advance(writeDelayMs);
    const next = await startAgain(before, 'killed');
    const approved = { status: 'active', isUndecided: false, wasPending: true };
    expect(next.notifier.subscriptionsTo('presence', mary)).toMatchObject([approved, approved]);
  });

  it('with a sips contact is told by a sips contact of ours', async () => {
    const before = createCase();
    for (const scheme of ['sip', 'sips']) {
      await before.subscribe({ callId: scheme, contact: `<${scheme}:tom@192.0.2.1>` });
    }
    await before.look();
    const next = await startAgain(before, 'killed');
    await begin(next);
    const contacts = next.sent.map(({ request }) => [request.requestUri, request.headers.get('Contact')].join(' '));
    expect(new Set(contacts)).toEqual(
      new Set(['sip:tom@192.0.2.1 <sip:192.0.2.77>', 'sips:tom@192.0.2.1 <sips:192.0.2.77>']),
    );
  });

  it('ends at its time, be that before anybody is told what they missed', async () => {
    const before = createCase();
    await before.subscribe({ expires: '60' });
    await before.look();
    await before.time.advance(58_000);
    const next = await startAgain(before, 'killed');
    next.notifier.begin(() => '<sip:192.0.2.77>');
    await next.time.advance(2_000);
    expect(await next.look()).toEqual(['terminated;reason=timeout open']);
  });
});

describe('what is kept', () => {
  it.each([{ kind: 'silence' } as const, { kind: 'no-way' } as const, { kind: 'status', status: 481 } as const])(
    'goes with a subscriber who is gone: %j',
    async (outcome) => {
      const { subscribe, look, time, stores } = createCase();
      await subscribe();
      expect(stores.state.subscriptions.size).toBe(1);
      await look(outcome);
      await time.advance(writeDelayMs);
      expect(stores.state.subscriptions.size).toBe(0);
    },
  );

  it('bounds the NOTIFYs that leave before it is written again', async () => {
    const { subscribe, look, notifier, state, time } = createCase({ paceMs: 0 });
    await subscribe({ expires: '7200' });
    await look();
    const change = async (text: string): Promise<string[]> => {
      state.text = text;
      notifier.resourceChanged('presence', mary);
      return look();
    };
    for (let n = 2; n < notifiesPerRun; n += 1) await change(`state ${n}`);
    expect(await change('the last that may')).toHaveLength(1);
    expect(await change('one more')).toEqual([]);
    await time.advance(notifyRetryMs);
    expect(await look(), 'the store has had time').toEqual([expect.stringMatching(/ one more$/)]);
  });
});
