/** What the two sides of a message can tell over HTTP: the recipient nothing of a condition, the sender nothing of why. */
import { describe, expect, it } from 'vitest';
import { HttpWorld, type Answer } from '../http/http-world.ts';

const ms = { minute: 60_000, hour: 3_600_000 };

/** Ids of messages and events are different in any two messages; nothing else may be. */
function normalise(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID')
    .replaceAll(/^id: .*$/gm, 'id: EVENT')
    .replaceAll(/\r/g, '');
}

/** By the clock of the machine, which goes on while somebody is served. */
const ofTheMoment: ReadonlySet<string> = new Set(['date', 'x-request-id', 'ratelimit-reset']);

function everythingOf(answer: Answer): string {
  const headers = [...answer.headers.entries()].filter(([name]) => !ofTheMoment.has(name));
  return normalise(JSON.stringify([answer.status, headers, answer.json]));
}

describe('the recipient', () => {
  /** Everything that mary reads, from before the login until she has acknowledged both messages. */
  async function play(deliverWhen: string | undefined): Promise<string[]> {
    const world = await HttpWorld.open();
    const more = deliverWhen === undefined ? {} : { deliverWhen };
    const ids = [await world.send('tom', 'mary', 'one', more), await world.send('john', 'mary', 'two')];
    ids.push(await world.send('tom', 'mary', 'three', more));
    const seen: string[] = [];
    const read = async (method: string, path: string): Promise<void> => {
      seen.push(`${method} ${normalise(path)} ${everythingOf(await world.call('mary', method, path))}`);
    };
    const stream = await world.listen('mary');
    await world.call('mary', 'PUT', '/v1/presence', { body: { availability: 'available' } });
    for (const id of ids) expect((await stream.next('message'))['id']).toBe(id);
    await read('GET', '/v1/inbox');
    await read('GET', '/v1/inbox?from=tom@localhost');
    await read('GET', '/v1/inbox?from=tom@localhost&limit=1');
    for (const id of ids) await read('GET', `/v1/inbox/${id}`);
    for (const id of ids) await read('POST', `/v1/inbox/${id}/delivered`);
    await read('GET', '/v1/inbox');
    seen.push(...stream.seen.map(({ name, data }) => normalise(`${name} ${JSON.stringify(data)}`)));
    await world.close();
    return seen;
  }

  it('reads the same of what waited for a login and of what waited for a condition until that login', async () => {
    const away = await play(undefined);
    expect(away.filter((line) => line.startsWith('message')).length).toBe(3);
    expect(await play('online and availability is available')).toEqual(away);
    expect(away.join('\n')).not.toMatch(/deliverWhen|is available"/);
  });

  it('who collects what is still held reads the same as who collects what waits', async () => {
    const collect = async (deliverWhen: string | undefined): Promise<string[]> => {
      const world = await HttpWorld.open();
      const id = await world.send('tom', 'mary', 'one', deliverWhen === undefined ? {} : { deliverWhen });
      const calls = [
        ['GET', '/v1/inbox?from=tom@localhost'],
        ['GET', `/v1/inbox/${id}`],
        ['POST', `/v1/inbox/${id}/delivered`],
        ['POST', `/v1/inbox/${id}/displayed`],
        ['GET', '/v1/inbox?from=tom@localhost'],
      ] as const;
      const seen: string[] = [];
      for (const [method, path] of calls) seen.push(everythingOf(await world.call('mary', method, path)));
      await world.close();
      return seen;
    };
    expect(await collect('availability is available')).toEqual(await collect(undefined));
  });
});

describe('the sender', () => {
  interface Fate {
    /** Before the message is sent. */
    before?(world: HttpWorld): Promise<unknown>;
    /** After it was accepted. */
    after?(world: HttpWorld): Promise<unknown>;
  }

  const rule = (action: string, attributes?: string[]) => (world: HttpWorld) =>
    world.call('mary', 'PUT', '/v1/rules', {
      body: [{ watchers: ['tom@localhost'], action, ...(attributes === undefined ? {} : { attributes }) }],
    });
  const block = (world: HttpWorld) => world.call('mary', 'PUT', '/v1/blocks/tom@localhost');
  const say = (words: Record<string, string>) => (world: HttpWorld) =>
    world.call('mary', 'PUT', '/v1/presence', { body: words });

  /** Everything that tom reads about one message that is never delivered, and its reports. */
  async function play(deliverWhen: string, fate: Fate): Promise<string[]> {
    const world = await HttpWorld.open({ 'blocked-answer': 'accept' });
    await fate.before?.(world);
    const seen: string[] = [];
    const read = async (path: string): Promise<void> => {
      seen.push(`${normalise(path)} ${everythingOf(await world.call('tom', 'GET', path))}`);
    };
    const reports = ['stored', 'delivered', 'displayed', 'failed'];
    const body = { to: 'mary@localhost', text: 'hi', deliverWhen, expiresIn: 7200, reports };
    const answer = await world.call('tom', 'POST', '/v1/messages', { body });
    expect(answer.status).toBe(202);
    seen.push(everythingOf(answer));
    const path = `/v1/messages/${String(answer.json['id'])}`;
    await read(path);
    await fate.after?.(world);
    await world.time.advance(ms.hour);
    await read(path);
    await read('/v1/messages?state=held');
    await world.time.advance(ms.hour + ms.minute);
    await read(path);
    await read('/v1/messages');
    const stream = await world.listen('tom');
    for (const kind of ['stored', 'failed']) expect((await stream.next('report'))['kind']).toBe(kind);
    seen.push(...stream.seen.map(({ name, data }) => normalise(`${name} ${JSON.stringify(data)}`)));
    await world.close();
    return seen;
  }

  const leavesBefore = say({ availability: 'not-available' });
  const unlucky: Fate = { before: leavesBefore };
  const comesAfter = say({ availability: 'available' });

  it.each<[string, Fate]>([
    ['is politely blocked', { before: rule('polite-block'), after: comesAfter }],
    [
      'is politely blocked afterwards',
      { before: leavesBefore, after: async (world) => [await rule('polite-block')(world), await comesAfter(world)] },
    ],
    ['is blocked', { before: block, after: comesAfter }],
    [
      'is blocked afterwards',
      { before: leavesBefore, after: async (world) => [await block(world), await comesAfter(world)] },
    ],
  ])('who %s reads the same as who is merely unlucky', async (_what, fate) => {
    const condition = 'availability is available';
    expect(await play(condition, fate)).toEqual(await play(condition, unlucky));
  });

  it('who is no longer authorised reads the same as who is merely unlucky', async () => {
    const allowed = rule('allow', ['mood']);
    const withdrawn: Fate = {
      before: allowed,
      after: async (world) => [await rule('allow', [])(world), await say({ mood: 'happy' })(world)],
    };
    expect(await play('mood is happy', withdrawn)).toEqual(await play('mood is happy', { before: allowed }));
  });

  it('the comparison sees a difference where there is one', async () => {
    const condition = 'availability is available';
    const released: Fate = { ...unlucky, after: comesAfter };
    expect(await play(condition, released)).not.toEqual(await play(condition, unlucky));
  });
});
