import { describe, expect, it } from 'vitest';
import { Client, john, mary, Rig, tom } from './delivery-rig.ts';

async function sendKept(rig: Rig, options: Parameters<Rig['send']>[1] = {}): Promise<string> {
  const outcome = await rig.send('hi', options);
  if (outcome.kind !== 'accepted') throw new Error(outcome.kind);
  return outcome.id;
}

describe('"Recall waits for an open attempt: 409 if it delivers, else recalled"', () => {
  it('a kept message is taken back, and nobody gets it', async () => {
    const rig = await Rig.start();
    const id = await sendKept(rig);
    expect(await rig.service.secondThoughts.recall(tom, id)).toBe('recalled');
    const phone = rig.up(new Client('phone'));
    await rig.time.settle();
    expect(phone.texts).toEqual([]);
    expect(await rig.stateOf(id)).toBe('recalled');
    expect(await rig.service.secondThoughts.recall(tom, id)).toBe('ended');
  });
  it.each([
    ['delivered', 'ended', 'delivered'],
    ['client-failed', 'recalled', 'recalled'],
  ] as const)('an attempt that is open and ends %s: %s', async (kind, outcome, state) => {
    const rig = await Rig.start();
    const id = await sendKept(rig);
    const phone = rig.up(new Client('phone').silent());
    await rig.time.settle();
    const recall = rig.service.secondThoughts.recall(tom, id);
    await rig.time.settle();
    expect(phone.stopped).toContain(id);
    phone.answer(kind === 'delivered' ? { kind } : { kind, status: 'sip 408' });
    expect(await recall).toBe(outcome);
    expect(await rig.stateOf(id)).toBe(state);
  });
  it('one that stands in line behind another is not sent any more', async () => {
    const rig = await Rig.start();
    await sendKept(rig);
    const second = await sendKept(rig);
    const phone = rig.up(new Client('phone').silent());
    await rig.time.settle();
    expect(await rig.service.secondThoughts.recall(tom, second)).toBe('recalled');
    phone.answer({ kind: 'delivered' });
    await rig.time.settle();
    expect(phone.texts.length).toBe(1);
  });
  it('one whose recall is being written is not sent to a client that comes just then', async () => {
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const rig = await Rig.start({ beforeCall: (name) => (name === 'mailbox.end' ? gate : undefined) });
    const id = await sendKept(rig);
    const recall = rig.service.secondThoughts.recall(tom, id);
    await rig.time.settle();
    const phone = rig.up(new Client('phone'));
    await rig.time.settle();
    open();
    expect(await recall).toBe('recalled');
    await rig.time.settle();
    expect(phone.texts).toEqual([]);
  });
  it('a client failed, and that is being written: it is taken back all the same', async () => {
    const written = Promise.withResolvers<void>();
    const rig = await Rig.start({ beforeCall: (name) => (name === 'mailbox.update' ? written.promise : undefined) });
    const id = await sendKept(rig);
    const phone = rig.up(new Client('phone').silent());
    await rig.time.settle();
    phone.answer({ kind: 'client-failed', status: 'sip 486' });
    await rig.time.settle();
    const recalled = rig.service.secondThoughts.recall(tom, id);
    await rig.time.settle();
    written.resolve();
    expect(await recalled).toBe('recalled');
    expect(await rig.stateOf(id)).toBe('recalled');
    await rig.time.advance(60_000);
    expect(phone.texts).toEqual(['hi']);
  });
  it('one is about to leave, and whether its sender is blocked is being read: it does not leave', async () => {
    const known = Promise.withResolvers<boolean>();
    let isReading = false;
    const rig = await Rig.start({ hasBlocked: () => (isReading ? known.promise : false) });
    const id = await sendKept(rig);
    isReading = true;
    const phone = rig.up(new Client('phone'));
    await rig.time.settle();
    expect(await rig.service.secondThoughts.recall(tom, id)).toBe('recalled');
    known.resolve(false);
    await rig.time.settle();
    expect(phone.texts).toEqual([]);
  });
  it('its recipient turns it away while that is waited for: it has ended', async () => {
    const rig = await Rig.start();
    const id = await sendKept(rig);
    rig.up(new Client('phone').silent());
    await rig.time.settle();
    const recalled = rig.service.secondThoughts.recall(tom, id);
    await rig.time.settle();
    expect(await rig.service.inbox.reject(mary, id)).toEqual({ kind: 'done' });
    expect(await recalled).toBe('ended');
    expect(await rig.stateOf(id)).toBe('rejected');
  });
  it("somebody else's message is unknown", async () => {
    const rig = await Rig.start();
    const id = await sendKept(rig);
    expect(await rig.service.secondThoughts.recall(john, id)).toBe('unknown');
    expect(await rig.service.secondThoughts.recall(tom, 'no such id')).toBe('unknown');
    expect(await rig.stateOf(id)).toBe('waiting');
  });
});

