/** A stream port on node:net: accepts and opens connections. Framing, limits and timeouts are not its business. */
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { err, ok } from '../../../base/result.ts';
import type { AcceptStream, ConnectDone, PeerAddress, SocketAddress, StreamPort } from '../ports.ts';
import {
  boundAddress,
  closingMsMax,
  keepAliveDelayMs,
  listenForStreams,
  SocketConnection,
  sourceFor,
} from './stream-socket.ts';

/** Listens; port 0 takes a free one. Throws `ListenFault`. */
export async function openTcpSocket(
  host: string,
  port: number,
  accept: AcceptStream,
  closingMs = closingMsMax,
): Promise<StreamPort> {
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveDelayMs });
  server.on('connection', (socket) => {
    const connection = new SocketConnection(socket, 'tcp', closingMs);
    connection.listen(accept(connection));
  });
  await listenForStreams(server, host, port, 'tcp');
  return new TcpPort(server);
}

class TcpPort implements StreamPort {
  readonly transport = 'tcp';
  readonly local: SocketAddress;
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
    this.local = boundAddress(server, 'tcp');
  }

  connect(to: PeerAddress, timeoutMs: number, done: ConnectDone): void {
    const socket = connect({
      host: to.address,
      port: to.port,
      ...sourceFor(this.local.address, to.address),
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveDelayMs,
    });
    const fail = (reason: string): void => {
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.destroy();
      done(err(reason));
    };
    socket.setTimeout(timeoutMs, () => fail('connecting takes too long'));
    socket.once('error', (fault) => fail(fault.message));
    socket.once('connect', () => {
      socket.removeAllListeners();
      socket.setTimeout(0);
      const connection = new SocketConnection(socket, 'tcp');
      connection.listen(done(ok(connection)));
    });
  }

  close(): void {
    this.#server.close();
  }
}
