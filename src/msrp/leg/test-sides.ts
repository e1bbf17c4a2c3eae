/** For tests: endpoints that meet in memory and in virtual time, legs that write down what they hear, and peers made of text. */
import { Counters } from '../../base/counters.ts';
import type { IdSource } from '../../base/ids.ts';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import { type ChunkEvent, ChunkReader } from '../message/chunk-reader.ts';
import type { MsrpRequestHead } from '../message/msrp-message.ts';
import { type MsrpUri, parseMsrpPath } from '../message/msrp-uri.ts';
import { MsrpEndpoint } from '../msrp-endpoint.ts';
import { MemoryNetwork, type MemoryStream } from '../transport/memory/memory-network.ts';
import type { MsrpStream, MsrpStreamListener } from '../transport/ports.ts';
import type { LegListener, LegPlan, MsrpLeg, OutgoingHandle, OutgoingMsrp, OutgoingOutcome } from './leg-words.ts';
import { defaultMsrpLimits, type MsrpLimits } from './msrp-limits.ts';

const msrpPort = 2855;

class CountedIds implements IdSource {
  #count = 0;

  randomToken(): string {
    this.#count += 1;
    return `id${this.#count}`.padEnd(8, 'x');
  }

  timeOrderedId(): string {
    return this.randomToken();
  }

  fraction(): number {
    return 0.5;
  }
}

export class World {
  readonly time = new VirtualTime();
  readonly network = new MemoryNetwork(this.time, this.time);
  readonly counters = new Counters();

  endpoint(address: string, limits: Partial<MsrpLimits> = {}): MsrpEndpoint {
    const { time, counters } = this;
    const around = { clock: time, timers: time, ids: new CountedIds(), counters };
    const endpoint = new MsrpEndpoint({ ...around, limits: { ...defaultMsrpLimits, ...limits } });
    const local = { address, port: msrpPort };
    const opened = this.network.openPort('tcp', local, (stream) => endpoint.accept(stream));
    endpoint.offer('tcp', { isSecure: false, host: address, port: msrpPort }, opened);
    return endpoint;
  }

  /** Two legs that know each other; the first one connects. */
  async pair(more: Partial<LegPlan> = {}): Promise<{ tom: Side; mary: Side }> {
    const tom = new Side(this.endpoint('10.0.0.1'));
    const mary = new Side(this.endpoint('10.0.0.2'), more);
    mary.leg.start({ path: path(tom.leg.uri), role: 'passive' });
    tom.leg.start({ path: path(mary.leg.uri), role: 'active' });
    await this.time.advance(100);
    return { tom, mary };
  }

  /** A connection to that address that says what it is told to. */
  async dial(address: string, from = '10.9.9.9'): Promise<TextPeer> {
    const peer = new TextPeer();
    const port = this.network.openPort('tcp', { address: from, port: 0 });
    port.connect({ address, port: msrpPort }, 1_000, (opened) => peer.opened(opened.ok ? opened.value : undefined));
    await this.time.advance(10);
    return peer;
  }
}

export function path(uri: string): readonly MsrpUri[] {
  const parsed = parseMsrpPath(uri);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

/** Writes down what a leg hears. */
export class Side implements LegListener {
  readonly leg: MsrpLeg;
  readonly heard: string[] = [];
  readonly bodies = new Map<string, Uint8Array>();
  readonly heads = new Map<string, MsrpRequestHead>();
  answer: 'take' | 'drop' | number = 'take';
  onOctets: (messageId: string, bytes: Uint8Array) => void = () => undefined;

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
    this.onOctets(messageId, bytes);
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

export const octets = (count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, index) => (index * 7919) >> 5);

export interface Sent {
  readonly ends: OutgoingOutcome[];
  readonly reports: string[];
  /** Octets that were read from the source. */
  readBytes: number;
  readonly handle: OutgoingHandle | undefined;
}

export function send(from: Side, messageId: string, body: Uint8Array, more: Partial<OutgoingMsrp> = {}): Sent {
  const ends: OutgoingOutcome[] = [];
  const reports: string[] = [];
  const read = { bytes: 0 };
  const handle = from.leg.send({
    messageId,
    contentType: 'text/plain',
    size: body.length,
    source: {
      read: (at, length) => {
        const bytes = body.subarray(at, at + length);
        read.bytes += bytes.length;
        return { bytes, isEnd: at + length >= body.length };
      },
    },
    onEnd: (outcome) => void ends.push(outcome),
    onReport: (status, range) => void reports.push(`${status} ${range?.start}-${range?.end}/${range?.total}`),
    ...more,
  });
  return {
    ends,
    reports,
    handle,
    get readBytes() {
      return read.bytes;
    },
  };
}

/** A peer that says what a test writes, and answers nothing by itself. */
export class TextPeer implements MsrpStreamListener {
  readonly events: ChunkEvent[] = [];
  readonly reader = new ChunkReader();
  bytes = 0;
  isClosed = false;
  #stream: MsrpStream | undefined;

  opened(stream: MsrpStream | undefined): MsrpStreamListener {
    this.#stream = stream;
    return this;
  }

  get stream(): MemoryStream {
    return this.#stream as MemoryStream;
  }

  say(...lines: string[]): void {
    this.#stream?.write([new TextEncoder().encode(`${lines.join('\r\n')}\r\n`)]);
  }

  /** One chunk to a leg of ours. */
  chunk(leg: MsrpLeg, id: string, options: { rows?: readonly string[]; body?: string; flag?: string } = {}): void {
    const { rows = ['Message-ID: 1234'], body = 'hello', flag = '$' } = options;
    const content = body === '' ? [] : ['Content-Type: text/plain', '', body];
    this.say(
      `MSRP ${id} SEND`,
      `To-Path: ${leg.uri}`,
      `From-Path: ${theirs}`,
      ...rows,
      ...content,
      `-------${id}${flag}`,
    );
  }

  onBytes(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    this.events.push(...this.reader.read(bytes));
  }

  onDrained(): void {}

  onClose(): void {
    this.isClosed = true;
  }

  get statuses(): number[] {
    return this.events.flatMap((event) =>
      event.kind === 'head' && event.head.kind === 'response' ? [event.head.status] : [],
    );
  }

  get requests(): MsrpRequestHead[] {
    return this.events.flatMap((event) => (event.kind === 'head' && event.head.kind === 'request' ? [event.head] : []));
  }
}

/** Of a `TextPeer`. */
export const theirs = 'msrp://peer.invalid:9/them;tcp';
