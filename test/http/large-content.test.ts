/** Large messages over HTTP: sent as a stream, shown with their size, fetched whole and in parts. */
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreFault } from '../../src/base/store-fault.ts';
import { drainedBytesMax } from '../../src/endpoints/http/api/sending/raw-message.ts';
import { basic, HttpWorld } from './http-world.ts';

let world: HttpWorld;
beforeEach(async () => {
  world = await HttpWorld.open({ 'max-large': '1MiB' });
});
afterEach(() => world.close());

const photo = Uint8Array.from({ length: 200_000 }, (_, at) => (at * 31) % 251);

interface Sending {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Time goes on as long as the call is not answered. */
function send({ query = {}, body = photo, headers = {} }: Sending = {}) {
  const path = `/v1/messages?${new URLSearchParams({ to: 'mary@localhost', ...query }).toString()}`;
  const type = { 'content-type': 'image/png' };
  return world.callAndWait(600, 'tom', 'POST', path, { body, headers: { ...type, ...headers } });
}

async function sentId(sending?: Sending): Promise<string> {
  const { status, json } = await send(sending);
  expect([status, json]).toEqual([202, expect.objectContaining({ id: expect.any(String) })]);
  return String(json['id']);
}

function content(id: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Response> {
  const path = `${world.origin}/v1/inbox/${id}/content`;
  return fetch(path, { method, headers: { authorization: basic('mary'), ...headers } });
}

function kept(): [rows: number, blobs: number] {
  const { entries, blobs } = world.stores.state;
  return [entries.size, blobs.size];
}

describe('a body that is sent as it is', () => {
  it('is kept apart where it is large, and everything that JSON says is said in the query', async () => {
    const query = {
      deliverWhen: 'online',
      subject: 'ö 1',
      expiresIn: '60',
      reports: 'stored,failed',
    };
    const answer = await send({ query });
    expect(answer.json).toMatchObject({ state: 'held', to: 'mary@localhost', deliverWhen: query.deliverWhen });
    const id = String(answer.json['id']);
    const message = world.stores.state.entries.get(id)?.message;
    expect(message).toMatchObject({ subject: 'ö 1', contentType: 'image/png', reportsWanted: ['stored', 'failed'] });
    expect([message?.large?.bytes, kept()]).toEqual([photo.length, [1, 1]]);
    const story = await world.call('tom', 'GET', `/v1/messages/${id}`);
    expect(story.json).toMatchObject({ size: photo.length, contentType: 'image/png' });
    await world.call('tom', 'DELETE', `/v1/messages/${id}`);
    await world.settle();
    expect(kept()).toEqual([0, 0]);
  });

  it('behaves as one in JSON where it is small', async () => {
    const id = await sentId({ body: 'Hallo', headers: { 'content-type': 'text/plain' } });
    expect(kept()).toEqual([1, 0]);
    expect((await world.call('mary', 'GET', `/v1/inbox/${id}`)).json).toMatchObject({ text: 'Hallo' });
  });

  it.each<[number, string, Sending]>([
    [413, 'too-large', { body: new Uint8Array(1024 * 1024 + 1) }],
    [404, 'unknown-recipient', { query: { to: 'nobody@localhost' } }],
    [400, 'malformed-address', { query: { to: 'mary' } }],
    [400, 'malformed-condition', { query: { deliverWhen: 'mood is' } }],
    [403, 'attribute-not-authorised', { query: { deliverWhen: 'mood is happy' } }],
    [400, 'malformed-request', { query: { expiresIn: '-1' } }],
    [400, 'malformed-request', { query: { expiresIn: '1', expiresAt: '2027-01-01T00:00:00Z' } }],
    [400, 'malformed-request', { query: { reports: 'read' } }],
    [400, 'malformed-request', { query: { text: 'x' } }],
    [409, 'not-stored', { query: { expiresIn: '0' } }],
  ])('is refused with %i %s, and nothing of it stays', async (status, name, sending) => {
    const answer = await send(sending);
    expect([answer.status, answer.json['type']]).toEqual([status, `urn:restante:problem:${name}`]);
    expect(kept()).toEqual([0, 0]);
  });

  it('is taken at its limit, and refused by the first octet beyond it also where it does not say its length', async () => {
    const inPieces = async (bytes: number): Promise<number> => {
      const path = `${world.origin}/v1/messages?to=mary@localhost`;
      const half = new Uint8Array(bytes / 2);
      const body = ReadableStream.from([half, new Uint8Array(bytes - half.length)]);
      const headers = { authorization: basic('tom'), 'content-type': 'a/b', prefer: 'wait=0' };
      const sending = fetch(path, { method: 'POST', headers, body, duplex: 'half' });
      for (let turn = 0; turn < 20; turn += 1) {
        await world.settle();
        await world.time.advance(1);
      }
      return (await sending).status;
    };
    expect(await inPieces(1024 * 1024)).toBe(202);
    expect(await inPieces(1024 * 1024 + 1)).toBe(413);
    expect(kept()).toEqual([1, 1]);
  });

  it('of which the sender is gone in the middle leaves nothing', async () => {
    const headers = { authorization: basic('tom'), 'content-type': 'image/png', 'content-length': photo.length };
    const asking = request(`${world.origin}/v1/messages?to=mary@localhost`, { method: 'POST', headers });
    asking.on('error', () => undefined);
    asking.write(photo.subarray(0, 150_000));
    const seen: string[] = [];
    world.beforeCall = (name) => void seen.push(name);
    await waitUntil(() => seen.filter((name) => name === 'blobs.write').length > 0);
    asking.destroy();
    await waitUntil(() => seen.includes('blobs.abandon'));
    expect(kept()).toEqual([0, 0]);
  });

  it('is refused before it is read', async () => {
    const headers = { authorization: basic('tom'), 'content-type': 'image/png', 'content-length': photo.length };
    const asking = request(`${world.origin}/v1/messages?to=nobody@localhost`, { method: 'POST', headers });
    asking.on('error', () => undefined);
    asking.flushHeaders();
    const status = await new Promise((resolve) => {
      asking.on('response', (response) => resolve(response.statusCode));
    });
    asking.destroy();
    expect(status).toBe(404);
  });

  it('that is refused is read for a while, and then its connection is cut', async () => {
    const headers = { authorization: basic('tom'), 'content-type': 'image/png', 'transfer-encoding': 'chunked' };
    const asking = request(`${world.origin}/v1/messages?to=nobody@localhost`, { method: 'POST', headers });
    const cut = new Promise((resolve) => {
      asking.on('close', resolve);
    });
    asking.on('error', () => undefined);
    const status = new Promise((resolve) => {
      asking.on('response', (response) => resolve(response.resume().statusCode));
    });
    const piece = new Uint8Array(1024 * 1024);
    const sent = 4 * drainedBytesMax;
    let written = 0;
    const write = (): void => {
      if (written >= sent) return;
      asking.write(piece, () => {
        written += piece.length;
        write();
      });
    };
    write();
    expect(await status).toBe(404);
    await cut;
    expect(written).toBeGreaterThan(drainedBytesMax);
  });

  it('is a store-unavailable where the disk is full, and nothing of it stays', async () => {
    world.beforeCall = (name) => {
      if (name === 'blobs.write') throw new StoreFault('the disk is full', true);
    };
    expect((await send()).json['type']).toBe('urn:restante:problem:store-unavailable');
    world.beforeCall = undefined;
    expect(kept()).toEqual([0, 0]);
    await sentId();
  });

  it('is known again by its Idempotency-Key, and another body under it is refused', async () => {
    const headers = { 'idempotency-key': 'k1' };
    const id = await sentId({ headers });
    expect((await send({ headers })).json).toMatchObject({ id, state: 'waiting' });
    const other = photo.slice();
    other[7] = 255 - (other[7] ?? 0);
    for (const sending of [
      { headers, body: other },
      { headers, query: { subject: 'x' } },
    ]) {
      expect((await send(sending)).json['type']).toBe('urn:restante:problem:idempotency-key-used');
    }
    expect(kept()).toEqual([1, 1]);
  });

  it('is not JSON with a query', async () => {
    const body = { to: 'mary@localhost', text: 'x' };
    const answer = await world.call('tom', 'POST', '/v1/messages?to=mary@localhost', { body });
    expect([answer.status, answer.json['type']]).toEqual([400, 'urn:restante:problem:malformed-request']);
  });

  it('is heard by the assistant', async () => {
    const sending = { query: { to: 'inbox@localhost' }, body: 'help', headers: { 'content-type': 'text/plain' } };
    expect((await send(sending)).status).toBe(200);
    expect((await send({ query: { to: 'inbox@localhost' } })).status).toBe(413);
  });
});

describe('a large message at its recipient', () => {
  it('is listed and shown with its size, and read as it was written', async () => {
    const id = await sentId({ query: { subject: 'Holiday' } });
    const { items } = (await world.call('mary', 'GET', '/v1/inbox')).json as { items: unknown[] };
    expect(items).toEqual([expect.objectContaining({ id, size: photo.length, contentType: 'image/png' })]);
    const shown = (await world.call('mary', 'GET', `/v1/inbox/${id}`)).json;
    expect(shown).toMatchObject({ subject: 'Holiday', size: photo.length, contentUrl: `/v1/inbox/${id}/content` });
    expect(['text' in shown, 'body' in shown]).toEqual([false, false]);
    const answer = await content(id);
    expect(Buffer.from(await answer.arrayBuffer()).equals(photo)).toBe(true);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(photo.length),
      'content-disposition': `attachment; filename="${id}"`,
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      etag: `"${id}"`,
    });
    expect((await world.call('mary', 'POST', `/v1/inbox/${id}/delivered`)).status).toBe(204);
    await world.settle();
    expect([kept(), (await content(id)).status]).toEqual([[0, 0], 404]);
  });

  it('is read by several at once, in parts, by nobody else, and by HEAD for its size alone', async () => {
    const id = await sentId();
    const parts = await Promise.all(
      ['bytes=0-99999', 'bytes=100000-', 'bytes=-100000'].map(async (range, at) => {
        const answer = await content(id, { range });
        const expected = at === 0 ? photo.subarray(0, 100_000) : photo.subarray(100_000);
        const isRight = Buffer.from(await answer.arrayBuffer()).equals(expected);
        return [answer.status, answer.headers.get('content-range'), isRight] as const;
      }),
    );
    const second = `bytes 100000-199999/${photo.length}`;
    expect(parts).toEqual([
      [206, `bytes 0-99999/${photo.length}`, true],
      [206, second, true],
      [206, second, true],
    ]);
    const beyond = await content(id, { range: `bytes=${photo.length}-` });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${photo.length}`]);
    const head = await content(id, {}, 'HEAD');
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(photo.length)]);
    expect((await content(id, { 'if-none-match': `"${id}"` })).status).toBe(304);
    expect((await content(id, { range: 'bytes=1-2', 'if-range': `"${id}"` })).status).toBe(206);
    expect((await content(id, { range: 'bytes=1-2', 'if-range': '"other"' })).status).toBe(200);
    expect((await world.call('john', 'GET', `/v1/inbox/${id}/content`)).status).toBe(404);
  });

  it('a small one has its content there too, and only plain text is shown by a browser', async () => {
    const text = await sentId({ body: 'Hallo', headers: { 'content-type': 'text/plain' } });
    const page = await sentId({ body: '<b>', headers: { 'content-type': 'text/html' } });
    const [first, second] = [await content(text), await content(page)];
    expect([await first.text(), first.headers.get('content-disposition')]).toEqual(['Hallo', 'inline']);
    expect(second.headers.get('content-disposition')).toBe(`attachment; filename="${page}"`);
    expect((await content(text, { range: 'bytes=1-2' })).status).toBe(206);
  });

  it('comes in an event without its content, has as long as a fetch may take, and one acknowledgement ends it', async () => {
    const id = await sentId();
    const stream = await world.listen('mary');
    const data = await stream.next('message');
    expect(data).toMatchObject({ id, deferred: true, size: photo.length, contentUrl: `/v1/inbox/${id}/content` });
    expect('body' in data).toBe(false);
    await world.time.advance(32_000);
    await world.call('mary', 'POST', `/v1/inbox/${id}/delivered`);
    await world.settle();
    expect(stream.seen.filter(({ name }) => name === 'message')).toHaveLength(1);
    expect(kept()).toEqual([0, 0]);
  });

  it('survives kill -9', async () => {
    const id = await sentId();
    world = await world.restarted();
    expect(Buffer.from(await (await content(id)).arrayBuffer()).equals(photo)).toBe(true);
  });
});

it('the limits are told', async () => {
  const { limits } = (await world.call('tom', 'GET', '/v1/capabilities')).json as { limits: object };
  expect(limits).toMatchObject({ bodyBytes: 65_536, largeBytes: 1_048_576, recipientLargeBytes: 1_073_741_824 });
});

async function waitUntil(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !isTrue(); turn += 1) await world.settle();
  if (!isTrue()) throw new Error('it did not come true');
}
