import { afterEach, describe, expect, it } from 'vitest';
import type { DeliveryTarget } from '../../src/delivery/ports.ts';
import { heartbeatMs } from '../../src/endpoints/http/events/event-stream.ts';
import { streamsPerPrincipalMax, watchedMax } from '../../src/endpoints/http/events/event-hub.ts';
import { leaseMs } from '../../src/endpoints/http/events/stream-target.ts';
import type { Address } from '../../src/model/address.ts';
import { HttpWorld, type Flags, type Listening } from './http-world.ts';

let world: HttpWorld;

async function open(flags: Flags = {}): Promise<void> {
  world = await HttpWorld.open(flags);
}

afterEach(() => world.close());

const take = (who: string, id: unknown) => world.call(who, 'POST', `/v1/inbox/${String(id)}/delivered`);
const stateOf = async (who: string, id: string) => (await world.call(who, 'GET', `/v1/messages/${id}`)).json['state'];

async function isQuiet(stream: Listening, name: string): Promise<boolean> {
  await world.settle();
  // Something else that is sure to come, after which it would have come.
  await world.call('mary', 'PUT', '/v1/presence', { body: { 'x-mark': String(stream.seen.length) } });
  await world.time.advance(10_000);
  await stream.next('presence');
  return !stream.seen.some((event) => event.name === name);
}

describe('push', () => {
  it('what waited comes when the stream opens, marked, in order; acknowledged it does not come again', async () => {
    await open();
    const ids = [await world.send('tom', 'mary', 'one'), await world.send('john', 'mary', 'two')];
    const stream = await world.listen('mary');
    const messages = [await stream.next('message'), await stream.next('message')];
    expect(messages.map(({ id, text, deferred }) => [id, text, deferred])).toEqual([
      [ids[0], 'one', true],
      [ids[1], 'two', true],
    ]);
    for (const id of ids) expect((await take('mary', id)).status).toBe(204);
    stream.close();
    await world.settle();
    const again = await world.listen('mary');
    expect(await isQuiet(again, 'message')).toBe(true);
  });

  it('what another client took meanwhile, and has no row, can be acknowledged like everything', async () => {
    await open();
    const stream = await world.listen('mary');
    const phone: DeliveryTarget = {
      id: 'phone',
      device: 'phone',
      way: 'here',
      priority: 1,
      window: 1,
      style: 'push',
      attempt(_message, onOutcome) {
        onOutcome({ kind: 'delivered' });
        return { stopSending() {} };
      },
    };
    world.delivery?.targetUp('mary@localhost' as Address, phone);
    const id = await world.send('tom', 'mary', 'one', { expiresIn: 0 });
    expect((await stream.next('message'))['id']).toBe(id);
    expect([(await take('mary', id)).status, (await take('john', id)).status]).toEqual([204, 404]);
  });

  it('what is not acknowledged is offered again after a lease, and on the next stream, with the same id', async () => {
    await open();
    const id = await world.send('tom', 'mary', 'one');
    const stream = await world.listen('mary');
    await stream.next('message');
    await world.time.advance(leaseMs);
    await world.time.advance(30_000);
    expect((await stream.next('message'))['id']).toBe(id);
    stream.close();
    await world.settle();
    const next = await world.listen('mary', { lastEventId: stream.lastId });
    expect((await next.next('message'))['id']).toBe(id);
    expect(await stateOf('tom', id)).toBe('waiting');
  });

  it('a restart loses nothing', async () => {
    await open();
    const id = await world.send('tom', 'mary', 'one');
    const stream = await world.listen('mary');
    await stream.next('message');
    stream.close();
    world = await world.restarted();
    const next = await world.listen('mary', { lastEventId: stream.lastId });
    expect((await next.next('message'))['id']).toBe(id);
    expect((await take('mary', id)).status).toBe(204);
    expect(await stateOf('tom', id)).toBe('delivered');
  });

  it('two streams get it both, one acknowledgement is enough', async () => {
    await open();
    const [one, two] = [await world.listen('mary'), await world.listen('mary')];
    const id = await world.callAndWait(500, 'tom', 'POST', '/v1/messages', {
      body: { to: 'mary@localhost', text: 'a' },
    });
    await one.next('message');
    await two.next('message');
    await take('mary', id.json['id']);
    expect(await stateOf('tom', String(id.json['id']))).toBe('delivered');
    expect(await isQuiet(await world.listen('mary'), 'message')).toBe(true);
  });

  it('numbers its events without gaps, whatever else goes on', async () => {
    await open();
    await world.send('tom', 'mary', 'held', { deliverWhen: 'availability is not-available' });
    await world.send('tom', 'mary', 'one');
    const stream = await world.listen('mary');
    await stream.next('message');
    const body = { to: 'mary@localhost', text: 'two' };
    await world.callAndWait(500, 'john', 'POST', '/v1/messages', { body });
    await stream.next('message');
    expect(stream.seen.map(({ id }) => id)).toEqual(stream.seen.map((_event, at) => `0-${at + 1}`));
  });

  it('keeps the line alive', async () => {
    await open();
    const stream = await world.listen('mary');
    await stream.next('presence');
    await world.time.advance(heartbeatMs);
    expect(await stream.heard()).toContain(': beat\n\n');
  });
});

