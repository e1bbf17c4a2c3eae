/** What legs do at their limits, and what becomes of messages that do not arrive as they should. */
import { beforeEach, describe, expect, it } from 'vitest';
import { chunkBytesMax } from '../transfer/outgoing-transfer.ts';
import { defaultMsrpLimits } from './msrp-limits.ts';
import { outgoingMessagesMax, reportableMessagesMax } from './outgoing-queue.ts';
import { octets, path, send, Side, theirs, World } from './test-sides.ts';

let world: World;

beforeEach(() => {
  world = new World();
});

const large = 5_000_000;

describe('a message that leaves', () => {
  it('and is refused on its way is broken off, and the next one goes', async () => {
    const { tom, mary } = await world.pair();
    mary.onOctets = (messageId) => mary.leg.refuse(messageId, 413);
    const first = send(tom, 'mmm1', octets(large));
    const second = send(tom, 'mmm2', octets(5));
    await world.time.advance(100);
    expect(first.ends).toEqual([{ kind: 'refused', status: 413, answeredBytes: 0 }]);
    expect(first.readBytes).toBeLessThan(large);
    expect(second.ends).toMatchObject([{ kind: 'refused', status: 413 }]);
    expect(mary.heard).toEqual(['connected', 'began mmm1', 'began mmm2']);
  });

  it('and is not wanted at all is told so by the status of its receiver', async () => {
    const { tom, mary } = await world.pair();
    mary.answer = 403;
    const { ends } = send(tom, 'mmmm', octets(5));
    await world.time.advance(100);
    expect(ends).toMatchObject([{ kind: 'refused', status: 403 }]);
    expect(mary.heard).toEqual(['connected', 'began mmmm']);
  });

  it('and is dropped looks as if it were taken', async () => {
    const { tom, mary } = await world.pair();
    mary.answer = 'drop';
    const { ends } = send(tom, 'mmmm', octets(300_000));
    await world.time.advance(100);
    expect(ends).toEqual([{ kind: 'answered', answeredBytes: 300_000 }]);
    expect(mary.heard).toEqual(['connected', 'began mmmm']);
    expect(mary.bodies.size).toBe(0);
  });

  it('may be stopped, which the other side hears where it has begun', async () => {
    const { tom, mary } = await world.pair();
    const never = { read: () => new Promise<never>(() => undefined) };
    const stuck = send(tom, 'mmm1', octets(9), { source: never });
    const waiting = send(tom, 'mmm2', octets(9));
    waiting.handle?.stop();
    stuck.handle?.stop();
    let reads = 0;
    const source = {
      read: () => ((reads += 1) === 1 ? { bytes: octets(3), isEnd: false } : new Promise<never>(() => undefined)),
    };
    const begun = send(tom, 'mmm3', octets(9), { source });
    await world.time.advance(10);
    begun.handle?.stop();
    send(tom, 'mmm4', octets(9));
    await world.time.advance(10);
    for (const { ends } of [stuck, waiting]) expect(ends).toEqual([{ kind: 'stopped', answeredBytes: 0 }]);
    expect(begun.ends).toEqual([{ kind: 'stopped', answeredBytes: 3 }]);
    const end = ['began mmm3', 'abandoned mmm3: its sender gave it up', 'began mmm4', 'complete mmm4 9'];
    expect(mary.heard).toEqual(['connected', ...end]);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('the disk is gone')), 'the disk is gone'],
    ['gives nothing', () => ({ bytes: octets(0), isEnd: false }), 'the source gave 0 octets'],
    ['gives too much', () => ({ bytes: octets(11), isEnd: false }), 'the source gave 11 octets'],
    ['ends early', () => ({ bytes: octets(9), isEnd: true }), 'the source ends elsewhere than its message (1-*/10)'],
  ])('is given up where its source %s', async (_what, read, why) => {
    const { tom, mary } = await world.pair();
    const { ends } = send(tom, 'mmmm', octets(10), { source: { read } });
    send(tom, 'next', octets(1));
    await world.time.advance(10);
    expect(ends).toEqual([{ kind: 'failed', why, answeredBytes: 0 }]);
    expect(mary.heard).toEqual(['connected', 'began next', 'complete next 1']);
  });

  it('goes on behind what the other side has', async () => {
    const { tom, mary } = await world.pair({ received: () => 4 });
    const { ends } = send(tom, 'mmmm', octets(10), { from: 4 });
    await world.time.advance(10);
    expect(mary.heard.at(-1)).toBe('complete mmmm 10');
    expect(mary.bodies.get('mmmm')?.subarray(4)).toEqual(octets(10).subarray(4));
    expect(ends).toEqual([{ kind: 'answered', answeredBytes: 10 }]);
  });

  it('asks for no answer with `no`, and hears with `partial` only of what went wrong', async () => {
    const { tom, mary } = await world.pair();
    const silent = send(tom, 'mmm1', octets(5), { failureReport: 'no' });
    const partial = send(tom, 'mmm2', octets(5), { failureReport: 'partial' });
    await world.time.advance(10);
    expect([silent.ends, partial.ends]).toEqual([[{ kind: 'sent', answeredBytes: 0 }], []]);
    mary.answer = 415;
    const refused = send(tom, 'mmm3', octets(5), { failureReport: 'partial' });
    await world.time.advance(10);
    expect(refused.ends).toMatchObject([{ kind: 'refused', status: 415 }]);
    await world.time.advance(30_000);
    expect(partial.ends).toMatchObject([{ kind: 'sent' }]);
  });

  it('has room behind so many others', async () => {
    const tom = new Side(world.endpoint('10.0.0.1'));
    for (let count = 0; count < outgoingMessagesMax; count += 1)
      expect(send(tom, 'mmmm', octets(1)).handle).toBeDefined();
    expect(send(tom, 'mmmm', octets(1)).handle).toBeUndefined();
    tom.leg.close();
    expect(send(tom, 'mmmm', octets(1)).handle).toBeUndefined();
  });

  it('is remembered for its report behind so many others', async () => {
    const { tom, mary } = await world.pair();
    const sent = [];
    for (let count = 0; count <= reportableMessagesMax; count += 1) {
      sent.push(send(tom, `m${1000 + count}`, octets(1), { successReport: true }));
      await world.time.advance(1);
    }
    for (const head of mary.heads.values())
      mary.leg.report({ head, status: 200, range: { start: 1, end: 1, total: 1 } });
    await world.time.advance(10);
    expect(sent.map(({ reports }) => reports.length)).toEqual([0, ...sent.slice(1).map(() => 1)]);
  });
});

