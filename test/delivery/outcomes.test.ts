import { describe, expect, it } from 'vitest';
import { attemptsPerRun } from '../../src/delivery/ports.ts';
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
  it('"413, 488, 500 three times": other failures of the message do not count', async () => {
    const rig = await Rig.start();
    await rig.send('bad');
    const phone = new Client('phone');
    phone.reply = () => ({ kind: 'message-failed', status: 'sip 502', mayPoison: phone.received.length > 3 });
    rig.up(phone);
    await rig.time.advance(24 * 3_600_000);
    expect(phone.texts.length).toBe(6);
  });
  it('is refused in the words of the client that refused it, also when another one leaves after that', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone').silent());
    const stream = rig.up(new Client('stream').silent());
    const sent = rig.send('hi');
    await rig.time.settle();
    phone.answer({ kind: 'refused', status: 'sip 404' });
    await rig.time.settle();
    rig.service.targetDown(mary, 'stream');
    stream.answer({ kind: 'client-failed', status: 'its stream was closed' });
    expect(await sent).toEqual({ kind: 'refused', refusal: { reason: 'refused-by-recipient', status: 'sip 404' } });
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
  it('are kept, and so is who refused, when the condition ceases to hold before the next client is tried', async () => {
    const rig = await Rig.start();
    await rig.publish(mary, { mood: ['happy'] });
    await rig.send('hi', { condition: 'mood is happy' });
    const desk = rig.up(new Client('desk').silent());
    const mobile = rig.up(new Client('mobile', { priority: 0.5 }));
    await rig.time.settle();
    await rig.publish(mary, { mood: ['sad'] });
    desk.answer({ kind: 'refused', status: 'sip 603' });
    await rig.time.settle();
    expect([desk.texts, mobile.texts]).toEqual([['hi'], []]);
    const again = await rig.restart();
    for (const client of [desk, mobile]) again.up(client);
    await again.publish(mary, { mood: ['happy'] });
    await again.time.settle();
    expect([desk.texts, mobile.texts]).toEqual([['hi'], ['hi']]);
    expect(mobile.received[0]?.attemptNumber).toBe(2 + attemptsPerRun);
  });
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

describe('"or its next REGISTER", while another client is silent', () => {
  it('gets what it failed at once, and in order', async () => {
    const rig = await Rig.start();
    const desk = rig.up(new Client('desk', { reply: { kind: 'client-failed', status: 'sip 486' } }));
    const dead = rig.up(new Client('dead', { priority: 0.5 }).silent());
    const sent = ['one', 'two', 'three'].map((text) => rig.send(text));
    await rig.time.advance(6000);
    for (const outcome of await Promise.all(sent)) expect(outcome.kind).toBe('accepted');
    expect([desk.texts, dead.texts]).toEqual([['one'], ['one']]);
    desk.reply = { kind: 'delivered' };
    rig.up(desk);
    await rig.time.settle();
    expect(desk.texts).toEqual(['one', 'one', 'two', 'three']);
  });
});

describe('"or its next REGISTER", from elsewhere', () => {
  it('what is open over the old way is not sent there any more and is tried over the new one at once', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone').silent());
    const sent = rig.send('one');
    await rig.time.advance(6000);
    expect((await sent).kind).toBe('accepted');
    const moved = new Client('phone').silent();
    moved.way = 'elsewhere';
    rig.up(moved);
    await rig.time.settle();
    expect(phone.stopped).toHaveLength(1);
    expect(moved.received.map(({ attemptNumber }) => attemptNumber)).toEqual([2]);
    // The old way falls silent for good; that says nothing of the new one.
    phone.answer({ kind: 'client-failed', status: 'sip 408' });
    moved.answer({ kind: 'delivered' });
    await rig.time.settle();
    expect(await rig.list()).toEqual(['delivered']);
    expect(rig.current(mary).state.get('online')).toEqual(['true']);
  });
  it('what was open and what stood in line behind it keep their order', async () => {
    const rig = await Rig.start();
    rig.up(new Client('phone', { window: 3 }).silent());
    const texts = Array.from({ length: 9 }, (_, n) => `m${n}`);
    for (const text of texts) void rig.send(text);
    await rig.time.settle();
    const moved = new Client('phone', { window: 3 });
    moved.way = 'elsewhere';
    rig.up(moved);
    await rig.time.settle();
    expect(moved.texts).toEqual(texts);
  });
  it('an answer that still comes over the old way counts', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone').silent());
    const sent = rig.send('one');
    await rig.time.settle();
    const moved = new Client('phone').silent();
    moved.way = 'elsewhere';
    rig.up(moved);
    phone.answer({ kind: 'delivered' });
    expect((await sent).kind).toBe('delivered');
  });
  it('from the same place again, the open attempt goes on', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone').silent());
    void rig.send('one');
    await rig.time.settle();
    rig.up(phone);
    await rig.time.settle();
    expect([phone.texts, phone.stopped]).toEqual([['one'], []]);
  });
  it('somebody who moves all the time and never answers is offered no more than a restart can skip', async () => {
    const rig = await Rig.start();
    rig.up(new Client('phone').silent());
    void rig.send('one');
    await rig.time.settle();
    let offers = 1;
    for (let move = 0; move < attemptsPerRun + 10; move += 1) {
      const phone = new Client('phone').silent();
      phone.way = `place ${move}`;
      rig.up(phone);
      await rig.time.settle();
      offers += phone.texts.length;
    }
    expect(offers).toBe(attemptsPerRun);
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
  it('a client that comes gets what it has not refused, though another one still has what it did', async () => {
    const rig = await Rig.start();
    const slow = rig.up(new Client('slow', { reply: { kind: 'client-failed', status: 'sip 486' } }));
    rig.up(new Client('picky', { reply: { kind: 'refused', status: 'sip 406' } }));
    expect((await rig.send('one')).kind).toBe('accepted');
    rig.service.targetDown(mary, 'picky');
    rig.up(slow.silent());
    await rig.time.settle();
    const two = rig.send('two');
    await rig.time.settle();
    expect(slow.texts).toEqual(['one', 'one']);
    const picky = rig.up(new Client('picky'));
    await rig.time.settle();
    expect(picky.texts).toEqual(['two']);
    expect((await two).kind).toBe('delivered');
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
