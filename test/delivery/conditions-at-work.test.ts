import { describe, expect, it } from 'vitest';
import { Client, john, mary, Rig, tom } from './delivery-rig.ts';

const whenAvailable = { condition: 'availability is available' };

describe('a message with a condition', () => {
  it('is held while the condition does not hold, and goes when it does', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone'));
    await rig.publish(mary, { availability: ['not-available'] });
    expect(await rig.send('hi', whenAvailable)).toMatchObject({ kind: 'accepted', state: 'held', isForMoment: true });
    await rig.time.advance(60_000);
    expect(phone.texts).toEqual([]);
    await rig.publish(mary, { availability: ['available'] });
    await rig.time.settle();
    expect(phone.texts).toEqual(['hi']);
    expect(phone.received[0]?.isDeferred).toBe(true);
  });
  it('goes at once when the condition holds already', async () => {
    const rig = await Rig.start();
    rig.up(new Client('phone'));
    await rig.publish(mary, { availability: ['available'] });
    expect((await rig.send('hi', whenAvailable)).kind).toBe('delivered');
  });
  it('"waiting … back to held when the condition ceases to hold"', async () => {
    const rig = await Rig.start();
    await rig.publish(mary, { availability: ['available'] });
    const outcome = await rig.send('hi', whenAvailable);
    expect(outcome).toMatchObject({ state: 'waiting' });
    await rig.publish(mary, { availability: ['not-available'] });
    expect(await rig.list()).toEqual(['held']);
    const phone = rig.up(new Client('phone'));
    await rig.time.settle();
    expect(phone.texts).toEqual([]);
    await rig.publish(mary, { availability: ['available'] });
    await rig.time.settle();
    expect(phone.texts).toEqual(['hi']);
  });
  it('"held ones hold back nothing"', async () => {
    const rig = await Rig.start();
    await rig.publish(mary, { availability: ['not-available'] });
    await rig.send('held', whenAvailable);
    await rig.send('plain');
    const phone = rig.up(new Client('phone'));
    await rig.time.settle();
    expect(phone.texts).toEqual(['plain']);
    expect((await rig.send('later')).kind).toBe('delivered');
  });
  it('"Tests of state and time must hold at the moment of delivery": a change while it stands in line keeps it back', async () => {
    const rig = await Rig.start();
    await rig.publish(mary, { availability: ['not-available'] });
    await rig.send('one', whenAvailable);
    await rig.send('two', whenAvailable);
    const phone = rig.up(new Client('phone').silent());
    await rig.publish(mary, { availability: ['available'] });
    await rig.time.settle();
    expect(phone.texts).toEqual(['one']);
    const change = rig.publish(mary, { availability: ['not-available'] });
    phone.answer({ kind: 'delivered' });
    await change;
    await rig.time.settle();
    expect(phone.texts).toEqual(['one']);
    expect((await rig.list()).toSorted()).toEqual(['delivered', 'held']);
  });
  it('goes out in the order of acceptance, not of fulfilment', async () => {
    const rig = await Rig.start();
    await rig.publish(mary, { availability: ['available'], mood: ['sad'] });
    await rig.send('first', { condition: 'mood is happy' });
    await rig.send('second');
    await rig.publish(mary, { mood: ['happy'] });
    const phone = rig.up(new Client('phone'));
    await rig.time.settle();
    expect(phone.texts).toEqual(['first', 'second']);
  });
});

