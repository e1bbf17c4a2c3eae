import { describe, expect, it } from 'vitest';
import { Client, john, mary, Rig } from './delivery-rig.ts';

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

it('what a client failed to take waits behind what has stood in line for the next client', async () => {
  const rig = await Rig.start();
  for (const text of ['x', 'a']) await rig.send(text);
  const desk = rig.up(new Client('desk').silent());
  const phone = rig.up(new Client('phone').silent());
  await rig.time.settle();
  // The phone wants neither, and the desk is silent for a while.
  for (const _text of ['x', 'a']) {
    phone.answer({ kind: 'refused', status: 'sip 603' });
    await rig.time.settle();
  }
  desk.answer({ kind: 'client-failed', status: 'sip 408' });
  const sent = rig.send('b');
  await rig.time.advance(30_000);
  expect([desk.texts, phone.texts]).toEqual([
    ['x', 'x'],
    ['x', 'a', 'b'],
  ]);
  phone.answer({ kind: 'client-failed', status: 'sip 408' });
  desk.reply = { kind: 'delivered' };
  desk.answer({ kind: 'delivered' });
  await rig.time.settle();
  expect((await sent).kind).toBe('accepted');
  expect(desk.texts).toEqual(['x', 'x', 'a', 'b']);
});

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
  it.each(['busy', 'gone', 'broken'] as const)(
    'the best client is %s while several are on their way: the next best gets them in order',
    async (how) => {
      const rig = await Rig.start();
      const window = how === 'broken' ? 3 : 1;
      const best = rig.up(new Client('best', { window }).silent());
      const next = rig.up(new Client('next', { priority: 0.5 }));
      const texts = ['one', 'two', 'three', 'four', 'five'];
      const sent = texts.map((text) => rig.send(text));
      await rig.time.settle();
      expect(next.texts).toEqual([]);
      if (how === 'gone') rig.service.targetDown(mary, 'best');
      else for (let n = 0; n < window; n += 1) best.answer({ kind: 'client-failed', status: 'sip 486' });
      await rig.time.settle();
      expect(next.texts).toEqual(texts);
      const kinds = (await Promise.all(sent)).map(({ kind }) => kind);
      // Those behind several that were open cannot know how these fare; they are kept until their turn comes.
      const behind = how === 'broken' ? 'accepted' : 'delivered';
      expect(kinds).toEqual(['delivered', 'delivered', 'delivered', behind, behind]);
    },
  );
  it.each(['kept before', 'new'] as const)(
    'a client that registers while its failure is being written: what it failed is sent before what came after (%s)',
    async (age) => {
      let isGated = false;
      let open: () => void = () => {};
      const gate = new Promise<void>((resolve) => {
        open = resolve;
      });
      const isGate = (name: string): boolean => isGated && (name === 'mailbox.update' || name === 'mailbox.put');
      const rig = await Rig.start({ beforeCall: (name) => (isGate(name) ? gate : undefined) });
      if (age === 'kept before') for (const text of ['one', 'two']) await rig.send(text);
      const phone = rig.up(new Client('phone').silent());
      if (age === 'new') for (const text of ['one', 'two']) void rig.send(text);
      await rig.time.settle();
      isGated = true;
      phone.answer({ kind: 'client-failed', status: 'sip 480' });
      await rig.time.settle();
      phone.reply = { kind: 'delivered' };
      rig.up(phone);
      await rig.time.settle();
      open();
      await rig.time.settle();
      expect(phone.texts).toEqual(['one', 'one', 'two']);
      expect(await rig.list()).toEqual(['delivered', 'delivered']);
    },
  );
  it('one that waits for changes of presence to be worked in before it is written goes before what came after it', async () => {
    let isGated = false;
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const rig = await Rig.start({
      beforeCall: (name) => (isGated && name === 'mailbox.mentioning' ? gate : undefined),
    });
    await rig.send('held', { from: john, condition: 'mood is happy and online' });
    const phone = rig.up(new Client('phone').silent());
    await rig.time.settle();
    const one = rig.send('one', { condition: 'mood is not angry' });
    await rig.time.settle();
    isGated = true;
    phone.answer({ kind: 'client-failed', status: 'sip 486' });
    phone.reply = { kind: 'delivered' };
    rig.up(phone);
    const two = rig.send('two');
    await rig.time.settle();
    open();
    await rig.time.settle();
    expect(phone.texts).toEqual(['one', 'one', 'two']);
    expect((await Promise.all([one, two])).map(({ kind }) => kind)).toEqual(['accepted', 'delivered']);
  });
  it('one that failed for its own sake is not tried again when its failure is written', async () => {
    let isGated = false;
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const rig = await Rig.start({
      beforeCall: (name) => (isGated && name === 'mailbox.update' ? gate : undefined),
    });
    for (const text of ['one', 'two']) await rig.send(text);
    const phone = rig.up(new Client('phone').silent());
    await rig.time.settle();
    isGated = true;
    phone.answer(later);
    await rig.time.settle();
    phone.reply = { kind: 'delivered' };
    open();
    rig.up(phone);
    await rig.time.settle();
    expect(phone.texts).toEqual(['one', 'two']);
  });
  it('a client that is gone may still have taken what was open to it', async () => {
    const rig = await Rig.start();
    const best = rig.up(new Client('best').silent());
    const next = rig.up(new Client('next', { priority: 0.5 }).silent());
    const sent = rig.send('one');
    await rig.time.settle();
    rig.service.targetDown(mary, 'best');
    await rig.time.settle();
    expect(next.texts).toEqual(['one']);
    next.answer({ kind: 'client-failed', status: 'sip 486' });
    best.answer({ kind: 'delivered' });
    expect((await sent).kind).toBe('delivered');
    expect(await rig.list()).toEqual([]);
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
