import { afterEach, describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import { HttpWorld } from './http-world.ts';

let world: HttpWorld;
const mary = 'mary@localhost' as Address;

afterEach(() => world.close());

async function enter(flags: Readonly<Record<string, string[]>> = { transcripts: ['on'] }): Promise<void> {
  world = await HttpWorld.open(flags);
  const { transcripts } = world.stores;
  await transcripts.setKept(mary, true);
  const line = { at: 1, isOwn: false, contentType: 'text/plain', bytes: 2, text: 'hi' };
  const about = { owner: mary, other: 'tom@localhost' as Address, startedAt: 0, endedAt: 2, isMissed: false };
  for (const id of ['a', 'b', 'c']) await transcripts.add({ ...about, id, messages: 1, lines: [line] });
}

describe('/v1/transcripts', () => {
  it('says what there is, in pages, and whether more is kept', async () => {
    await enter();
    const first = await world.call('mary', 'GET', '/v1/transcripts?limit=2');
    expect(first.json).toMatchObject({
      keep: true,
      items: [{ id: 'c', with: 'tom@localhost', missed: false }, { id: 'b' }],
    });
    const rest = await world.call('mary', 'GET', `/v1/transcripts?after=${String(first.json['next'])}`);
    expect(rest.json['items']).toMatchObject([{ id: 'a', at: '1970-01-01T00:00:00.000Z' }]);
    expect((await world.call('tom', 'GET', '/v1/transcripts')).json).toEqual({ keep: false, items: [] });
  });

  it('shows one, and forgets it', async () => {
    await enter();
    const one = await world.call('mary', 'GET', '/v1/transcripts/b');
    expect(one.json['lines']).toMatchObject([{ from: 'tom@localhost', size: 2, text: 'hi' }]);
    expect((await world.call('tom', 'GET', '/v1/transcripts/b')).status).toBe(404);
    expect((await world.call('tom', 'DELETE', '/v1/transcripts/b')).status).toBe(404);
    expect((await world.call('mary', 'DELETE', '/v1/transcripts/b')).status).toBe(204);
    expect((await world.call('mary', 'GET', '/v1/transcripts/b')).status).toBe(404);
  });

  it('is switched by its owner, where the operator lets them', async () => {
    await enter();
    const put = (keep: boolean) => world.call('mary', 'PUT', '/v1/transcripts', { body: { keep } });
    expect((await put(false)).json).toEqual({ keep: false });
    expect(await world.stores.transcripts.isKept(mary)).toBe(false);
    expect((await put(true)).status).toBe(200);
    await world.close();
    await enter({});
    expect((await put(true)).json['type']).toMatch(/transcripts-not-supported$/);
    expect((await world.call('mary', 'GET', '/v1/transcripts')).json).toMatchObject({
      keep: false,
      items: [{}, {}, {}],
    });
  });
});
