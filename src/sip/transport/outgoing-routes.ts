/** The two kinds of way on which a request leaves, as transactions use them. They choose nothing. */
import type { OutgoingRoute } from './message-transport.ts';
import type { DatagramPort, SocketAddress } from './ports.ts';
import type { OpenStream, StreamTable } from './stream-table.ts';

export class DatagramRoute implements OutgoingRoute {
  readonly viaStart: string;
  readonly isReliable = false;
  readonly connection = undefined;
  readonly #port: DatagramPort;
  readonly #to: SocketAddress;

  constructor(port: DatagramPort, to: SocketAddress, viaStart: string) {
    this.#port = port;
    this.#to = to;
    this.viaStart = viaStart;
  }

  send(bytes: Uint8Array, onFailure: () => void): void {
    this.#port.send(bytes, this.#to, onFailure);
  }
}

export class StreamRoute implements OutgoingRoute {
  readonly viaStart: string;
  readonly isReliable = true;
  readonly connection: number;
  readonly #table: StreamTable;
  readonly #stream: OpenStream;

  constructor(table: StreamTable, stream: OpenStream, viaStart: string) {
    this.#table = table;
    this.#stream = stream;
    this.connection = stream.id;
    this.viaStart = viaStart;
  }

  send(bytes: Uint8Array, onFailure: () => void): void {
    if (!this.#table.write(this.#stream, bytes)) onFailure();
  }
}

/** `SIP/2.0/UDP 192.0.2.1:5060`. */
export function formatViaStart(transport: string, host: string, port: number): string {
  return `SIP/2.0/${transport.toUpperCase()} ${host}:${port}`;
}