describe('notify and pull', () => {
  it('a notice of each message that is ready, without its content; fetched and acknowledged it is delivered', async () => {
    await open();
    expect((await world.call('mary', 'PUT', '/v1/delivery', { body: { method: 'notify' } })).json).toEqual({
      method: 'notify',
    });
    const first = await world.send('tom', 'mary', 'one');
    const held = await world.send('tom', 'mary', 'two', { deliverWhen: 'availability is not-available' });
    const stream = await world.listen('mary');
    expect(await stream.next('waiting')).toEqual({
      id: first,
      from: 'tom@localhost',
      at: '2026-11-21T09:00:00.000Z',
      deferred: true,
      contentType: 'text/plain;charset=UTF-8',
    });
    await world.call('mary', 'PUT', '/v1/presence', { body: { availability: 'not-available' } });
    expect((await stream.next('waiting'))['id']).toBe(held);
    expect((await world.call('mary', 'GET', `/v1/inbox/${held}`)).json['text']).toBe('two');
    await take('mary', held);
    expect([await stateOf('tom', held), await stateOf('tom', first)]).toEqual(['delivered', 'waiting']);
  });

  it('a pull client is told nothing, and is there', async () => {
    await open();
    await world.call('mary', 'PUT', '/v1/delivery', { body: { method: 'pull' } });
    const stream = await world.listen('mary');
    await world.send('tom', 'mary', 'one');
    expect(await isQuiet(stream, 'message')).toBe(true);
    expect(stream.seen.some(({ name }) => name === 'waiting')).toBe(false);
    expect((await world.call('tom', 'GET', '/v1/presence/mary@localhost')).json['online']).toBe(true);
  });

  it('another method is in effect on streams that are open, and kept', async () => {
    await open();
    await world.call('mary', 'PUT', '/v1/delivery', { body: { method: 'pull' } });
    const stream = await world.listen('mary');
    const id = await world.send('tom', 'mary', 'one');
    await world.call('mary', 'PUT', '/v1/delivery', { body: { method: 'push' } });
    expect((await stream.next('message'))['id']).toBe(id);
    await world.call('mary', 'PUT', '/v1/delivery', { body: { method: 'notify' } });
    world = await world.restarted();
    expect((await world.call('mary', 'GET', '/v1/delivery')).json).toEqual({ method: 'notify' });
  });

  it('a stream that is being opened goes by what was chosen meanwhile', async () => {
    await open();
    const gate = Promise.withResolvers<void>();
    const isReading = Promise.withResolvers<void>();
    world.beforeCall = (name) => {
      if (name !== 'blocks.listsOf') return undefined;
      isReading.resolve();
      return gate.promise;
    };
    const opening = world.listen('mary', { query: '?presence=john@localhost' });
    await isReading.promise;
    await world.call('mary', 'PUT', '/v1/delivery', { body: { method: 'notify' } });
    gate.resolve();
    const stream = await opening;
    const id = await world.send('tom', 'mary', 'one');
    expect((await stream.next('waiting'))['id']).toBe(id);
  });

  it('who chooses another method is not away in between', async () => {
    await open();
    const stream = await world.listen('mary');
    await world.time.advance(4000);
    await stream.next('presence');
    const id = await world.send('tom', 'mary', 'one', { deliverWhen: 'online changes' });
    for (const method of ['pull', 'push']) await world.call('mary', 'PUT', '/v1/delivery', { body: { method } });
    expect(await isQuiet(stream, 'message')).toBe(true);
    expect(await stateOf('tom', id)).toBe('held');
  });
});

