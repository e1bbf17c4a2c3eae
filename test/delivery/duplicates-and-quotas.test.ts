import { describe, expect, it } from 'vitest';
import { StoreFault } from '../../src/base/store-fault.ts';
import { Client, mary, policy, Rig } from './delivery-rig.ts';

describe('"The same message again … is answered as the first time and stored once"', () => {
  it('while it is held or waiting, and for 24 h after it was delivered', async () => {
    const rig = await Rig.start();
    const first = await rig.send('hi', { duplicateKeys: ['sip a b 1', 'imdn x'] });
    expect(await rig.send('hi', { duplicateKeys: ['sip a b 1'] })).toEqual(first);
    expect(await rig.send('hi', { duplicateKeys: ['sip other', 'imdn x'] })).toEqual(first);
    const phone = rig.up(new Client('phone'));
    await rig.time.advance(23 * 3_600_000);
    expect(await rig.send('hi', { duplicateKeys: ['imdn x'] })).toEqual(first);
    expect(phone.texts).toEqual(['hi']);
  });
  it('also when both come at the same moment', async () => {
    const rig = await Rig.start();
    const [first, second] = await Promise.all([
      rig.send('hi', { duplicateKeys: ['sip a b 1'] }),
      rig.send('hi', { duplicateKeys: ['sip a b 1'] }),
    ]);
    expect(second).toEqual(first);
    expect(await rig.list()).toEqual(['waiting']);
  });
  it('"for a relayed one 64*T1"', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone'));
    await rig.send('hi', { duplicateKeys: ['sip a b 1'] });
    await rig.time.advance(31_000);
    expect((await rig.send('hi', { duplicateKeys: ['sip a b 1'] })).kind).toBe('delivered');
    expect(phone.texts).toEqual(['hi']);
  });
  it('also when it had to be kept and its sender heard 200 all the same, after a restart too', async () => {
    const rig = await Rig.start();
    await rig.send('one');
    const phone = rig.up(new Client('phone').silent());
    await rig.time.settle();
    const two = rig.send('two', { duplicateKeys: ['imdn x'] });
    await rig.time.settle();
    phone.answer({ kind: 'delivered' });
    await rig.time.settle();
    phone.answer({ kind: 'delivered' });
    expect((await two).kind).toBe('delivered');
    await rig.time.advance(3_600_000);
    expect((await rig.send('two', { duplicateKeys: ['imdn x'] })).kind).toBe('delivered');
    const again = await rig.restart();
    expect((await again.send('two', { duplicateKeys: ['imdn x'] })).kind).toBe('delivered');
    expect(phone.texts).toEqual(['one', 'two']);
  });
  it('also when a client took it while its row was being written', async () => {
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const rig = await Rig.start({ beforeCall: (name) => (name === 'mailbox.put' ? gate : undefined) });
    const phone = rig.up(new Client('phone').silent());
    const sent = rig.send('hi', { duplicateKeys: ['imdn x'] });
    await rig.time.advance(5000);
    phone.answer({ kind: 'delivered' });
    open();
    expect((await sent).kind).toBe('delivered');
    await rig.time.advance(3_600_000);
    expect((await rig.send('hi', { duplicateKeys: ['imdn x'] })).kind).toBe('delivered');
  });
  it('"An expired, failed or recalled one sent again is new"', async () => {
    const rig = await Rig.start();
    await rig.send('hi', { duplicateKeys: ['sip a b 1'], validityMs: 1000 });
    await rig.time.advance(2000);
    expect(await rig.list()).toEqual(['expired']);
    await rig.send('hi', { duplicateKeys: ['sip a b 1'] });
    expect((await rig.list()).toSorted()).toEqual(['expired', 'waiting']);
  });
});