describe('sessions on one connection', () => {
  it('take turns, so that a small message does not wait for a large one', async () => {
    const endpoint = world.endpoint('10.0.0.1');
    const [one, two] = [new Side(endpoint), new Side(endpoint)];
    const peer = await world.dial('10.0.0.1');
    for (const [number, side] of [one, two].entries()) {
      side.leg.start({ path: path(theirs), role: 'passive' });
      peer.chunk(side.leg, `bind${number}`, { rows: ['Message-ID: 1234'], body: '' });
    }
    await world.time.advance(10);
    expect(peer.statuses).toEqual([200, 200]);
    peer.stream.pause();
    send(one, 'large', octets(large));
    await world.time.advance(10);
    send(two, 'small', octets(5));
    peer.stream.resume();
    await world.time.advance(100);
    const order = peer.requests.map(({ messageId }) => messageId);
    const { writeAheadBytesMax } = defaultMsrpLimits;
    expect(order.indexOf('small')).toBeGreaterThan(0);
    expect(order.indexOf('small')).toBeLessThanOrEqual(writeAheadBytesMax / chunkBytesMax + 1);
    expect(order.filter((id) => id === 'large')).toHaveLength(Math.ceil(large / chunkBytesMax));
  });

  it('may not be taken over from another connection', async () => {
    const endpoint = world.endpoint('10.0.0.1');
    const side = new Side(endpoint);
    const [owner, thief] = [await world.dial('10.0.0.1'), await world.dial('10.0.0.1')];
    owner.chunk(side.leg, 'aaaa');
    await world.time.advance(10);
    thief.chunk(side.leg, 'bbbb', { rows: ['Message-ID: 5678'] });
    await world.time.advance(10);
    thief.chunk(side.leg, 'cccc', { rows: ['Message-ID: 5678', 'Failure-Report: no'] });
    await world.time.advance(10);
    expect([owner.statuses, thief.statuses]).toEqual([[200], [506]]);
    expect(side.heard).toEqual(['connected', 'began 1234', 'complete 1234 5']);
  });
});

