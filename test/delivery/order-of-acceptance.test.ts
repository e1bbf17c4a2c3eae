import { describe, expect, it } from 'vitest';
import { Client, mary, Rig } from './delivery-rig.ts';

const later = { kind: 'message-failed', status: 'sip 502', mayPoison: false } as const;

function textOf({ message }: { readonly message: { readonly body: Uint8Array } }): string {
  return new TextDecoder().decode(message.body);
}

/** What a client gets that comes after a restart, so that nothing but rows is left. */
async function textsAfterRestart(rig: Rig): Promise<string[]> {
  const again = await rig.restart();
  await again.time.advance(60_000);
  const laptop = again.up(new Client('laptop'));
  await again.time.settle();
  return laptop.texts;
}

describe('"ready messages of one sender to one recipient go out in the order of acceptance", also those that were tried before they had a row', () => {
  it('a busy client: what stood in line behind the open one comes behind it again', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone').silent());
    const sent = ['one', 'two', 'three'].map((text) => rig.send(text));
    await rig.time.settle();
    phone.answer({ kind: 'client-failed', status: 'sip 486' });
    for (const outcome of await Promise.all(sent)) expect(outcome.kind).toBe('accepted');
    phone.reply = { kind: 'delivered' };
    rig.up(phone);
    await rig.time.settle();
    expect(phone.texts).toEqual(['one', 'one', 'two', 'three']);
  });
  it('a client that took itself off while the first one was open', async () => {
    const rig = await Rig.start();
    rig.up(new Client('phone').silent());
    const one = rig.send('one');
    await rig.time.advance(1000);
    rig.service.targetDown(mary, 'phone');
    const two = rig.send('two');
    await rig.time.advance(5000);
    for (const outcome of await Promise.all([one, two])) expect(outcome.kind).toBe('accepted');
    expect(await textsAfterRestart(rig)).toEqual(['one', 'two']);
  });
  it('several open at once: one that failed gets no row before the earlier one that is open still', async () => {
    const rig = await Rig.start();
    const phone = new Client('phone', { window: 16 });
    phone.reply = (message) => (textOf(message) === 'two' ? later : undefined);
    rig.up(phone);
    const sent = [rig.send('one'), rig.send('two')];
    await rig.time.advance(5000);
    for (const outcome of await Promise.all(sent)) expect(outcome.kind).toBe('accepted');
    expect(await textsAfterRestart(rig)).toEqual(['one', 'two']);
  });
  it('one that failed is written at once when the earlier one is delivered', async () => {
    const rig = await Rig.start();
    const phone = new Client('phone', { window: 16 });
    phone.reply = (message) => (textOf(message) === 'two' ? later : undefined);
    rig.up(phone);
    const one = rig.send('one');
    const two = rig.send('two');
    await rig.time.advance(1000);
    phone.answer({ kind: 'delivered' });
    expect((await one).kind).toBe('delivered');
    expect((await two).kind).toBe('accepted');
    expect(await rig.list()).toEqual(['waiting']);
  });
  it('what is worth nothing later, or may not be kept, holds nobody up', async () => {
    const rig = await Rig.start();
    rig.up(new Client('phone').silent());
    void rig.send('typing', { isTransient: true });
    void rig.send('now or never', { validityMs: 0 });
    rig.service.targetDown(mary, 'phone');
    const kept = rig.send('kept');
    await rig.time.settle();
    expect(await rig.list()).toEqual(['waiting']);
    expect((await kept).kind).toBe('accepted');
  });
});