describe('quotas', () => {
  const small = {
    recipientMessages: 4,
    recipientBytes: 1000,
    largeBytes: 16 * 1000,
    pairMessages: 3,
    senderMessages: 100,
  };
  const reasonOf = async (rig: Rig, condition?: string): Promise<string> => {
    const outcome = await rig.send('hi', condition === undefined ? {} : { condition });
    return outcome.kind === 'refused' ? outcome.refusal.reason : outcome.kind;
  };
  it('"Unable to deliver IM, offline space is full" one past the recipient\'s limit, and free again after delivery', async () => {
    const rig = await Rig.start({ policy: { quotas: { ...small, pairMessages: 100 } } });
    for (let n = 0; n < 4; n += 1) expect(await reasonOf(rig)).toBe('accepted');
    expect(await reasonOf(rig)).toBe('offline-space-full');
    rig.up(new Client('phone'));
    await rig.time.settle();
    rig.service.targetDown('mary@localhost' as never, 'phone');
    expect(await reasonOf(rig)).toBe('accepted');
  });
  it('are no concern of a message to somebody who is there, also while others are being delivered', async () => {
    const rig = await Rig.start({ policy: { quotas: { ...small, pairMessages: 100 } } });
    for (let n = 0; n < 4; n += 1) expect(await reasonOf(rig)).toBe('accepted');
    const phone = rig.up(new Client('phone').silent());
    await rig.time.settle();
    const more = rig.send('more');
    await rig.time.settle();
    expect(phone.texts).toEqual(['hi']);
    for (let n = 0; n < 5; n += 1) {
      phone.answer({ kind: 'delivered' });
      await rig.time.settle();
    }
    expect((await more).kind).toBe('delivered');
    expect(phone.texts).toEqual(['hi', 'hi', 'hi', 'hi', 'more']);
    expect(phone.received.at(-1)?.isDeferred).toBe(false);
  });
  it('do not let it overtake what a change of presence is making ready', async () => {
    const looked = Promise.withResolvers<void>();
    const beforeCall = (name: string): Promise<void> | undefined =>
      name === 'mailbox.mentioning' ? looked.promise : undefined;
    const quotas = { ...small, pairMessages: 100 };
    const rig = await Rig.start({ policy: { quotas, deliverOn: 'publish' }, beforeCall });
    const phone = rig.up(new Client('phone'));
    for (const text of ['1', '2', '3']) await rig.send(text);
    await rig.send('4', { condition: 'mood is happy' });
    const change = rig.publish(mary, { mood: ['happy'] });
    const more = rig.send('more');
    await rig.time.settle();
    expect(phone.texts).toEqual([]);
    looked.resolve();
    await change;
    await rig.time.settle();
    expect((await more).kind).toBe('delivered');
    expect(phone.texts).toEqual(['1', '2', '3', '4', 'more']);
  });
  it('are when nobody takes it in time, and nothing of it is left', async () => {
    const rig = await Rig.start({ policy: { quotas: { ...small, pairMessages: 100 } } });
    for (let n = 0; n < 4; n += 1) expect(await reasonOf(rig)).toBe('accepted');
    const phone = rig.up(new Client('phone').silent());
    const more = rig.send('more');
    await rig.time.advance(5000);
    expect(await more).toEqual({ kind: 'refused', refusal: { reason: 'offline-space-full' } });
    for (let n = 0; n < 5; n += 1) {
      phone.answer({ kind: 'delivered' });
      await rig.time.settle();
    }
    expect(phone.texts).toEqual(['hi', 'hi', 'hi', 'hi']);
  });
  it('are when its condition has not come true, or must be remembered', async () => {
    const rig = await Rig.start({ policy: { quotas: { ...small, pairMessages: 100 } } });
    for (let n = 0; n < 4; n += 1) expect(await reasonOf(rig)).toBe('accepted');
    rig.up(new Client('phone').silent());
    const held = reasonOf(rig, 'mood is happy');
    const latched = reasonOf(rig, 'mood is angry or mood changes');
    await rig.time.advance(5000);
    expect(await Promise.all([held, latched])).toEqual(['offline-space-full', 'offline-space-full']);
  });
  it('at most half may be held', async () => {
    const rig = await Rig.start({ policy: { quotas: { ...small, pairMessages: 100 } } });
    for (let n = 0; n < 2; n += 1) expect(await reasonOf(rig, 'mood is happy')).toBe('accepted');
    expect(await reasonOf(rig, 'mood is happy')).toBe('offline-space-full');
    expect(await reasonOf(rig)).toBe('accepted');
  });
  it('"Message queue for offline messages is full" one past the pair\'s limit', async () => {
    const rig = await Rig.start({ policy: { quotas: small } });
    for (let n = 0; n < 3; n += 1) expect(await reasonOf(rig)).toBe('accepted');
    expect(await reasonOf(rig)).toBe('sender-queue-full');
  });
});