describe('reports', () => {
  const wanted = { reports: ['stored', 'delivered', 'displayed', 'failed'] };

  it('come to the sender, each once, on every stream that is open', async () => {
    await open();
    const [one, two] = [await world.listen('tom'), await world.listen('tom')];
    const id = await world.send('tom', 'mary', 'a', wanted);
    const stored = { id, to: 'mary@localhost', kind: 'stored', state: 'waiting', at: '2026-11-21T09:00:00.000Z' };
    expect([await one.next('report'), await two.next('report')]).toEqual([stored, stored]);
    await take('mary', id);
    await world.call('mary', 'POST', `/v1/inbox/${id}/displayed`);
    expect((await one.next('report'))['kind']).toBe('delivered');
    expect((await one.next('report'))['kind']).toBe('displayed');
    await two.next('report');
    await two.next('report');
    one.close();
    two.close();
    await world.settle();
    const late = await world.listen('tom');
    await world.call('tom', 'PUT', '/v1/presence', { body: { mood: 'happy' } });
    await late.next('presence');
    expect(late.seen.some(({ name }) => name === 'report')).toBe(false);
  });

  it('wait for a sender who is away, also over a restart', async () => {
    await open();
    const id = await world.send('tom', 'mary', 'a', { ...wanted, expiresIn: 60 });
    await world.time.advance(60_000);
    await world.settle();
    world = await world.restarted();
    const stream = await world.listen('tom');
    expect((await stream.next('report'))['kind']).toBe('stored');
    expect(await stream.next('report')).toMatchObject({ id, kind: 'failed', state: 'expired' });
  });

  it('Last-Event-ID resumes without loss: what was sent after it comes again', async () => {
    await open();
    const stream = await world.listen('tom');
    const ids = [await world.send('tom', 'mary', 'a', wanted), await world.send('tom', 'mary', 'b', wanted)];
    await stream.next('report');
    const { lastId } = stream;
    expect((await stream.next('report'))['id']).toBe(ids[1]);
    stream.close();
    await world.settle();
    const third = await world.send('tom', 'mary', 'c', wanted);
    const next = await world.listen('tom', { lastEventId: lastId });
    expect([(await next.next('report'))['id'], (await next.next('report'))['id']]).toEqual([ids[1], third]);
    expect(next.seen[0]?.id).toBe(`1-${Number(lastId.split('-')[1]) + 1}`);
  });
});

