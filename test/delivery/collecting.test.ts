import { describe, expect, it } from 'vitest';
import type { OutgoingMessage } from '../../src/delivery/ports.ts';
import { Client, john, mary, Rig, tom } from './delivery-rig.ts';

const http = { origin: 'http', reportsWanted: ['stored', 'delivered', 'displayed', 'failed'] } as const;

async function kept(rig: Rig, options: Parameters<Rig['send']>[1] = {}): Promise<string> {
  const outcome = await rig.send('hi', options);
  if (outcome.kind !== 'accepted') throw new Error(outcome.kind);
  return outcome.id;
}

/** A message over HTTP, all of whose reports are wanted. */
function overHttp(rig: Rig, options: { condition?: string; validityMs?: number; waitMs?: number } = {}) {
  const message = {
    sender: tom,
    recipient: mary,
    sentAt: 0,
    contentType: 'text/plain',
    body: new Uint8Array(3),
    ...http,
  };
  const { waitMs = 500, ...rest } = options;
  return rig.send('', { message, keepFirst: { waitMs }, ...rest });
}

async function reportsOf(rig: Rig, owner = tom): Promise<string[]> {
  const reports = await rig.service.reports.reports({ owner, protocol: 'http', limit: 99 });
  return reports.map(({ kind, state }) => (kind === state ? kind : `${kind} ${state}`));
}

class Listener extends Client {
  override readonly style: 'push' | 'notify' | 'pull';
  readonly announced: string[] = [];

  constructor(style: 'push' | 'notify' | 'pull' = 'notify') {
    super(style);
    this.style = style;
  }

  override announce(message: OutgoingMessage): void {
    this.announced.push(message.id);
  }
}

describe('"HTTP and IMPS sends are [written], for their timeline"; "durable first, then it waits … for a delivery"', () => {
  it('has its row before a client is tried, and its sender hears of the delivery in time', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone').silent());
    const sending = overHttp(rig);
    await rig.time.settle();
    expect(await rig.list()).toEqual(['waiting']);
    phone.answer({ kind: 'delivered' });
    expect(await sending).toMatchObject({ kind: 'delivered' });
    expect(await rig.list()).toEqual(['delivered']);
    expect(phone.received[0]?.isDeferred).toBe(false);
    expect(await reportsOf(rig)).toEqual(['delivered']);
  });

  it('is answered as kept when the wait is over, and reported as stored before that', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone').silent());
    const sending = overHttp(rig);
    await rig.time.advance(499);
    expect(await reportsOf(rig)).toEqual([]);
    await rig.time.advance(1);
    expect(await sending).toMatchObject({ kind: 'accepted', state: 'waiting', isForMoment: true });
    expect(await reportsOf(rig)).toEqual(['stored waiting']);
    phone.answer({ kind: 'delivered' });
    await rig.time.settle();
    expect(await reportsOf(rig)).toEqual(['stored waiting', 'delivered']);
  });

  it('is answered at once when nobody is there', async () => {
    const rig = await Rig.start();
    expect(await overHttp(rig)).toMatchObject({ kind: 'accepted', state: 'waiting' });
    expect(await reportsOf(rig)).toEqual(['stored waiting']);
  });

  it('with a validity of 0 is delivered now or refused, and kept nowhere', async () => {
    const rig = await Rig.start();
    expect(await overHttp(rig, { validityMs: 0 })).toMatchObject({
      kind: 'refused',
      refusal: { reason: 'not-stored' },
    });
    rig.up(new Client('phone'));
    expect(await overHttp(rig, { validityMs: 0 })).toMatchObject({ kind: 'delivered' });
    expect(await rig.list()).toEqual([]);
  });
});

describe('"The same Idempotency-Key with another body: 409"', () => {
  const again = (rig: Rig, content: string) =>
    rig.send('hi', {
      duplicateKeys: ['sender-wide k', `sender-wide k ${content}`],
      contentKey: `sender-wide k ${content}`,
    });

  it('with the same body it is answered as the first time, with another it is refused', async () => {
    const rig = await Rig.start();
    const first = await again(rig, 'a');
    expect(await again(rig, 'a')).toEqual(first);
    expect(await again(rig, 'b')).toEqual({ kind: 'refused', refusal: { reason: 'key-used-otherwise' } });
    expect(await rig.list()).toEqual(['waiting']);
  });

  it('also while the first is under way, and after it was relayed', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone').silent());
    const outcomes = [again(rig, 'a'), again(rig, 'b'), again(rig, 'a')];
    await rig.time.settle();
    phone.answer({ kind: 'delivered' });
    const [first, other, same] = await Promise.all(outcomes);
    expect([first?.kind, other?.kind, same?.kind]).toEqual(['delivered', 'refused', 'delivered']);
    expect((await again(rig, 'b')).kind).toBe('refused');
    expect((await again(rig, 'a')).kind).toBe('delivered');
  });
});

