/** What is acknowledged, turned away or taken back at the very moment at which something else becomes of it. */
import { describe, expect, it } from 'vitest';
import { Client, mary, Rig, tom } from './delivery-rig.ts';

const gone = { kind: 'client-failed', status: 'http stream closed' } as const;

/** Nobody takes it in time, so that it is being written. */
async function writing(phone: Client) {
  const gate = Promise.withResolvers<void>();
  const rig = await Rig.start({ beforeCall: (name) => (name === 'mailbox.put' ? gate.promise : undefined) });
  rig.up(phone);
  const sending = rig.send('hi');
  await rig.time.advance(5000);
  const id = phone.received[0]?.id ?? '';
  return { rig, sending, id, written: gate.resolve };
}

describe('"Delivered means: HTTP, the client’s acknowledgement", and 204 says so when it is durable', () => {
  it('acknowledged while its row is being written: answered when the row says so', async () => {
    const { rig, id, sending, written } = await writing(new Client('phone').silent());
    let outcome: unknown;
    void rig.service.inbox.take(mary, id).then((taken) => (outcome = taken));
    await rig.time.settle();
    expect(outcome).toBe(undefined);
    written();
    expect(await sending).toMatchObject({ kind: 'delivered' });
    await rig.time.settle();
    expect(outcome).toEqual({ kind: 'done' });
    expect(await rig.stateOf(id)).toBe('delivered');
  });

  it.each(['take', 'reject'] as const)('its client went meanwhile: what it says then (%s) counts', async (how) => {
    const phone = new Client('phone').silent();
    const { rig, id, written } = await writing(phone);
    phone.answer(gone);
    await rig.time.settle();
    const collected = rig.service.inbox[how](mary, id);
    await rig.time.settle();
    written();
    expect(await collected).toEqual({ kind: 'done' });
    await rig.time.settle();
    expect(await rig.stateOf(id)).toBe(how === 'take' ? 'delivered' : 'rejected');
    const desk = rig.up(new Client('desk'));
    await rig.time.advance(60_000);
    expect(desk.texts).toEqual([]);
  });

  it('turned away while it stands in line for another client: does not go there any more', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone').silent());
    const page = rig.up(new Client('page', { window: 2 }).silent());
    const [first] = [rig.send('one'), rig.send('two')];
    await rig.time.settle();
    expect(await rig.service.inbox.reject(mary, page.received[1]?.id ?? '')).toEqual({ kind: 'done' });
    phone.answer({ kind: 'delivered' });
    expect(await first).toMatchObject({ kind: 'delivered' });
    await rig.time.advance(60_000);
    expect(phone.texts).toEqual(['one']);
  });

  it.each(['take', 'reject'] as const)('while that is written (%s) it goes to nobody who comes', async (how) => {
    const gate = Promise.withResolvers<void>();
    const rig = await Rig.start({ beforeCall: (name) => (name === 'mailbox.end' ? gate.promise : undefined) });
    const outcome = await rig.send('hi');
    const collected = rig.service.inbox[how](mary, 'id' in outcome ? outcome.id : '');
    await rig.time.settle();
    const phone = rig.up(new Client('phone'));
    await rig.time.settle();
    gate.resolve();
    expect(await collected).toEqual({ kind: 'done' });
    await rig.time.settle();
    expect(phone.texts).toEqual([]);
  });
});

describe('"The same Idempotency-Key … is answered as the first time"; one that was recalled is new', () => {
  it('the first is taken back while the second is looked at: it is new', async () => {
    const named = { duplicateKeys: ['sender-wide k', 'sender-wide k a'], contentKey: 'sender-wide k a' };
    const asked = Promise.withResolvers<void>();
    let asks = 0;
    const rig = await Rig.start({
      beforeCall: (name) => (name === 'mailbox.findDuplicate' && (asks += 1) === 2 ? asked.promise : undefined),
    });
    const first = await rig.send('hi', named);
    const second = rig.send('hi', named);
    await rig.time.settle();
    await rig.service.secondThoughts.recall(tom, 'id' in first ? first.id : '');
    asked.resolve();
    expect((await second).kind).toBe('accepted');
    expect(await rig.list()).toEqual(['recalled', 'waiting']);
  });
});
