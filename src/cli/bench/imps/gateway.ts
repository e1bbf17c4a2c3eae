/**
 * A few connections over which many phones ask, as behind a WAP gateway: each has one POST under way, and whoever has the next
 * waits for a free one.
 */
import type { Socket } from 'node:net';
import { openSocket, statusOf } from '../load/http/http-wire.ts';

export interface GatewayPlace {
  readonly host: string;
  /** Of HTTP. */
  readonly port: number;
}

const endOfHead = Buffer.from('\r\n\r\n');

export class Gateway {
  readonly #free: Connection[] = [];
  readonly #all: Connection[] = [];
  readonly #waiting: ((connection: Connection) => void)[] = [];

  static async open(place: GatewayPlace, width: number): Promise<Gateway> {
    const gateway = new Gateway();
    for (let at = 0; at < width; at += 1) {
      const connection = new Connection(await openSocket(place.host, place.port), place);
      gateway.#all.push(connection);
      gateway.#free.push(connection);
    }
    return gateway;
  }

  /** Rejects when the answer is no 200. */
  async post(body: Uint8Array): Promise<Buffer> {
    const connection =
      this.#free.pop() ??
      (await new Promise<Connection>((resolve) => {
        this.#waiting.push(resolve);
      }));
    try {
      return await connection.post(body);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(connection);
      else next(connection);
    }
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }
}

class Connection {
  readonly #socket: Socket;
  readonly #head: string;
  #rest: Buffer = Buffer.alloc(0);
  #answered: ((fault: string | undefined, body: Buffer) => void) | undefined;

  constructor(socket: Socket, { host, port }: GatewayPlace) {
    this.#socket = socket;
    this.#head = `POST /imps HTTP/1.1\r\nhost: ${host}:${port}\r\ncontent-type: application/vnd.wv.csp.wbxml\r\n`;
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('close', () => this.#end('the connection ended'));
  }

  post(body: Uint8Array): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#answered = (fault, answer) => (fault === undefined ? resolve(answer) : reject(new Error(fault)));
      this.#socket.write(Buffer.concat([Buffer.from(`${this.#head}content-length: ${body.length}\r\n\r\n`), body]));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const headLength = this.#rest.indexOf(endOfHead);
    if (headLength < 0) return;
    const head = this.#rest.toString('latin1', 0, headLength);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const start = headLength + endOfHead.length;
    if (this.#rest.length < start + length) return;
    const body = this.#rest.subarray(start, start + length);
    this.#rest = Buffer.alloc(0);
    const status = statusOf(head);
    this.#end(status === 200 ? undefined : `HTTP ${status}`, body);
  }

  #end(fault: string | undefined, body: Buffer = Buffer.alloc(0)): void {
    const answered = this.#answered;
    this.#answered = undefined;
    answered?.(fault, body);
  }
}
