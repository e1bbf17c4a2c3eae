/** Streams through the transport: framing, keep-alives, reuse of connections, and peers that misbehave. */
import { describe, expect, it } from 'vitest';
import { MemoryConnection } from './memory/memory-network.ts';
import type { StreamConnection } from './ports.ts';
import { DatagramPeer, messageText, peerAddress, serverAddress, StreamPeer, TestServer } from './memory/test-peers.ts';
import { defaultTransportLimits } from './transport-limits.ts';

const via = 'SIP/2.0/TCP 192.0.2.1:5070;branch=z9hG4bKa';
const bytes = new TextEncoder().encode('OPTIONS sip:x SIP/2.0\r\nContent-Length: 0\r\n\r\n');

describe('messages on a stream', () => {
  it('are cut out however they come', async () => {
    const server = new TestServer();
    const peer = await new StreamPeer(server).connect();
    await peer.send(messageText(via, 'one') + messageText(via, 'two'));
    for (const octet of messageText(via, 'three')) await peer.send(octet);
    expect(server.requests.map(({ body }) => new TextDecoder().decode(body))).toEqual(['one', 'two', 'three']);
    const [flow] = server.flows;
    expect(flow).toMatchObject({ transport: 'tcp', remoteAddress: '192.0.2.1' });
    expect(server.flows[2]).toEqual(flow);
  });

  it('are answered on their connection, whatever their Via says', async () => {
    const server = new TestServer();
    const peer = await new StreamPeer(server).connect();
    await peer.send(messageText('SIP/2.0/TCP 10.0.0.1:5099;branch=z9hG4bKa;rport'));
    server.respond(0, 'answer');
    await server.time.advance(0);
    expect(peer.got).toEqual(['answer']);
    expect(server.requests[0]?.topVia.received).toBe('192.0.2.1');
  });

  it('are told how often keep-alives shall come where their Via offers some (RFC 6223)', async () => {
    const server = new TestServer();
    const peer = await new StreamPeer(server).connect();
    await peer.send(messageText('SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKa;keep;x=1'));
    await peer.send(messageText('SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKb;keep=30'));
    await peer.send(messageText('SIP/2.0/TCP 10.0.0.1;branch=z9hG4bKc;Keep;rport'));
    new DatagramPeer(server).send(messageText('SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bKd;keep'));
    await server.time.advance(0);
    expect(server.requests.map(({ headers }) => headers.get('Via')?.split(';').slice(1).join(';'))).toEqual([
      'branch=z9hG4bKa;keep=120;x=1',
      'branch=z9hG4bKb;keep=30',
      expect.stringMatching(/^branch=z9hG4bKc;keep=120;rport=\d+;received=192\.0\.2\.1$/),
      'branch=z9hG4bKd;keep',
    ]);
  });

  it('are answered on a new connection to the port of sent-by when theirs is gone', async () => {
    const server = new TestServer();
    const peer = await new StreamPeer(server).connect();
    await peer.send(messageText(via));
    peer.connection?.close();
    await server.time.advance(0);
    expect(server.closed).toEqual([server.flows[0]?.connection]);
    const listening = new StreamPeer(server).listen();
    server.respond(0, 'answer');
    server.respond(0, 'again');
    await server.time.advance(0);
    expect(listening.got).toEqual(['answer', 'again']);
    expect(listening.accepted).toHaveLength(1);
  });

  it('whose answer reaches nobody: the sender hears of it', async () => {
    const server = new TestServer();
    const peer = await new StreamPeer(server).connect();
    await peer.send(messageText(via));
    peer.connection?.close();
    await server.time.advance(0);
    let failures = 0;
    const [request, flow] = [server.requests[0], server.flows[0]];
    if (request === undefined || flow === undefined) throw new Error('no request');
    server.transport.sendResponse(bytes, request.topVia, flow, { sendFailed: () => failures++ });
    await server.time.advance(0);
    expect(failures).toBe(1);
  });

  it('are answered and the connection closed when the framing is lost', async () => {
    const server = new TestServer();
    const peer = await new StreamPeer(server).connect();
    await peer.send(messageText(via).replace(/Content-Length: 0/, 'Content-Length: nine') + messageText(via));
    expect(peer.got[0]).toMatch(/^SIP\/2\.0 400 /);
    expect(peer.got[0]).toContain('\r\nWarning: 399 example.com "Content-Length: not a number"\r\n');
    await server.time.advance(0);
    expect(peer.isClosed).toBe(true);
    expect(server.requests).toEqual([]);
    expect(server.count('sip_connections_closed{reason="framing"}')).toBe(1);
  });

  it('are too large in words, and the connection is closed', async () => {
    const server = new TestServer();
    const peer = await new StreamPeer(server).connect();
    await peer.send(messageText(via).replace(/Content-Length: 0/, 'Content-Length: 4000000000'));
    expect(peer.got[0]).toMatch(/^SIP\/2\.0 413 /);
    expect(peer.got[0]).toContain('\r\nWarning: 399 example.com "too large"\r\n');
    await server.time.advance(0);
    expect(peer.isClosed).toBe(true);
  });

  it('that are malformed within their frame leave the connection open', async () => {
    const server = new TestServer();
    const peer = await new StreamPeer(server).connect();
    await peer.send(messageText(via).replace('CSeq: 1', 'CSeq: x') + messageText(via));
    expect(peer.got).toHaveLength(1);
    expect(server.requests).toHaveLength(1);
  });
});

