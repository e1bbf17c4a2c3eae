/**
 * One connection on node:net or node:tls: writes gathered by turn, reading that can wait, an end that hears the peer out.
 * Rooms that speak a protocol declare what they need of it in their `ports.ts`; it answers all of them.
 */
import type { Socket } from 'node:net';
import { plainAddress, type SocketAddress } from './socket-address.ts';
import { corkForTurn } from './turn-cork-socket.ts';

/** What is queued at `close` has this long to leave, and the peer to close its side; then the socket goes. */
export const closingMsMax = 5_000;

export interface StreamSocketListener {
  /** Octets as they arrive, never written into again. */
  onBytes(bytes: Uint8Array): void;
  /** What was queued has left. */
  onDrained?(): void;
  /** The peer or the network has ended it. */
  onClose(): void;
}

/** Every call after `close` or `abort` does nothing, and neither calls the listener again. */
export class StreamSocket<Transport extends string = string> {
  readonly transport: Transport;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly #socket: Socket;
  readonly #closingMs: number;
  #listener: StreamSocketListener | undefined;

  constructor(socket: Socket, transport: Transport, closingMs = closingMsMax) {
    this.transport = transport;
    this.#socket = socket;
    this.#closingMs = closingMs;
    this.local = { address: plainAddress(socket.localAddress), port: socket.localPort ?? 0 };
    this.remote = { address: plainAddress(socket.remoteAddress), port: socket.remotePort ?? 0 };
    socket.on('error', () => undefined);
    socket.on('close', () => this.#end());
  }

  /** Undefined refuses the connection. */
  listen(listener: StreamSocketListener | undefined): void {
    if (listener === undefined) {
      this.abort();
      return;
    }
    this.#listener = listener;
    this.#socket.on('data', (bytes: Uint8Array) => this.#listener?.onBytes(bytes));
    if (listener.onDrained !== undefined) this.#socket.on('drain', () => this.#listener?.onDrained?.());
  }

  /** Octets that are written but not yet taken by the machine; grows when the peer does not read. */
  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  /** Whole or in parts, which nobody changes afterwards. */
  write(octets: Uint8Array | readonly Uint8Array[]): void {
    if (!this.#socket.writable) return;
    corkForTurn(this.#socket);
    if (octets instanceof Uint8Array) this.#socket.write(octets);
    else for (const part of octets) this.#socket.write(part);
  }

  /** Nothing is read from the peer until `resume`, but for what was read already. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Sends what is queued first. */
  close(): void {
    this.#listener = undefined;
    // What the peer still sends is read and forgotten: closing over unread octets is a reset, which may reach the peer
    // before our last answer does.
    this.#socket.resume();
    this.#socket.end();
    const end = setTimeout(() => this.#socket.destroy(), this.#closingMs).unref();
    this.#socket.once('close', () => clearTimeout(end));
  }

  abort(): void {
    this.#listener = undefined;
    this.#socket.destroy();
  }

  #end(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.onClose();
  }
}
