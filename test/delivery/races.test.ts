import { describe, expect, it } from 'vitest';
import { StoreFault } from '../../src/base/store-fault.ts';
import { Client, mary, Rig, tom } from './delivery-rig.ts';

const busy = { kind: 'client-failed', status: 'sip 486' } as const;
const delivered = { kind: 'delivered' } as const;

/** The next page of ready rows is read as it is now and arrives when the answer is called. */
function delayNextPage(rig: Rig): () => void {
  const { mailbox } = rig.stores;
  const ready = mailbox.ready.bind(mailbox);
  const gate = Promise.withResolvers<void>();
  mailbox.ready = async (recipient, page) => {
    mailbox.ready = ready;
    const rows = await ready(recipient, page);
    await gate.promise;
    return rows;
  };
  return gate.resolve;
}

describe('a page of rows that is older than what happened since', () => {
  it('what ended meanwhile is not sent again', async () => {
    const rig = await Rig.start();
    for (const text of ['one', 'two']) await rig.send(text);
    const phone = rig.up(new Client('phone', { window: 2 }).silent());
    await rig.time.settle();
    const arrive = delayNextPage(rig);
    const desk = rig.up(new Client('desk'));
    await rig.time.settle();
    phone.answer(delivered);
    await rig.time.settle();
    arrive();
    await rig.time.settle();
    expect(desk.texts).toEqual(['two']);
  });
  it('what became ready meanwhile keeps its place before what came later', async () => {
    const rig = await Rig.start();
    await rig.publish(mary, { availability: ['not-available'] });
    await rig.send('one', { condition: 'availability is available' });
    await rig.send('two');
    const arrive = delayNextPage(rig);
    const phone = rig.up(new Client('phone'));
    await rig.time.settle();
    await rig.publish(mary, { availability: ['available'] });
    arrive();
    await rig.time.settle();
    expect(phone.texts).toEqual(['one', 'two']);
  });
  it('also when the page is at work and waits for room', async () => {
    const rig = await Rig.start();
    await rig.publish(mary, { availability: ['not-available'] });
    await rig.send('first');
    await rig.send('one', { condition: 'availability is available' });
    await rig.send('two');
    const phone = rig.up(new Client('phone').silent());
    await rig.time.settle();
    await rig.publish(mary, { availability: ['available'] });
    phone.reply = delivered;
    phone.answer(delivered);
    await rig.time.settle();
    expect(phone.texts).toEqual(['first', 'one', 'two']);
  });
  it('also when it was about to leave as a change of presence came first', async () => {
    let reading: Promise<void> | undefined;
    let blocks: Promise<boolean> | undefined;
    const rig = await Rig.start({
      beforeCall: (name) => (name === 'mailbox.mentioning' ? reading : undefined),
      hasBlocked: () => blocks ?? false,
    });
    await rig.publish(mary, { mood: ['happy'] });
    for (const text of ['one', 'two']) await rig.send(text, { condition: 'mood is happy' });
    const known = Promise.withResolvers<boolean>();
    blocks = known.promise;
    const phone = rig.up(new Client('phone'));
    await rig.time.settle();
    const read = Promise.withResolvers<void>();
    reading = read.promise;
    const published = rig.publish(mary, { mood: ['happy', 'sad'] });
    await rig.time.settle();
    blocks = undefined;
    known.resolve(false);
    await rig.time.settle();
    expect(phone.texts).toEqual([]);
    reading = undefined;
    read.resolve();
    await published;
    await rig.time.settle();
    expect(phone.texts).toEqual(['one', 'two']);
  });
});