describe('"changes … stays true, durably"', () => {
  const whenCalm = { condition: 'mood changes from angry' };
  it('holds from the change on, whoever is there', async () => {
    const rig = await Rig.start();
    await rig.publish(mary, { mood: ['angry'] });
    await rig.send('may I?', whenCalm);
    await rig.publish(mary, { mood: ['happy'] });
    expect(await rig.list()).toEqual(['waiting']);
    await rig.publish(mary, { mood: undefined });
    const phone = rig.up(new Client('phone'));
    await rig.time.settle();
    expect(phone.texts).toEqual(['may I?']);
  });
  it('"until the attribute goes back to the from value … then it waits for the next"', async () => {
    const rig = await Rig.start();
    await rig.publish(mary, { mood: ['angry'] });
    await rig.send('may I?', whenCalm);
    await rig.publish(mary, { mood: ['happy'] });
    await rig.publish(mary, { mood: ['angry'] });
    expect(await rig.list()).toEqual(['held']);
  });
  it('"angry, offline, happy is a change from angry", also when it was sent while she was offline', async () => {
    const rig = await Rig.start();
    await rig.publish(mary, { mood: ['angry'] });
    await rig.publish(mary, { mood: undefined });
    await rig.send('may I?', whenCalm);
    await rig.publish(mary, { mood: ['happy'] });
    expect(await rig.list()).toEqual(['waiting']);
  });
  it('"Every accepted change counts, also within a burst"', async () => {
    const rig = await Rig.start();
    await rig.publish(mary, { mood: ['calm'] });
    await rig.send('may I?', { condition: 'mood changes from angry or mood changes to bored' });
    const burst = [['angry'], ['calm'], ['angry']].map((mood) => rig.publish(mary, { mood }));
    await Promise.all(burst);
    expect(await rig.list()).toEqual(['held']);
    await Promise.all([['bored'], ['calm']].map((mood) => rig.publish(mary, { mood })));
    expect(await rig.list()).toEqual(['waiting']);
  });
  it('survives kill -9 between the change and the delivery', async () => {
    const rig = await Rig.start();
    await rig.publish(mary, { mood: ['angry'] });
    await rig.send('may I?', whenCalm);
    await rig.publish(mary, { mood: ['happy'] });
    const again = await rig.restart();
    const phone = again.up(new Client('phone'));
    await again.time.settle();
    expect(phone.texts).toEqual(['may I?']);
  });
  it('is kept before it is sent when it is accepted from somebody who is online', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone'));
    await rig.publish(mary, { mood: ['angry'] });
    expect(await rig.send('may I?', whenCalm)).toMatchObject({ state: 'held' });
    await rig.publish(mary, { mood: ['happy'] });
    await rig.time.settle();
    expect(phone.texts).toEqual(['may I?']);
  });
});

describe('a change of presence while the message is being written', () => {
  it('is not lost: the message is evaluated again before anything else happens', async () => {
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const rig = await Rig.start({ beforeCall: (name) => (name === 'mailbox.put' ? gate : undefined) });
    const phone = rig.up(new Client('phone'));
    await rig.publish(mary, { availability: ['not-available'] });
    const sent = rig.send('hi', whenAvailable);
    await rig.time.settle();
    const change = rig.publish(mary, { availability: ['available'] });
    await rig.time.settle();
    open();
    expect(await sent).toMatchObject({ state: 'held' });
    await change;
    await rig.time.settle();
    expect(phone.texts).toEqual(['hi']);
  });
});

describe('time', () => {
  it('"A condition with time is looked at again when the time comes"', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone'));
    const at = new Date(rig.time.wall() + 3_600_000).toISOString();
    expect(await rig.send('hi', { condition: `availability is available or time after ${at}` })).toMatchObject({
      state: 'held',
    });
    await rig.time.advance(3_599_000);
    expect(phone.texts).toEqual([]);
    await rig.time.advance(2000);
    expect(phone.texts).toEqual(['hi']);
  });
  it('that is set back is still to come: what held before it came holds again', async () => {
    const rig = await Rig.start();
    const at = new Date(rig.time.wall() + 60_000).toISOString();
    await rig.send('hi', { condition: `time before ${at}` });
    await rig.time.advance(61_000);
    expect(await rig.list()).toEqual(['held']);
    rig.time.stepWall(-120_000);
    await rig.time.advance(6000);
    expect(await rig.list()).toEqual(['waiting']);
    const phone = rig.up(new Client('phone'));
    await rig.time.settle();
    expect(phone.texts).toEqual(['hi']);
  });
  it('a window that closes keeps back what is not sent by then', async () => {
    const rig = await Rig.start();
    const start = new Date(rig.time.wall());
    const end = `${String(start.getUTCHours() + 1).padStart(2, '0')}:00`;
    expect(await rig.send('hi', { condition: `time within 00:00-${end}` })).toMatchObject({ state: 'waiting' });
    await rig.time.advance(2 * 3_600_000);
    expect(await rig.list()).toEqual(['held']);
  });
});

