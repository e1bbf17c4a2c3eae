import { describe, expect, it } from 'vitest';
import type { DeliveryStyle } from '../../src/delivery/ports.ts';
import { Client, john, mary, Rig, tom } from './delivery-rig.ts';

class Styled extends Client {
  override readonly style: DeliveryStyle;

  constructor(id: string, style: DeliveryStyle) {
    super(id);
    this.style = style;
  }
}

/** A way to the device `phone`. */
function way(id: string): Client {
  const client = new Client(id);
  client.device = 'phone';
  return client;
}

const refusal = { kind: 'refused', status: 'sip 603' } as const;

async function idOf(sending: ReturnType<Rig['send']>): Promise<string> {
  const outcome = await sending;
  if (outcome.kind !== 'accepted') throw new Error(outcome.kind);
  return outcome.id;
}

describe('one device by several ways', () => {
  it('is reached by the one over which it came last, and only by that', async () => {
    const rig = await Rig.start();
    const [desk, train] = [way('desk'), way('train')];
    rig.up(desk);
    rig.up(train);
    expect((await rig.send('one')).kind).toBe('delivered');
    rig.up(desk);
    expect((await rig.send('two')).kind).toBe('delivered');
    expect([desk.texts, train.texts]).toEqual([['two'], ['one']]);
  });

  it('is reached by the other when that one is silent', async () => {
    const rig = await Rig.start();
    const [desk, train] = [way('desk'), way('train').silent()];
    rig.up(desk);
    rig.up(train);
    const sending = rig.send('one');
    await rig.time.settle();
    expect(desk.texts).toEqual([]);
    train.answer({ kind: 'client-failed', status: 'sip 408' });
    expect((await sending).kind).toBe('delivered');
    expect(desk.texts).toEqual(['one']);
  });

  it('does not wait for the silence of its old way when it comes again by a new one', async () => {
    const rig = await Rig.start();
    const [desk, train] = [way('desk').silent(), way('train')];
    rig.up(desk);
    const sending = rig.send('one');
    await rig.time.settle();
    rig.up(train);
    expect((await sending).kind).toBe('delivered');
    expect(train.texts).toEqual(['one']);
  });

  it('is not asked again by another way for what it refused for good, also after a restart', async () => {
    const rig = await Rig.start();
    const desk = way('desk');
    desk.reply = refusal;
    const tablet = new Client('tablet').silent();
    rig.up(desk);
    rig.up(tablet);
    const sending = rig.send('one');
    await rig.time.advance(5000);
    const id = await idOf(sending);
    tablet.answer({ kind: 'client-failed', status: 'sip 408' });
    await rig.time.settle();
    const train = way('train');
    const after = await rig.restart();
    after.up(train);
    const back = new Client('tablet');
    after.up(back);
    await after.time.settle();
    expect([train.texts, back.texts]).toEqual([[], ['one']]);
    expect(await after.stateOf(id)).toBe('delivered');
  });

  it('is handed what waits as fast as that way takes it, whatever room another one has', async () => {
    const rig = await Rig.start();
    const ids = [];
    for (const text of ['one', 'two', 'three']) ids.push(await idOf(rig.send(text)));
    const [desk, train] = [way('desk').silent(), way('train').silent()];
    rig.up(train);
    rig.up(desk);
    rig.up(train);
    await rig.time.settle();
    expect([desk.texts, train.texts]).toEqual([[], ['one']]);
    // Nothing stands in line there, so that what must not go any more is not on its way.
    expect(await rig.service.secondThoughts.recall(tom, ids[1] ?? '')).toBe('recalled');
    train.reply = { kind: 'delivered' };
    train.answer({ kind: 'delivered' });
    await rig.time.settle();
    expect([desk.texts, train.texts]).toEqual([[], ['one', 'three']]);
  });
});

describe('"one device\'s silence never delays another"', () => {
  it("in the sender's own transaction and in a release", async () => {
    const rig = await Rig.start();
    await rig.send('zero');
    const [silent, fast] = [new Client('silent').silent(), new Client('fast')];
    rig.up(silent);
    rig.up(fast);
    await rig.time.settle();
    for (const text of ['one', 'two']) expect((await rig.send(text)).kind).toBe('delivered');
    expect([silent.texts, fast.texts]).toEqual([['zero'], ['zero', 'one', 'two']]);
  });
});

