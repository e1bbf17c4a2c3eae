import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoreFault } from '../../src/base/store-fault.ts';
import type { PresenceChanged } from '../../src/model/presence-changed.ts';
import { Client, john, mary, Rig, type RigOptions, tom } from './delivery-rig.ts';

interface Counted {
  readonly rig: Rig;
  /** Calls of the mailbox store since the last look. */
  look(): readonly string[];
}

/** Time passes until everything has been looked at. */
async function restarted(rig: Rig, options: RigOptions = {}): Promise<Rig> {
  const start = rig.restart(options);
  await rig.time.settle();
  return start;
}

async function counted(start: (options: RigOptions) => Promise<Rig> = Rig.start): Promise<Counted> {
  let calls: string[] = [];
  const beforeCall = (name: string): void => {
    if (name.startsWith('mailbox.')) calls.push(name.slice('mailbox.'.length));
  };
  const rig = await start({ beforeCall });
  const look = (): readonly string[] => {
    const since = calls;
    calls = [];
    return since;
  };
  look();
  return { rig, look };
}

describe('a change that no condition turns on', () => {
  it('costs no call of the store, whoever is there, where no condition names its attribute', async () => {
    const { rig, look } = await counted();
    await rig.send('held', { condition: 'place-type is home or x-desk is free' });
    look();
    await rig.publish(mary, { mood: ['sad'] });
    rig.up(new Client('phone'));
    await rig.publish(mary, { mood: ['calm'], activity: ['working'] });
    await rig.publish(mary, { mood: undefined });
    expect(look()).toEqual([]);
    await rig.publish(mary, { 'x-desk': ['free'] });
    await rig.time.settle();
    expect(look()).toEqual(['mentioning', 'update', 'ready', 'end']);
  });

  it('costs none between two values that none names, and does where one was or is unknown', async () => {
    const { rig, look } = await counted();
    await rig.publish(mary, { mood: ['calm'] });
    await rig.send('held', { condition: 'mood is not one of (calm, sad) and mood changes to Happy and online' });
    look();
    await rig.publish(mary, { mood: ['glad'] });
    expect(look()).toEqual(['mentioning']);
    await rig.publish(mary, { mood: ['bored'] });
    await rig.publish(mary, { mood: ['hurt', 'bored'] });
    expect(look()).toEqual([]);
    await rig.publish(mary, { mood: undefined });
    expect(look()).toEqual(['mentioning']);
    await rig.publish(mary, { mood: ['HAPPY'] });
    expect(look()).toEqual(['mentioning', 'update']);
    await rig.publish(mary, { mood: ['hurt'] });
    expect(look()).toEqual(['mentioning', 'update']);
  });

  it('is looked at where any other value would do', async () => {
    const { rig, look } = await counted();
    await rig.publish(mary, { mood: ['calm'] });
    await rig.send('held', { condition: 'mood changes and online' });
    look();
    await rig.publish(mary, { mood: ['glad'] });
    expect(look()).toEqual(['mentioning', 'update']);
  });

  it('writes nothing where rows were read and stay as they are', async () => {
    const { rig, look } = await counted();
    await rig.send('held', { condition: 'mood is happy and online' });
    look();
    await rig.publish(mary, { mood: ['happy'] });
    expect(look()).toEqual(['mentioning']);
  });

  it('is one look when the last that named it has ended, and none from then on', async () => {
    const { rig, look } = await counted();
    await rig.publish(mary, { mood: ['calm'] });
    rig.up(new Client('phone'));
    await rig.send('now', { condition: 'mood is happy' });
    await rig.send('held', { condition: 'place-type is home' });
    await rig.publish(mary, { mood: ['happy'] });
    await rig.time.settle();
    look();
    await rig.publish(mary, { mood: ['calm'] });
    expect(look()).toEqual(['mentioning']);
    await rig.publish(mary, { mood: ['happy'] });
    await rig.publish(mary, { mood: undefined });
    expect(look()).toEqual([]);
    await rig.send('again', { condition: 'mood is happy' });
    look();
    await rig.publish(mary, { mood: ['happy'] });
    await rig.time.settle();
    expect(look()).toEqual(['mentioning', 'update', 'ready', 'end']);
  });

  it('is known to be one after a restart as soon as the rows were looked at', async () => {
    const before = await Rig.start();
    await before.publish(mary, { mood: ['calm'] });
    await before.send('held', { condition: 'mood is happy and place-type is home' });
    await before.publish(mary, { 'place-type': ['home'] });
    const { rig, look } = await counted((options) => restarted(before, options));
    await rig.publish(mary, { activity: ['working'], mood: ['glad'] });
    expect(look()).toEqual([]);
    await rig.publish(mary, { mood: ['happy'] });
    expect(await rig.list()).toEqual(['waiting']);
  });

  it('asks nothing of the store after a restart where nothing is conditional', async () => {
    const before = await Rig.start();
    await before.send('waits');
    const { rig, look } = await counted((options) => restarted(before, options));
    await rig.publish(mary, { mood: ['glad'] });
    expect(look()).toEqual([]);
  });
});

