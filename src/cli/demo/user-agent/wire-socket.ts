/** The phone's socket: UDP datagrams, or one TCP connection with RFC 3261 section 18.3 framing. Knows only bytes. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect, isIPv6, type Socket as TcpSocket } from 'node:net';

export type WireTransport = 'udp' | 'tcp';

export interface WireAddress {
  readonly host: string;
  readonly port: number;
}

export interface WireListener {
  /** One whole message, or whatever arrived in place of one. */
  received(bytes: Buffer, from: WireAddress): void;
  closed(): void;
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
  return transport === 'udp' ? openUdp(server, listener, localPort) : openTcp(server, listener);
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

async function openTcp(server: WireAddress, listener: WireListener): Promise<WireSocket> {
  let stream = await dial(server, listener);
  let local = { host: stream.localAddress ?? server.host, port: stream.localPort ?? 0 };
  return {
    transport: 'tcp',
    local: () => local,
    async send(bytes) {
      if (stream.destroyed || !stream.writable) {
        stream = await dial(server, listener);
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

async function dial(server: WireAddress, listener: WireListener): Promise<TcpSocket> {
  const stream = connect({ ...server, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    stream.once('error', reject);
    stream.once('connect', () => {
      stream.off('error', reject);
      resolve();
    });
  });
  const framer = new StreamFramer();
  stream.on('error', () => undefined);
  stream.on('close', () => listener.closed());
  stream.on('data', (chunk) => {
    for (const bytes of framer.push(chunk)) listener.received(bytes, server);
  });
  return stream;
}

/** Cuts a byte stream into messages by Content-Length and drops the CRLF keep-alives between them (RFC 5626 4.4.1). */
export class StreamFramer {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const messages: Buffer[] = [];
    for (;;) {
      let start = 0;
      while (this.#rest[start] === 13 || this.#rest[start] === 10) start += 1;
      const headEnd = this.#rest.indexOf('\r\n\r\n', start);
      if (headEnd < 0) break;
      const head = this.#rest.toString('latin1', start, headEnd);
      const end = headEnd + 4 + Number(/^(?:content-length|l)[ \t]*:[ \t]*(\d+)/im.exec(head)?.[1] ?? 0);
      if (this.#rest.length < end) break;
      messages.push(this.#rest.subarray(start, end));
      this.#rest = this.#rest.subarray(end);
    }
    return messages;
  }
}