describe('"An amended condition is parsed, authorised and evaluated like a new one; refused, the old stays"', () => {
  it('a condition that holds now releases the message', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone'));
    await rig.publish(mary, { mood: ['sad'] });
    const id = await sendKept(rig, { condition: 'mood is happy' });
    const amended = await rig.service.secondThoughts.amend(tom, id, { condition: 'mood is sad' });
    expect(amended).toMatchObject({ kind: 'amended', state: 'waiting' });
    await rig.time.settle();
    expect(phone.texts).toEqual(['hi']);
  });
  it('one that does not hold keeps it, and is what counts from then on', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone'));
    await rig.publish(mary, { mood: ['sad'], activity: ['meeting'] });
    const id = await sendKept(rig, { condition: 'mood is happy' });
    await rig.service.secondThoughts.amend(tom, id, { condition: 'activity is lunch' });
    await rig.publish(mary, { mood: ['happy'] });
    await rig.time.settle();
    expect(phone.texts).toEqual([]);
    await rig.publish(mary, { activity: ['lunch'] });
    await rig.time.settle();
    expect(phone.texts).toEqual(['hi']);
  });
  it('taking it away leaves a plain message', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone'));
    const id = await sendKept(rig, { condition: 'mood is happy' });
    await rig.service.secondThoughts.amend(tom, id, { condition: null });
    await rig.time.settle();
    expect(phone.texts).toEqual(['hi']);
  });
  it('a malformed or unauthorised one is refused and changes nothing', async () => {
    const rig = await Rig.start();
    rig.hidden.add(`${tom} activity`);
    const id = await sendKept(rig, { condition: 'mood is happy' });
    const { secondThoughts } = rig.service;
    expect(await secondThoughts.amend(tom, id, { condition: 'mood is' })).toMatchObject({
      refusal: { reason: 'malformed-condition' },
    });
    expect(await secondThoughts.amend(tom, id, { condition: 'activity is lunch' })).toMatchObject({
      refusal: { reason: 'attribute-not-authorised', attributes: ['activity'] },
    });
    const phone = rig.up(new Client('phone'));
    await rig.publish(mary, { mood: ['happy'] });
    await rig.time.settle();
    expect(phone.texts).toEqual(['hi']);
  });
  it('the validity counts from the acceptance and is cut to the maximum', async () => {
    const rig = await Rig.start();
    const id = await sendKept(rig, { condition: 'mood is happy', validityMs: 60_000 });
    await rig.time.advance(30_000);
    await rig.service.secondThoughts.amend(tom, id, { validityMs: 40_000 });
    await rig.time.advance(9000);
    expect(await rig.stateOf(id)).toBe('held');
    await rig.time.advance(2000);
    expect(await rig.stateOf(id)).toBe('expired');
    expect(await rig.service.secondThoughts.amend(tom, id, { condition: null })).toEqual({ kind: 'ended' });
  });
});