describe('"Everything is evaluated on what this sender may see then"', () => {
  it('a condition on an attribute that the sender may not see is refused with its name', async () => {
    const rig = await Rig.start();
    rig.hidden.add(`${tom} mood`);
    expect(await rig.send('hi', { condition: 'online or mood is happy' })).toEqual({
      kind: 'refused',
      refusal: { reason: 'attribute-not-authorised', attributes: ['mood'] },
    });
    expect((await rig.send('hi', { from: john, condition: 'mood is happy' })).kind).toBe('accepted');
  });
  it('and does not hold any more when the leave is withdrawn, until it is given again', async () => {
    const rig = await Rig.start();
    await rig.publish(mary, { mood: ['happy'] });
    await rig.send('hi', { condition: 'mood is happy' });
    rig.hidden.add(`${tom} mood`);
    await rig.rulesChanged(mary);
    expect(await rig.list()).toEqual(['held']);
    rig.hidden.clear();
    await rig.rulesChanged(mary);
    expect(await rig.list()).toEqual(['waiting']);
  });
  it('a politely blocked sender is refused nothing and gets nothing', async () => {
    const rig = await Rig.start();
    rig.politelyBlocked.add(tom);
    rig.up(new Client('phone'));
    await rig.publish(mary, { mood: ['happy'], availability: ['available'] });
    for (const condition of ['mood is happy', 'online', 'availability is available']) {
      expect(await rig.send('hi', { condition })).toMatchObject({ kind: 'accepted', state: 'held' });
    }
  });
  it('is shown the fake also by a server that has not read yet who is blocked', async () => {
    let readList = (): void => {};
    let isRead = false;
    const rig: Rig = await Rig.start({
      policy: { blockedAnswer: 'accept' },
      hasBlocked: (_owner, other) => {
        if (isRead) return other === tom;
        return new Promise((resolve) => {
          readList = () => {
            isRead = true;
            rig.politelyBlocked.add(tom);
            resolve(other === tom);
          };
        });
      },
    });
    const sent = rig.send('hi', { condition: 'mood changes to happy' });
    await rig.time.settle();
    readList();
    expect(await sent).toMatchObject({ kind: 'accepted', state: 'held' });
    // As after a start: nothing is in memory.
    isRead = false;
    rig.politelyBlocked.clear();
    const change = rig.publish(mary, { mood: ['happy'] });
    await rig.time.settle();
    readList();
    await change;
    expect(await rig.list()).toEqual(['held']);
  });
  it('"The sender sees only `held` in all these cases": unmet, politely blocked, and with the leave withdrawn', async () => {
    const rig = await Rig.start();
    rig.up(new Client('phone'));
    await rig.publish(mary, { mood: ['sad'] });
    const again = { condition: 'mood is happy', duplicateKeys: ['the same message'] };
    const unmet = await rig.send('hi', again);
    expect(unmet).toMatchObject({ kind: 'accepted', state: 'held', isForMoment: true });
    rig.politelyBlocked.add(john);
    await rig.publish(mary, { mood: ['happy', 'sad'], availability: ['available'] });
    const fooled = await rig.send('hi', { from: john, condition: 'mood is happy' });
    const alike = { id: '', acceptedAt: 0, expiresAt: 0 };
    expect({ ...fooled, ...alike }).toEqual({ ...unmet, ...alike });
    const soon = { condition: 'mood is angry', duplicateKeys: ['another message'] };
    const withdrawn = await rig.send('ho', soon);
    rig.hidden.add(`${tom} mood`);
    await rig.rulesChanged(mary);
    await rig.publish(mary, { mood: ['angry'] });
    expect(await rig.send('ho', soon)).toEqual(withdrawn);
    expect({ ...withdrawn, ...alike }).toEqual({ ...unmet, ...alike });
    expect(await rig.list()).toEqual(['held', 'held', 'held']);
  });
});

