/** One WebSocket of the library as a connection of whole messages. Knows neither who opened it nor what is said. */
import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { plainAddress, type SocketAddress } from '../../../base/sockets/socket-address.ts';
import { corkForTurn } from '../../../base/sockets/turn-cork-socket.ts';
import type { WebSocketConnection, WebSocketListener } from './web-socket-door.ts';

/** RFC 6455 7.4.1, and the registry behind it for what comes later. */
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;
const NOTHING = new Uint8Array(0);

export class WebSocketChannel implements WebSocketConnection {
  readonly transport: 'ws' | 'wss';
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** Monotonic; of whatever came last. */
  heardAt: number;
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #now: () => number;
  #listener: WebSocketListener | undefined;

  constructor(webSocket: WebSocket, socket: Socket, start: ChannelStart) {
    this.transport = start.transport;
    this.local = { address: plainAddress(socket.localAddress), port: socket.localPort ?? 0 };
    this.remote = { address: plainAddress(socket.remoteAddress), port: socket.remotePort ?? 0 };
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#now = start.now;
    this.heardAt = start.now();
    webSocket.on('error', ignore);
    webSocket.on('close', () => this.#end());
  }

  /** Undefined refuses the connection. */
  listen(listener: WebSocketListener | undefined): void {
    if (listener === undefined) {
      this.#webSocket.close(TRY_AGAIN_LATER);
      return;
    }
    this.#listener = listener;
    const alive = (): void => this.#hear(NOTHING);
    this.#webSocket.on('message', (data) => this.#hear(data as Uint8Array));
    this.#webSocket.on('ping', alive);
    this.#webSocket.on('pong', alive);
  }

  get queuedBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  write(bytes: Uint8Array): void {
    if (this.#webSocket.readyState !== WebSocket.OPEN) return;
    corkForTurn(this.#socket);
    const options = { binary: !isUtf8(bytes) };
    if (this.#listener?.onDrained === undefined) this.#webSocket.send(bytes, options);
    else this.#webSocket.send(bytes, options, () => this.#tellDrained());
  }

  pause(): void {
    this.#webSocket.pause();
  }

  resume(): void {
    this.#webSocket.resume();
  }

  ping(): void {
    if (this.#webSocket.readyState === WebSocket.OPEN) this.#webSocket.ping();
  }

  /** Nobody is there any more; the listener is told. */
  giveUp(): void {
    this.#webSocket.terminate();
  }

  close(): void {
    this.#listener = undefined;
    this.#webSocket.close(GOING_AWAY);
  }

  abort(): void {
    this.#listener = undefined;
    this.#webSocket.terminate();
  }

  #hear(bytes: Uint8Array): void {
    this.heardAt = this.#now();
    this.#listener?.onBytes(bytes);
  }

  #tellDrained(): void {
    if (this.queuedBytes === 0) this.#listener?.onDrained?.();
  }

  #end(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.onClose();
  }
}

export interface ChannelStart {
  readonly transport: 'ws' | 'wss';
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
}

function ignore(): void {}