describe('a change that one turns on is heard by it', () => {
  it('when it was amended to that, while its amendment was written too', async () => {
    const written = Promise.withResolvers<void>();
    const rig = await Rig.start({ beforeCall: (name) => (name === 'mailbox.update' ? written.promise : undefined) });
    await rig.publish(mary, { mood: ['calm'] });
    const held = await rig.send('held', { condition: 'place-type is home' });
    if (held.kind !== 'accepted') throw new Error(held.kind);
    const amended = rig.service.secondThoughts.amend(tom, held.id, { condition: 'mood is happy' });
    await rig.time.settle();
    const change = rig.publish(mary, { mood: ['happy'] });
    await rig.time.settle();
    written.resolve();
    await Promise.all([amended, change]);
    expect(await rig.list()).toEqual(['waiting']);
    await rig.publish(mary, { mood: ['calm'] });
    expect(await rig.list()).toEqual(['held']);
  });

  it('when it was on its way to the store', async () => {
    const written = Promise.withResolvers<void>();
    const rig = await Rig.start({ beforeCall: (name) => (name === 'mailbox.put' ? written.promise : undefined) });
    await rig.publish(mary, { mood: ['calm'] });
    const sent = rig.send('held', { condition: 'mood is happy' });
    await rig.time.settle();
    const change = rig.publish(mary, { mood: ['happy'] });
    await rig.time.settle();
    written.resolve();
    await Promise.all([sent, change]);
    expect(await rig.list()).toEqual(['waiting']);
  });

  it('when it was the only one, and the other ended while it was amended', async () => {
    const gate = Promise.withResolvers<void>();
    const rig = await Rig.start({ beforeCall: (name) => (name === 'mailbox.end' ? gate.promise : undefined) });
    await rig.publish(mary, { mood: ['calm'] });
    const other = await rig.send('other', { condition: 'place-type is home' });
    const plain = await rig.send('plain');
    if (other.kind !== 'accepted' || plain.kind !== 'accepted') throw new Error('not accepted');
    const recalled = rig.service.secondThoughts.recall(tom, other.id);
    await rig.time.settle();
    const amended = rig.service.secondThoughts.amend(tom, plain.id, { condition: 'mood is happy' });
    await rig.time.settle();
    gate.resolve();
    expect(await recalled).toBe('recalled');
    await amended;
    expect(await rig.stateOf(plain.id)).toBe('held');
    await rig.publish(mary, { mood: ['happy'] });
    expect(await rig.stateOf(plain.id)).toBe('waiting');
  });

  it('when the store had said of it that it could not be written, and there it is', async () => {
    const rig = await Rig.start();
    await rig.publish(mary, { mood: ['calm'] });
    await rig.send('held', { condition: 'place-type is home' });
    const { mailbox } = rig.stores;
    const put = mailbox.put.bind(mailbox);
    mailbox.put = async (...args) => {
      await put(...args);
      throw new StoreFault('nobody knows', true);
    };
    expect(await rig.send('there', { condition: 'mood is happy' })).toMatchObject({ kind: 'refused' });
    await rig.publish(mary, { mood: ['happy'] });
    expect((await rig.list()).toSorted()).toEqual(['held', 'waiting']);
  });

  it('when another attribute that shares its bit is named by none any more', async () => {
    const rig = await Rig.start();
    await rig.publish(mary, { 'x-a': ['calm'], 'x-m': ['calm'] });
    const other = await rig.send('other', { condition: 'x-a is happy' });
    await rig.send('held', { condition: 'x-m is happy' });
    if (other.kind !== 'accepted') throw new Error(other.kind);
    await rig.service.secondThoughts.recall(tom, other.id);
    await rig.publish(mary, { 'x-a': ['happy'] });
    await rig.publish(mary, { 'x-m': ['happy'] });
    expect(await rig.list()).toContain('waiting');
  });

  /** The last two of a client's own share a bit. */
  const attributes = ['mood', 'activity', 'x-a', 'x-m', 'online'];
  const word = fc.constantFrom('a', 'B', 'b', 'c_d', 'C-D', 'e', 'true', 'false');
  const attribute = fc.constantFrom(...attributes);
  const wordOf = (name: string): fc.Arbitrary<string> => (name === 'online' ? fc.constantFrom('true', 'false') : word);
  const test = attribute.chain((name) =>
    fc.oneof(
      wordOf(name).map((value) => `${name} is ${value}`),
      wordOf(name).map((value) => `${name} is not ${value}`),
      fc.constant(`${name} is known`),
      fc.constant(`${name} changes`),
      wordOf(name).map((value) => `${name} changes from ${value}`),
      wordOf(name).map((value) => `${name} changes to ${value}`),
      fc.tuple(wordOf(name), wordOf(name)).map(([from, to]) => `${name} changes from ${from} to ${to}`),
    ),
  );
  const condition = fc
    .tuple(test, test, fc.constantFrom('and', 'or', 'and not', 'or not'))
    .chain(([one, other, joined]) => fc.constantFrom(one, `${one} ${joined} (${other})`, `not (${one}) or ${other}`));
  const values = fc.option(
    fc.uniqueArray(word, { minLength: 1, maxLength: 2, selector: (text) => text.toLowerCase() }),
    {
      nil: undefined,
    },
  );
  const step = fc.oneof(
    fc.record({ kind: fc.constant('publish' as const), name: fc.constantFrom(...attributes.slice(0, -1)), values }),
    fc.record({ kind: fc.constant('send' as const), condition, from: fc.constantFrom(tom, john) }),
    fc.record({ kind: fc.constant('amend' as const), condition, which: fc.nat(9) }),
    fc.record({ kind: fc.constant('recall' as const), which: fc.nat(9) }),
    fc.record({ kind: fc.constantFrom('up' as const, 'down' as const, 'rules' as const, 'restart' as const) }),
  );
  type StepOf<T> = T extends fc.Arbitrary<infer S> ? S : never;

  /** `isEverything`: every change has everything looked at, whatever is known. */
  async function play(steps: readonly StepOf<typeof step>[], isEverything: boolean): Promise<unknown> {
    let rig = await Rig.start();
    const lookAtAll = (): void => {
      const { service } = rig;
      const presenceChanged = service.presenceChanged.bind(service);
      service.presenceChanged = (change: PresenceChanged) => presenceChanged({ ...change, changed: 'all' });
    };
    if (isEverything) lookAtAll();
    const sent: { readonly id: string; readonly from: typeof tom }[] = [];
    const phone = new Client('phone', { reply: { kind: 'client-failed', status: 'sip 480' } });
    for (const one of steps) {
      const letter = 'which' in one ? sent[one.which] : undefined;
      if (one.kind === 'publish') await rig.publish(mary, { [one.name]: one.values });
      if (one.kind === 'send') {
        const sending = rig.send('text', { condition: one.condition, from: one.from });
        // As long as a client that fails may still take it.
        await rig.time.advance(6000);
        const outcome = await sending;
        if (outcome.kind === 'accepted') sent.push({ id: outcome.id, from: one.from });
      }
      if (one.kind === 'amend' && letter !== undefined) {
        await rig.service.secondThoughts.amend(letter.from, letter.id, { condition: one.condition });
      }
      if (one.kind === 'recall' && letter !== undefined) {
        await rig.service.secondThoughts.recall(letter.from, letter.id);
      }
      if (one.kind === 'up') rig.up(phone);
      if (one.kind === 'down') rig.service.targetDown(mary, 'phone');
      if (one.kind === 'rules') await rig.rulesChanged(mary);
      if (one.kind === 'restart') {
        rig = await restarted(rig);
        if (isEverything) lookAtAll();
      }
      await rig.time.settle();
    }
    const entries = await rig.stores.mailbox.open(mary, { after: 0, limit: 100 });
    return entries.map(({ state, latches, condition: text }) => ({ state, latches, text }));
  }

  it('whatever was sent, amended, taken back and published before: as if every change had everything looked at', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), async (steps) => {
        expect(await play(steps, false)).toEqual(await play(steps, true));
      }),
      { numRuns: 300 },
    );
  });
});
