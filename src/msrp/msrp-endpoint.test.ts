/** Legs over endpoints that meet in memory and in virtual time. */
import { beforeEach, describe, expect, it } from 'vitest';
import { Counters } from '../base/counters.ts';
import { systemIds } from '../base/system-ids.ts';
import { VirtualTime } from '../base/time/virtual-time.ts';
import type { LegListener, LegPlan, MsrpLeg, OutgoingMsrp, OutgoingOutcome, SourceOctets } from './leg/leg-words.ts';
import { defaultMsrpLimits, type MsrpLimits } from './leg/msrp-limits.ts';
import type { MsrpRequestHead } from './message/msrp-message.ts';
import { parseMsrpPath } from './message/msrp-uri.ts';
import { MsrpEndpoint } from './msrp-endpoint.ts';
import { chunkBytesMax } from './transfer/outgoing-transfer.ts';
import { MemoryNetwork } from './transport/memory/memory-network.ts';

let time: VirtualTime;
let network: MemoryNetwork;
const port = 2855;

beforeEach(() => {
  time = new VirtualTime();
  network = new MemoryNetwork(time, time);
});

function endpointAt(address: string, limits: Partial<MsrpLimits> = {}): MsrpEndpoint {
  const counters = new Counters();
  const around = { clock: time, timers: time, ids: systemIds, counters };
  const endpoint = new MsrpEndpoint({ ...around, limits: { ...defaultMsrpLimits, ...limits } });
  const local = { address, port };
  const opened = network.openPort('tcp', local, (stream) => endpoint.accept(stream));
  endpoint.offer('tcp', { isSecure: false, host: address, port }, opened);
  return endpoint;
}

function path(uri: string) {
  const parsed = parseMsrpPath(uri);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

/** Writes down what a leg hears. */
class Side implements LegListener {
  readonly leg: MsrpLeg;
  readonly heard: string[] = [];
  readonly bodies = new Map<string, Uint8Array>();
  readonly heads = new Map<string, MsrpRequestHead>();
  answer: 'take' | 'drop' | number = 'take';

  constructor(endpoint: MsrpEndpoint, more: Partial<LegPlan> = {}) {
    const types = { accepts: () => true, mayReceive: true, sizeMax: 10_000_000 };
    const leg = endpoint.open({ transport: 'tcp', ...types, listener: this, ...more });
    if (leg === undefined) throw new Error('no leg');
    this.leg = leg;
  }

  connected(): void {
    this.heard.push('connected');
  }

  began(head: MsrpRequestHead): 'take' | 'drop' | number {
    this.heard.push(`began ${head.messageId}`);
    return this.answer;
  }

  octets(messageId: string, offset: number, bytes: Uint8Array): void {
    const before = this.bodies.get(messageId) ?? new Uint8Array(0);
    const body = new Uint8Array(Math.max(before.length, offset + bytes.length));
    body.set(before);
    body.set(bytes, offset);
    this.bodies.set(messageId, body);
  }

  complete(head: MsrpRequestHead, size: number): void {
    this.heads.set(head.messageId ?? '', head);
    this.heard.push(`complete ${head.messageId} ${size}`);
  }

  abandoned(messageId: string, why: string): void {
    this.heard.push(`abandoned ${messageId}: ${why}`);
  }

  ended(why: string): void {
    this.heard.push(`ended ${why}`);
  }
}

/** Two legs that know each other; `tom` connects. */
async function join(tom: Side, mary: Side): Promise<void> {
  mary.leg.start({ path: path(tom.leg.uri), role: 'passive' });
  tom.leg.start({ path: path(mary.leg.uri), role: 'active' });
  await time.advance(100);
}

async function pair(more: Partial<LegPlan> = {}): Promise<{ tom: Side; mary: Side }> {
  const tom = new Side(endpointAt('10.0.0.1'));
  const mary = new Side(endpointAt('10.0.0.2'), more);
  await join(tom, mary);
  return { tom, mary };
}

const octets = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, index) => (index * 7919) >> 5);

interface Sent {
  readonly ends: OutgoingOutcome[];
  readonly reports: string[];
}

