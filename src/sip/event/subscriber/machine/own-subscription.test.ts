import { describe, expect, it } from 'vitest';
import { SipHeaders } from '../../../message/sip-headers.ts';
import type { HeaderRow } from '../../../message/sip-headers.ts';
import { createSipResponse } from '../../../message/sip-message.ts';
import { backOffFirstMs, backOffMsMax, refusedMs, retryAfterMsMax } from './back-off.ts';
import { expiresAskedMax, firstNotifyMsMax } from './lifetime.ts';
import { asked, refreshMs, Rig, type Notify } from './subscription-rig.ts';

describe('a subscription of ours', () => {
  it('asks, is accepted, is told, refreshes before its end, and is told again', () => {
    const rig = new Rig();
    expect(rig.start()).toEqual(['send 1 expires 600']);
    const { headers, requestUri, nextHop } = rig.last;
    expect({ requestUri, nextHop }).toEqual({ requestUri: 'sip:mary@example.com', nextHop: 'sip:192.0.2.7:5070' });
    expect([...headers].filter(([name]) => !['From', 'Call-ID'].includes(name))).toEqual([
      ['Max-Forwards', '70'],
      ['To', '<sip:mary@example.com>'],
      ['CSeq', '1 SUBSCRIBE'],
      ['Contact', '<sip:192.0.2.1:5060>'],
      ['Event', 'presence'],
      ['Expires', '600'],
      ['Accept', 'application/pidf+xml'],
    ]);
    expect(headers.get('From')).toMatch(/^<sip:inbox@example.com>;tag=[a-z0-9]{16}$/);
    expect(rig.machine.localTag).toBe(headers.get('From')?.split('tag=')[1]);
    expect(rig.answer(200, ['Expires', '600'])).toEqual(['accepted']);
    expect(rig.notify({ body: 'open' })).toEqual(['answer 200', 'told open for 600']);
    expect(rig.wait()).toEqual(['send 2 expires 600']);
    expect(rig.now).toBe(refreshMs);
    expect(rig.last).toMatchObject({ requestUri: 'sip:192.0.2.7:5070', nextHop: 'sip:192.0.2.7:5070' });
    expect(rig.last.headers.get('To')).toBe('<sip:mary@example.com>;tag=theirs');
    expect(rig.answer(200, ['Expires', '600'])).toEqual(['accepted', 'prolonged for 600']);
    expect(rig.notify({ body: 'closed' })).toEqual(['answer 200', 'told closed for 600']);
  });

  it('is made by the NOTIFY that comes before the 2xx, along the routes of that NOTIFY', () => {
    const rig = new Rig();
    rig.start();
    const rows = [
      ['Record-Route', '<sip:p1;lr>'],
      ['Record-Route', '<sip:p2;lr>'],
    ] as const;
    expect(rig.notify({ body: 'open', state: 'active;expires=300', rows })).toEqual([
      'answer 200',
      'told open for 300',
    ]);
    expect(rig.answer(200, ['Expires', '300'])).toEqual(['accepted', 'prolonged for 300']);
    rig.wait();
    expect(rig.last.headers.getAll('Route')).toEqual(['<sip:p1;lr>', '<sip:p2;lr>']);
    expect(rig.last.nextHop).toBe('sip:p1;lr');
  });

  it.each([
    ['the answer shortens it', ['Expires', '60'], 'active', 54],
    ['the NOTIFY shortens it', ['Expires', '600'], 'active;expires=120', 108],
    ['nobody lengthens it', ['Expires', '6000'], 'active;expires=6000', 540],
    ['nobody names it', ['X', 'y'], 'active', 540],
  ] as const)('is refreshed when its interval says so: %s', (_, row, state, seconds) => {
    const rig = new Rig();
    rig.start();
    rig.answer(200, row);
    rig.notify({ body: 'open', state });
    expect(rig.wait()).toEqual(['send 2 expires 600']);
    expect(rig.now / 1_000).toBe(seconds);
  });

  it('without the first NOTIFY in time is no subscription: it is asked for anew, with new tags', () => {
    const rig = new Rig();
    rig.start();
    const { localTag } = rig.machine;
    rig.answer(200);
    expect(rig.wait()).toEqual(['silent']);
    expect(rig.now).toBe(firstNotifyMsMax);
    expect(rig.notify({ body: 'late' }), 'what comes too late').toEqual(['answer 481']);
    expect(rig.wait()).toEqual(['due']);
    expect(rig.now).toBe(firstNotifyMsMax + backOffFirstMs);
    expect(rig.give({ kind: 'start' })).toEqual(['send 1 expires 600']);
    expect(rig.machine.localTag).not.toBe(localTag);
  });

  it('has one dialog: the NOTIFY of another fork is refused, and so is a stranger', () => {
    const rig = new Rig().subscribed();
    expect(rig.notify({ fromTag: 'fork', body: 'closed' })).toEqual(['answer 481']);
    expect(rig.notify({ callId: 'other', body: 'closed' })).toEqual(['answer 481']);
    expect(rig.notify({ body: 'closed' })).toEqual(['answer 200', 'told closed for 600']);
  });

  it('pending tells nothing, and takes away what was told', () => {
    const rig = new Rig();
    rig.start();
    rig.answer(200);
    expect(rig.notify({ state: 'pending;expires=600', body: 'neutral' })).toEqual(['answer 200']);
    expect(rig.machine.isPending).toBe(true);
    expect(rig.notify({ body: 'open' })).toEqual(['answer 200', 'told open for 600']);
    expect(rig.machine.isPending).toBe(false);
    expect(rig.notify({ state: 'pending', body: 'neutral' })).toEqual(['answer 200', 'lost']);
    // A refresh does not make known what is not.
    rig.wait();
    expect(rig.answer(200)).toEqual(['accepted']);
  });
});