describe('keep-alives on a stream (RFC 5626 3.5.1)', () => {
  it('are answered with one line end, also in pieces, and a single line end is not', async () => {
    const server = new TestServer();
    const peer = await new StreamPeer(server).connect();
    await peer.send('\r\n\r\n');
    expect(peer.got.splice(0)).toEqual(['\r\n']);
    for (const piece of ['\r', '\n', '\r', '\n']) await peer.send(piece);
    expect(peer.got.splice(0)).toEqual(['\r\n']);
    await peer.send('\r\n');
    expect(peer.got).toEqual([]);
    await peer.send(messageText(via));
    expect(server.requests).toHaveLength(1);
  });
});

describe('WebSockets (RFC 7118)', () => {
  it('bring whole messages without Content-Length, get line ends for line ends, and are a way back', async () => {
    const server = new TestServer();
    server.network.openStreams({ ...serverAddress, port: 8080 }, (each) => server.transport.accept(each), 'ws');
    const got: string[] = [];
    let socket: StreamConnection | undefined;
    const browser = server.network.openStreams(peerAddress, undefined, 'ws');
    browser.connect({ ...serverAddress, port: 8080 }, 1_000, (opened) => {
      socket = opened.ok ? opened.value : undefined;
      return { onBytes: (octets) => got.push(new TextDecoder().decode(octets)), onClose: () => undefined };
    });
    await server.time.advance(0);
    const text = messageText('SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bKa', 'hello').replace(
      /Content-Length.*\r\n/,
      '',
    );
    for (const each of ['\r\n\r\n', text, '\r\n']) socket?.write(new TextEncoder().encode(each));
    await server.time.advance(0);
    expect(got.splice(0)).toEqual(['\r\n', '\r\n']);
    expect(new TextDecoder().decode(server.requests[0]?.body)).toBe('hello');
    const [flow] = server.flows;
    if (flow === undefined) throw new Error('no flow');
    const { route } = await server.sendTo({ transport: 'ws', flow, host: 'df7jal23ls0d.invalid' }, bytes);
    expect(route?.viaStart).toBe('SIP/2.0/WS 192.0.2.9:8080');
    expect(got).toHaveLength(1);
  });
});