function send(from: Side, messageId: string, body: Uint8Array, more: Partial<OutgoingMsrp> = {}): Sent {
  const sent: Sent = { ends: [], reports: [] };
  from.leg.send({
    messageId,
    contentType: 'text/plain',
    size: body.length,
    source: {
      read: (at, length) => ({ bytes: body.subarray(at, at + length), isEnd: at + length >= body.length }),
    },
    onEnd: (outcome) => void sent.ends.push(outcome),
    onReport: (status, range) => void sent.reports.push(`${status} ${range?.start}-${range?.end}/${range?.total}`),
    ...more,
  });
  return sent;
}

describe('a message', () => {
  it.each([0, 1, 5, 2_049, chunkBytesMax, chunkBytesMax + 1, 1_000_000])('of %i octets passes whole', async (size) => {
    network.pieceBytesMax = 1_000;
    const { tom, mary } = await pair();
    const { ends } = send(tom, 'mmmm', octets(size));
    await time.advance(1_000);
    expect(mary.heard).toEqual(['connected', 'began mmmm', `complete mmmm ${size}`]);
    expect(Buffer.compare(mary.bodies.get('mmmm') ?? new Uint8Array(0), octets(size))).toBe(0);
    expect(ends).toEqual([{ kind: 'answered', answeredBytes: size }]);
  });

  it('passes the other way as well, also where the peer is there before its path', async () => {
    const [tom, mary] = [new Side(endpointAt('10.0.0.1')), new Side(endpointAt('10.0.0.2'))];
    const { ends } = send(mary, 'mmmm', octets(5));
    tom.leg.start({ path: path(mary.leg.uri), role: 'active' });
    await time.advance(100);
    expect(mary.heard).toEqual(['connected']);
    mary.leg.start({ path: path(tom.leg.uri), role: 'passive' });
    await time.advance(100);
    expect(tom.heard).toEqual(['connected', 'began mmmm', 'complete mmmm 5']);
    expect(ends).toHaveLength(1);
  });

  it('of unknown size is sent as it grows', async () => {
    const { tom, mary } = await pair();
    const waiting: ((octets: SourceOctets) => void)[] = [];
    const source = { read: () => new Promise<SourceOctets>((resolve) => void waiting.push(resolve)) };
    const ends: OutgoingOutcome[] = [];
    const plan = { messageId: 'mmmm', contentType: 'text/plain', source };
    tom.leg.send({ ...plan, onEnd: (outcome) => void ends.push(outcome) });
    await time.advance(10);
    waiting.shift()?.({ bytes: octets(3), isEnd: false });
    await time.advance(60_000);
    expect(mary.bodies.get('mmmm')).toHaveLength(3);
    expect(mary.heard).toEqual(['connected', 'began mmmm']);
    waiting.shift()?.({ bytes: octets(0), isEnd: true });
    await time.advance(10);
    expect(mary.heard.at(-1)).toBe('complete mmmm 3');
    expect(ends).toEqual([{ kind: 'answered', answeredBytes: 3 }]);
  });

  it('is reported on to those who asked', async () => {
    const { tom, mary } = await pair();
    const asked = send(tom, 'mmm1', octets(5), { successReport: true });
    const other = send(tom, 'mmm2', octets(5));
    await time.advance(10);
    for (const head of mary.heads.values()) {
      mary.leg.report({ head, status: 200, range: { start: 1, end: 5, total: 5 } });
    }
    await time.advance(10);
    expect([asked.reports, other.reports]).toEqual([['200 1-5/5'], []]);
  });
});

describe('an endpoint', () => {
  it('connects where the other side waits, and says so where nobody does', async () => {
    const tom = new Side(endpointAt('10.0.0.1'));
    tom.leg.start({ path: path('msrp://10.0.0.9:2855/nobody;tcp'), role: 'active' });
    const { ends } = send(tom, 'mmmm', octets(1));
    await time.advance(10);
    expect(tom.heard).toEqual(['ended unreachable']);
    expect(ends).toEqual([{ kind: 'lost', answeredBytes: 0 }]);
  });

  it('ends what it had when it is closed', async () => {
    const { tom, mary } = await pair();
    tom.leg.close();
    mary.leg.close();
    const endpoint = endpointAt('10.0.0.3');
    const peter = new Side(endpoint);
    endpoint.close();
    expect(peter.heard).toEqual(['ended lost']);
    await time.advance(60_000);
    expect([...tom.heard, ...mary.heard]).toEqual(['connected', 'connected']);
  });
});
