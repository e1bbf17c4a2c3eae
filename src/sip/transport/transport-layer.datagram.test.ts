/** Datagrams through the transport: what arrives, what is added to it, where answers and requests go. */
import { describe, expect, it } from 'vitest';
import { DatagramPeer, messageText, peerAddress, serverAddress, StreamPeer, TestServer } from './memory/test-peers.ts';

describe('a request in a datagram', () => {
  it.each([
    ['is left alone when sent-by is the source', 'SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bKa', undefined, undefined],
    ['gets `received` when sent-by is a name', 'SIP/2.0/UDP tom.example.com;branch=z9hG4bKa', '192.0.2.1', undefined],
    ['gets `received` when sent-by is another address', 'SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa', '192.0.2.1', undefined],
    ['gets both when it asks for the port', 'SIP/2.0/UDP 192.0.2.1:5070;rport;branch=z9hG4bKa', '192.0.2.1', 5070],
    ['gets the true port when it claims another', 'SIP/2.0/UDP 192.0.2.1;rport=9;branch=z9hG4bKa', '192.0.2.1', 5070],
    [
      'loses a `received` of its own',
      'SIP/2.0/UDP 192.0.2.1;received=10.9.9.9;branch=z9hG4bKa',
      '192.0.2.1',
      undefined,
    ],
  ])('%s', async (_what, via, received, rport) => {
    const server = new TestServer();
    new DatagramPeer(server).send(messageText(via));
    await server.time.advance(0);
    const [request] = server.requests;
    expect([request?.topVia.received, request?.topVia.rport]).toEqual([received, rport]);
    expect(server.flows[0]).toEqual({ transport: 'udp', remoteAddress: '192.0.2.1', remotePort: 5070 });
  });

  it.each([
    [
      'the port that was asked for',
      'SIP/2.0/UDP 192.0.2.1:6000;rport;branch=z9hG4bKa',
      { address: '192.0.2.1', port: 5070 },
    ],
    ['the port of sent-by', 'SIP/2.0/UDP 192.0.2.1:6000;branch=z9hG4bKa', { address: '192.0.2.1', port: 6000 }],
    ['the usual port', 'SIP/2.0/UDP tom.example.com;branch=z9hG4bKa', { address: '192.0.2.1', port: 5060 }],
    ['maddr', 'SIP/2.0/UDP 192.0.2.1:6000;maddr=192.0.2.77;branch=z9hG4bKa', { address: '192.0.2.77', port: 6000 }],
    [
      'no maddr that is a name',
      'SIP/2.0/UDP 192.0.2.1:6000;maddr=x.org;branch=z9hG4bKa',
      { address: '192.0.2.1', port: 6000 },
    ],
  ])('is answered to %s', async (_what, via, to) => {
    const server = new TestServer();
    const expected = new DatagramPeer(server, to);
    new DatagramPeer(server, { address: '192.0.2.1', port: 5070 }).send(messageText(via));
    const catcher = to.port === 5070 ? undefined : expected;
    await server.time.advance(0);
    let caught: unknown;
    server.network.isLost = (_bytes, target) => {
      caught = target;
      return true;
    };
    server.respond(0, 'answer');
    expect(caught).toEqual(to);
    expect(catcher?.got ?? []).toEqual([]);
  });

  it('may be as large as UDP has room for', async () => {
    const server = new TestServer();
    const via = 'SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bKa';
    const room = 65_535 - 28 - messageText(via, '00000').length + 5;
    new DatagramPeer(server).send(messageText(via, 'x'.repeat(room)));
    await server.time.advance(0);
    expect(server.requests[0]?.body).toHaveLength(room);
  });

  it('is dropped and counted where it cannot be answered', async () => {
    const server = new TestServer();
    const peer = new DatagramPeer(server);
    for (const text of ['nonsense\r\n\r\n', 'SIP/2.0 200\r\n\r\n', 'OPTIONS sip:a SIP/2.0\r\nVia: x\r\n\r\n'])
      peer.send(text);
    peer.send(new Uint8Array([0, 1, 0, 0]));
    peer.send('\r\n\r\n');
    peer.send(new Uint8Array(4));
    await server.time.advance(0);
    expect(peer.got).toEqual([]);
    expect(server.requests).toEqual([]);
    expect(server.count('sip_received{kind="malformed"}')).toBe(3);
    expect(server.count('sip_received{kind="stun"}')).toBe(2);
    expect(server.count('sip_received{kind="keepalive"}')).toBe(1);
  });

  it('is answered where that can be done', async () => {
    const server = new TestServer();
    const peer = new DatagramPeer(server);
    peer.send(messageText('SIP/2.0/UDP 10.0.0.1;rport;branch=z9hG4bKa').replace('CSeq: 1', 'CSeq: x'));
    await server.time.advance(0);
    expect(peer.got[0]).toMatch(/^SIP\/2\.0 400 /);
    expect(peer.got[0]).toContain('received=192.0.2.1');
    expect(peer.got[0]).toContain('rport=5070');
    expect(peer.got[0]).toMatch(/^Warning: 399 example\.com ".*CSeq.*"\r$/m);
  });
});