describe('"too many requests"', () => {
  it('beyond the rate, with the time to wait; never from trusted peers', async () => {
    const rig = await Rig.start({ policy: { rate: { requests: 2, perMs: 1000 } } });
    await rig.send('1');
    await rig.send('2');
    expect(await rig.send('3')).toEqual({
      kind: 'refused',
      refusal: { reason: 'too-many-requests', retryAfterMs: 500 },
    });
    expect((await rig.send('4', { isTrusted: true })).kind).toBe('accepted');
  });
});

describe('a store that cannot commit', () => {
  it('refuses with the time to wait, loses nothing, and goes on by itself when the store does', async () => {
    let isBroken = false;
    const rig = await Rig.start({
      beforeCall: () => {
        if (isBroken) throw new StoreFault('disk full', true);
      },
    });
    await rig.send('kept');
    isBroken = true;
    expect(await rig.send('lost')).toMatchObject({ refusal: { reason: 'store-unavailable' } });
    const phone = rig.up(new Client('phone'));
    await rig.time.advance(5000);
    expect(phone.texts).toEqual([]);
    isBroken = false;
    await rig.time.advance(2000);
    expect(phone.texts).toEqual(['kept']);
    expect(await rig.list()).toEqual(['delivered']);
  });
  it('passes over no change of presence: what could not be written is written when the store can, in order', async () => {
    let isBroken = false;
    const rig = await Rig.start({
      beforeCall: (name) => {
        if (isBroken && name === 'mailbox.update') throw new StoreFault('disk full', true);
      },
    });
    await rig.publish(mary, { mood: ['angry'] });
    await rig.send('may I?', { condition: 'mood changes from angry to bored' });
    isBroken = true;
    const changes = [rig.publish(mary, { mood: ['bored'] }), rig.publish(mary, { mood: ['bored', 'sad'] })];
    await rig.time.advance(5000);
    expect(await rig.send('and I?', { condition: 'mood is happy' })).toMatchObject({
      refusal: { reason: 'store-unavailable' },
    });
    isBroken = false;
    await rig.time.advance(2000);
    await Promise.all(changes);
    const phone = rig.up(new Client('phone'));
    await rig.time.settle();
    expect(phone.texts).toEqual(['may I?']);
    expect((await rig.send('and I?', { condition: 'mood is happy' })).kind).toBe('accepted');
  });
  it('refuses a message whose client is silent too, and nothing of it is left behind', async () => {
    let isBroken = false;
    const rig = await Rig.start({
      beforeCall: () => {
        if (isBroken) throw new StoreFault('disk full', true);
      },
    });
    isBroken = true;
    const phone = rig.up(new Client('phone').silent());
    const sent = rig.send('hi');
    await rig.time.advance(6000);
    expect(await sent).toMatchObject({ refusal: { reason: 'store-unavailable' } });
    expect(phone.stopped.length).toBe(1);
    isBroken = false;
    phone.answer({ kind: 'client-failed', status: 'sip 408' });
    rig.up(phone);
    await rig.time.advance(60_000);
    expect(phone.texts).toEqual(['hi']);
  });
  it('delivers once even when the end of a delivery cannot be written for a while', async () => {
    let isBroken = false;
    const rig = await Rig.start({
      beforeCall: (name) => {
        if (isBroken && name === 'mailbox.end') throw new StoreFault('disk full', true);
      },
    });
    await rig.send('hi');
    isBroken = true;
    const phone = rig.up(new Client('phone'));
    await rig.time.advance(10_000);
    rig.up(phone);
    await rig.time.advance(10_000);
    expect(phone.texts).toEqual(['hi']);
    isBroken = false;
    await rig.time.advance(2000);
    expect(await rig.list()).toEqual(['delivered']);
  });
});

describe('the settings of this test', () => {
  it('are the defaults of the contract', () => {
    expect(policy.quotas).toEqual({
      recipientMessages: 20_000,
      recipientBytes: 64 * 1024 * 1024,
      largeBytes: 16 * 64 * 1024 * 1024,
      pairMessages: 10_000,
      senderMessages: 100_000,
    });
  });
});
