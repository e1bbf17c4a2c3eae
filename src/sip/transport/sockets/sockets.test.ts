/** The sockets on loopback: one port for both transports, framing and reuse over real streams, faults in words. */
import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Counters } from '../../../base/counters.ts';
import { ListenFault } from '../../../base/sockets/listen-fault.ts';
import { readLocalAddresses } from '../../../base/sockets/own-machine-socket.ts';
import { SystemResolver } from '../../../base/sockets/resolver-socket.ts';
import { systemIds } from '../../../base/system-ids.ts';
import { systemClock, SystemTimers } from '../../../base/time/system-time.ts';
import { buildResponse } from '../../message/build-response.ts';
import { formatSipResponse } from '../../message/format-message.ts';
import type { SipRequest } from '../../message/sip-message.ts';
import type { Flow } from '../../registrar/ports.ts';
import { OwnAddresses } from '../own-addresses.ts';
import { messageText } from '../memory/test-peers.ts';
import { TransportLayer } from '../transport-layer.ts';
import { defaultTransportLimits } from '../transport-limits.ts';
import type { TransportLimits } from '../transport-limits.ts';
import { openSipSockets } from './listen-socket.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

interface Server {
  readonly port: number;
  readonly transport: TransportLayer;
  readonly requests: SipRequest[];
  readonly flows: Flow[];
  readonly closed: number[];
}

/** Answers every request with 200 at once. */
async function startServer(host = '127.0.0.1', limits: Partial<TransportLimits> = {}): Promise<Server> {
  const timers = new SystemTimers(systemClock);
  const transport = new TransportLayer({
    clock: systemClock,
    timers,
    ids: systemIds,
    counters: new Counters(),
    limits: { ...defaultTransportLimits, ...limits },
    resolver: new SystemResolver(),
    server: '',
  });
  const sockets = await openSipSockets(host, 0, {
    onDatagram: (bytes, from) => transport.onDatagram(bytes, from),
    accept: (connection) => transport.accept(connection),
  });
  const { local } = sockets.datagrams;
  expect(sockets.streams.local.port).toBe(local.port);
  transport.start({
    datagrams: sockets.datagrams,
    streams: [sockets.streams],
    addresses: new OwnAddresses({ listening: [local], machine: readLocalAddresses() }),
  });
  const server: Server = { port: local.port, transport, requests: [], flows: [], closed: [] };
  transport.use({
    onRequest: (request, flow) => {
      server.requests.push(request);
      server.flows.push(flow);
      const response = buildResponse(request, 200, { toTag: 'here' });
      transport.sendResponse(formatSipResponse(response), request.topVia, flow);
    },
    onResponse: () => undefined,
    onConnectionClosed: (connection) => server.closed.push(connection),
  });
  cleanups.push(() => {
    transport.close();
    timers.stop();
  });
  return server;
}

async function call(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect(port, host);
  socket.on('error', () => undefined);
  cleanups.push(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Reads until the text holds so many of what is looked for. */
async function readUntil(socket: Socket, word: string, times = 1): Promise<string> {
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.split(word).length > times) break;
  }
  return text;
}

/** Sends one datagram and answers what comes back. */
async function ask(port: number, text: string, type: 'udp4' | 'udp6' = 'udp4'): Promise<string> {
  const socket = createSocket(type);
  cleanups.push(() => socket.close());
  socket.send(text, port, type === 'udp4' ? '127.0.0.1' : '::1');
  const [bytes] = (await once(socket, 'message')) as [Uint8Array];
  return new TextDecoder().decode(bytes);
}

