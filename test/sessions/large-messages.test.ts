import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreFault } from '../../src/base/store-fault.ts';
import { octets } from '../../src/msrp/leg/test-sides.ts';
import type { SessionClient } from './session-client.ts';
import { SessionWorld } from './session-world.ts';

let world: SessionWorld;
let tom: SessionClient;
let mary: SessionClient;
const body = octets(300_000);

beforeEach(async () => {
  world = await SessionWorld.open();
  tom = world.client('tom');
  mary = world.client('mary');
});

/** Nothing is left of what was on its way. */
afterEach(async () => {
  await world.advance(400_000);
  world.nothingIsLeft();
});

describe('a large message to somebody who is away', () => {
  it('is kept before it is reported as taken, and played when they come', async () => {
    const session = await tom.large('mary');
    expect(session.answer?.header('Deferred-Message')).toMatch(/^[\w-]+;state=waiting;expires=604800$/);
    expect(session.answer?.header('Contact')).toContain('>;+g.oma.sip-im;+g.oma.sip-im.large-message');
    const sent = session.send('mmmm', body);
    await world.advance(1000);
    expect(sent.reports).toEqual([`200 1-${body.length}/${body.length}`]);
    expect(await world.kept('mary')).toEqual([{ bytes: body.length, state: 'waiting', sender: 'tom@localhost' }]);
    await world.advance(2000);
    expect(session.byes).toHaveLength(1);
    await mary.register();
    await world.advance(1000);
    const [played] = mary.invites;
    expect(played?.answer?.header('Deferred-Message')).toContain(';accepted=');
    expect(played?.answer?.header('Contact')).toContain('>;+g.oma.sip-im;+g.oma.sip-im.large-message');
    expect(Buffer.compare(played?.side.bodies.values().next().value ?? new Uint8Array(), body)).toBe(0);
    await world.advance(4000);
    expect([played?.byes.length, await world.kept('mary')]).toEqual([1, []]);
  });

  it.each([
    ['hangs up', (session: Awaited<ReturnType<SessionClient['large']>>) => session.bye()],
    ['vanishes', (session: Awaited<ReturnType<SessionClient['large']>>) => session.vanish()],
    ['says nothing more', () => undefined],
  ])('is nothing when its sender %s before the end', async (_what, act) => {
    const session = await tom.large('mary');
    const half = {
      read: (at: number) =>
        at === 0 ? { bytes: body.subarray(0, 60_000), isEnd: false } : new Promise<never>(() => undefined),
    };
    session.send('mmmm', body, { source: half });
    await world.advance(1000);
    act(session);
    await world.advance(60_000);
    expect(await world.kept('mary')).toEqual([]);
  });

  it('is one: a second in the same session is refused', async () => {
    const session = await tom.large('mary');
    session.send('mmm1', 'one');
    const second = session.send('mmm2', 'two');
    await world.advance(1000);
    expect(second.ends).toMatchObject([{ kind: 'refused', status: 403 }]);
    expect(await world.kept('mary')).toHaveLength(1);
  });

  it('that cannot be committed is reported as failed, and is nothing', async () => {
    const session = await tom.large('mary');
    world.beforeCall = (name) => {
      if (name === 'blobs.sync') throw new StoreFault('the disk is full', true);
    };
    const sent = session.send('mmmm', body);
    await world.advance(1000);
    world.beforeCall = undefined;
    expect(sent.reports.map((report) => report.slice(0, 3))).toEqual(['408']);
    expect(session.byes).toEqual([expect.stringContaining('cause=503')]);
    expect(await world.kept('mary')).toEqual([]);
  });

  it('of somebody who says to be somebody else is refused', async () => {
    const session = await tom.large('mary');
    const envelope =
      'From: <sip:john@localhost>\r\nTo: <sip:mary@localhost>\r\n\r\nContent-Type: text/plain\r\n\r\nhello';
    const sent = session.send('mmmm', envelope, { contentType: 'message/cpim' });
    await world.advance(1000);
    expect(sent.reports.map((report) => report.slice(0, 3))).toEqual(['403']);
    expect(await world.kept('mary')).toEqual([]);
  });
});

