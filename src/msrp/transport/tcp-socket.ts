/** A port for MSRP on node:net: accepts and opens connections. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { err, ok } from '../../base/result.ts';
import type { AcceptMsrpStream, MsrpConnectDone, MsrpPort, MsrpSocketAddress } from './ports.ts';
import { keepAliveDelayMs, listenForStreams, SocketStream } from './stream-socket.ts';

/** Listens; port 0 takes a free one. Rejects with the fault of the system. */
export async function openMsrpTcpSocket(host: string, port: number, accept: AcceptMsrpStream): Promise<MsrpPort> {
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveDelayMs });
  server.on('connection', (socket) => {
    const stream = new SocketStream(socket, 'tcp');
    stream.listen(accept(stream));
  });
  return new TcpPort(server, await listenForStreams(server, host, port));
}

class TcpPort implements MsrpPort {
  readonly transport = 'tcp';
  readonly local: MsrpSocketAddress;
  readonly #server: Server;

  constructor(server: Server, local: MsrpSocketAddress) {
    this.#server = server;
    this.local = local;
  }

  connect(to: MsrpSocketAddress, timeoutMs: number, done: MsrpConnectDone): void {
    const keepAlive = { keepAlive: true, keepAliveInitialDelay: keepAliveDelayMs };
    const socket = connect({ host: to.address, port: to.port, noDelay: true, ...keepAlive });
    awaitOpening(socket, 'connect', timeoutMs, done);
  }

  close(): void {
    this.#server.close();
  }
}

/** `event`: the one that says that it is open. */
export function awaitOpening(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  timeoutMs: number,
  done: MsrpConnectDone,
): void {
  const fail = (reason: string): void => {
    socket.removeAllListeners();
    socket.on('error', () => undefined);
    socket.destroy();
    done(err(reason));
  };
  socket.setTimeout(timeoutMs, () => fail('connecting takes too long'));
  socket.once('error', (fault: Error) => fail(fault.message));
  socket.once('close', () => fail('closed before it was open'));
  socket.once(event, () => {
    socket.removeAllListeners();
    socket.setTimeout(0);
    const stream = new SocketStream(socket, event === 'connect' ? 'tcp' : 'tls');
    stream.listen(done(ok(stream)));
  });
}