describe('"A plain list … shows what is ready. The override … shows and fetches what is held as well"', () => {
  it('shows what waits, and of a sender everything, page by page', async () => {
    const rig = await Rig.start();
    const first = await kept(rig);
    const held = await kept(rig, { condition: 'mood is happy' });
    const third = await kept(rig, { from: john });
    const ids = async (look: { sender?: typeof tom; after?: string; limit?: number }) => {
      const { entries, hasMore } = await rig.service.inbox.look(mary, { limit: 9, ...look });
      return [entries.map(({ id }) => id), hasMore];
    };
    expect(await ids({})).toEqual([[first, third], false]);
    expect(await ids({ sender: tom })).toEqual([[first, held], false]);
    expect(await ids({ limit: 1 })).toEqual([[first], true]);
    expect(await ids({ limit: 1, after: first })).toEqual([[third], false]);
  });

  it('offers nothing of somebody whom the recipient has blocked since', async () => {
    const rig = await Rig.start();
    const id = await kept(rig);
    const other = await kept(rig, { from: john });
    rig.blocked.add(`${mary} ${tom}`);
    const { entries, hasMore } = await rig.service.inbox.look(mary, { limit: 1 });
    expect([entries.map((entry) => entry.id), hasMore]).toEqual([[other], false]);
    expect((await rig.service.inbox.look(mary, { sender: tom, limit: 9 })).entries).toEqual([]);
    expect(await rig.service.inbox.read(mary, id)).toBeUndefined();
  });

  it('a fetch without an acknowledgement is no delivery', async () => {
    const rig = await Rig.start();
    const id = await kept(rig);
    expect((await rig.service.inbox.read(mary, id))?.message.sender).toBe(tom);
    expect(await rig.service.inbox.read(john, id)).toBeUndefined();
    expect(await rig.stateOf(id)).toBe('waiting');
  });

  it.each([['waiting', {}] as const, ['held', { condition: 'mood is happy' }] as const])(
    'a %s one that is acknowledged is delivered, once',
    async (_state, options) => {
      const rig = await Rig.start();
      const outcome = await overHttp(rig, options);
      const id = 'id' in outcome ? outcome.id : '';
      expect(await rig.service.inbox.take(john, id)).toEqual({ kind: 'unknown' });
      expect(await rig.service.inbox.take(mary, id)).toEqual({ kind: 'done' });
      expect(await rig.service.inbox.take(mary, id)).toEqual({ kind: 'done' });
      expect(await rig.stateOf(id)).toBe('delivered');
      const phone = rig.up(new Client('phone'));
      await rig.publish(mary, { mood: ['happy'] });
      await rig.time.settle();
      expect(phone.texts).toEqual([]);
      expect((await reportsOf(rig)).slice(1)).toEqual(['delivered']);
    },
  );

  it('while a phone is being tried: the row ends once, the phone is not tried again', async () => {
    const rig = await Rig.start();
    const id = await kept(rig);
    const phone = rig.up(new Client('phone').silent());
    await rig.time.settle();
    expect(await rig.service.inbox.take(mary, id)).toEqual({ kind: 'done' });
    expect(phone.stopped).toEqual([id]);
    phone.answer({ kind: 'client-failed', status: 'sip 408' });
    await rig.time.advance(3_600_000);
    expect(phone.received).toHaveLength(1);
    expect(await rig.stateOf(id)).toBe('delivered');
  });

  it.each(['in its row', 'while a phone is being tried'])(
    'sent on %s: delivered, and its sender is told why',
    async (way) => {
      const rig = await Rig.start();
      const outcome = await overHttp(rig);
      const id = 'id' in outcome ? outcome.id : '';
      if (way !== 'in its row') rig.up(new Client('phone').silent());
      await rig.time.settle();
      expect(await rig.service.inbox.forward(mary, id)).toEqual({ kind: 'done' });
      expect(await rig.stateOf(id)).toBe('delivered');
      expect(await reportsOf(rig)).toEqual(['stored waiting', 'delivered forwarded']);
      expect(await rig.service.inbox.forward(mary, id)).toEqual({ kind: 'done' });
      expect(await rig.service.inbox.forward(john, id)).toEqual({ kind: 'unknown' });
      expect(await reportsOf(rig)).toHaveLength(2);
    },
  );

  it('a relayed one without a row is taken, and its sender hears so', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone').silent());
    const sending = rig.send('hi');
    await rig.time.settle();
    expect(await rig.service.inbox.take(mary, phone.received[0]?.id ?? '')).toEqual({ kind: 'done' });
    expect(await sending).toMatchObject({ kind: 'delivered' });
    expect(await rig.list()).toEqual([]);
  });

  it('displayed after delivered, or at once', async () => {
    const rig = await Rig.start();
    const ids: string[] = [];
    for (let count = 0; count < 2; count += 1) {
      const outcome = await overHttp(rig);
      ids.push('id' in outcome ? outcome.id : '');
    }
    const [later = '', atOnce = ''] = ids;
    await rig.service.inbox.take(mary, later);
    expect(await rig.service.inbox.show(mary, later)).toEqual({ kind: 'done' });
    expect(await rig.service.inbox.show(mary, later)).toEqual({ kind: 'done' });
    expect(await rig.service.inbox.show(mary, atOnce)).toEqual({ kind: 'done' });
    expect(await rig.service.inbox.take(mary, atOnce)).toEqual({ kind: 'done' });
    expect(await rig.list()).toEqual(['displayed', 'displayed']);
    expect((await reportsOf(rig)).slice(2)).toEqual(['delivered', 'displayed', 'delivered', 'displayed']);
    expect(await rig.service.inbox.show(mary, 'no such id')).toEqual({ kind: 'unknown' });
  });

  it('one that is turned away is rejected, and its sender is told', async () => {
    const rig = await Rig.start();
    const outcome = await overHttp(rig);
    const id = 'id' in outcome ? outcome.id : '';
    expect(await rig.service.inbox.reject(mary, id)).toEqual({ kind: 'done' });
    expect(await rig.service.inbox.take(mary, id)).toEqual({ kind: 'ended', state: 'rejected' });
    expect(await reportsOf(rig)).toEqual(['stored waiting', 'failed rejected']);
  });

  it('also while a phone is being tried, with or without a row', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone').silent());
    const relayed = rig.send('one');
    await rig.time.settle();
    expect(await rig.service.inbox.reject(mary, phone.received[0]?.id ?? '')).toEqual({ kind: 'done' });
    expect(await relayed).toMatchObject({ kind: 'refused', refusal: { reason: 'refused-by-recipient' } });
    phone.answer({ kind: 'delivered' });
    const sending = overHttp(rig);
    await rig.time.settle();
    expect(await rig.service.inbox.reject(mary, phone.received[1]?.id ?? '')).toEqual({ kind: 'done' });
    expect(await sending).toMatchObject({ kind: 'refused', refusal: { reason: 'refused-by-recipient' } });
    expect(await rig.list()).toEqual(['rejected']);
  });
});