describe('the order of checks', () => {
  it('syntax, size, recipient, support, authorisation, block', async () => {
    const rig = await Rig.start({ policy: { bodyBytesMax: 2 } });
    const reason = async (text: string, condition?: string): Promise<string> => {
      const outcome = await rig.send(text, condition === undefined ? {} : { condition });
      return outcome.kind === 'refused' ? outcome.refusal.reason : outcome.kind;
    };
    rig.unknown.add(mary);
    rig.hidden.add(`${tom} mood`);
    rig.blocked.add(`${mary} ${tom}`);
    expect(await reason('long', 'mood is')).toBe('malformed-condition');
    expect(await reason('long', 'mood is happy')).toBe('too-large');
    expect(await reason('hi', 'mood is happy')).toBe('unknown-recipient');
    rig.unknown.clear();
    expect(await reason('hi', 'mood is happy')).toBe('attribute-not-authorised');
    rig.hidden.clear();
    expect(await reason('hi', 'mood is happy')).toBe('blocked');
    rig.blocked.clear();
    expect(await reason('hi', 'mood is happy')).toBe('accepted');
    expect(await reason('hi!')).toBe('too-large');
  });
  it('--conditional off refuses every condition and nothing else', async () => {
    const rig = await Rig.start({ policy: { isConditional: false } });
    expect(await rig.send('hi', whenAvailable)).toEqual({
      kind: 'refused',
      refusal: { reason: 'conditional-delivery-not-supported' },
    });
    expect((await rig.send('hi')).kind).toBe('accepted');
  });
});

describe('"Blocked after acceptance: when it becomes ready, before any attempt: failed, or silent until expiry"', () => {
  it.each([
    ['refuse', 'failed'],
    ['accept', 'waiting'],
  ] as const)('--blocked-answer %s: %s', async (blockedAnswer, state) => {
    const rig = await Rig.start({ policy: { blockedAnswer } });
    await rig.send('hi', { validityMs: 60_000 });
    rig.blocked.add(`${mary} ${tom}`);
    const phone = rig.up(new Client('phone'));
    await rig.time.advance(1000);
    expect(phone.texts).toEqual([]);
    expect(await rig.list()).toEqual([state]);
    // It stays silent, whatever becomes of the block.
    rig.blocked.clear();
    rig.up(phone);
    await rig.time.advance(60_000);
    expect(phone.texts).toEqual([]);
    expect(await rig.list()).toEqual([state === 'failed' ? 'failed' : 'expired']);
  });
  it.each([undefined, 'availability is available'])(
    'what a blocked sender handed in under accept is never delivered, whatever becomes of the block (%s)',
    async (condition) => {
      const rig = await Rig.start({ policy: { blockedAnswer: 'accept' } });
      rig.blocked.add(`${mary} ${tom}`);
      rig.politelyBlocked.add(tom);
      const options = condition === undefined ? {} : { condition };
      expect((await rig.send('hi', { ...options, validityMs: 60_000 })).kind).toBe('accepted');
      rig.blocked.clear();
      rig.politelyBlocked.clear();
      await rig.publish(mary, { availability: ['available'] });
      await rig.rulesChanged(mary);
      const phone = rig.up(new Client('phone'));
      await rig.time.advance(60_000);
      expect(phone.texts).toEqual([]);
      expect(await rig.list()).toEqual(['expired']);
    },
  );
  it('what is silent costs nothing when something else waits', async () => {
    let reads = 0;
    const rig = await Rig.start({
      policy: { blockedAnswer: 'accept' },
      beforeCall: (name) => void (reads += Number(name === 'mailbox.ready')),
    });
    rig.blocked.add(`${mary} ${tom}`);
    for (let n = 0; n < 200; n += 1) await rig.send('hi');
    rig.up(new Client('phone'));
    await rig.time.settle();
    reads = 0;
    const hello = rig.send('hello', { from: john });
    await rig.time.settle();
    expect((await hello).kind).toBe('delivered');
    expect(reads).toBeLessThanOrEqual(2);
  });
  it('a blocked sender under accept is answered exactly as for an offline recipient', async () => {
    const rig = await Rig.start({ policy: { blockedAnswer: 'accept' } });
    const away = await rig.send('hi');
    rig.blocked.add(`${mary} ${tom}`);
    rig.up(new Client('phone', { window: 4 }));
    await rig.time.settle();
    const blocked = await rig.send('hi');
    if (away.kind !== 'accepted' || blocked.kind !== 'accepted') throw new Error('not accepted');
    expect({ ...blocked, id: '' }).toEqual({ ...away, id: '' });
  });
});