describe('a session over TLS', () => {
  it('is had over TLS only', async () => {
    const endpoint = world.endpoint('10.0.0.1');
    endpoint.offer('tls', { isSecure: true, host: '10.0.0.1', port: 2856 });
    const side = new Side(endpoint, { transport: 'tls' });
    expect(side.leg.uri).toMatch(/^msrps:\/\/10\.0\.0\.1:2856\/\w+;tcp$/);
    const peer = await world.dial('10.0.0.1');
    peer.chunk(side.leg, 'aaaa');
    await world.time.advance(10);
    expect(peer.statuses).toEqual([481]);
    expect(side.heard).toEqual([]);
  });
});

describe('a message that comes again', () => {
  it('is answered and reported on as the first time, and not shown', async () => {
    const side = new Side(world.endpoint('10.0.0.1'));
    const peer = await world.dial('10.0.0.1');
    const rows = ['Message-ID: 1234', 'Success-Report: yes'];
    peer.chunk(side.leg, 'aaaa', { rows });
    await world.time.advance(10);
    const head = side.heads.get('1234');
    if (head !== undefined) side.leg.report({ head, status: 200, range: { start: 1, end: 5, total: 5 } });
    peer.chunk(side.leg, 'bbbb', { rows });
    await world.time.advance(10);
    expect(peer.statuses).toEqual([200, 200]);
    expect(peer.requests).toMatchObject([
      { method: 'REPORT', status: 200, messageId: '1234', byteRange: { start: 1, end: 5, total: 5 } },
      { method: 'REPORT', status: 200, messageId: '1234', byteRange: { start: 1, end: 5, total: 5 } },
    ]);
    expect(side.heard).toEqual(['connected', 'began 1234', 'complete 1234 5']);
  });

  it('and is empty asks whether somebody is there', async () => {
    const side = new Side(world.endpoint('10.0.0.1'));
    const peer = await world.dial('10.0.0.1');
    peer.chunk(side.leg, 'aaaa', { rows: ['Message-ID: 1234', 'Success-Report: yes'], body: '' });
    await world.time.advance(10);
    expect(peer.statuses).toEqual([200]);
    expect(peer.requests).toMatchObject([{ method: 'REPORT', byteRange: { start: 1, end: 0, total: 0 } }]);
  });
});

describe('a session', () => {
  it('waits so long for the other side to connect', async () => {
    const endpoint = world.endpoint('10.0.0.1');
    const [left, met, late] = [new Side(endpoint), new Side(endpoint), new Side(endpoint)];
    for (const { leg } of [left, met]) leg.start({ path: path(theirs), role: 'passive' });
    const peer = await world.dial('10.0.0.1');
    peer.chunk(met.leg, 'bind1', { body: '' });
    await world.time.advance(defaultMsrpLimits.bindMsMax - 11);
    expect(left.heard).toEqual([]);
    await world.time.advance(1);
    expect([left.heard, met.heard, late.heard]).toEqual([['ended unreachable'], ['connected'], []]);
  });

  it('is over where the other side has none', async () => {
    const endpoint = world.endpoint('10.0.0.2');
    const gone = new Side(endpoint);
    gone.leg.close();
    const tom = new Side(world.endpoint('10.0.0.1'));
    tom.leg.start({ path: path(gone.leg.uri), role: 'active' });
    const { ends } = send(tom, 'mmmm', octets(5));
    await world.time.advance(10);
    expect(tom.heard).toEqual(['connected', 'ended no-session']);
    expect(ends).toMatchObject([{ kind: 'lost' }]);
  });

  it('is kept by an empty SEND', async () => {
    const { tom, mary } = await world.pair();
    tom.leg.keepAlive();
    await world.time.advance(60_000);
    expect([...tom.heard, ...mary.heard]).toEqual(['connected', 'connected']);
  });

  it('is lost with its connection, and what is under way with it', async () => {
    const { tom, mary } = await world.pair();
    mary.leg.pause();
    const sent = send(tom, 'mmm1', octets(large));
    const next = send(tom, 'mmm2', octets(1));
    await world.time.advance(10);
    for (const [near] of world.network.pairs) near.peer?.abort();
    await world.time.advance(10);
    expect(tom.heard).toEqual(['connected', 'ended lost']);
    expect([sent.ends.length, next.ends.length]).toEqual([1, 1]);
    expect(next.ends).toEqual([{ kind: 'lost', answeredBytes: 0 }]);
  });
});