describe('a NOTIFY that is refused changes nothing', () => {
  it.each<readonly [string, Notify, string]>([
    ['of another event', { event: 'dialog', body: 'closed' }, 'answer 489'],
    ['without Event', { event: '', body: 'closed' }, 'answer 489'],
    ['with an id that we never gave', { event: 'presence;id=7', body: 'closed' }, 'answer 489'],
    ['without Subscription-State', { state: undefined, body: 'closed' }, 'answer 400'],
    ['with a malformed Subscription-State', { state: ';;', body: 'closed' }, 'answer 400'],
    ['with a document that cannot be read', { body: 'broken' }, 'answer 400'],
    [
      'with a document that ends it and cannot be read',
      { body: 'broken', state: 'terminated;reason=rejected' },
      'answer 400',
    ],
    ['of another type', { body: 'closed', type: 'text/plain' }, 'answer 415'],
    ['encoded', { body: 'closed', rows: [['Content-Encoding', 'gzip']] }, 'answer 415'],
    ['with a broken Contact', { body: 'closed', contact: '<sip:>' }, 'answer 400'],
  ])('%s', (_, options, answer) => {
    const rig = new Rig().subscribed();
    const before = rig.machine.deadline();
    expect(rig.notify(options)).toEqual([answer]);
    expect(rig.machine.state).toBe('subscribed');
    expect(rig.machine.deadline()).toBe(before);
    const first = new Rig();
    first.start();
    expect(first.notify(options)).toEqual([answer]);
    expect(first.machine.state).toBe('subscribing');
    expect(first.notify({ body: 'open' })).toEqual(['answer 200', 'told open for 600']);
  });

  it('out of order, once more, or older', () => {
    const rig = new Rig().subscribed();
    rig.notify({ body: 'a', cseq: 7 });
    expect(rig.notify({ body: 'b', cseq: 7 })).toEqual(['answer 500']);
    expect(rig.notify({ body: 'b', cseq: 6 })).toEqual(['answer 500']);
    expect(rig.notify({ body: 'b', cseq: 9 })).toEqual(['answer 200', 'told b for 600']);
  });

  it('but a body that may be ignored is', () => {
    const rig = new Rig().subscribed();
    const rows = [['Content-Disposition', 'render;handling=optional']] as const;
    expect(rig.notify({ body: 'x', type: 'text/plain', rows })).toEqual(['answer 200', 'told undefined for 600']);
  });
});