describe('a response', () => {
  const response = (vias: string): string =>
    messageText(vias).replace('MESSAGE sip:mary@example.com SIP/2.0', 'SIP/2.0 200 OK');

  it('goes up when its one Via is ours', async () => {
    const server = new TestServer();
    const peer = new DatagramPeer(server);
    peer.send(response('SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKa'));
    peer.send(response('SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa'));
    await server.time.advance(0);
    expect(server.responses).toHaveLength(2);
  });

  it.each([
    ['somebody else', 'SIP/2.0/UDP 192.0.2.8:5060;branch=z9hG4bKa'],
    ['our address at another port', 'SIP/2.0/UDP 192.0.2.9:5061;branch=z9hG4bKa'],
    ['our domain', 'SIP/2.0/UDP example.com;branch=z9hG4bKa'],
    ['us and one more', 'SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKa, SIP/2.0/UDP 255.255.255.255'],
  ])('is dropped when its Via names %s', async (_what, via) => {
    const server = new TestServer();
    new DatagramPeer(server).send(response(via));
    await server.time.advance(0);
    expect(server.responses).toEqual([]);
    expect(server.count('sip_received{kind="foreign"}')).toBe(1);
  });
});

describe('a request of ours', () => {
  const toPeer = { transport: 'udp', host: peerAddress.address, port: peerAddress.port } as const;
  const bytesOf = (length: number): Uint8Array => new Uint8Array(length).fill(65);
  /** What the transport adds to the length that it is told. */
  const startLength = 'SIP/2.0/UDP 192.0.2.9:5060'.length;

  it('goes to host and port, or back on its flow', async () => {
    const server = new TestServer();
    const [peer, other] = [new DatagramPeer(server), new DatagramPeer(server, { address: '192.0.2.3', port: 1234 })];
    const { route } = await server.sendTo(toPeer, bytesOf(10));
    expect(route).toMatchObject({ isReliable: false, connection: undefined, viaStart: 'SIP/2.0/UDP 192.0.2.9:5060' });
    const flow = { transport: 'udp', remoteAddress: '192.0.2.3', remotePort: 1234 } as const;
    await server.sendTo({ ...toPeer, flow }, bytesOf(11));
    expect(peer.got).toEqual(['A'.repeat(10)]);
    expect(other.got).toEqual(['A'.repeat(11)]);
  });

  it('takes the usual port where none is named', async () => {
    const server = new TestServer();
    const peer = new DatagramPeer(server, { address: '2001:db8::1', port: 5060 });
    await server.sendTo({ transport: 'udp', host: '[2001:DB8::1]' }, bytesOf(3));
    expect(peer.got).toEqual(['AAA']);
  });

  it('is a datagram up to 1,300 octets, and beyond goes over a stream to the same place', async () => {
    const server = new TestServer();
    const [datagrams, streams] = [new DatagramPeer(server), new StreamPeer(server).listen()];
    await server.sendTo(toPeer, bytesOf(1_300 - startLength));
    expect([datagrams.got.length, streams.got.length]).toEqual([1, 0]);
    const { route } = await server.sendTo(toPeer, bytesOf(1_301 - startLength));
    expect([datagrams.got.length, streams.got.length]).toEqual([1, 1]);
    expect(route).toMatchObject({ isReliable: true, viaStart: 'SIP/2.0/TCP 192.0.2.9:5060' });
  });

  it('is a datagram after all when the stream is refused, and for ten minutes no stream is tried', async () => {
    const server = new TestServer();
    const datagrams = new DatagramPeer(server);
    const { route } = await server.sendTo(toPeer, bytesOf(5_000));
    expect(route?.isReliable).toBe(false);
    expect(datagrams.got).toHaveLength(1);
    const streams = new StreamPeer(server).listen();
    await server.sendTo(toPeer, bytesOf(5_000));
    expect(streams.got).toHaveLength(0);
    expect(server.count('sip_connects_failed')).toBe(1);
    await server.time.advance(600_000);
    await server.sendTo(toPeer, bytesOf(5_000));
    expect(streams.got).toHaveLength(1);
  });

  it('remembers so many who take no stream, and tries the oldest again one past it', async () => {
    const server = new TestServer({ noStreamPeersMax: 2 });
    for (const port of [1, 2, 1, 2]) await server.sendTo({ ...toPeer, port }, bytesOf(5_000));
    expect(server.count('sip_connects_failed')).toBe(2);
    for (const port of [3, 1]) await server.sendTo({ ...toPeer, port }, bytesOf(5_000));
    expect(server.count('sip_connects_failed')).toBe(4);
  });

  it('waits for a stream that does not answer only a moment', async () => {
    const server = new TestServer({ upgradeConnectMsMax: 700 });
    const datagrams = new DatagramPeer(server);
    server.network.hanging.add('192.0.2.1 5070');
    await server.sendTo(toPeer, bytesOf(5_000));
    await server.time.advance(699);
    expect(datagrams.got).toHaveLength(0);
    await server.time.advance(1);
    expect(datagrams.got).toHaveLength(1);
  });

  it('of a flow that is too large tries a stream to its contact, and the flow after all', async () => {
    const server = new TestServer();
    const flow = { transport: 'udp', remoteAddress: '192.0.2.3', remotePort: 1234 } as const;
    const behindNat = new DatagramPeer(server, { address: '192.0.2.3', port: 1234 });
    await server.sendTo({ ...toPeer, flow }, bytesOf(2_000));
    expect(behindNat.got).toHaveLength(1);
    const contact = new StreamPeer(server, { address: '192.0.2.4', port: 5070 }).listen();
    await server.sendTo({ ...toPeer, host: '192.0.2.4', flow }, bytesOf(2_000));
    expect(contact.got).toHaveLength(1);
    await server.sendTo({ transport: 'udp', flow }, bytesOf(2_000));
    expect(behindNat.got).toHaveLength(2);
  });

  it('finds names by the resolver and no others', async () => {
    const asked: string[] = [];
    const server = new TestServer(
      {},
      {
        resolve: (host, done) => {
          asked.push(host);
          done(host === 'peer.example.net' ? ['2001:db8::5', peerAddress.address, '192.0.2.77'] : []);
        },
      },
    );
    const peer = new DatagramPeer(server);
    const find = async (host: string): Promise<boolean> => {
      const { route } = await server.sendTo({ transport: 'udp', host, port: 5070 }, bytesOf(4));
      return route !== undefined;
    };
    expect(await find('Peer.example.net.')).toBe(true);
    expect(await find('nowhere.example.net')).toBe(false);
    expect(await find('df7jal23ls0d.invalid')).toBe(false);
    expect(asked).toEqual(['peer.example.net', 'nowhere.example.net']);
    expect(peer.got).toHaveLength(1);
  });

  it('goes where the client came from when its name has no address', async () => {
    const server = new TestServer({}, { resolve: (_host, done) => done([]) });
    const peer = new DatagramPeer(server);
    const destination = { transport: 'udp', host: 'laptop', port: 5070, unnamed: peerAddress } as const;
    await server.sendTo(destination, bytesOf(4));
    await server.sendTo(destination, bytesOf(2_000));
    expect(peer.got.map(({ length }) => length > 1_300)).toEqual([false, true]);
  });

  it('has no way to a name without a resolver, to nowhere, or when the transport is closed', async () => {
    const server = new TestServer();
    expect((await server.sendTo({ transport: 'udp', host: 'localhost' }, bytesOf(4))).route).toBeUndefined();
    expect((await server.sendTo({ transport: 'udp' }, bytesOf(4))).route).toBeUndefined();
    expect((await server.sendTo({ transport: 'wss', host: '192.0.2.1' }, bytesOf(4))).route).toBeUndefined();
    expect((await server.sendTo({ transport: 'udp', host: '192.0.2.1', port: 0 }, bytesOf(4))).failed).toBe(1);
    server.transport.close();
    expect((await server.sendTo(toPeer, bytesOf(4))).route).toBeUndefined();
    expect(server.transport.isOurs(serverAddress.address, serverAddress.port)).toBe(false);
  });
});