describe('openSipSockets', () => {
  it('sends what one turn gave it in order, also when it is closed within that turn', async () => {
    const { datagrams, streams } = await openSipSockets('127.0.0.1', 0, {
      onDatagram: () => undefined,
      accept: () => undefined,
    });
    const peer = createSocket('udp4');
    cleanups.push(() => {
      peer.close();
      streams.close();
    });
    peer.bind(0, '127.0.0.1');
    await once(peer, 'listening');
    const heard: string[] = [];
    const whole = new Promise<void>((resolve) => {
      peer.on('message', (bytes) => {
        heard.push(String(bytes));
        if (heard.length === 3) resolve();
      });
    });
    for (const text of ['one', 'two', 'three']) {
      datagrams.send(new TextEncoder().encode(text), { address: '127.0.0.1', port: peer.address().port });
    }
    datagrams.close();
    await whole;
    expect(heard).toEqual(['one', 'two', 'three']);
  });

  it('answers datagrams from the port that was asked for', async () => {
    const server = await startServer();
    const answer = await ask(
      server.port,
      messageText('SIP/2.0/UDP 10.0.0.1:9;branch=z9hG4bKa;rport', 'x'.repeat(30_000)),
    );
    expect(answer).toMatch(
      /^SIP\/2\.0 200 OK\r\nVia: SIP\/2\.0\/UDP 10\.0\.0\.1:9;branch=z9hG4bKa;rport=\d+;received=127/,
    );
    expect(server.requests[0]?.body).toHaveLength(30_000);
  });

  it('answers both families on one socket, and writes IPv4 as IPv4', async () => {
    const server = await startServer('::');
    await ask(server.port, messageText('SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa;rport'));
    await ask(server.port, messageText('SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKb;rport'), 'udp6');
    await readUntilAnswer(await call(server.port));
    expect(server.flows.map(({ remoteAddress }) => remoteAddress)).toEqual(['127.0.0.1', '::1', '127.0.0.1']);
  });

  it('cuts messages out of a stream and answers in order', async () => {
    const server = await startServer();
    const socket = await call(server.port);
    const via = 'SIP/2.0/TCP 10.0.0.1;branch=z9hG4bK';
    const text = `\r\n\r\n${messageText(`${via}1`, 'one', 'c1')}${messageText(`${via}2`, 'two', 'c2')}`;
    socket.write(text.slice(0, 100));
    setImmediate(() => socket.write(text.slice(100)));
    const answers = await readUntil(socket, 'Content-Length: 0\r\n\r\n', 2);
    expect(answers.indexOf('c1')).toBeLessThan(answers.indexOf('c2'));
    expect(answers.startsWith('\r\nSIP/2.0 200')).toBe(true);
    expect(server.requests.map(({ body }) => new TextDecoder().decode(body))).toEqual(['one', 'two']);
  });

  it('says that it cannot listen on a host that does not exist', async () => {
    const listener = { onDatagram: () => undefined, accept: () => undefined };
    const opening = openSipSockets('not-a-host.invalid', 5060, listener);
    await expect(opening).rejects.toBeInstanceOf(ListenFault);
    await expect(opening).rejects.toThrow('cannot listen on not-a-host.invalid:5060: ');
  });

  it('names a port that is taken, by either transport, and leaves nothing open', async () => {
    const server = await startServer();
    const listener = { onDatagram: () => undefined, accept: () => undefined };
    const taken = openSipSockets('127.0.0.1', server.port, listener);
    await expect(taken).rejects.toThrow(`cannot listen on udp 127.0.0.1:${server.port}: the address is already in use`);
    await expect(taken).rejects.toMatchObject({ isTemporary: true, code: 'EADDRINUSE' });

    const other = createServer().listen(0, '127.0.0.1');
    cleanups.push(() => other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(openSipSockets('127.0.0.1', port, listener)).rejects.toThrow(`tcp 127.0.0.1:${port}`);
    const free = createSocket('udp4');
    cleanups.push(() => free.close());
    free.bind(port, '127.0.0.1');
    await once(free, 'listening');
  });
});

async function readUntilAnswer(socket: Socket): Promise<string> {
  socket.write(messageText('SIP/2.0/TCP 10.0.0.1;branch=z9hG4bKstream'));
  return readUntil(socket, '\r\n\r\n');
}

describe('requests over real sockets', () => {
  const bytes = new TextEncoder().encode('OPTIONS sip:x SIP/2.0\r\nContent-Length: 0\r\n\r\n');

  it('go back over the connection of the peer', async () => {
    const server = await startServer();
    const socket = await call(server.port);
    socket.write(messageText('SIP/2.0/TCP 10.0.0.1;branch=z9hG4bKa'));
    await once(socket, 'data');
    const [flow] = server.flows;
    if (flow === undefined) throw new Error('no flow');
    server.transport.findRoute({ transport: 'tcp', flow }, 10, (route) => route?.send(bytes, () => undefined));
    const [request] = (await once(socket, 'data')) as [Uint8Array];
    expect(new TextDecoder().decode(request)).toMatch(/^OPTIONS/);
    socket.destroy();
    await until(() => server.closed.length === 1);
    expect(server.closed).toEqual([flow.connection]);
  });

  it('open a connection to a name, and none where nobody listens', async () => {
    const server = await startServer();
    const peer = createServer().listen(0, '127.0.0.1');
    cleanups.push(() => peer.close());
    await once(peer, 'listening');
    const { port } = peer.address() as AddressInfo;
    const accepted = once(peer, 'connection') as Promise<[Socket]>;
    const destination = { transport: 'tcp', host: 'localhost', port } as const;
    server.transport.findRoute(destination, 10, (route) => route?.send(bytes, () => undefined));
    const [socket] = await accepted;
    expect(await readUntil(socket, '\r\n\r\n')).toMatch(/^OPTIONS/);
    peer.close();
    const route = await new Promise((resolve) => {
      server.transport.findRoute({ ...destination, host: '127.0.0.1', port: 1 }, 10, resolve);
    });
    expect(route).toBeUndefined();
  });

  it('come from the address that is listened on', async () => {
    const server = await startServer('127.0.0.2');
    const peer = createServer().listen(0, '127.0.0.1');
    cleanups.push(() => peer.close());
    await once(peer, 'listening');
    const { port } = peer.address() as AddressInfo;
    const accepted = once(peer, 'connection') as Promise<[Socket]>;
    const destination = { transport: 'tcp', host: '127.0.0.1', port } as const;
    server.transport.findRoute(destination, 10, (route) => route?.send(bytes, () => undefined));
    const [socket] = await accepted;
    expect(socket.remoteAddress).toBe('127.0.0.2');
  });

  it('that a peer never reads end with its connection', async () => {
    const server = await startServer('127.0.0.1', { writeQueueBytesMax: 200_000 });
    const socket = await call(server.port);
    socket.write(messageText('SIP/2.0/TCP 10.0.0.1;branch=z9hG4bKa'));
    await once(socket, 'data');
    socket.pause();
    const [flow] = server.flows;
    if (flow === undefined) throw new Error('no flow');
    let failures = 0;
    await until(() => {
      server.transport.findRoute({ transport: 'tcp', flow }, 10, (route) => {
        route?.send(new Uint8Array(50_000), () => failures++);
      });
      return failures > 0;
    });
    expect(server.closed).toEqual([flow.connection]);
  });
});

describe('a connection that is closed', () => {
  it('hears its peer out, so that no reset overtakes the last answer', async () => {
    const server = await startServer();
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    const faults: unknown[] = [];
    socket.on('error', (fault) => faults.push(fault));
    cleanups.push(() => socket.destroy());
    const answer = readUntil(socket, 'never');
    socket.write(`OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TCP 10.0.0.1;branch=z9hG4bKa\r\nX: ${'x'.repeat(40_000)}`);
    expect(await answer).toMatch(/^SIP\/2\.0 513 /);
    for (let i = 0; i < 10; i++) await new Promise((written) => socket.write('x'.repeat(10_000), written));
    socket.end();
    await once(socket, 'close');
    expect(faults).toEqual([]);
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}