describe('whoever comes', () => {
  it('gets what they were waited for in the order of acceptance, whether it waited or its condition was unmet', async () => {
    let writing: Promise<void> | undefined;
    const rig = await Rig.start({ beforeCall: (name) => (name === 'mailbox.update' ? writing : undefined) });
    await rig.send('one', { condition: 'online' });
    await rig.send('two');
    await rig.send('three', { condition: 'online' });
    const gate = Promise.withResolvers<void>();
    writing = gate.promise;
    const phone = rig.up(new Client('phone'));
    await rig.time.settle();
    writing = undefined;
    gate.resolve();
    await rig.time.settle();
    expect(phone.texts).toEqual(['one', 'two', 'three']);
  });
  it('does not wait for a store that cannot write', async () => {
    let isFailing = false;
    const gate = Promise.withResolvers<void>();
    const beforeCall = async (name: string): Promise<void> => {
      if (!isFailing || name !== 'mailbox.update') return;
      await gate.promise;
      throw new StoreFault('full', true);
    };
    const rig = await Rig.start({ beforeCall });
    await rig.send('one', { condition: 'online' });
    await rig.send('two');
    isFailing = true;
    const phone = rig.up(new Client('phone'));
    await rig.time.settle();
    expect(phone.texts).toEqual([]);
    gate.resolve();
    await rig.time.settle();
    expect(phone.texts).toEqual(['two']);
    isFailing = false;
    await rig.time.advance(1000);
    expect(phone.texts).toEqual(['two', 'one']);
  });
});

describe('a message for which there is no space', () => {
  const one = { recipientMessages: 1, recipientBytes: 1000, largeBytes: 16 * 1000, pairMessages: 9, senderMessages: 9 };

  it('does not overtake what waits for the store to be read again', async () => {
    let isFailing = false;
    const beforeCall = (name: string): void => {
      if (isFailing && name === 'mailbox.ready') throw new StoreFault('away', true);
    };
    const rig = await Rig.start({ beforeCall, policy: { quotas: one } });
    await rig.send('one');
    isFailing = true;
    const phone = rig.up(new Client('phone'));
    await rig.time.settle();
    const two = rig.send('two');
    await rig.time.advance(500);
    isFailing = false;
    await rig.time.advance(500);
    expect((await two).kind).toBe('delivered');
    expect(phone.texts).toEqual(['one', 'two']);
  });
  it('goes to the next client behind kept ones that stood before it in the line of the one that failed', async () => {
    const rig = await Rig.start({ policy: { quotas: { ...one, recipientMessages: 2 } } });
    const phone = rig.up(new Client('phone').silent());
    const desk = rig.up(new Client('desk', { priority: 0.5 }));
    const kept = [rig.send('one'), rig.send('two')];
    await rig.time.advance(5000);
    expect((await Promise.all(kept)).map(({ kind }) => kind)).toEqual(['accepted', 'accepted']);
    const three = rig.send('three');
    await rig.time.settle();
    phone.answer(busy);
    await rig.time.settle();
    expect((await three).kind).toBe('delivered');
    expect(desk.texts).toEqual(['one', 'two', 'three']);
  });
});