describe('requests of ours on streams', () => {
  const toPeer = { transport: 'tcp', host: peerAddress.address, port: peerAddress.port } as const;

  it('go back on the flow that their peer opened', async () => {
    const server = new TestServer();
    const peer = await new StreamPeer(server).connect();
    await peer.send(messageText(via));
    const [flow] = server.flows;
    if (flow === undefined) throw new Error('no flow');
    const { route } = await server.sendTo({ transport: 'tcp', flow }, bytes);
    expect(peer.got).toHaveLength(1);
    expect(route).toMatchObject({
      isReliable: true,
      connection: flow.connection,
      viaStart: 'SIP/2.0/TCP 192.0.2.9:5060',
    });
    const foreign = { ...flow, remotePort: flow.remotePort + 1 };
    expect((await server.sendTo({ transport: 'tcp', flow: foreign }, bytes)).route).toBeUndefined();
    peer.connection?.close();
    await server.time.advance(0);
    expect((await server.sendTo({ transport: 'tcp', flow }, bytes)).route).toBeUndefined();
  });

  it('open one connection for all, and use it as long as it is open', async () => {
    const server = new TestServer();
    const peer = new StreamPeer(server).listen();
    server.network.latencyMs = 10;
    const sent = [server.sendTo(toPeer, bytes), server.sendTo(toPeer, bytes)];
    await Promise.all(sent);
    await server.time.advance(20);
    await server.sendTo(toPeer, bytes);
    await server.time.advance(20);
    expect(peer.got).toHaveLength(3);
    expect(peer.accepted).toHaveLength(1);
    for (const connection of peer.accepted) connection.close();
    await server.time.advance(20);
    await server.sendTo(toPeer, bytes);
    await server.time.advance(20);
    expect(peer.accepted).toHaveLength(2);
  });

  it('have no way when the connection is refused or takes too long', async () => {
    const server = new TestServer({ connectMsMax: 500 });
    expect((await server.sendTo(toPeer, bytes)).route).toBeUndefined();
    expect(server.count('sip_connects_failed')).toBe(1);
    server.network.hanging.add('192.0.2.1 5070');
    let answered = 0;
    server.transport.findRoute(toPeer, 10, (route) => {
      expect(route).toBeUndefined();
      answered++;
    });
    await server.time.advance(499);
    expect(answered).toBe(0);
    await server.time.advance(1);
    expect(answered).toBe(1);
  });

  it('wait for a connection up to a limit, and one past it is refused', async () => {
    const server = new TestServer({ connectWaitersMax: 3 });
    new StreamPeer(server).listen();
    server.network.latencyMs = 10;
    const found: boolean[] = [];
    for (let i = 0; i < 4; i++) server.transport.findRoute(toPeer, 10, (route) => found.push(route !== undefined));
    expect(found).toEqual([false]);
    await server.time.advance(10);
    expect(found).toEqual([false, true, true, true]);
  });
});

