/**
 * The phone's socket: UDP datagrams, one TCP or TLS connection with RFC 3261 section 18.3 framing, or one WebSocket (RFC
 * 7118), where a message is a frame. Knows only bytes.
 */
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect, isIPv6, type Socket as TcpSocket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';

export type WireTransport = 'udp' | 'tcp' | 'tls' | 'ws';

export interface WireAddress {
  readonly host: string;
  readonly port: number;
  /** Over TLS, in PEM: whose signature counts. */
  readonly ca?: string;
}

export interface WireListener {
  /** One whole message, or whatever arrived in place of one. */
  received(bytes: Buffer, from: WireAddress): void;
  closed(): void;
  /** A CRLF outside of any message, which answers a double one (RFC 5626 4.4.1). */
  keptAlive?(): void;
}

export interface WireSocket {
  readonly transport: WireTransport;
  local(): WireAddress;
  /** To the server when no address is given; a TCP connection that was lost is opened again. */
  send(bytes: Uint8Array, to?: WireAddress): Promise<void>;
  close(): Promise<void>;
}

export async function openWireSocket(
  transport: WireTransport,
  server: WireAddress,
  listener: WireListener,
  localPort = 0,
): Promise<WireSocket> {
  if (transport === 'udp') return openUdp(server, listener, localPort);
  if (transport === 'ws') return openWebSocket(server, listener);
  return openStream(transport, server, listener);
}

async function openUdp(server: WireAddress, listener: WireListener, localPort: number): Promise<WireSocket> {
  const family = isIPv6(server.host) ? 'udp6' : 'udp4';
  const host = await addressTowards(server, family);
  const socket = createSocket(family);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(localPort, host, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  // A later ICMP error is what a silent peer is: the request's timer tells.
  socket.on('error', () => undefined);
  socket.on('message', (bytes, from) => listener.received(bytes, { host: from.address, port: from.port }));
  return {
    transport: 'udp',
    local: () => ({ host, port: socket.address().port }),
    send: (bytes, to = server) => sendDatagram(socket, bytes, to),
    close: () =>
      new Promise((resolve) => {
        socket.close(() => resolve());
      }),
  };
}

function sendDatagram(socket: UdpSocket, bytes: Uint8Array, to: WireAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(bytes, to.port, to.host, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** The address of this machine that the server can answer to; connecting a datagram socket sends nothing. */
async function addressTowards(server: WireAddress, family: 'udp4' | 'udp6'): Promise<string> {
  const probe = createSocket(family);
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject);
      probe.connect(server.port, server.host, () => resolve());
    });
    return probe.address().address;
  } finally {
    probe.close();
  }
}

async function openStream(transport: 'tcp' | 'tls', server: WireAddress, listener: WireListener): Promise<WireSocket> {
  let stream = await dial(transport, server, listener);
  let local = { host: stream.localAddress ?? server.host, port: stream.localPort ?? 0 };
  return {
    transport,
    local: () => local,
    async send(bytes) {
      if (stream.destroyed || !stream.writable) {
        stream = await dial(transport, server, listener);
        local = { host: stream.localAddress ?? server.host, port: stream.localPort ?? 0 };
      }
      stream.write(bytes);
    },
    async close() {
      if (stream.destroyed) return;
      const ended = new Promise<void>((resolve) => {
        stream.once('close', () => resolve());
      });
      stream.end();
      stream.destroySoon();
      await ended;
    },
  };
}

async function dial(transport: 'tcp' | 'tls', server: WireAddress, listener: WireListener): Promise<TcpSocket> {
  const { host, port, ca } = server;
  const stream = transport === 'tcp' ? connect({ host, port, noDelay: true }) : connectSecurely({ host, port, ca });
  await new Promise<void>((resolve, reject) => {
    stream.once('error', reject);
    stream.once(transport === 'tcp' ? 'connect' : 'secureConnect', () => {
      stream.off('error', reject);
      resolve();
    });
  });
  const framer = new StreamFramer();
  stream.on('error', () => undefined);
  stream.on('close', () => listener.closed());
  stream.on('data', (chunk: Buffer) => {
    for (const bytes of framer.push(chunk)) listener.received(bytes, server);
    for (; framer.lineEnds > 0; framer.lineEnds -= 1) listener.keptAlive?.();
  });
  return stream;
}

/** A connection that was lost is opened again, as for TCP. */
async function openWebSocket(server: WireAddress, listener: WireListener): Promise<WireSocket> {
  let webSocket = await dialWebSocket(server, listener);
  // RFC 7118 5: a browser does not know its own address.
  const local = { host: `${randomBytes(6).toString('hex')}.invalid`, port: 5060 };
  return {
    transport: 'ws',
    local: () => local,
    async send(bytes) {
      if (webSocket.readyState !== WebSocket.OPEN) webSocket = await dialWebSocket(server, listener);
      webSocket.send(Buffer.from(bytes).toString('utf8'));
    },
    async close() {
      if (webSocket.readyState === WebSocket.CLOSED) return;
      const ended = new Promise<void>((resolve) => {
        webSocket.addEventListener('close', () => resolve());
      });
      webSocket.close();
      await ended;
    },
  };
}

async function dialWebSocket(server: WireAddress, listener: WireListener): Promise<WebSocket> {
  const webSocket = new WebSocket(
    `ws://${isIPv6(server.host) ? `[${server.host}]` : server.host}:${server.port}/sip`,
    'sip',
  );
  webSocket.binaryType = 'arraybuffer';
  await new Promise<void>((resolve, reject) => {
    webSocket.addEventListener('open', () => resolve());
    webSocket.addEventListener('error', () => reject(new Error('the WebSocket could not be opened')));
  });
  webSocket.addEventListener('close', () => listener.closed());
  webSocket.addEventListener('message', ({ data }: { readonly data: unknown }) => {
    const bytes = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data as ArrayBuffer);
    if (bytes.toString('latin1') === '\r\n') listener.keptAlive?.();
    else listener.received(bytes, server);
  });
  return webSocket;
}

/** Cuts a byte stream into messages by Content-Length and counts the CRLF keep-alives between them (RFC 5626 4.4.1). */
export class StreamFramer {
  lineEnds = 0;
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const messages: Buffer[] = [];
    for (;;) {
      let blank = 0;
      while (this.#rest[blank] === 13 && this.#rest[blank + 1] === 10) blank += 2;
      this.lineEnds += blank / 2;
      this.#rest = this.#rest.subarray(blank);
      const headEnd = this.#rest.indexOf('\r\n\r\n');
      if (headEnd < 0) break;
      const head = this.#rest.toString('latin1', 0, headEnd);
      const end = headEnd + 4 + Number(/^(?:content-length|l)[ \t]*:[ \t]*(\d+)/im.exec(head)?.[1] ?? 0);
      if (this.#rest.length < end) break;
      messages.push(this.#rest.subarray(0, end));
      this.#rest = this.#rest.subarray(end);
    }
    return messages;
  }
}