describe('a large message to somebody who is there', () => {
  beforeEach(() => mary.register());

  it('is streamed through, and its report is theirs', async () => {
    const session = await tom.large('mary');
    await world.advance(50);
    expect(session.status).toBe(200);
    expect(session.answer?.header('Deferred-Message')).toBeUndefined();
    const sent = session.send('mmmm', body);
    await world.advance(500);
    const side = mary.invites[0]?.side;
    expect(Buffer.compare(side?.bodies.values().next().value ?? new Uint8Array(), body)).toBe(0);
    expect(sent.reports).toEqual([]);
    const [head] = side?.heads.values() ?? [];
    if (head === undefined) throw new Error('nothing came');
    side?.leg.report({ head, status: 200, range: { start: 1, end: body.length, total: body.length } });
    await world.advance(500);
    expect(sent.reports).toHaveLength(1);
    expect(await world.kept('mary')).toEqual([]);
  });

  it('that breaks off on their side is kept whole, and its sender notices nothing', async () => {
    const session = await tom.large('mary');
    await world.advance(50);
    const side = mary.invites[0]?.side;
    if (side === undefined) throw new Error('nobody was asked');
    side.onOctets = () => side.leg.close();
    mary.answer = 480;
    const sent = session.send('mmmm', body);
    await world.advance(1000);
    expect(sent.ends).toMatchObject([{ kind: 'answered' }]);
    expect(sent.reports).toHaveLength(1);
    expect(await world.kept('mary')).toMatchObject([{ bytes: body.length, state: 'waiting' }]);
    mary.answer = 200;
    await mary.register();
    await world.advance(5000);
    expect(await world.kept('mary')).toEqual([]);
  });

  it.each([603, 488])('is refused when they say %i', async (status) => {
    mary.answer = status;
    const session = await tom.large('mary');
    await world.advance(100);
    expect(session.status).toBe(status);
  });

  it.each([480, 486, 0])('is kept when they say %i', async (status) => {
    mary.answer = status;
    const session = await tom.large('mary');
    await world.advance(10_100);
    expect(session.status).toBe(200);
    session.send('mmmm', body);
    await world.advance(1000);
    expect(await world.kept('mary')).toHaveLength(1);
  });

  it('is never more than they take', async () => {
    mary.wishes = { maxSize: 1000 };
    const session = await tom.large('mary');
    await world.advance(100);
    expect(String(session.answer?.body)).toContain('a=max-size:1000\r\n');
    const sent = session.send('mmmm', body);
    await world.advance(1000);
    expect(sent.ends).toMatchObject([{ kind: 'refused', status: 413 }]);
  });

  it('goes in the form that they take', async () => {
    mary.wishes = { acceptTypes: 'message/cpim', acceptWrappedTypes: 'text/plain' };
    const session = await tom.large('mary');
    await world.advance(100);
    session.send('mmmm', 'hello');
    await world.advance(100);
    expect(mary.invites[0]?.texts[0]).toMatch(
      /^From: <sip:tom@localhost>\r\n[^]*\r\nContent-Type: text\/plain\r\n\r\nhello$/,
    );
  });
});

describe('later', () => {
  async function keep(content: Uint8Array | string, contentType = 'text/plain'): Promise<void> {
    const session = await tom.large('mary');
    session.send('mmmm', content, { contentType });
    await world.advance(5000);
  }

  it('a broken one goes on where the client asks for the rest', async () => {
    await keep(body);
    let breaks = true;
    world.network.latencyMs = 50;
    await mary.register();
    const first = mary.invites[0];
    if (first === undefined) throw new Error('nobody was asked');
    const got = () => first.side.bodies.values().next().value?.length ?? 0;
    first.side.onOctets = () => {
      if (breaks && got() > 150_000) first.leg.close();
    };
    await world.advance(1000);
    breaks = false;
    const have = got();
    mary.wishes = { more: [`a=file-range:${have + 1}-*`] };
    mary.legMore = { received: () => have };
    await mary.register();
    await world.advance(35_000);
    const second = mary.invites[1];
    const rest = second?.side.bodies.values().next().value;
    expect(second?.side.heard.join()).toContain(`complete`);
    // It had answered for at least two chunks.
    expect([...(rest ?? new Uint8Array()).subarray(0, 100_000)].every((octet) => octet === 0)).toBe(true);
    expect(Buffer.compare((rest ?? new Uint8Array()).subarray(have), body.subarray(have))).toBe(0);
    expect(await world.kept('mary')).toEqual([]);
  });

  it('holds up nothing small that goes to the same contact meanwhile', async () => {
    await keep(body);
    world.network.latencyMs = 1000;
    await mary.register();
    await world.advance(500);
    const [playing] = mary.invites;
    tom.write('mary', 'beside it');
    await world.advance(100);
    expect(mary.messages.map((message) => message.header('Subject'))).toEqual(['beside it']);
    expect(playing?.side.heard.join()).not.toContain('complete');
    await world.advance(20_000);
    expect(playing?.side.heard.join()).toContain('complete');
  });

  it('an envelope is taken off for a client that takes none', async () => {
    await keep(
      'From: <sip:tom@localhost>\r\nTo: <sip:mary@localhost>\r\n\r\nContent-Type: text/plain\r\n\r\nhello',
      'message/cpim',
    );
    mary.wishes = { acceptTypes: 'text/plain' };
    await mary.register();
    await world.advance(1000);
    expect(mary.invites[0]?.texts).toEqual(['hello']);
  });

  it('a client without MSRP gets a small one as a message, and is told of another', async () => {
    await keep('hello');
    await keep(body, 'image/png');
    mary.answer = 488;
    await mary.register('');
    await world.advance(5000);
    expect(mary.messages.map(({ body: text }) => String(text))).toEqual([
      'hello',
      expect.stringMatching(/image\/png, 292 KiB.*\/v1\/inbox\//),
    ]);
    expect(await world.kept('mary')).toMatchObject([{ bytes: body.length }]);
  });

  it('a file is offered as one', async () => {
    const selector = 'a=file-selector:name:"a b.png" type:image/png size:5';
    const session = await tom.call('mary', { direction: 'sendonly', more: [selector, 'a=file-transfer-id:tttt'] });
    expect(String(session.answer?.body)).toContain(selector);
    session.send('mmmm', 'hello', { contentType: 'image/png' });
    await world.advance(5000);
    await mary.register();
    await world.advance(1000);
    const offer = String(mary.invites[0]?.answer?.body);
    expect(offer).toContain(selector);
    expect(offer).toMatch(/a=file-transfer-id:\w+/);
    expect(mary.invites[0]?.texts).toEqual(['hello']);
  });
});