describe('presence and who asks', () => {
  it('tells of what may be seen, and of nothing else; the last state always comes', async () => {
    await open();
    const stream = await world.listen('tom', { query: '?presence=mary@localhost' });
    const own = await stream.next('presence');
    const first = await stream.next('presence');
    expect([own['address'], first['address'], first['online']]).toEqual(['tom@localhost', 'mary@localhost', false]);
    for (const mood of ['angry', 'sad']) await world.call('mary', 'PUT', '/v1/presence', { body: { mood } });
    for (const availability of ['available', 'discreet', 'not-available']) {
      await world.call('mary', 'PUT', '/v1/presence', { body: { availability } });
    }
    await world.time.advance(5000);
    const last = await stream.next('presence');
    expect(last).toEqual({
      address: 'mary@localhost',
      visible: ['online', 'availability'],
      online: false,
      availability: 'not-available',
    });
  });

  it('somebody who must be asked is asked; what they answer is in effect', async () => {
    await open({ 'visible-by-default': 'none' });
    const mary = await world.listen('mary');
    await mary.next('presence');
    const tom = await world.listen('tom', { query: '?presence=mary@localhost' });
    expect(await mary.next('subscription')).toEqual({ address: 'tom@localhost' });
    expect((await world.call('mary', 'GET', '/v1/rules/requests')).json).toEqual({
      items: [{ address: 'tom@localhost' }],
    });
    await tom.next('presence');
    expect(await tom.next('presence')).toEqual({ address: 'mary@localhost', visible: [] });
    const body = { allow: true };
    expect((await world.call('mary', 'POST', '/v1/rules/requests/tom@localhost', { body })).status).toBe(200);
    await world.time.advance(5000);
    expect(await tom.next('presence')).toMatchObject({ visible: ['online', 'availability'], online: true });
    expect((await world.call('mary', 'GET', '/v1/rules/requests')).json).toEqual({ items: [] });
  });

  it('a condition that is refused never prompts the recipient', async () => {
    await open({ 'visible-by-default': 'none' });
    const mary = await world.listen('mary');
    const body = { to: 'mary@localhost', text: 'a', deliverWhen: 'mood is happy' };
    expect((await world.call('tom', 'POST', '/v1/messages', { body })).status).toBe(403);
    expect(await isQuiet(mary, 'subscription')).toBe(true);
    expect((await world.call('mary', 'GET', '/v1/rules/requests')).json).toEqual({ items: [] });
  });
});

describe('limits and ends', () => {
  it('streamsPerPrincipalMax streams and not one more', async () => {
    await open();
    for (let count = 0; count < streamsPerPrincipalMax; count += 1) await world.listen('mary');
    const answer = await world.call('mary', 'GET', '/v1/events');
    expect([answer.status, answer.json['type']]).toEqual([429, 'urn:restante:problem:too-many-streams']);
    await world.listen('tom');
  });

  it('watchedMax presentities and not one more; an unknown one is 404', async () => {
    await open();
    const query = (count: number) => `?${Array.from({ length: count }, () => 'presence=mary@localhost').join('&')}`;
    await world.listen('tom', { query: query(watchedMax) });
    expect((await world.call('tom', 'GET', `/v1/events${query(watchedMax + 1)}`)).status).toBe(400);
    expect((await world.call('tom', 'GET', '/v1/events?presence=nobody@localhost')).status).toBe(404);
  });

  it('a removed account or a new password ends its streams', async () => {
    await open();
    const stream = await world.listen('mary');
    await stream.next('presence');
    const passwords = { md5: 'a'.repeat(64), sha256: 'b'.repeat(128) };
    await world.stores.accounts.setPasswords('mary@localhost' as never, passwords);
    await world.time.advance(1000);
    await stream.ended();
    expect((await world.call('mary', 'GET', '/v1/inbox')).status).toBe(401);
  });

  it('what a client that went away did not acknowledge still waits', async () => {
    await open();
    const stream = await world.listen('mary');
    const sending = world.call('tom', 'POST', '/v1/messages', { body: { to: 'mary@localhost', text: 'a' } });
    await stream.next('message');
    stream.close();
    await world.settle();
    const { json } = await sending;
    expect(json['state']).toBe('waiting');
    expect((await world.call('mary', 'GET', '/v1/inbox')).json['items']).toHaveLength(1);
    expect((await world.call('tom', 'GET', '/v1/presence/mary@localhost')).json['online']).toBe(false);
  });
});
