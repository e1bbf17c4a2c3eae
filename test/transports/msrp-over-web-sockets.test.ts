/** Large messages over WebSockets (RFC 7977), both ways: whole, one chunk a message, and no faster than the other side reads. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Counters } from '../../src/base/counters.ts';
import { systemIds } from '../../src/base/system-ids.ts';
import { systemClock, SystemTimers } from '../../src/base/time/system-time.ts';
import { WebSocketGate } from '../../src/endpoints/http/web-sockets/web-socket-gate.ts';
import type { LegListener, MsrpLeg } from '../../src/msrp/leg/leg-words.ts';
import { defaultMsrpLimits } from '../../src/msrp/leg/msrp-limits.ts';
import { ChunkReader } from '../../src/msrp/message/chunk-reader.ts';
import { formatRequest, formatResponse } from '../../src/msrp/message/format-message.ts';
import { parseMsrpPath } from '../../src/msrp/message/msrp-uri.ts';
import { MsrpEndpoint } from '../../src/msrp/msrp-endpoint.ts';
import { chunkBytesMax } from '../../src/msrp/transfer/outgoing-transfer.ts';
import { msrpDoor } from '../../src/server/msrp-side.ts';

const theirs = 'msrps://df7jal23ls0d.invalid:2855/98cjs;ws';
const timers = new SystemTimers(systemClock);
let endpoint: MsrpEndpoint;
let server: Server;
let client: Client;
let leg: MsrpLeg;

function path(text: string) {
  const parsed = parseMsrpPath(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

/** Answers every chunk that asks for it, and keeps what came. */
class Client {
  readonly socket: WebSocket;
  readonly received: Uint8Array[] = [];
  readonly statuses: number[] = [];
  chunks = 0;
  isComplete = false;

  constructor(port: number) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/msrp`, ['msrp']);
    this.socket.on('message', (data: Buffer) => this.#take(data));
  }

  #take(message: Buffer): void {
    const reader = new ChunkReader();
    for (const event of reader.read(message)) {
      if (event.kind === 'body') this.received.push(event.bytes);
      if (event.kind === 'end' && event.flag === '$' && this.received.length > 0) this.isComplete = true;
      if (event.kind !== 'head') continue;
      const { head } = event;
      if (head.kind === 'response') this.statuses.push(head.status);
      else {
        this.chunks += 1;
        if (head.failureReport === 'no') continue;
        const paths = { toPath: head.fromPath, fromPath: head.toPath };
        const words = { kind: 'response', transactionId: head.transactionId, status: 200, comment: 'OK' } as const;
        this.socket.send(formatResponse({ ...words, ...paths, headers: [] }));
      }
    }
    if (!reader.isBetween) throw new Error('a message ends within a chunk');
  }
}

const heard: string[] = [];
const bodies: Uint8Array[] = [];
const listener: LegListener = {
  connected: () => void heard.push('connected'),
  began: () => 'take',
  octets: (_messageId, _offset, bytes) => void bodies.push(bytes),
  complete: (_head, size) => void heard.push(`complete ${size}`),
  abandoned: (_messageId, why) => void heard.push(why),
  ended: (why) => void heard.push(why),
};

beforeEach(async () => {
  heard.length = 0;
  bodies.length = 0;
  const around = { clock: systemClock, timers, counters: new Counters() };
  endpoint = new MsrpEndpoint({ ...around, ids: systemIds });
  const gate = new WebSocketGate({ ...around, doors: [msrpDoor(endpoint)], origins: [], isReady: () => true });
  server = createServer();
  gate.guard(server, 'ws', 100);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  endpoint.offer('ws', { isSecure: false, host: '127.0.0.1', port });
  const opened = endpoint.open({
    transport: 'ws',
    isSecure: true,
    sizeMax: 50_000_000,
    accepts: () => true,
    mayReceive: true,
    listener,
  });
  if (opened === undefined) throw new Error('no leg');
  leg = opened;
  leg.start({ path: path(theirs), role: 'passive' });
  client = new Client(port);
  await once(client.socket, 'open');
});

afterEach(() => {
  client.socket.terminate();
  endpoint.close();
  server.close();
});

/** Its pattern has a length that divides no chunk. */
const octets = (count: number): Buffer => Buffer.alloc(count, Buffer.from(Array.from({ length: 251 }, (_, at) => at)));

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise((resolve) => setImmediate(resolve));
}

function sendChunk(body: Uint8Array, start: number, total: number, messageId = 'mmmm'): void {
  const transactionId = `tid${start}x`;
  const flag = start - 1 + body.length === total ? '$' : '+';
  const words = { kind: 'request', transactionId, method: 'SEND', messageId, contentType: 'a/b' } as const;
  const about = { byteRange: { start, total }, successReport: false, failureReport: 'yes', headers: [] } as const;
  const head = { ...words, ...about, toPath: path(leg.uri), fromPath: path(theirs) };
  client.socket.send(Buffer.concat(formatRequest(head, body, flag)));
}

const bind = (): void => sendChunk(octets(0), 1, 0, 'bind');

describe('a leg over a WebSocket', () => {
  it('has a URI that says so', () => {
    expect(leg.uri).toMatch(/^msrps:\/\/127\.0\.0\.1:\d+\/\w+;ws$/);
  });

  it('takes a message in chunks', async () => {
    const body = octets(3_000_000);
    for (let at = 0; at < body.length; at += 500_000) sendChunk(body.subarray(at, at + 500_000), at + 1, body.length);
    await until(() => client.statuses.length === 6);
    expect(heard).toEqual(['connected', 'complete 3000000']);
    expect(Buffer.concat(bodies).equals(body)).toBe(true);
  });

  it.each([
    ['yes', 'answered'],
    ['no', 'sent'],
  ] as const)('sends one chunk in each message, no faster than they are read, answered: %s', async (wish, end) => {
    bind();
    await until(() => heard.length > 0);
    client.socket.pause();
    const body = octets(30_000_000);
    let readBytes = 0;
    let outcome = '';
    leg.send({
      messageId: 'mmmm',
      contentType: 'a/b',
      size: body.length,
      failureReport: wish,
      source: {
        read: (at, length) => {
          readBytes = Math.max(readBytes, at + length);
          return { bytes: body.subarray(at, at + length), isEnd: false };
        },
      },
      onEnd: ({ kind }) => void (outcome = kind),
    });
    let before = -1;
    for (let quiet = 0; quiet < 50; quiet = before === readBytes ? quiet + 1 : 0) {
      before = readBytes;
      await new Promise((resolve) => setImmediate(resolve));
    }
    // What the system's own buffers take comes on top.
    expect(readBytes).toBeLessThan(20_000_000);
    client.socket.resume();
    await until(() => outcome !== '' && client.isComplete);
    expect(outcome).toBe(end);
    expect(Buffer.concat(client.received).equals(body)).toBe(true);
    expect(client.chunks).toBe(Math.ceil(body.length / chunkBytesMax));
    expect(defaultMsrpLimits.writeAheadBytesMax).toBeLessThan(body.length);
  });

  it('is read no faster than it takes', async () => {
    bind();
    await until(() => heard.length > 0);
    leg.pause();
    const body = octets(20_000_000);
    const chunk = 1_000_000;
    for (let at = 0; at < body.length; at += chunk) sendChunk(body.subarray(at, at + chunk), at + 1, body.length);
    for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(Buffer.concat(bodies).length).toBeLessThan(body.length / 2);
    leg.resume();
    await until(() => heard.includes('complete 20000000'));
    expect(Buffer.concat(bodies).equals(body)).toBe(true);
  });
});
