import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoreFault } from '../../src/base/store-fault.ts';
import { attributesAskedMax } from '../../src/delivery/mailbox/entry-evaluation.ts';
import { changesTogetherMax } from '../../src/delivery/mailbox/mailbox.ts';
import { reevaluatePageEntries } from '../../src/delivery/mailbox/mailbox-ledger.ts';
import { Client, john, mary, Rig, tom } from './delivery-rig.ts';

interface Counted {
  readonly rig: Rig;
  /** Calls of the store since the last look. */
  look(): Record<string, number>;
}

async function countedRig(): Promise<Counted> {
  let calls: Record<string, number> = {};
  const rig = await Rig.start({ beforeCall: (name) => void (calls[name] = (calls[name] ?? 0) + 1) });
  const look = (): Record<string, number> => {
    const { 'mailbox.mentioning': reads = 0, 'mailbox.update': writes = 0 } = calls;
    calls = {};
    return { reads, writes };
  };
  return { rig, look };
}

const happyWhen = { condition: 'mood is happy' };
const burst = (rig: Rig, moods: readonly string[]): Promise<void>[] =>
  moods.map((mood) => rig.publish(mary, { mood: [mood] }));

describe('changes of presence that stand in line together', () => {
  it('cost the rows two readings, not one for each, however many come in a row', async () => {
    const { rig, look } = await countedRig();
    const phone = new Client('phone');
    for (let n = 0; n < 2 * reevaluatePageEntries; n += 1)
      await rig.send(`${n}`, { condition: 'online and mood is sad' });
    look();
    // Half a hundred logins in a row, of somebody who goes again each time.
    for (let n = 0; n < 25; n += 1) {
      rig.up(phone);
      rig.service.targetDown(mary, 'phone');
    }
    const next = rig.send('the next one', happyWhen);
    await rig.time.settle();
    expect(await next).toMatchObject({ state: 'held' });
    // The first was alone; each pass has three pages, the last being empty, and no row became another.
    expect(look()).toEqual({ reads: 6, writes: 0 });
  });

  it('changesTogetherMax in one turn, and one more in another', async () => {
    const { rig, look } = await countedRig();
    await rig.send('held', { condition: 'mood changes and activity is working' });
    await rig.publish(mary, { mood: ['glad'] });
    const moods = (count: number): string[] => Array.from({ length: count }, (_, at) => `m${at}`);
    look();
    await Promise.all(burst(rig, moods(1 + changesTogetherMax)));
    expect(look()).toEqual({ reads: 2, writes: 0 });
    await Promise.all(burst(rig, moods(2 + changesTogetherMax)));
    expect(look()).toEqual({ reads: 3, writes: 0 });
  });

  it('are each answered when they are durable, those that a store keeps waiting too', async () => {
    let isFailing = false;
    const rig = await Rig.start({
      beforeCall: (name) => {
        if (isFailing && name === 'mailbox.update') throw new StoreFault('full', true);
      },
    });
    await rig.send('held', happyWhen);
    isFailing = true;
    let answered = 0;
    for (const change of burst(rig, ['happy', 'calm', 'happy'])) void change.then(() => (answered += 1));
    await rig.time.settle();
    expect(answered).toBe(0);
    isFailing = false;
    await rig.time.advance(1000);
    expect(answered).toBe(3);
    expect(await rig.list()).toEqual(['waiting']);
  });

  it('make a message ready once, and only if its condition holds after the last', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone'));
    await rig.publish(mary, { mood: ['calm'] });
    await rig.send('happy', happyWhen);
    await rig.send('sad', { condition: 'mood is sad' });
    await Promise.all(burst(rig, ['happy', 'sad', 'happy', 'sad', 'happy', 'sad']));
    await rig.time.settle();
    expect(phone.texts).toEqual(['sad']);
    const story = await rig.stores.mailbox.story(phone.received[0]?.id ?? '');
    expect(story?.steps.filter(({ what }) => what === 'its condition holds')).toHaveLength(1);
  });

  it('release a message for each transition among them', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone', { window: 9 }));
    const moods = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5'];
    await rig.publish(mary, { mood: ['m0'] });
    const pairs = moods.slice(1).map((to, at) => `mood changes from m${at} to ${to}`);
    // `to` is left again by the next one, so those wait; `from` alone stays true.
    for (const condition of pairs) await rig.send(condition, { condition });
    for (const from of moods) await rig.send(`left ${from}`, { condition: `mood changes from ${from}` });
    await Promise.all(burst(rig, moods.slice(1)));
    await rig.time.settle();
    expect(phone.texts).toEqual(['mood changes from m4 to m5', ...moods.slice(0, -1).map((from) => `left ${from}`)]);
  });

  it('are seen with the eyes of each sender', async () => {
    const rig = await Rig.start();
    await rig.publish(mary, { mood: ['angry'] });
    const left = { condition: 'mood changes from angry' };
    for (const from of [tom, john]) await rig.send('may I?', { from, ...left });
    await rig.publish(mary, { mood: ['angry', 'sad'] });
    rig.politelyBlocked.add(john);
    await Promise.all(burst(rig, ['angry', 'happy', 'calm']));
    expect(await rig.list()).toEqual(['waiting', 'held']);
  });

  it(`ask the store for ${attributesAskedMax} attributes by name, and for every condition beyond`, async () => {
    const rig = await Rig.start();
    await rig.send('held', { condition: 'x-0 is a' });
    const { mailbox } = rig.stores;
    const asked: (number | 'all')[] = [];
    const mentioning = mailbox.mentioning.bind(mailbox);
    mailbox.mentioning = (recipient, attributes, page) => {
      asked.push(attributes === 'all' ? 'all' : attributes.length);
      return mentioning(recipient, attributes, page);
    };
    const words = (count: number, value: string): Record<string, string[]> =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-${at}`, [value]]));
    await rig.publish(mary, words(attributesAskedMax, 'b'));
    await rig.publish(mary, words(attributesAskedMax + 1, 'a'));
    expect(asked).toEqual([attributesAskedMax, 'all']);
    expect(await rig.list()).toEqual(['waiting']);
  });

  type Values = Readonly<Record<string, readonly string[] | undefined>>;
  const mood = fc.oneof(fc.subarray(['angry', 'happy', 'sad'], { minLength: 1, maxLength: 2 }), fc.constant(undefined));
  const test = fc.constantFrom(
    'mood changes',
    'mood changes from angry',
    'mood changes to happy',
    'mood changes from angry to happy',
    'mood is happy',
    'activity changes',
    'activity is working and mood changes from sad',
    'not mood changes to sad',
    'online and mood changes',
  );
  const change = fc.record(
    {
      mood,
      activity: fc.constantFrom(['working'], ['meal'], undefined),
      online: fc.constantFrom(['true'], ['false']),
    },
    { requiredKeys: [] },
  );

  it('leave the same behind as when each waits for the one before it', async () => {
    const play = async (texts: readonly string[], changes: readonly Values[], isBurst: boolean): Promise<unknown> => {
      const rig = await Rig.start();
      await rig.publish(mary, { mood: ['sad'] });
      for (const condition of texts) await rig.send(condition, { condition });
      const under = [];
      for (const values of changes) {
        under.push(rig.publish(mary, values));
        if (!isBurst) await under.at(-1);
      }
      await Promise.all(under);
      const entries = await rig.stores.mailbox.open(mary, { after: 0, limit: 100 });
      return entries.map(({ state, latches, condition }) => ({ state, latches, condition }));
    };
    const histories = fc.array(change, { minLength: 2, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(test, { minLength: 1, maxLength: 6 }), histories, async (texts, changes) => {
        expect(await play(texts, changes, true)).toEqual(await play(texts, changes, false));
      }),
    );
  });
});