describe('peers that misbehave', () => {
  it('are refused beyond the limit of connections, and taken again when one is closed', async () => {
    const server = new TestServer({ connectionsMax: 2 });
    const peers = [await new StreamPeer(server).connect(), await new StreamPeer(server).connect()];
    const third = await new StreamPeer(server).connect();
    await server.time.advance(0);
    expect([...peers, third].map(({ isClosed }) => isClosed)).toEqual([false, false, true]);
    expect(server.count('sip_connections_refused')).toBe(1);
    peers[0]?.connection?.close();
    await server.time.advance(0);
    const fourth = await new StreamPeer(server).connect();
    await server.time.advance(0);
    expect(fourth.isClosed).toBe(false);
    expect(server.count('sip_connections_open')).toBe(2);
  });

  it('are refused beyond the limit of their address only', async () => {
    const server = new TestServer({ connectionsPerAddressMax: 1 });
    const first = await new StreamPeer(server).connect();
    const second = await new StreamPeer(server).connect();
    const other = await new StreamPeer(server, { address: '192.0.2.3', port: 5070 }).connect();
    await server.time.advance(0);
    expect([first, second, other].map(({ isClosed }) => isClosed)).toEqual([false, true, false]);
  });

  it('are refused beyond the limit of those of their address that say nothing, until one says something or goes', async () => {
    const server = new TestServer({ silentPerAddressMax: 2 });
    const silent = [await new StreamPeer(server).connect(), await new StreamPeer(server).connect()];
    const third = await new StreamPeer(server).connect();
    const other = await new StreamPeer(server, { address: '192.0.2.3', port: 5070 }).connect();
    await server.time.advance(0);
    expect([...silent, third, other].map(({ isClosed }) => isClosed)).toEqual([false, false, true, false]);
    await silent[0]?.send(messageText(via));
    await silent[0]?.send(messageText(via));
    const fourth = await new StreamPeer(server).connect();
    const fifth = await new StreamPeer(server).connect();
    await server.time.advance(0);
    expect([fourth, fifth].map(({ isClosed }) => isClosed)).toEqual([false, true]);
    silent[1]?.connection?.close();
    await server.time.advance(0);
    const sixth = await new StreamPeer(server).connect();
    const seventh = await new StreamPeer(server).connect();
    await server.time.advance(0);
    expect([sixth, seventh].map(({ isClosed }) => isClosed)).toEqual([false, true]);
    expect(server.count('sip_connections_refused')).toBe(3);
  });

  const { sweepMs } = defaultTransportLimits;

  it('that connect and say nothing are closed', async () => {
    const server = new TestServer({ firstMessageMs: 20_000 });
    const silent = await new StreamPeer(server).connect();
    const pinging = await new StreamPeer(server).connect();
    await pinging.send('\r\n\r\n');
    await server.time.advance(19_999);
    expect(silent.isClosed).toBe(false);
    await server.time.advance(1 + sweepMs);
    expect([silent.isClosed, pinging.isClosed]).toEqual([true, false]);
    expect(server.count('sip_connections_closed{reason="silent"}')).toBe(1);
  });

  it('that begin a message and stall are closed, however often a little more comes', async () => {
    const server = new TestServer({ partialMessageMs: 20_000 });
    const slow = await new StreamPeer(server).connect();
    const well = await new StreamPeer(server).connect();
    await slow.send(messageText(via) + messageText(via).slice(0, 20));
    await well.send(messageText(via));
    for (let i = 0; i < 19; i++) {
      await server.time.advance(1_000);
      await slow.send('x');
    }
    expect(slow.isClosed).toBe(false);
    await server.time.advance(1_000 + sweepMs);
    expect([slow.isClosed, well.isClosed]).toEqual([true, false]);
    expect(server.requests).toHaveLength(2);
    expect(server.count('sip_connections_closed{reason="partial"}')).toBe(1);
  });

  it('whose client has promised keep-alives are closed without them, and not later than others', async () => {
    const server = new TestServer({ idleMs: 100_000 });
    const [silent, pinging, other] = [
      await new StreamPeer(server).connect(),
      await new StreamPeer(server).connect(),
      await new StreamPeer(server).connect(),
    ];
    for (const peer of [silent, pinging, other]) await peer.send(messageText(via));
    const [first, second, third] = server.flows.map(({ connection }) => connection ?? 0);
    server.transport.expectKeepAlives(first ?? 0, 20_000);
    server.transport.expectKeepAlives(second ?? 0, 20_000);
    server.transport.expectKeepAlives(third ?? 0, 200_000);
    server.transport.expectKeepAlives(123, 20_000);
    for (let i = 0; i < 3; i++) {
      await server.time.advance(15_000);
      await pinging.send('\r\n\r\n');
    }
    expect([silent, pinging, other].map(({ isClosed }) => isClosed)).toEqual([true, false, false]);
    await server.time.advance(60_000);
    expect(other.isClosed).toBe(true);
  });

  it('that are idle are closed, and not those that ping', async () => {
    const server = new TestServer({ idleMs: 100_000 });
    const idle = await new StreamPeer(server).connect();
    const pinging = await new StreamPeer(server).connect();
    await idle.send(messageText(via));
    for (let i = 0; i < 10; i++) {
      await server.time.advance(10_000);
      await pinging.send('\r\n\r\n');
    }
    await server.time.advance(sweepMs);
    expect([idle.isClosed, pinging.isClosed]).toEqual([true, false]);
  });

  it('that never read are closed when their queue is full, one octet past it', async () => {
    const limit = 10 * bytes.length;
    const server = new TestServer({ writeQueueBytesMax: limit });
    const peer = await new StreamPeer(server).connect();
    await peer.send(messageText(via));
    peer.stopReading();
    const [flow] = server.flows;
    if (flow === undefined) throw new Error('no flow');
    for (let i = 0; i < 10; i++) expect((await server.sendTo({ transport: 'tcp', flow }, bytes)).failed).toBe(0);
    expect(peer.isClosed).toBe(false);
    expect((await server.sendTo({ transport: 'tcp', flow }, new Uint8Array(1))).failed).toBe(1);
    await server.time.advance(0);
    expect(peer.isClosed).toBe(true);
    expect(server.closed).toEqual([flow.connection]);
    expect(server.count('sip_connections_closed{reason="slow-reader"}')).toBe(1);
  });

  it('cannot make a flow of the last run mean a connection of this one', async () => {
    const flows = await Promise.all(
      [1, 2].map(async (seed) => {
        const server = new TestServer({}, undefined, seed);
        const peer = await new StreamPeer(server).connect();
        await peer.send(messageText(via));
        return server.flows[0]?.connection;
      }),
    );
    expect(flows[0]).not.toBe(flows[1]);
  });
});

describe('closing the transport', () => {
  it('lets what is queued leave, then closes every connection', async () => {
    const server = new TestServer();
    const peer = await new StreamPeer(server).connect();
    await peer.send(messageText(via));
    server.respond(0, 'last words');
    server.transport.close();
    await server.time.advance(0);
    expect(peer.got).toEqual(['last words']);
    expect(peer.isClosed).toBe(true);
    expect((await new StreamPeer(server).connect()).connection).toBeUndefined();
    expect(peer.connection).toBeInstanceOf(MemoryConnection);
  });
});
