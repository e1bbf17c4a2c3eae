/**
 * The sockets of the generator on loopback: UDP sockets and TCP connections towards the server, and a place for the server
 * to connect to. Hands over whole messages (RFC 3261 18.3) and knows nothing else of them.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { headerOf } from './wire-bytes.ts';

export type Receive = (bytes: Buffer, wire: Wire) => void;

export interface Wire {
  /** The port at which answers arrive. */
  readonly localPort: number;
  /** `bytes` may be written over as soon as an answer to them has arrived. */
  send(bytes: Buffer): void;
  close(): void;
}

export interface WireTarget {
  readonly host: string;
  readonly port: number;
}

/** Asked of the system, which may give less. */
const socketBufferBytes = 4 * 1024 ** 2;

export async function openUdpWire(target: WireTarget, receive: Receive): Promise<Wire> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: socketBufferBytes, sendBufferSize: socketBufferBytes });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, target.host, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  // A connected socket sends without asking for the address again each time.
  await new Promise<void>((resolve) => {
    socket.connect(target.port, target.host, () => resolve());
  });
  const wire = new UdpWire(socket);
  socket.on('message', (bytes) => receive(bytes, wire));
  // A server that is gone shows itself by its silence.
  socket.on('error', () => undefined);
  return wire;
}

export async function openTcpWire(target: WireTarget, receive: Receive): Promise<Wire> {
  const socket = connect({ ...target, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve();
    });
  });
  return adoptStream(socket, receive);
}

/** Where the server connects to when it does not use the connection of the registration. */
export async function listenForStreams(host: string, receive: Receive): Promise<{ port: number; server: Server }> {
  const server = createServer({ noDelay: true }, (socket) => adoptStream(socket, receive));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, server };
}

class UdpWire implements Wire {
  readonly localPort: number;
  readonly #socket: UdpSocket;

  constructor(socket: UdpSocket) {
    this.#socket = socket;
    this.localPort = socket.address().port;
  }

  send(bytes: Buffer): void {
    this.#socket.send(bytes);
  }

  close(): void {
    this.#socket.close();
  }
}

function adoptStream(socket: Socket, receive: Receive): Wire {
  const wire: Wire = {
    localPort: socket.localPort ?? 0,
    send: (bytes) => void socket.write(bytes),
    close: () => socket.destroy(),
  };
  const cutter = new StreamCutter((bytes) => receive(bytes, wire));
  socket.on('data', (chunk) => cutter.push(chunk));
  socket.on('error', () => undefined);
  return wire;
}

const headEndBytes = Buffer.from('\r\n\r\n', 'latin1');
const lengthBytes = Buffer.from('\r\nContent-Length: ', 'latin1');
const nothing = Buffer.alloc(0);

/** Cuts a stream into messages by their Content-Length. */
export class StreamCutter {
  readonly #take: (bytes: Buffer) => void;
  #rest: Buffer = nothing;

  constructor(take: (bytes: Buffer) => void) {
    this.#take = take;
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let start = 0;
    for (;;) {
      // CRLF between messages keeps a connection open (RFC 5626 4.4.1).
      while (bytes[start] === 13 || bytes[start] === 10) start += 1;
      const headEnd = bytes.indexOf(headEndBytes, start);
      if (headEnd < 0) break;
      const end = headEnd + headEndBytes.length + lengthOf(bytes, start, headEnd);
      if (end > bytes.length) break;
      this.#take(bytes.subarray(start, end));
      start = end;
    }
    this.#rest = start === bytes.length ? nothing : bytes.subarray(start);
  }
}

function lengthOf(bytes: Buffer, start: number, headEnd: number): number {
  const found = bytes.indexOf(lengthBytes, start);
  // Spelt in another way, it costs a closer look.
  if (found < 0 || found > headEnd) return Number(headerOf(bytes.subarray(start, headEnd + 4), 'content-length') ?? 0);
  let length = 0;
  for (let at = found + lengthBytes.length; at < headEnd; at += 1) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    length = length * 10 + digit;
  }
  return length;
}
