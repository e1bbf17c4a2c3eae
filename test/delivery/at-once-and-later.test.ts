import { describe, expect, it } from 'vitest';
import { Client, mary, Rig, tom } from './delivery-rig.ts';

describe("\"An online recipient's message without an unmet condition is sent on at once; the sender's 200 follows the client's 2xx\"", () => {
  it('answers delivered only after the client took it, and writes nothing', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone').silent());
    const sent = rig.send('hi');
    await rig.time.advance(1000);
    expect(phone.texts).toEqual(['hi']);
    expect(phone.received[0]?.isDeferred).toBe(false);
    phone.answer({ kind: 'delivered' });
    expect((await sent).kind).toBe('delivered');
    expect(await rig.list()).toEqual([]);
  });
});

describe('a sender whose message was kept since others wait', () => {
  it.each(['goes', 'fails'])('is answered when the last client %s, not at the end of --answer-within', async (how) => {
    const rig = await Rig.start();
    await rig.send('one');
    const phone = rig.up(new Client('phone').silent());
    await rig.time.settle();
    let answer: unknown;
    void rig.send('two').then((outcome) => {
      answer = outcome;
    });
    await rig.time.settle();
    expect(answer).toBeUndefined();
    if (how === 'goes') rig.service.targetDown(mary, 'phone');
    else phone.answer({ kind: 'client-failed', status: 'sip 480' });
    await rig.time.settle();
    expect(answer).toMatchObject({ kind: 'accepted', state: 'waiting' });
  });
});

describe('"When no client has taken it within --answer-within, or all failed for the time being, it is stored and answered 202, and attempts go on"', () => {
  it('is stored after 5 s, and the client that answers later still delivers it', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone').silent());
    const sent = rig.send('hi');
    await rig.time.advance(4999);
    expect(await rig.list()).toEqual([]);
    await rig.time.advance(1);
    expect(await sent).toMatchObject({ kind: 'accepted', state: 'waiting' });
    expect(await rig.list()).toEqual(['waiting']);
    phone.answer({ kind: 'delivered' });
    await rig.time.settle();
    expect(await rig.list()).toEqual(['delivered']);
    expect(phone.texts).toEqual(['hi']);
  });
  it('is stored at once when every client failed for the time being', async () => {
    const rig = await Rig.start();
    rig.up(new Client('phone', { reply: { kind: 'client-failed', status: 'sip 486' } }));
    expect(await rig.send('hi')).toMatchObject({ kind: 'accepted', state: 'waiting' });
    await rig.time.settle();
    expect(await rig.list()).toEqual(['waiting']);
  });
});

describe('"When every client refused it for good, the sender gets that refusal"', () => {
  it('is refused with the status and stored nowhere', async () => {
    const rig = await Rig.start();
    rig.up(new Client('phone', { reply: { kind: 'refused', status: 'sip 603 Declined' } }));
    expect(await rig.send('hi')).toEqual({
      kind: 'refused',
      refusal: { reason: 'refused-by-recipient', status: 'sip 603 Declined' },
    });
    expect(await rig.list()).toEqual([]);
  });
});

describe('"Stored means durable: the 202 follows the commit"', () => {
  it.each(['away', 'silent', 'busy with another message'] as const)('to somebody who is %s', async (how) => {
    let isGated = false;
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const rig = await Rig.start({ beforeCall: (name) => (isGated && name === 'mailbox.put' ? gate : undefined) });
    if (how === 'busy with another message') await rig.send('earlier');
    if (how !== 'away') rig.up(new Client('phone').silent());
    await rig.time.settle();
    isGated = true;
    let isAnswered = false;
    const sent = rig.send('hi').finally(() => {
      isAnswered = true;
    });
    await rig.time.advance(6000);
    expect(isAnswered).toBe(false);
    open();
    await rig.time.settle();
    expect((await sent).kind).toBe('accepted');
    expect((await rig.list()).length).toBeGreaterThan(0);
  });
});

