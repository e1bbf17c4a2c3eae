/** Legs over endpoints that meet in memory and in virtual time. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { OutgoingOutcome, SourceOctets } from './leg/leg-words.ts';
import { octets, path, send, Side, World } from './leg/test-sides.ts';
import { chunkBytesMax } from './transfer/outgoing-transfer.ts';

let world: World;

beforeEach(() => {
  world = new World();
});

describe('a message', () => {
  it.each([0, 1, 5, 2_049, chunkBytesMax, chunkBytesMax + 1, 1_000_000])('of %i octets passes whole', async (size) => {
    world.network.pieceBytesMax = 1_000;
    const { tom, mary } = await world.pair();
    const { ends } = send(tom, 'mmmm', octets(size));
    await world.time.advance(1_000);
    expect(mary.heard).toEqual(['connected', 'began mmmm', `complete mmmm ${size}`]);
    expect(Buffer.compare(mary.bodies.get('mmmm') ?? new Uint8Array(0), octets(size))).toBe(0);
    expect(ends).toEqual([{ kind: 'answered', answeredBytes: size }]);
  });

  it('passes the other way as well, also where the peer is there before its path', async () => {
    const [tom, mary] = [new Side(world.endpoint('10.0.0.1')), new Side(world.endpoint('10.0.0.2'))];
    const { ends } = send(mary, 'mmmm', octets(5));
    tom.leg.start({ path: path(mary.leg.uri), role: 'active' });
    await world.time.advance(100);
    expect(mary.heard).toEqual(['connected']);
    mary.leg.start({ path: path(tom.leg.uri), role: 'passive' });
    await world.time.advance(100);
    expect(tom.heard).toEqual(['connected', 'began mmmm', 'complete mmmm 5']);
    expect(ends).toHaveLength(1);
  });

  it('of unknown size is sent as it grows', async () => {
    const { tom, mary } = await world.pair();
    const waiting: ((octets: SourceOctets) => void)[] = [];
    const source = { read: () => new Promise<SourceOctets>((resolve) => void waiting.push(resolve)) };
    const ends: OutgoingOutcome[] = [];
    const plan = { messageId: 'mmmm', contentType: 'text/plain', source };
    tom.leg.send({ ...plan, onEnd: (outcome) => void ends.push(outcome) });
    await world.time.advance(10);
    waiting.shift()?.({ bytes: octets(3), isEnd: false });
    await world.time.advance(60_000);
    expect(mary.bodies.get('mmmm')).toHaveLength(3);
    expect(mary.heard).toEqual(['connected', 'began mmmm']);
    waiting.shift()?.({ bytes: octets(0), isEnd: true });
    await world.time.advance(10);
    expect(mary.heard.at(-1)).toBe('complete mmmm 3');
    expect(ends).toEqual([{ kind: 'answered', answeredBytes: 3 }]);
  });

  it('is reported on to those who asked', async () => {
    const { tom, mary } = await world.pair();
    const asked = send(tom, 'mmm1', octets(5), { successReport: true });
    const other = send(tom, 'mmm2', octets(5));
    await world.time.advance(10);
    for (const head of mary.heads.values()) {
      mary.leg.report({ head, status: 200, range: { start: 1, end: 5, total: 5 } });
    }
    await world.time.advance(10);
    expect([asked.reports, other.reports]).toEqual([['200 1-5/5'], []]);
  });
});

describe('an endpoint', () => {
  it('connects where the other side waits, and says so where nobody does', async () => {
    const tom = new Side(world.endpoint('10.0.0.1'));
    tom.leg.start({ path: path('msrp://10.0.0.9:2855/nobody;tcp'), role: 'active' });
    const { ends } = send(tom, 'mmmm', octets(1));
    await world.time.advance(10);
    expect(tom.heard).toEqual(['ended unreachable']);
    expect(ends).toEqual([{ kind: 'lost', answeredBytes: 0 }]);
  });

  it('ends what it had when it is closed', async () => {
    const { tom, mary } = await world.pair();
    tom.leg.close();
    mary.leg.close();
    const endpoint = world.endpoint('10.0.0.3');
    const peter = new Side(endpoint);
    endpoint.close();
    expect(peter.heard).toEqual(['ended lost']);
    await world.time.advance(60_000);
    expect([...tom.heard, ...mary.heard]).toEqual(['connected', 'connected']);
  });
});