describe('an answer', () => {
  const challenge = (nonce: string, more = ''): HeaderRow => [
    'WWW-Authenticate',
    `Digest realm="r", nonce="${nonce}", qop="auth"${more}`,
  ];

  it('401 or 407 is answered with credentials, and the nonce serves on', () => {
    const rig = new Rig('secret');
    rig.start();
    expect(rig.answer(407, ['Proxy-Authenticate', 'Digest realm="p", nonce="n", qop="auth"'])).toEqual([
      'send 2 expires 600',
    ]);
    expect(rig.answer(401, challenge('n'))).toEqual(['send 3 expires 600']);
    expect(rig.last.headers.get('Authorization')).toMatch(/username="inbox".*nc=00000001/);
    expect(rig.last.headers.get('Proxy-Authorization')).toMatch(/nc=00000002/);
    rig.answer(200);
    rig.notify({ body: 'open' });
    expect(rig.wait()).toEqual(['send 4 expires 600']);
    expect(rig.last.headers.get('Authorization')).toMatch(/nc=00000002/);
    expect(rig.answer(401, challenge('m', ', stale=true'))).toEqual(['send 5 expires 600']);
    expect(rig.last.headers.get('Authorization')).toMatch(/nonce="m".*nc=00000001/);
  });

  it.each([
    ['a wrong password', 'wrong', [challenge('a'), challenge('b')]],
    ['none', undefined, [challenge('a')]],
  ])('401 for %s is a refusal for a long time', (_, password, challenges) => {
    const rig = new Rig(password);
    rig.start();
    const seen = challenges.map((row) => rig.answer(401, row));
    expect(seen.at(-1)).toEqual(['unauthorised']);
    rig.wait();
    expect(rig.now).toBe(refusedMs);
  });

  it('423 is answered with the interval that is wanted, and that is kept', () => {
    const rig = new Rig();
    rig.start();
    expect(rig.answer(423, ['Min-Expires', '1800'])).toEqual(['send 2 expires 1800']);
    rig.answer(200, ['Expires', '1800']);
    rig.notify({ body: 'open', state: 'active;expires=1800' });
    expect(rig.wait()).toEqual(['send 3 expires 1800']);
    expect(rig.now).toBe(1_800_000 * 0.9);
  });

  it.each([
    ['without a number', undefined, false],
    ['with the number that we asked for', asked, false],
    ['with the longest that is taken', expiresAskedMax, true],
    ['with one second more', expiresAskedMax + 1, false],
  ])('423 %s', (_, least, isAsked) => {
    const rig = new Rig();
    rig.start();
    const rows: HeaderRow[] = least === undefined ? [] : [['Min-Expires', String(least)]];
    expect(rig.answer(423, ...rows)).toEqual(isAsked ? [`send 2 expires ${least}`] : ['refused']);
  });

  it.each([403, 404, 405, 415, 420, 489, 501, 505, 603, 604, 302])('%d is waited out for a long time', (status) => {
    const rig = new Rig();
    rig.start();
    expect(rig.answer(status)).toEqual(['refused']);
    rig.fraction = 0;
    expect(rig.wait()).toEqual(['due']);
    expect(rig.now).toBe(refusedMs);
  });

  it('the wait after a failure doubles, by chance half as long, up to its maximum', () => {
    const waits = (fraction: number): number[] => {
      const rig = new Rig();
      rig.fraction = fraction;
      rig.start();
      return Array.from({ length: 12 }, (_, index) => {
        const before = rig.now;
        expect(index % 3 === 0 ? rig.fail() : rig.answer(index % 3 === 1 ? 503 : 408)).toHaveLength(1);
        expect(rig.wait()).toEqual(['due']);
        rig.give({ kind: 'start' });
        return rig.now - before;
      });
    };
    const longest = waits(1);
    expect(longest.slice(0, 4)).toEqual([1, 2, 4, 8].map((times) => times * backOffFirstMs));
    expect(longest.slice(-2)).toEqual([backOffMsMax, backOffMsMax]);
    expect(waits(0)).toEqual(longest.map((ms) => ms / 2));
  });

  it.each([
    [30, 30_000],
    [1, backOffFirstMs],
    [retryAfterMsMax / 1_000, retryAfterMsMax],
    [retryAfterMsMax / 1_000 + 1, retryAfterMsMax],
  ])('Retry-After: %d is kept to', (seconds, waitMs) => {
    const rig = new Rig();
    rig.start();
    expect(rig.answer(503, ['Retry-After', String(seconds)])).toEqual(['later']);
    expect(rig.give({ kind: 'server-back' }), 'the server has said how long').toEqual([]);
    rig.wait();
    expect(rig.now).toBe(waitMs);
  });

  it('success makes failures forgotten', () => {
    const rig = new Rig();
    rig.start();
    for (const _ of [1, 2, 3]) {
      rig.fail();
      rig.wait();
      rig.give({ kind: 'start' });
    }
    rig.notify({ body: 'open' });
    rig.answer(200);
    rig.wait();
    const before = rig.now;
    rig.fail();
    expect(rig.wait()).toEqual(['send 3 expires 600']);
    expect(rig.now - before).toBe(backOffFirstMs);
  });
});