describe('notify and pull', () => {
  it('a notify client is told of each message that is ready when it comes, and when one becomes ready', async () => {
    const rig = await Rig.start();
    const first = await kept(rig);
    const held = await kept(rig, { condition: 'mood is happy' });
    const listener = rig.up(new Listener()) as Listener;
    await rig.time.settle();
    expect(listener.announced).toEqual([first]);
    const outcome = await rig.send('now');
    expect(outcome).toMatchObject({ kind: 'accepted', state: 'waiting', isForMoment: true });
    await rig.publish(mary, { mood: ['happy'] });
    await rig.time.settle();
    expect(listener.announced).toEqual([first, 'id' in outcome ? outcome.id : '', held]);
    expect(listener.received).toEqual([]);
  });

  it('nothing is announced while a push client is there; what is left is when it goes', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone').silent());
    const listener = rig.up(new Listener()) as Listener;
    const sending = rig.send('hi');
    await rig.time.advance(5000);
    const outcome = await sending;
    await rig.time.settle();
    expect(listener.announced).toEqual([]);
    rig.service.targetDown(mary, phone.id);
    await rig.time.settle();
    expect(listener.announced).toEqual(['id' in outcome ? outcome.id : '']);
  });

  it('a pull client is told nothing and counts as being there', async () => {
    const rig = await Rig.start();
    const client = rig.up(new Listener('pull')) as Listener;
    expect(await rig.send('hi')).toMatchObject({ kind: 'accepted', isForMoment: true });
    expect(rig.current(mary).state.get('online')).toEqual(['true']);
    expect([client.announced, client.received]).toEqual([[], []]);
  });

  it('nothing of a blocked sender is announced', async () => {
    const rig = await Rig.start();
    await kept(rig);
    rig.blocked.add(`${mary} ${tom}`);
    const listener = rig.up(new Listener()) as Listener;
    await rig.time.settle();
    expect(listener.announced).toEqual([]);
  });
});