describe('"a notify or pull client has it waiting: 202"', () => {
  it.each(['notify', 'pull'] as const)('%s: it waits, and nothing is sent', async (style) => {
    const rig = await Rig.start();
    const client = rig.up(new Styled('tablet', style));
    expect(await rig.send('one')).toMatchObject({ kind: 'accepted', state: 'waiting', isForMoment: true });
    expect(await rig.send('', { validityMs: 0 })).toMatchObject({ refusal: { reason: 'not-stored' } });
    await rig.time.advance(600_000);
    expect(client.texts).toEqual([]);
  });

  it('beside a push client it goes there; refused there it waits, since somebody may still fetch it', async () => {
    const rig = await Rig.start();
    const tablet = rig.up(new Styled('tablet', 'pull'));
    const phone = rig.up(new Client('phone'));
    expect((await rig.send('one')).kind).toBe('delivered');
    phone.reply = refusal;
    const id = await idOf(rig.send('two'));
    expect(await rig.stateOf(id)).toBe('waiting');
    expect(tablet.texts).toEqual([]);
    tablet.reply = refusal;
    expect(await rig.service.handOuts.hand(mary, id, ['tablet'])).toMatchObject({ kind: 'not-taken' });
    await rig.time.settle();
    expect(await rig.stateOf(id)).toBe('failed');
  });

  it('a client that becomes one of push gets what waits', async () => {
    const rig = await Rig.start();
    rig.up(new Styled('tablet', 'pull'));
    await rig.send('one');
    const tablet = rig.up(new Client('tablet'));
    await rig.time.settle();
    expect(tablet.texts).toEqual(['one']);
  });
});

describe('what is ready, for whoever shows it', () => {
  async function world() {
    const rig = await Rig.start();
    const news: string[] = [];
    rig.service.inbox.onChanged((recipient, isMore) => news.push(`${recipient} ${isMore ? 'more' : 'less'}`));
    const told = (): string[] => news.splice(0);
    const summary = async (limit = 20) => {
      const { senders, total, newest } = await rig.service.inbox.summary(mary, limit);
      return {
        from: new Map(senders.map(({ sender, count }) => [sender, count])),
        total,
        newest: newest.map((one) => one.id),
      };
    };
    return { rig, told, summary };
  }

  it('counts and lists the newest first, without what is held, and without whom its reader has blocked since', async () => {
    const { rig, summary } = await world();
    const one = await idOf(rig.send('one'));
    await rig.send('held', { condition: 'mood is happy' });
    const two = await idOf(rig.send('two', { from: john }));
    const three = await idOf(rig.send('three'));
    expect(await summary()).toEqual({ from: new Map([[tom, 2], [john, 1]]), total: 3, newest: [three, two, one] }); // prettier-ignore
    expect((await summary(1)).newest).toEqual([three]);
    rig.blocked.add(`${mary} ${tom}`);
    expect(await summary(1)).toEqual({ from: new Map([[john, 1]]), total: 1, newest: [two] });
    rig.blocked.add(`${mary} ${john}`);
    expect(await summary()).toEqual({ from: new Map(), total: 0, newest: [] });
  });

  it('changes at an arrival, a release, a condition that ceases to hold, a fetch, a rejection, a recall and an expiry', async () => {
    const { rig, told } = await world();
    const held = await idOf(rig.send('held', { condition: 'mood is happy' }));
    expect(told()).toEqual([]);
    await rig.publish(mary, { mood: ['happy'] });
    expect(told()).toEqual(['mary@localhost more']);
    await rig.publish(mary, { mood: ['sad'] });
    expect(told()).toEqual(['mary@localhost less']);
    await rig.service.secondThoughts.recall(tom, held);
    expect(told()).toEqual([]);
    const ids = [];
    for (const text of ['one', 'two', 'three']) ids.push(await idOf(rig.send(text)));
    await idOf(rig.send('four', { validityMs: 60_000 }));
    expect(told()).toEqual(Array.from({ length: 4 }, () => 'mary@localhost more'));
    await rig.service.inbox.take(mary, ids[0] ?? '');
    expect(told()).toEqual(['mary@localhost less']);
    await rig.service.inbox.reject(mary, ids[1] ?? '');
    expect(told()).toEqual(['mary@localhost less']);
    await rig.service.secondThoughts.recall(tom, ids[2] ?? '');
    expect(told()).toEqual(['mary@localhost less']);
    await rig.time.advance(65_000);
    expect(told()).toEqual(['mary@localhost less']);
  });

  it('does not change by what is passed straight on', async () => {
    const { rig, told } = await world();
    rig.up(new Client('phone'));
    await rig.send('one');
    expect(told()).toEqual([]);
  });
});
