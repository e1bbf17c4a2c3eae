/** What a connection may take up: slow peers, silent ones, too many, and both sides at once. */
import { beforeEach, describe, expect, it } from 'vitest';
import { unboundMsMax } from '../session/msrp-connection.ts';
import { answerMsMax, openChunksMax } from '../session/open-sends.ts';
import { chunkBytesMax } from '../transfer/outgoing-transfer.ts';
import type { MemoryStream } from '../transport/memory/memory-network.ts';
import { defaultMsrpLimits } from './msrp-limits.ts';
import { octets, path, send, Side, type TextPeer, theirs, World } from './test-sides.ts';

let world: World;

beforeEach(() => {
  world = new World();
});

const { writeAheadBytesMax, unreadMsMax } = defaultMsrpLimits;
const large = 8_000_000;

/** A leg of ours and a peer that has bound it. */
async function bound(): Promise<{ side: Side; peer: TextPeer }> {
  const side = new Side(world.endpoint('10.0.0.1'));
  const peer = await world.dial('10.0.0.1');
  side.leg.start({ path: path(theirs), role: 'passive' });
  peer.chunk(side.leg, 'bind1', { body: '' });
  await world.time.advance(10);
  return { side, peer };
}

function ours(): MemoryStream {
  const [pair] = world.network.pairs;
  if (pair === undefined) throw new Error('nobody has connected');
  return pair[1];
}

describe('a peer that reads slowly', () => {
  it('slows the source down, and gets everything', async () => {
    const { side, peer } = await bound();
    peer.stream.pause();
    const sent = send(side, 'mmmm', octets(large));
    await world.time.advance(unreadMsMax - 5_000);
    expect(ours().queuedBytes).toBeGreaterThanOrEqual(writeAheadBytesMax);
    expect(ours().queuedBytes).toBeLessThan(writeAheadBytesMax + 2 * chunkBytesMax);
    expect(sent.readBytes).toBeLessThan(writeAheadBytesMax + 3 * chunkBytesMax);
    peer.stream.resume();
    await world.time.advance(1_000);
    expect(peer.bytes).toBeGreaterThan(large);
  });

  it('and nothing at all for too long is dropped, not a moment before', async () => {
    const { side, peer } = await bound();
    peer.stream.pause();
    const { ends } = send(side, 'mmmm', octets(large));
    await world.time.advance(unreadMsMax - 1);
    expect(side.heard).toEqual(['connected']);
    await world.time.advance(defaultMsrpLimits.sweepMs + 1);
    expect(side.heard).toEqual(['connected', 'ended lost']);
    expect(ends).toEqual([{ kind: 'lost', answeredBytes: 0 }]);
    expect(peer.isClosed).toBe(true);
  });

  it('but has so many answers written to it that it must be dropped', async () => {
    const { side, peer } = await bound();
    peer.stream.pause();
    let count = 0;
    while (!peer.isClosed && count < 100_000) {
      for (let each = 0; each < 500; each += 1) peer.chunk(side.leg, `c${(count += 1)}xx`, { body: '' });
      await world.time.advance(1);
    }
    expect(peer.isClosed).toBe(true);
    expect(count * 100).toBeGreaterThan(defaultMsrpLimits.writeQueueBytesMax / 4);
    expect(side.heard).toEqual(['connected', 'ended lost']);
  });
});

describe('a peer whose answers stay out', () => {
  it('gets so many chunks, and one more for each answer', async () => {
    const { side, peer } = await bound();
    for (let count = 0; count < openChunksMax + 10; count += 1) {
      send(side, 'mmmm', octets(1));
      if (count % 100 === 0) await world.time.advance(1);
    }
    await world.time.advance(1);
    expect(peer.requests).toHaveLength(openChunksMax);
    const [first] = peer.requests;
    peer.say(`MSRP ${first?.transactionId} 200 OK`, `To-Path: ${side.leg.uri}`, `From-Path: ${theirs}`);
    peer.say(`-------${first?.transactionId}$`);
    await world.time.advance(1);
    expect(peer.requests).toHaveLength(openChunksMax + 1);
  });

  it('has 30 s from the moment at which the octets have left', async () => {
    const { side, peer } = await bound();
    peer.stream.pause();
    const { ends } = send(side, 'mmmm', octets(5));
    await world.time.advance(20_000);
    peer.stream.resume();
    await world.time.advance(answerMsMax - 1);
    expect(ends).toEqual([]);
    await world.time.advance(2);
    expect(ends).toEqual([{ kind: 'refused', status: 408, answeredBytes: 0 }]);
  });

  it('is not blamed while its connection is not read', async () => {
    const { tom, mary } = await world.pair();
    const { ends } = send(tom, 'mmmm', octets(5));
    tom.leg.pause();
    await world.time.advance(2 * answerMsMax - 5_000);
    expect(ends).toEqual([]);
    tom.leg.resume();
    await world.time.advance(10);
    expect(ends).toEqual([{ kind: 'answered', answeredBytes: 5 }]);
    expect(mary.heard.at(-1)).toBe('complete mmmm 5');
  });
});