describe('what stands in line', () => {
  it('is marked as deferred from the moment at which its sender is told that it is kept', async () => {
    const rig = await Rig.start();
    await rig.send('one');
    const phone = new Client('phone', { reply: { kind: 'refused', status: 'sip 603' } });
    const desk = new Client('desk', { priority: 0.5 }).silent();
    rig.up(phone);
    rig.up(desk);
    await rig.time.settle();
    phone.reply = { kind: 'message-failed', status: 'sip 502', mayPoison: false };
    const two = rig.send('two');
    await rig.time.advance(5000);
    expect((await two).kind).toBe('accepted');
    desk.reply = delivered;
    desk.answer(delivered);
    await rig.time.settle();
    expect(desk.texts).toEqual(['one', 'two']);
    expect(desk.received[1]?.isDeferred).toBe(true);
  });
  it('is not marked when its sender hears of the delivery though it had been written', async () => {
    const gate = Promise.withResolvers<void>();
    const rig = await Rig.start({ beforeCall: (name) => (name === 'mailbox.put' ? gate.promise : undefined) });
    const phone = rig.up(new Client('phone').silent());
    const desk = rig.up(new Client('desk').silent());
    await rig.time.settle();
    const sent = [rig.send('one'), rig.send('two')];
    await rig.time.settle();
    desk.answer(delivered);
    await rig.time.advance(5000);
    desk.answer(delivered);
    gate.resolve();
    expect((await Promise.all(sent)).map(({ kind }) => kind)).toEqual(['delivered', 'delivered']);
    phone.answer(delivered);
    await rig.time.settle();
    expect(phone.received.map(({ isDeferred }) => isDeferred)).toEqual([false, false]);
  });
  it('keeps its place where its turn comes while a change of presence is being worked in', async () => {
    let gate: Promise<void> | undefined;
    const rig = await Rig.start({ beforeCall: (name) => (name === 'mailbox.mentioning' ? gate : undefined) });
    await rig.publish(mary, { mood: ['happy'] });
    await rig.send('held', { condition: 'mood is excited and activity is working' });
    const phone = rig.up(new Client('phone').silent());
    await rig.time.settle();
    const sent = [rig.send('one'), rig.send('two', { condition: 'mood is happy' }), rig.send('three')];
    await rig.time.settle();
    const read = Promise.withResolvers<void>();
    gate = read.promise;
    const change = rig.publish(mary, { mood: ['happy', 'excited'] });
    await rig.time.settle();
    phone.answer(delivered);
    phone.reply = delivered;
    await rig.time.settle();
    expect(phone.texts).toEqual(['one']);
    gate = undefined;
    read.resolve();
    await change;
    await rig.time.advance(5000);
    await Promise.all(sent);
    expect(phone.texts).toEqual(['one', 'two', 'three']);
  });
  it('is not sent when its sender was blocked meanwhile', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone').silent());
    const sent = [rig.send('one'), rig.send('two')];
    await rig.time.settle();
    rig.blocked.add(`${mary} ${tom}`);
    phone.answer(delivered);
    await rig.time.advance(5000);
    expect((await Promise.all(sent)).map(({ kind }) => kind)).toEqual(['delivered', 'accepted']);
    expect(phone.texts).toEqual(['one']);
    expect(await rig.list()).toEqual(['failed']);
  });
  it('is sent when the list of blocks, which was asked before, cannot be read just now', async () => {
    let isFailing = false;
    const hasBlocked = (): boolean | Promise<boolean> => isFailing && Promise.reject(new StoreFault('away', true));
    const rig = await Rig.start({ hasBlocked });
    const phone = rig.up(new Client('phone').silent());
    const sent = [rig.send('one'), rig.send('two')];
    await rig.time.settle();
    isFailing = true;
    for (let count = 0; count < 2; count += 1) phone.answer(delivered);
    expect((await Promise.all(sent)).map(({ kind }) => kind)).toEqual(['delivered', 'delivered']);
  });
  it('and what waits for a connection is asked again whether it may go', async () => {
    const rig = await Rig.start();
    await rig.publish(mary, { mood: ['happy'] });
    const phone = rig.up(new Client('phone').silent());
    const sent = rig.send('one', { condition: 'mood is happy' });
    await rig.time.settle();
    const [one] = phone.received;
    expect(one?.mayStillGo()).toBe(true);
    await rig.publish(mary, { mood: ['sad'] });
    expect(one?.mayStillGo()).toBe(false);
    phone.answer({ kind: 'withdrawn' });
    expect((await sent).kind).toBe('accepted');
    phone.reply = delivered;
    await rig.publish(mary, { mood: ['happy'] });
    await rig.time.settle();
    expect(phone.texts).toEqual(['one', 'one']);
    expect(await rig.list()).toEqual(['delivered']);
  });
  it('is not sent any more when its sender was refused', async () => {
    let isFailing = false;
    const beforeCall = (name: string): void => {
      if (isFailing && name === 'mailbox.put') throw new StoreFault('full', true);
    };
    const rig = await Rig.start({ beforeCall });
    const phone = rig.up(new Client('phone').silent());
    isFailing = true;
    const sent = [rig.send('one'), rig.send('two')];
    await rig.time.advance(5000);
    for (const outcome of await Promise.all(sent)) {
      expect(outcome).toMatchObject({ kind: 'refused', refusal: { reason: 'store-unavailable' } });
    }
    phone.answer(delivered);
    await rig.time.settle();
    expect(phone.texts).toEqual(['one']);
  });
});