describe('a refresh that fails', () => {
  it('with 481 makes another subscription at once, and what is known stays known meanwhile', () => {
    const rig = new Rig().subscribed();
    rig.wait();
    expect(rig.answer(481)).toEqual(['terminated']);
    expect(rig.wait()).toEqual(['due']);
    expect(rig.now).toBe(refreshMs);
    expect(rig.give({ kind: 'start' })).toEqual(['send 1 expires 600']);
    rig.answer(200);
    expect(rig.notify({ body: 'closed', fromTag: 'new' })).toEqual(['answer 200', 'told closed for 600']);
  });

  it.each([404, 405, 410, 416, 480, 482, 489, 501, 604])('with %d ends it', (status) => {
    const rig = new Rig().subscribed();
    rig.wait();
    expect(rig.answer(status).slice(-1)).toEqual(['lost']);
    expect(rig.machine.state).toBe('waiting');
  });

  it.each([403, 406, 500, 503, 600])('with %d leaves it as it is until its end', (status) => {
    const rig = new Rig().subscribed();
    rig.wait();
    expect(rig.answer(status)).toHaveLength(1);
    expect(rig.machine.state).toBe('subscribed');
    expect(rig.notify({ body: 'closed', state: 'active;expires=60' }), 'it still counts').toContain('answer 200');
  });

  it('by silence is repeated until the end; then nothing is known', () => {
    const rig = new Rig().subscribed();
    rig.wait();
    const events: string[] = [];
    for (let n = 0; n < 20 && rig.machine.state === 'subscribed'; n++) {
      events.push(...rig.fail());
      if (rig.machine.state === 'subscribed') events.push(...rig.wait());
    }
    expect(events.slice(-1)).toEqual(['lost']);
    expect(events.filter((each) => each === 'lost')).toHaveLength(1);
    expect(rig.now).toBe(asked * 1_000);
    expect(rig.machine.state).toBe('waiting');
  });

  it('is tried again at once when the server answers others', () => {
    const rig = new Rig().subscribed();
    rig.wait();
    rig.fail();
    rig.give({ kind: 'server-back' });
    expect(rig.wait()).toEqual(['send 3 expires 600']);
    expect(rig.now).toBe(refreshMs);
  });

  it('does not count when its answer comes after another attempt has begun', () => {
    const rig = new Rig().subscribed();
    const response = createSipResponse({
      status: 404,
      reason: 'x',
      headers: new SipHeaders([
        ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa'],
        ['From', '<sip:a@b>;tag=x'],
        ['To', '<sip:c@d>;tag=y'],
        ['Call-ID', 'c'],
        ['CSeq', '1 SUBSCRIBE'],
      ]),
    });
    rig.wait();
    expect(rig.give({ kind: 'answered', attempt: 1, response })).toEqual([]);
    expect(rig.give({ kind: 'failed', attempt: 1 })).toEqual([]);
  });
});