describe('a leg that cannot take more', () => {
  it('stops its connection from being read, and nothing is lost', async () => {
    const { tom, mary } = await world.pair();
    mary.onOctets = () => mary.leg.pause();
    const sent = send(tom, 'mmmm', octets(large));
    await world.time.advance(1_000);
    const taken = mary.bodies.get('mmmm')?.length ?? 0;
    expect(taken).toBeLessThanOrEqual(writeAheadBytesMax + 2 * chunkBytesMax);
    expect(sent.readBytes).toBeLessThan(taken + writeAheadBytesMax + 3 * chunkBytesMax);
    while (sent.ends.length === 0) {
      mary.leg.resume();
      await world.time.advance(10);
    }
    expect(sent.ends).toEqual([{ kind: 'answered', answeredBytes: large }]);
    expect(Buffer.compare(mary.bodies.get('mmmm') ?? octets(0), octets(large))).toBe(0);
  });

  it('lets others on that connection wait until the last of them can', async () => {
    const endpoint = world.endpoint('10.0.0.1');
    const [one, two] = [new Side(endpoint), new Side(endpoint)];
    const peer = await world.dial('10.0.0.1');
    for (const [number, { leg }] of [one, two].entries()) peer.chunk(leg, `bind${number}`, { body: '' });
    await world.time.advance(10);
    one.leg.pause();
    two.leg.pause();
    one.leg.resume();
    peer.chunk(one.leg, 'aaaa');
    await world.time.advance(10);
    expect(one.heard).toEqual(['connected']);
    two.leg.close();
    await world.time.advance(10);
    expect(one.heard).toEqual(['connected', 'began 1234', 'complete 1234 5']);
  });

  it('does not keep two sides waiting for each other', async () => {
    const { tom, mary } = await world.pair();
    const sides = [tom, mary];
    const sent = sides.map((side) => send(side, 'mmmm', octets(large)));
    for (const side of sides) side.onOctets = () => side.leg.pause();
    for (let turn = 0; turn < 1_000 && sent.some(({ ends }) => ends.length === 0); turn += 1) {
      sides[turn % 2]?.leg.resume();
      await world.time.advance(10);
    }
    for (const { ends } of sent) expect(ends).toEqual([{ kind: 'answered', answeredBytes: large }]);
  });
});

describe('a connection', () => {
  it('without a session is closed after a while, also one whose sessions are over', async () => {
    const { side, peer } = await bound();
    const silent = await world.dial('10.0.0.1');
    await world.time.advance(unboundMsMax + 1);
    expect([peer.isClosed, silent.isClosed]).toEqual([false, true]);
    side.leg.close();
    await world.time.advance(unboundMsMax - 1);
    expect(peer.isClosed).toBe(false);
    await world.time.advance(2);
    expect(peer.isClosed).toBe(true);
  });

  it('is refused beyond so many, of one address and of all', async () => {
    world.endpoint('10.0.0.1', { connectionsMax: 3, connectionsPerAddressMax: 2 });
    const peers = [];
    for (const from of ['10.1.0.1', '10.1.0.1', '10.1.0.1', '10.1.0.2', '10.1.0.3']) {
      peers.push(await world.dial('10.0.0.1', from));
    }
    expect(peers.map(({ isClosed }) => isClosed)).toEqual([false, false, true, false, true]);
    peers[0]?.stream.abort();
    await world.time.advance(10);
    expect((await world.dial('10.0.0.1', '10.1.0.1')).isClosed).toBe(false);
  });

  it('that speaks something else is closed at once', async () => {
    world.endpoint('10.0.0.1');
    const peer = await world.dial('10.0.0.1');
    peer.say('GET / HTTP/1.1', '');
    await world.time.advance(10);
    expect(peer.isClosed).toBe(true);
  });

  it('carries what comes octet by octet', async () => {
    world.network.pieceBytesMax = 1;
    const { tom, mary } = await world.pair();
    const { ends } = send(tom, 'mmmm', octets(3_000));
    await world.time.advance(100);
    expect(mary.bodies.get('mmmm')).toEqual(octets(3_000));
    expect(ends).toHaveLength(1);
  });

  it('whose session is closed while a message comes goes on with the others', async () => {
    const endpoint = world.endpoint('10.0.0.1');
    const [one, two] = [new Side(endpoint), new Side(endpoint)];
    const peer = await world.dial('10.0.0.1');
    one.onOctets = () => one.leg.close();
    peer.chunk(one.leg, 'aaaa', { body: 'x'.repeat(5_000) });
    peer.chunk(two.leg, 'bbbb');
    await world.time.advance(10);
    expect(one.heard).toEqual(['connected', 'began 1234']);
    expect(two.heard).toEqual(['connected', 'began 1234', 'complete 1234 5']);
    expect(peer.statuses).toEqual([200, 200]);
  });
});