describe('an absent recipient', () => {
  it('gets at login what was kept, in order, marked as deferred', async () => {
    const rig = await Rig.start();
    for (const text of ['one', 'two', 'three']) {
      expect(await rig.send(text)).toMatchObject({ kind: 'accepted', state: 'waiting', isForMoment: false });
    }
    const phone = rig.up(new Client('phone'));
    await rig.time.settle();
    expect(phone.texts).toEqual(['one', 'two', 'three']);
    expect(phone.received.every(({ isDeferred }) => isDeferred)).toBe(true);
    expect(await rig.list()).toEqual(['delivered', 'delivered', 'delivered']);
  });
  it('"a new one does not overtake": what comes while earlier ones wait goes behind them, and its sender still hears 200', async () => {
    const rig = await Rig.start();
    await rig.send('one');
    const phone = rig.up(new Client('phone').silent());
    await rig.time.settle();
    const second = rig.send('two');
    await rig.time.advance(100);
    expect(phone.texts).toEqual(['one']);
    phone.answer({ kind: 'delivered' });
    await rig.time.settle();
    expect(phone.texts).toEqual(['one', 'two']);
    phone.answer({ kind: 'delivered' });
    expect((await second).kind).toBe('delivered');
    expect(phone.received[1]?.isDeferred).toBe(false);
  });
  it('a message that stands in line without a row gets its row before what its sender wrote later', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone').silent());
    const all = [rig.send('one')];
    await rig.time.advance(1000);
    all.push(rig.send('two'));
    await rig.time.advance(4000);
    // The first is kept by now, so the third is kept before it is tried; the second still has a second to go.
    expect(await rig.list()).toEqual(['waiting']);
    all.push(rig.send('three'));
    await rig.time.advance(5000);
    for (const outcome of await Promise.all(all)) expect(outcome.kind).toBe('accepted');
    phone.hangUp();
    const again = await rig.restart();
    const laptop = again.up(new Client('laptop'));
    await again.time.settle();
    expect(laptop.texts).toEqual(['one', 'two', 'three']);
  });
  it('a message that is still being written when the recipient comes is not overtaken and not forgotten', async () => {
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const rig = await Rig.start({ beforeCall: (name) => (name === 'mailbox.put' ? gate : undefined) });
    const first = rig.send('one');
    await rig.time.settle();
    const phone = rig.up(new Client('phone'));
    const second = rig.send('two');
    await rig.time.settle();
    expect(phone.texts).toEqual([]);
    open();
    await first;
    await rig.time.settle();
    expect(phone.texts).toEqual(['one', 'two']);
    expect((await second).kind).toBe('delivered');
  });
});

describe('"Validity counts from acceptance by this server"', () => {
  it('"longer than the maximum is cut, and the answer tells"', async () => {
    const rig = await Rig.start();
    const outcome = await rig.send('hi', { validityMs: 365 * 86_400_000 });
    if (outcome.kind !== 'accepted') throw new Error(outcome.kind);
    expect(outcome.expiresAt - outcome.acceptedAt).toBe(7 * 86_400_000);
  });
  it('"Validity 0: now or never"', async () => {
    const rig = await Rig.start();
    expect(await rig.send('hi', { validityMs: 0 })).toMatchObject({ refusal: { reason: 'not-stored' } });
    rig.up(new Client('phone'));
    expect((await rig.send('hi', { validityMs: 0 })).kind).toBe('delivered');
  });
  it('"After its end no attempt starts"', async () => {
    const rig = await Rig.start();
    await rig.send('hi', { validityMs: 60_000 });
    await rig.time.advance(60_000);
    const phone = rig.up(new Client('phone'));
    await rig.time.advance(1000);
    expect(phone.texts).toEqual([]);
    expect(await rig.list()).toEqual(['expired']);
  });
  it('"no retransmission leaves; a 2xx that still arrives counts"', async () => {
    const rig = await Rig.start();
    await rig.send('hi', { validityMs: 60_000 });
    await rig.time.advance(59_000);
    const phone = rig.up(new Client('phone').silent());
    await rig.time.advance(2000);
    expect(phone.stopped.length).toBeGreaterThan(0);
    expect(await rig.list()).toEqual(['waiting']);
    phone.answer({ kind: 'delivered' });
    await rig.time.settle();
    expect(await rig.list()).toEqual(['delivered']);
  });
  it.each([
    ['may not be kept', { isStoreOffline: false }, 3000, { kind: 'refused', refusal: { reason: 'not-stored' } }],
    [
      'finds no room',
      { quotas: { recipientMessages: 0, recipientBytes: 0, largeBytes: 0, pairMessages: 0, senderMessages: 0 } },
      9000,
      { kind: 'refused', refusal: { reason: 'offline-space-full' } },
    ],
    ['is kept at its end', {}, 3000, { kind: 'accepted' }],
  ] as const)('"no retransmission leaves" of one that %s either', async (_what, policy, validityMs, answer) => {
    const rig = await Rig.start({ policy });
    const phone = rig.up(new Client('phone').silent());
    const sent = rig.send('hi', { validityMs });
    await rig.time.advance(validityMs - 1);
    expect(phone.stopped).toEqual([]);
    await rig.time.advance(1);
    expect(phone.stopped.length).toBeGreaterThan(0);
    await rig.time.advance(30_000);
    expect(await sent).toMatchObject(answer);
  });
  it('nor of one that waits for an earlier one to get its row', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone', { window: 2 }).silent());
    void rig.send('one');
    void rig.send('two', { validityMs: 2000 });
    await rig.time.advance(2000);
    expect(phone.stopped.length).toBe(1);
  });
  it('an answer that still comes to one that may not be kept counts', async () => {
    const rig = await Rig.start({ policy: { isStoreOffline: false } });
    const phone = rig.up(new Client('phone').silent());
    const sent = rig.send('hi', { validityMs: 3000 });
    await rig.time.advance(8000);
    phone.answer({ kind: 'delivered' });
    await rig.time.settle();
    expect((await sent).kind).toBe('delivered');
  });
  it('expires when the attempt that was open at its end comes to nothing', async () => {
    const rig = await Rig.start();
    await rig.send('hi', { validityMs: 60_000 });
    await rig.time.advance(59_000);
    const phone = rig.up(new Client('phone').silent());
    await rig.time.advance(2000);
    phone.answer({ kind: 'client-failed', status: 'sip 408' });
    await rig.time.settle();
    expect(await rig.list()).toEqual(['expired']);
  });
  it('is checked by the wall clock also when that is stepped', async () => {
    const rig = await Rig.start();
    await rig.send('hi', { validityMs: 3_600_000 });
    rig.time.stepWall(3_600_001);
    const phone = rig.up(new Client('phone'));
    await rig.time.advance(6000);
    expect(phone.texts).toEqual([]);
    expect(await rig.list()).toEqual(['expired']);
  });
});

