/** The port for standalone connections: lines of text over a stream socket. */
import { openTcpSocket } from '../../../base/sockets/tcp-socket.ts';
import type { SocketAddress } from '../../../base/sockets/socket-address.ts';
import type { StreamSocket } from '../../../base/sockets/stream-socket.ts';
import type { AcceptCallStream, CallStream } from './call-stream.ts';

export interface CallPort {
  readonly local: SocketAddress;
  /** Stops listening; open connections stay. */
  close(): void;
}

/** Listens; port 0 takes a free one. Throws `ListenFault`. */
export function openCallTcpSocket(host: string, port: number, accept: AcceptCallStream): Promise<CallPort> {
  return openTcpSocket(host, port, {
    name: 'imps-cir',
    accept: (socket) => {
      const listener = accept(new TextStream(socket));
      if (listener === undefined) return undefined;
      return {
        onBytes: (bytes) =>
          listener.onText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')),
        onClose: () => listener.onClose(),
      };
    },
  });
}

/** A character is an octet: what is no ASCII is refused by whoever reads it, and costs no decoder here. */
class TextStream implements CallStream {
  readonly #socket: StreamSocket;

  constructor(socket: StreamSocket) {
    this.#socket = socket;
  }

  get remoteAddress(): string {
    return this.#socket.remote.address;
  }

  get queuedBytes(): number {
    return this.#socket.queuedBytes;
  }

  write(text: string): void {
    this.#socket.write(Buffer.from(text, 'latin1'));
  }

  close(): void {
    this.#socket.close();
  }

  abort(): void {
    this.#socket.abort();
  }
}
