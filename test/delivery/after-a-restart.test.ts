import { describe, expect, it } from 'vitest';
import { Client, mary, Rig, tom } from './delivery-rig.ts';

describe('"changes … stays true … until the attribute goes back to the from value"', () => {
  it('also when the process ended before what follows from that was written: nothing is sent on the strength of before', async () => {
    let isEnding = false;
    const never = new Promise<void>(() => {});
    const rig = await Rig.start({
      beforeCall: (name) => (isEnding && name === 'mailbox.update' ? never : undefined),
    });
    await rig.publish(mary, { mood: ['angry'] });
    await rig.send('may I?', { condition: 'mood changes from angry' });
    await rig.publish(mary, { mood: ['happy'] });
    expect(await rig.list()).toEqual(['waiting']);
    isEnding = true;
    void rig.publish(mary, { mood: ['angry'] });
    await rig.time.settle();
    const phone = new Client('phone');
    // Whoever is restored is there at once; the catching up has many others to look after first.
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const start = rig.restart({
      restored: [phone],
      beforeCall: (name) => (name === 'mailbox.nextDueAt' ? gate : undefined),
    });
    await rig.time.settle();
    expect(phone.texts).toEqual([]);
    open();
    const again = await start;
    expect(await again.list()).toEqual(['held']);
    await again.publish(mary, { mood: ['happy'] });
    await again.time.settle();
    expect(phone.texts).toEqual(['may I?']);
  });
});

describe('whatever happened while no process was there', () => {
  it('who was there before and is not any more comes anew', async () => {
    const rig = await Rig.start();
    await rig.publish(mary, { availability: ['available'] });
    await rig.send('now?', { condition: 'availability changes to available' });
    const again = await rig.restart({ snapshots: new Map() });
    expect(await again.list()).toEqual(['held']);
    await again.publish(mary, { availability: ['available'] });
    expect(await again.list()).toEqual(['waiting']);
  });
  it('a change that was durable and not yet acted on counts, also when the clock was set back since', async () => {
    let isEnding = false;
    const never = new Promise<void>(() => {});
    const rig = await Rig.start({
      beforeCall: (name) => (isEnding && name === 'mailbox.mentioning' ? never : undefined),
    });
    rig.up(new Client('phone'));
    await rig.publish(mary, { mood: ['sad'] });
    await rig.send('now?', { condition: 'mood is happy' });
    const before = rig.current(mary).version;
    isEnding = true;
    void rig.publish(mary, { mood: ['happy'] });
    await rig.time.settle();
    const happy = { ...rig.current(mary), version: before - 1 };
    const again = await rig.restart({ snapshots: new Map([[mary, happy]]) });
    expect(await again.list()).toEqual(['waiting']);
  });
});

describe('what falls due', () => {
  const mailboxes = (rig: Rig): number | undefined =>
    [...rig.counters.entries()].find(({ name }) => name === 'restante_mailboxes_active')?.value;
  it('leaves nothing in memory behind for somebody who is away', async () => {
    const rig = await Rig.start();
    const at = new Date(rig.time.wall() + 60_000).toISOString();
    const held = await rig.send('later', { condition: `time after ${at}` });
    const phone = rig.up(new Client('phone'));
    phone.reply = { kind: 'message-failed', status: 'sip 502', mayPoison: false };
    expect((await rig.send('bad')).kind).toBe('accepted');
    rig.service.targetDown(mary, 'phone');
    await rig.time.advance(120_000);
    expect((await rig.list()).toSorted()).toEqual(['waiting', 'waiting']);
    expect(mailboxes(rig)).toBe(0);
    if (held.kind === 'accepted') await rig.service.secondThoughts.amend(tom, held.id, { validityMs: 3_600_000 });
    expect(mailboxes(rig)).toBe(0);
  });
});