describe('an end that waits for the store', () => {
  /** Kept for a minute; the store fails while that passes, the clock is set back by ten minutes, and the store can write again. */
  async function expireWhileTheClockIsSetBack(phone?: Client): Promise<Rig> {
    let isFailing = false;
    const beforeCall = (name: string): void => {
      if (isFailing && name === 'mailbox.end') throw new StoreFault('full', true);
    };
    const rig = await Rig.start({ beforeCall });
    await rig.send('one', { validityMs: 60_000 });
    if (phone !== undefined) rig.up(phone);
    await rig.time.settle();
    isFailing = true;
    await rig.time.advance(61_000);
    phone?.answer({ kind: 'client-failed', status: 'sip 408' });
    await rig.time.settle();
    rig.time.stepWall(-600_000);
    isFailing = false;
    await rig.time.advance(2000);
    return rig;
  }

  it('does not come when the clock was set back meanwhile: the message is delivered to whoever comes', async () => {
    const rig = await expireWhileTheClockIsSetBack();
    expect(await rig.list()).toEqual(['waiting']);
    const phone = rig.up(new Client('phone'));
    await rig.time.settle();
    expect(phone.texts).toEqual(['one']);
  });
  it('nor for somebody who was there all the time and did not answer', async () => {
    const phone = new Client('phone').silent();
    const rig = await expireWhileTheClockIsSetBack(phone);
    phone.reply = delivered;
    await rig.time.advance(120_000);
    expect(phone.received.map(({ attemptNumber }) => attemptNumber)).toEqual([1, 2]);
    expect(await rig.list()).toEqual(['delivered']);
  });
  it('comes once the message is over by the new clock too', async () => {
    const rig = await expireWhileTheClockIsSetBack();
    await rig.time.advance(600_000);
    expect(await rig.list()).toEqual(['expired']);
  });
});

describe('a client that moved', () => {
  it('does not get again what it took over the old way while it stood in line on the new one', async () => {
    const rig = await Rig.start();
    const before = rig.up(new Client('phone', { window: 2 }).silent());
    const sent = [rig.send('one'), rig.send('two')];
    await rig.time.settle();
    const after = new Client('phone').silent();
    after.way = 'there';
    rig.up(after);
    await rig.time.settle();
    for (let count = 0; count < 2; count += 1) before.answer(delivered);
    expect((await Promise.all(sent)).map(({ kind }) => kind)).toEqual(['delivered', 'delivered']);
    after.answer(delivered);
    await rig.time.settle();
    expect(after.texts).toEqual(['one']);
  });
});

describe('--deliver-on publish', () => {
  it('the next client gets nothing either when the publication is over by then', async () => {
    const rig = await Rig.start({ policy: { deliverOn: 'publish' } });
    const phone = rig.up(new Client('phone').silent());
    const desk = rig.up(new Client('desk', { priority: 0.5 }));
    await rig.publish(mary, { availability: ['available'] });
    const sent = rig.send('hi');
    await rig.time.settle();
    await rig.publish(mary, { availability: undefined });
    phone.answer(busy);
    await rig.time.settle();
    expect(desk.texts).toEqual([]);
    expect((await sent).kind).toBe('accepted');
  });
});

describe('a test for a change, of a message that may not be kept', () => {
  it('is asked as it begins, and answered', async () => {
    const rig = await Rig.start();
    rig.up(new Client('phone'));
    await rig.publish(mary, { mood: ['happy'] });
    const now = { condition: 'not mood changes from angry', validityMs: 0 };
    expect((await rig.send('hi', now)).kind).toBe('delivered');
  });
});

describe('retransmissions', () => {
  it('none leaves after the end of validity to a client that got its copy beside the one that took it', async () => {
    const rig = await Rig.start();
    rig.up(new Client('phone'));
    const desk = rig.up(new Client('desk').silent());
    expect((await rig.send('hi', { validityMs: 20_000 })).kind).toBe('delivered');
    await rig.time.advance(19_999);
    expect(desk.stopped).toEqual([]);
    await rig.time.advance(1);
    expect(desk.stopped.length).toBe(1);
  });
  it('none leaves to a client that is gone, so that it has one open message when it comes again', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone').silent());
    void rig.send('hi');
    await rig.time.advance(6000);
    rig.service.targetDown(mary, 'phone');
    expect(phone.stopped.length).toBe(1);
    rig.up(phone);
    await rig.time.settle();
    expect(phone.texts).toEqual(['hi', 'hi']);
    expect(phone.stopped.length).toBe(1);
  });
});
