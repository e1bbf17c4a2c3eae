import { afterEach, describe, expect, it } from 'vitest';
import { StoreFault } from '../../src/base/store-fault.ts';
import { HttpWorld, type Answer, type Flags } from './http-world.ts';

let world: HttpWorld;

async function open(flags: Flags = {}): Promise<void> {
  world = await HttpWorld.open(flags);
}

afterEach(() => world.close());

const post = (who: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  world.call(who, 'POST', '/v1/messages', { body, headers });
const toMary = (more: Readonly<Record<string, unknown>> = {}) => ({ to: 'mary@localhost', text: 'hi', ...more });
const nameOf = ({ status, json }: Answer): string => `${status} ${String(json['type']).split(':').at(-1)}`;

describe('POST /v1/messages', () => {
  it('is answered 202 waiting for somebody who is away, and is in the timeline', async () => {
    await open();
    const { status, json } = await post('tom', toMary());
    expect(status).toBe(202);
    expect(json).toMatchObject({ state: 'waiting', to: 'mary@localhost', expiresAt: '2026-11-28T09:00:00.000Z' });
    const story = await world.call('tom', 'GET', `/v1/messages/${String(json['id'])}`);
    expect(story.json).toMatchObject({ state: 'waiting', size: 2, timeline: [{ state: 'waiting' }] });
  });

  it('is held while its condition is unmet', async () => {
    await open();
    const { status, json } = await post('tom', toMary({ deliverWhen: 'availability  is AVAILABLE' }));
    expect([status, json['state']]).toEqual([202, 'held']);
  });

  it('is answered 200 delivered when a client acknowledges it in time', async () => {
    await open();
    const stream = await world.listen('mary');
    const sending = post('tom', toMary({ subject: 'Lunch' }));
    const message = await stream.next('message');
    expect(message).toEqual({
      id: message['id'],
      from: 'tom@localhost',
      at: '2026-11-21T09:00:00.000Z',
      deferred: false,
      subject: 'Lunch',
      contentType: 'text/plain;charset=UTF-8',
      text: 'hi',
    });
    await world.call('mary', 'POST', `/v1/inbox/${String(message['id'])}/delivered`);
    const { status, json } = await sending;
    expect([status, json['state'], json['id']]).toEqual([200, 'delivered', message['id']]);
  });

  it.each([
    [undefined, 500],
    ['respond-async, wait=2', 2000],
  ] as const)('waits for a delivery as long as %s says: %d ms', async (prefer, ms) => {
    await open();
    await world.listen('mary');
    let answer: Answer | undefined;
    void post('tom', toMary(), prefer === undefined ? {} : { prefer }).then((came) => (answer = came));
    await world.settle();
    await world.time.advance(ms - 1);
    await world.settle();
    expect(answer).toBeUndefined();
    await world.time.advance(1);
    await world.settle();
    expect([answer?.status, answer?.json['state']]).toEqual([202, 'waiting']);
    expect(answer?.headers.get('preference-applied')).toBe(prefer === undefined ? null : 'wait=2');
  });

  it('takes any content as base64, and gives it back as it came', async () => {
    await open();
    const body = Buffer.from([0, 255, 10, 13]).toString('base64');
    const sent = await post('tom', { to: 'sip:mary@localhost', contentType: 'application/x-thing;v="1"', body });
    const got = await world.call('mary', 'GET', `/v1/inbox/${String(sent.json['id'])}`);
    expect(got.json).toMatchObject({ contentType: 'application/x-thing;v="1"', body, deferred: true });
    expect(got.json).not.toHaveProperty('text');
  });

  it.each([
    ['no such recipient', toMary({ to: 'nobody@localhost' }), '404 unknown-recipient'],
    ['another domain', toMary({ to: 'mary@example.org' }), '404 unknown-recipient'],
    ['no address', toMary({ to: 'mary' }), '400 malformed-address'],
    ['a condition with a fault', toMary({ deliverWhen: 'mood is' }), '400 malformed-condition'],
    ['an attribute that is hidden', toMary({ deliverWhen: 'mood is happy' }), '403 attribute-not-authorised'],
    ['now or never', toMary({ expiresIn: 0 }), '409 not-stored'],
    ['a negative validity', toMary({ expiresIn: -1 }), '400 malformed-request'],
    ['an end in the past', toMary({ expiresAt: '2026-11-21T08:59:59Z' }), '400 malformed-request'],
    ['no time', toMary({ expiresAt: 'tomorrow' }), '400 malformed-request'],
    ['two ends', toMary({ expiresIn: 5, expiresAt: '2026-11-22T00:00:00Z' }), '400 malformed-request'],
    ['too large', toMary({ text: 'x'.repeat(65_537) }), '413 too-large'],
    ['an unknown field', toMary({ deliverwhen: 'online' }), '400 malformed-request'],
    ['a wrong type', toMary({ text: 5 }), '400 malformed-request'],
    ['no content', { to: 'mary@localhost' }, '400 malformed-request'],
    ['two contents', toMary({ contentType: 'text/plain', body: 'aGk=' }), '400 malformed-request'],
    ['bad base64', { to: 'mary@localhost', contentType: 'text/plain', body: 'a*b' }, '400 malformed-request'],
    ['no media type', { to: 'mary@localhost', contentType: 'text', body: 'aGk=' }, '400 malformed-request'],
    ['a line feed in the subject', toMary({ subject: 'a\r\nb: c' }), '400 malformed-request'],
    ['half a character', toMary({ text: '\ud800' }), '400 malformed-request'],
    ['an unknown report', toMary({ reports: ['seen'] }), '400 malformed-request'],
    ['broken JSON', '{', '400 malformed-request'],
    ['no UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), '400 malformed-request'],
    ['no object', '[]', '400 malformed-request'],
  ])('%s is refused by name, and nothing is stored', async (_what, body, expected) => {
    await open();
    expect(nameOf(await post('tom', body))).toBe(expected);
    expect((await world.call('tom', 'GET', '/v1/messages')).json['items']).toEqual([]);
  });

  it('names the fault: position, attributes, field', async () => {
    await open();
    expect((await post('tom', toMary({ deliverWhen: 'online or mod is x' }))).json).toMatchObject({ position: 10 });
    const hidden = await post('tom', toMary({ deliverWhen: 'mood is happy and sphere is home' }));
    expect(hidden.json).toMatchObject({ attributes: ['mood', 'sphere'] });
    expect(String((await post('tom', toMary({ txet: 1 }))).json['detail'])).toContain('txet');
  });

  it('takes a body of exactly --max-body', async () => {
    await open({ 'max-body': '10' });
    expect((await post('tom', toMary({ text: 'x'.repeat(10) }))).status).toBe(202);
    expect(nameOf(await post('tom', toMary({ text: 'x'.repeat(11) })))).toBe('413 too-large');
  });

  it.each([
    [{ 'quota-pair': '1' }, '429 sender-queue-full', null],
    [{ 'quota-recipient': '1,1MiB' }, '507 offline-space-full', null],
    [{ rate: '1/10' }, '429 too-many-requests', '10'],
    [{ 'call-rate': '1/10' }, '429 too-many-requests', '10'],
  ])('a limit of %o is told, and the next is refused', async (flags, expected, retryAfter) => {
    await open(flags);
    expect((await post('tom', toMary())).status).toBe(202);
    const second = await post('tom', toMary());
    expect([nameOf(second), second.headers.get('retry-after')]).toEqual([expected, retryAfter]);
  });

  it.each([
    [{ conditional: 'off' }, toMary({ deliverWhen: 'online' }), '501 conditional-delivery-not-supported'],
    [{ 'store-offline': 'off' }, toMary(), '409 not-stored'],
  ])('with %o: %o is %s', async (flags, body, expected) => {
    await open(flags);
    expect(nameOf(await post('tom', body))).toBe(expected);
  });

  it('a store that cannot commit is 503 with Retry-After, and the next try works', async () => {
    await open();
    world.beforeCall = (name) => {
      if (name === 'mailbox.put') throw new StoreFault('full', true);
    };
    const refused = await post('tom', toMary());
    expect([nameOf(refused), refused.headers.get('retry-after')]).toEqual(['503 store-unavailable', '5']);
    world.beforeCall = undefined;
    expect((await post('tom', toMary())).status).toBe(202);
  });
});

describe('Idempotency-Key', () => {
  it('the same again is answered as the first time and stored once; another body is 409, also to somebody else', async () => {
    await open();
    const key = { 'idempotency-key': 'k1' };
    const first = await post('tom', toMary(), key);
    const again = await post('tom', toMary(), key);
    expect([again.status, again.json]).toEqual([first.status, first.json]);
    expect(nameOf(await post('tom', toMary({ text: 'other' }), key))).toBe('409 idempotency-key-used');
    expect(nameOf(await post('tom', toMary({ to: 'john@localhost' }), key))).toBe('409 idempotency-key-used');
    expect((await post('john', toMary(), key)).status).toBe(202);
    expect((await world.call('tom', 'GET', '/v1/messages')).json['items']).toHaveLength(1);
  });

  it('survives kill -9, and a delivery in its own transaction is told again', async () => {
    await open();
    const stream = await world.listen('mary');
    const key = { 'idempotency-key': 'k1' };
    const sending = post('tom', toMary(), key);
    const message = await stream.next('message');
    await world.call('mary', 'POST', `/v1/inbox/${String(message['id'])}/delivered`);
    const first = await sending;
    stream.close();
    world = await world.restarted();
    const again = await post('tom', toMary(), key);
    expect([again.status, again.json['state'], again.json['id']]).toEqual([200, 'delivered', first.json['id']]);
  });
});

describe('what I sent', () => {
  it('is listed page by page, by state and recipient', async () => {
    await open();
    const ids = [await world.send('tom', 'mary', 'a'), await world.send('tom', 'john', 'b')];
    ids.push(await world.send('tom', 'mary', 'c', { deliverWhen: 'availability is available' }));
    await world.send('john', 'mary', 'd');
    const list = async (query: string) => {
      const { json } = await world.call('tom', 'GET', `/v1/messages${query}`);
      return [(json['items'] as { id: string }[]).map(({ id }) => id), json['next']];
    };
    expect(await list('')).toEqual([ids, undefined]);
    expect(await list('?limit=2')).toEqual([ids.slice(0, 2), ids[1]]);
    expect(await list(`?limit=2&after=${ids[1] ?? ''}`)).toEqual([[ids[2]], undefined]);
    expect(await list('?state=held')).toEqual([[ids[2]], undefined]);
    expect(await list('?to=sip:john@localhost')).toEqual([[ids[1]], undefined]);
  });

  it.each([
    ['GET', '/v1/messages/ID', undefined],
    ['PATCH', '/v1/messages/ID', { expiresIn: 5 }],
    ['DELETE', '/v1/messages/ID', undefined],
  ])("%s of somebody else's message is as unknown as one that never was", async (method, path, body) => {
    await open();
    const id = await world.send('john', 'mary', 'a');
    const options = body === undefined ? {} : { body };
    const other = await world.call('tom', method, path.replace('ID', id), options);
    const none = await world.call('tom', method, path.replace('ID', 'none'), options);
    expect([nameOf(other), other.json]).toEqual(['404 unknown-message', none.json]);
  });

  it('is recalled as long as it is not delivered', async () => {
    await open();
    const id = await world.send('tom', 'mary', 'a');
    expect((await world.call('tom', 'DELETE', `/v1/messages/${id}`)).json).toEqual({ id, state: 'recalled' });
    expect((await world.call('tom', 'DELETE', `/v1/messages/${id}`)).status).toBe(200);
    expect((await world.call('mary', 'GET', '/v1/inbox')).json['items']).toEqual([]);
    const taken = await world.send('tom', 'mary', 'b');
    await world.call('mary', 'POST', `/v1/inbox/${taken}/delivered`);
    const late = await world.call('tom', 'DELETE', `/v1/messages/${taken}`);
    expect([nameOf(late), late.json['state']]).toEqual(['409 already-ended', 'delivered']);
  });

  it('gets another condition or end, evaluated at once; one that is refused leaves the old', async () => {
    await open();
    const id = await world.send('tom', 'mary', 'a', { deliverWhen: 'availability is available' });
    const patch = (body: unknown) => world.call('tom', 'PATCH', `/v1/messages/${id}`, { body });
    expect(nameOf(await patch({ deliverWhen: 'mood is happy' }))).toBe('403 attribute-not-authorised');
    expect(nameOf(await patch({ deliverWhen: 'mood' }))).toBe('400 malformed-condition');
    expect(nameOf(await patch({}))).toBe('400 malformed-request');
    expect((await patch({ expiresIn: 60 })).json).toMatchObject({
      state: 'held',
      deliverWhen: 'availability is available',
      expiresAt: '2026-11-21T09:01:00.000Z',
    });
    expect((await patch({ deliverWhen: null })).json).toMatchObject({ state: 'waiting' });
    await world.time.advance(60_000);
    await world.settle();
    expect(nameOf(await patch({ expiresIn: 5 }))).toBe('409 already-ended');
    const story = await world.call('tom', 'GET', `/v1/messages/${id}`);
    const timeline = story.json['timeline'] as { state: string }[];
    expect(timeline.map(({ state }) => state)).toEqual(['held', 'waiting', 'expired']);
  });
});

describe('the inbox', () => {
  it('shows what is ready, and of a sender everything; nothing tells of a condition', async () => {
    await open();
    const ready = await world.send('tom', 'mary', 'a', { subject: 'one' });
    const held = await world.send('tom', 'mary', 'b', { deliverWhen: 'availability is available' });
    const items = async (query: string) =>
      (await world.call('mary', 'GET', `/v1/inbox${query}`)).json['items'] as Record<string, unknown>[];
    expect(await items('')).toEqual([
      {
        id: ready,
        from: 'tom@localhost',
        at: '2026-11-21T09:00:00.000Z',
        subject: 'one',
        contentType: 'text/plain;charset=UTF-8',
        size: 1,
      },
    ]);
    const all = await items('?from=tom@localhost');
    expect(all.map(({ id }) => id)).toEqual([ready, held]);
    expect(Object.keys(all[1] ?? {})).toEqual(Object.keys(all[0] ?? {}).filter((key) => key !== 'subject'));
    expect(nameOf(await world.call('mary', 'GET', '/v1/inbox?form=tom@localhost'))).toBe('400 malformed-request');
  });

  it('a fetch is no delivery; an acknowledgement is, once; displayed and rejected are told', async () => {
    await open();
    const id = await world.send('tom', 'mary', 'a');
    const other = await world.send('tom', 'mary', 'b');
    const state = async (of: string) => (await world.call('tom', 'GET', `/v1/messages/${of}`)).json['state'];
    expect((await world.call('mary', 'GET', `/v1/inbox/${id}`)).json).toMatchObject({ text: 'a', deferred: true });
    expect(await state(id)).toBe('waiting');
    expect((await world.call('mary', 'POST', `/v1/inbox/${id}/delivered`)).status).toBe(204);
    expect((await world.call('mary', 'POST', `/v1/inbox/${id}/delivered`)).status).toBe(204);
    expect(await state(id)).toBe('delivered');
    expect((await world.call('mary', 'POST', `/v1/inbox/${id}/displayed`)).status).toBe(204);
    expect(await state(id)).toBe('displayed');
    expect((await world.call('mary', 'DELETE', `/v1/inbox/${other}`)).status).toBe(204);
    expect(await state(other)).toBe('rejected');
    const late = await world.call('mary', 'POST', `/v1/inbox/${other}/delivered`);
    expect([nameOf(late), late.json['state']]).toEqual(['409 already-ended', 'rejected']);
  });

  it.each([
    ['GET', ''],
    ['POST', '/delivered'],
    ['POST', '/displayed'],
    ['DELETE', ''],
  ])('%s %s of what is not mine is unknown', async (method, end) => {
    await open();
    const id = await world.send('tom', 'mary', 'a');
    expect(nameOf(await world.call('john', method, `/v1/inbox/${id}${end}`))).toBe('404 unknown-message');
    expect(nameOf(await world.call('tom', method, `/v1/inbox/${id}${end}`))).toBe('404 unknown-message');
    expect(nameOf(await world.call('mary', method, `/v1/inbox/none${end}`))).toBe('404 unknown-message');
  });
});

describe('operators', () => {
  it('see what is kept, one story, and act with a reason', async () => {
    await open();
    const id = await world.send('tom', 'mary', 'a', { deliverWhen: 'availability is available' });
    const waits = await world.send('tom', 'mary', 'b');
    const queue = await world.call('boss', 'GET', '/v1/admin/queue?to=mary@localhost');
    expect((queue.json['items'] as { id: string }[]).map((one) => one.id)).toEqual([id, waits]);
    const act = `/v1/admin/messages/${id}`;
    expect((await world.call('boss', 'POST', `${act}/release`, { body: { reason: 'asked for' } })).status).toBe(204);
    const story = await world.call('boss', 'GET', act);
    expect(story.json).toMatchObject({ state: 'waiting', from: 'tom@localhost', protocol: 'http' });
    expect(JSON.stringify(story.json['steps'])).toContain('released by boss@localhost: asked for');
    expect((await world.call('boss', 'DELETE', `${act}?reason=spam`)).status).toBe(204);
    expect(nameOf(await world.call('boss', 'DELETE', act))).toBe('409 already-ended');
    expect(nameOf(await world.call('boss', 'DELETE', '/v1/admin/messages/none'))).toBe('404 unknown-message');
    expect((await world.call('tom', 'GET', `/v1/messages/${id}`)).json['state']).toBe('failed');
  });

  it.each([
    ['GET', '/v1/admin/queue'],
    ['GET', '/v1/admin/messages/x'],
    ['POST', '/v1/admin/messages/x/release'],
    ['DELETE', '/v1/admin/messages/x'],
  ])('%s %s is for nobody else', async (method, path) => {
    await open();
    expect(nameOf(await world.call('tom', method, path))).toBe('403 not-an-operator');
    expect(nameOf(await world.call('-', method, path))).toBe('401 unauthorised');
  });
});
