import { describe, expect, it } from 'vitest';
import { Client, mary, Rig } from './delivery-rig.ts';

describe('outcomes per client', () => {
  it('"a failure of the client stops that contact\'s lane until back-off", 30 s, then 60 s', async () => {
    const rig = await Rig.start();
    await rig.send('one');
    await rig.send('two');
    const phone = rig.up(new Client('phone', { reply: { kind: 'client-failed', status: 'sip 486' } }));
    await rig.time.advance(29_000);
    expect(phone.texts).toEqual(['one']);
    await rig.time.advance(1000);
    expect(phone.texts).toEqual(['one', 'one']);
    await rig.time.advance(59_000);
    expect(phone.texts.length).toBe(2);
    await rig.time.advance(1000);
    expect(phone.texts).toEqual(['one', 'one', 'one']);
  });
  it('"or its next REGISTER", and it is not online meanwhile', async () => {
    const rig = await Rig.start();
    await rig.send('one');
    const phone = rig.up(new Client('phone', { reply: { kind: 'client-failed', status: 'sip 480' } }));
    await rig.time.settle();
    expect(rig.current(mary).state.get('online')).toEqual(['false']);
    phone.reply = { kind: 'delivered' };
    rig.up(phone);
    await rig.time.settle();
    expect(rig.current(mary).state.get('online')).toEqual(['true']);
    expect(phone.texts).toEqual(['one', 'one']);
    expect(await rig.list()).toEqual(['delivered']);
  });
  it('"a failure of the message sets only that message aside": others pass, it is tried again later', async () => {
    const rig = await Rig.start();
    await rig.send('bad');
    await rig.send('good');
    const isBad = { kind: 'message-failed', status: 'sip 500', mayPoison: true } as const;
    const phone = rig.up(new Client('phone'));
    phone.reply = ({ message }) => (new TextDecoder().decode(message.body) === 'bad' ? isBad : { kind: 'delivered' });
    rig.up(phone);
    await rig.time.settle();
    expect(phone.texts).toContain('good');
    await rig.time.advance(24 * 3_600_000);
    expect(phone.texts.filter((text) => text === 'bad').length).toBe(3);
    expect((await rig.list()).toSorted()).toEqual(['delivered', 'waiting']);
    const [aside] = await rig.stores.mailbox.list({ state: 'waiting', limit: 1 });
    expect(aside?.isAside).toBe(true);
  });
  it('"All done without a 2xx: failed"', async () => {
    const rig = await Rig.start();
    await rig.send('hi');
    rig.up(new Client('phone', { reply: { kind: 'refused', status: 'sip 603 Declined' } }));
    await rig.time.settle();
    expect(await rig.list()).toEqual(['failed']);
  });
  it('one client refused and another is only silent: it waits for the other', async () => {
    const rig = await Rig.start();
    rig.up(new Client('busy', { reply: { kind: 'client-failed', status: 'sip 486' }, priority: 0.5 }));
    rig.up(new Client('picky', { reply: { kind: 'refused', status: 'sip 406' } }));
    expect(await rig.send('hi')).toMatchObject({ kind: 'accepted' });
    await rig.time.settle();
    expect(await rig.list()).toEqual(['waiting']);
  });
});

describe('"All push contacts of the highest q are tried at once, then the next; the first 2xx delivers"', () => {
  it('tries equals together and the next only after them', async () => {
    const rig = await Rig.start();
    const desk = rig.up(new Client('desk').silent());
    const mobile = rig.up(new Client('mobile').silent());
    const tablet = rig.up(new Client('tablet', { priority: 0.2 }));
    const sent = rig.send('hi');
    await rig.time.settle();
    expect([desk.texts, mobile.texts, tablet.texts]).toEqual([['hi'], ['hi'], []]);
    desk.answer({ kind: 'client-failed', status: 'sip 486' });
    await rig.time.settle();
    expect(tablet.texts).toEqual([]);
    mobile.answer({ kind: 'refused', status: 'sip 603' });
    await rig.time.settle();
    expect(tablet.texts).toEqual(['hi']);
    expect((await sent).kind).toBe('delivered');
  });
  it('a silent client does not keep the other one from getting the next message', async () => {
    const rig = await Rig.start();
    rig.up(new Client('dead').silent());
    const alive = rig.up(new Client('alive'));
    expect((await rig.send('one')).kind).toBe('delivered');
    expect((await rig.send('two')).kind).toBe('delivered');
    expect(alive.texts).toEqual(['one', 'two']);
  });
});