describe('"Reports to the sender who asks: stored, delivered, displayed, failed …, each once per recipient"', () => {
  it.each([
    ['expired', async (rig: Rig) => rig.time.advance(1000)],
    ['failed', async (rig: Rig) => rig.service.principalRemoved(mary)],
  ] as const)('failed, with the state %s', async (state, end) => {
    const rig = await Rig.start();
    const made: string[] = [];
    rig.service.reports.use('http', { made: (owner) => void made.push(owner) });
    await overHttp(rig, { condition: 'mood is happy', validityMs: 1000 });
    expect(await reportsOf(rig)).toEqual(['stored held']);
    await end(rig);
    await rig.time.settle();
    expect((await reportsOf(rig)).slice(1)).toEqual([state === 'failed' ? 'failed' : `failed ${state}`]);
    expect(made).toEqual([tom, tom]);
  });

  it('none for what its sender took back, for what was not asked, and over SIP by the clients themselves', async () => {
    const rig = await Rig.start();
    const outcome = await overHttp(rig);
    await rig.service.secondThoughts.recall(tom, 'id' in outcome ? outcome.id : '');
    await rig.service.inbox.take(mary, await kept(rig));
    expect(await reportsOf(rig)).toEqual(['stored waiting']);
    expect(await rig.service.reports.reports({ owner: tom, protocol: 'sip', limit: 9 })).toEqual([]);
  });
});

describe('what a sender may know of what they sent', () => {
  it('states, times and their own condition; no client and no answer of one', async () => {
    const rig = await Rig.start();
    const id = await kept(rig, { condition: 'mood is happy' });
    const phone = rig.up(
      new Client('phone', { reply: { kind: 'message-failed', status: 'sip 500', mayPoison: true } }),
    );
    await rig.publish(mary, { mood: ['happy'] });
    await rig.time.settle();
    phone.reply = { kind: 'delivered' };
    await rig.time.advance(30_000);
    await rig.time.settle();
    const story = await rig.service.sent.story(tom, id);
    expect(story?.timeline.map(({ state }) => state)).toEqual(['held', 'waiting', 'delivered']);
    expect(story?.message.condition).toBe('mood is happy');
    expect(await rig.service.sent.story(john, id)).toBeUndefined();
  });

  it('pages of their own messages', async () => {
    const rig = await Rig.start();
    const ids = [await kept(rig), await kept(rig, { to: john }), await kept(rig, { condition: 'mood is happy' })];
    await kept(rig, { from: john });
    const list = async (query: object) => {
      const { messages, hasMore } = await rig.service.sent.list(tom, { limit: 9, ...query });
      return [messages.map(({ id }) => id), hasMore];
    };
    expect(await list({})).toEqual([ids, false]);
    expect(await list({ limit: 2 })).toEqual([ids.slice(0, 2), true]);
    expect(await list({ limit: 2, after: ids[1] })).toEqual([ids.slice(2), false]);
    expect(await list({ recipient: john })).toEqual([[ids[1]], false]);
    expect(await list({ state: 'held' })).toEqual([[ids[2]], false]);
  });
});

describe('an operator', () => {
  const act = { operator: john, reason: 'asked for by phone' };

  it('releases what is held, whatever its condition', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone'));
    const id = await kept(rig, { condition: 'mood is happy' });
    expect(await rig.service.operator.release(id, act)).toBe('done');
    await rig.time.settle();
    expect(phone.texts).toEqual(['hi']);
    expect(await rig.service.operator.release(id, act)).toBe('ended');
    expect(await rig.service.operator.release('no such id', act)).toBe('unknown');
    const story = await rig.service.operator.story(id);
    expect(story?.steps.map(({ what }) => what)).toContain('released by john@localhost: asked for by phone');
  });

  it('purges, and the sender is told', async () => {
    const rig = await Rig.start();
    const outcome = await overHttp(rig);
    const id = 'id' in outcome ? outcome.id : '';
    const phone = rig.up(new Client('phone').silent());
    await rig.time.settle();
    const purging = rig.service.operator.purge(id, act);
    await rig.time.settle();
    phone.answer({ kind: 'client-failed', status: 'sip 408' });
    expect(await purging).toBe('done');
    expect(await rig.stateOf(id)).toBe('failed');
    expect(await reportsOf(rig)).toEqual(['stored waiting', 'failed']);
    expect(await rig.service.operator.purge(id, act)).toBe('ended');
    expect(await rig.service.operator.purge('no such id', act)).toBe('unknown');
  });
});