describe('--store-offline off', () => {
  it('refuses what cannot be delivered now, and keeps nothing', async () => {
    const rig = await Rig.start({ policy: { isStoreOffline: false } });
    const refused = { kind: 'refused', refusal: { reason: 'not-stored' } };
    expect(await rig.send('hi')).toEqual(refused);
    expect(await rig.send('hi', { condition: 'mood is happy' })).toEqual(refused);
    const phone = rig.up(new Client('phone').silent());
    const sent = rig.send('hi');
    await rig.time.advance(6000);
    phone.answer({ kind: 'client-failed', status: 'sip 480' });
    expect(await sent).toEqual(refused);
    expect(await rig.list()).toEqual([]);
  });
});

describe('what is worth nothing later', () => {
  it('is-composing to someone who is away is dropped, to someone who is there it is passed on', async () => {
    const rig = await Rig.start();
    expect((await rig.send('typing', { isTransient: true })).kind).toBe('dropped');
    const phone = rig.up(new Client('phone'));
    expect((await rig.send('typing', { isTransient: true })).kind).toBe('delivered');
    expect(phone.texts).toEqual(['typing']);
    expect(await rig.list()).toEqual([]);
  });
});

describe('an account that is removed', () => {
  it.each(['before it is written', 'while it is written'] as const)(
    'takes what was on its way to it along, %s: nobody finds it under a new account of that name',
    async (when) => {
      let open: () => void = () => {};
      const gate = new Promise<void>((resolve) => {
        open = resolve;
      });
      const rig = await Rig.start({ beforeCall: (name) => (name === 'mailbox.put' ? gate : undefined) });
      const phone = rig.up(new Client('phone').silent());
      const sent = rig.send('to the old mary');
      await rig.time.advance(when === 'before it is written' ? 1000 : 5000);
      rig.service.targetDown(mary, 'phone');
      await rig.service.principalRemoved(mary);
      await rig.time.advance(5000);
      open();
      expect(await sent).toEqual({ kind: 'refused', refusal: { reason: 'unknown-recipient' } });
      phone.hangUp();
      const laptop = rig.up(new Client('laptop'));
      await rig.time.advance(60_000);
      expect(laptop.texts).toEqual([]);
      expect(await rig.list()).toEqual(when === 'before it is written' ? [] : ['failed']);
      expect((await rig.send('to the new mary')).kind).toBe('delivered');
    },
  );
  it('"what waits for it fails"; what it sent stays', async () => {
    const rig = await Rig.start();
    await rig.send('to mary');
    await rig.send('to tom', { from: mary, to: tom });
    await rig.service.principalRemoved(mary);
    const states = await rig.stores.mailbox.list({ limit: 10 });
    expect(Object.fromEntries(states.map(({ recipient, state }) => [recipient, state]))).toEqual({
      [mary]: 'failed',
      [tom]: 'waiting',
    });
  });
});

describe('whoever asks for whom something is kept', () => {
  it('hears of each message that is kept, and when nothing is any more', async () => {
    const rig = await Rig.start();
    const heard: string[] = [];
    rig.service.kept.onChanged((recipient, isAnything) => heard.push(`${recipient} ${isAnything}`));
    await rig.send('one');
    await rig.send('two');
    expect([...rig.service.kept.recipients()]).toEqual([mary]);
    expect(heard.filter((each, index) => each !== heard[index - 1])).toEqual(['mary@localhost true']);
    rig.up(new Client('phone'));
    await rig.time.advance(1_000);
    expect(heard.at(-1)).toBe('mary@localhost false');
    expect([...rig.service.kept.recipients()]).toEqual([]);
  });
});