describe('attempt numbers', () => {
  it('"a new attempt has … a higher CSeq, also after a restart"', async () => {
    const rig = await Rig.start();
    await rig.send('hi');
    const phone = rig.up(new Client('phone').silent());
    await rig.time.settle();
    phone.answer({ kind: 'client-failed', status: 'sip 480' });
    await rig.time.settle();
    rig.up(phone);
    await rig.time.settle();
    const again = await rig.restart();
    again.up(phone);
    await again.time.settle();
    const numbers = phone.received.map(({ attemptNumber }) => attemptNumber);
    expect(numbers.length).toBe(3);
    expect(numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0))).toBe(true);
    expect(new Set(phone.received.map(({ id }) => id)).size).toBe(1);
  });
});

describe('"One open MESSAGE at a time per UDP contact, 16 per stream flow"', () => {
  it.each([1, 16])('window %i', async (window) => {
    const rig = await Rig.start();
    for (let n = 0; n < 40; n += 1) await rig.send(`m${n}`);
    const phone = rig.up(new Client('phone', { window }).silent());
    await rig.time.settle();
    expect(phone.texts.length).toBe(window);
    for (let n = 0; n < 40; n += 1) {
      phone.answer({ kind: 'delivered' });
      await rig.time.settle();
    }
    expect(phone.texts).toEqual(Array.from({ length: 40 }, (_, n) => `m${n}`));
  });
});

describe('several hundred waiting', () => {
  it('go out page by page, once each and in order', async () => {
    const rig = await Rig.start();
    const texts = Array.from({ length: 300 }, (_, n) => `m${n}`);
    for (const text of texts) await rig.send(text);
    const phone = rig.up(new Client('phone'));
    await rig.time.advance(1000);
    expect(phone.texts).toEqual(texts);
  });
});

describe('clients that come and go while another one is silent', () => {
  it('the one that comes gets what is on its way, in order, without waiting for the silent one', async () => {
    const rig = await Rig.start();
    rig.up(new Client('dead').silent());
    void rig.send('one');
    void rig.send('two');
    await rig.time.advance(6000);
    const alive = rig.up(new Client('alive'));
    const third = rig.send('three');
    await rig.time.settle();
    expect(alive.texts).toEqual(['one', 'two', 'three']);
    expect((await third).kind).toBe('delivered');
  });
  it('a release goes on when the client that it waited for is gone', async () => {
    const rig = await Rig.start();
    await rig.send('one');
    await rig.send('two');
    rig.up(new Client('dead').silent());
    await rig.time.settle();
    rig.service.targetDown(mary, 'dead');
    const alive = rig.up(new Client('alive'));
    await rig.time.settle();
    expect(alive.texts).toEqual(['one', 'two']);
  });
  it('a condition that ceased to hold keeps the message from the next client too', async () => {
    const rig = await Rig.start();
    rig.up(new Client('dead').silent());
    await rig.publish(mary, { mood: ['happy'] });
    const sent = rig.send('hi', { condition: 'mood is not angry' });
    await rig.publish(mary, { mood: ['angry'] });
    const alive = rig.up(new Client('alive'));
    await rig.time.advance(6000);
    expect(alive.texts).toEqual([]);
    expect(await sent).toMatchObject({ kind: 'accepted', state: 'held' });
  });
});
