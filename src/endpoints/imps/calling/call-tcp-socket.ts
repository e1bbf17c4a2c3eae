/** The port for standalone connections on node:net. */
import { createServer, type Server, type Socket } from 'node:net';
import type { AcceptCallStream, CallStream, CallStreamListener } from './call-stream.ts';

/** A peer that vanished is noticed by the system's own probes after about this long without traffic. */
const keepAliveDelayMs = 120_000;
/** What is queued at `close` has this long to leave, and the peer to close its side; then the socket goes. */
const closingMsMax = 5_000;
/** Connections that wait to be accepted while the process does something else. */
const backlog = 4_096;

export interface CallPort {
  readonly local: { readonly address: string; readonly port: number };
  /** Stops listening; open connections stay. */
  close(): void;
}

/** Listens; port 0 takes a free one. Rejects with the fault of the system. */
export async function openCallTcpSocket(host: string, port: number, accept: AcceptCallStream): Promise<CallPort> {
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveDelayMs });
  server.on('connection', (socket) => {
    const stream = new TcpStream(socket);
    stream.listen(accept(stream));
  });
  const local = await listen(server, host, port);
  return { local, close: () => void server.close() };
}

async function listen(server: Server, host: string, port: number): Promise<CallPort['local']> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  // Out of file descriptors: the connection that waits is taken when one is free again.
  server.on('error', () => undefined);
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('not an IP socket');
  return { address: bound.address, port: bound.port };
}

class TcpStream implements CallStream {
  readonly #socket: Socket;
  #listener: CallStreamListener | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('error', () => undefined);
    socket.on('close', () => {
      const listener = this.#listener;
      this.#listener = undefined;
      listener?.onClose();
    });
  }

  /** Undefined refuses the connection. */
  listen(listener: CallStreamListener | undefined): void {
    if (listener === undefined) {
      this.abort();
      return;
    }
    this.#listener = listener;
    this.#socket.on('data', (text) => this.#listener?.onText(String(text)));
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  write(text: string): void {
    if (this.#socket.writable) this.#socket.write(text, 'latin1');
  }

  close(): void {
    this.#listener = undefined;
    // What the peer still sends is read and forgotten: closing over unread octets is a reset.
    this.#socket.resume();
    this.#socket.end();
    const end = setTimeout(() => this.#socket.destroy(), closingMsMax).unref();
    this.#socket.once('close', () => clearTimeout(end));
  }

  abort(): void {
    this.#listener = undefined;
    this.#socket.destroy();
  }
}
