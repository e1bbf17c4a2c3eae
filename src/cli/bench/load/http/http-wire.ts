/**
 * One connection that stays open: requests go out as they are, answers are counted off in their order. Of an answer only
 * status and length are read (RFC 9112 6.3); one in chunks is none that a call of the bench gets.
 */
import { connect, type Socket } from 'node:net';

/** `status` is 0 when the connection ended, or what came is no answer. */
export type Answered = (status: number) => void;

const endOfHead = Buffer.from('\r\n\r\n');

export class HttpWire {
  readonly #socket: Socket;
  readonly #waiting: Answered[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('close', () => this.#end());
  }

  static async open(host: string, port: number): Promise<HttpWire> {
    return new HttpWire(await openSocket(host, port));
  }

  ask(request: string, answered: Answered): void {
    if (this.#isClosed) {
      setImmediate(answered, 0);
      return;
    }
    this.#waiting.push(answered);
    this.#socket.write(request, 'latin1');
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const headLength = this.#rest.indexOf(endOfHead);
      if (headLength < 0) return;
      const head = this.#rest.toString('latin1', 0, headLength);
      const length = lengthOf(head);
      if (length === undefined) {
        this.close();
        return;
      }
      const end = headLength + endOfHead.length + length;
      if (this.#rest.length < end) return;
      this.#rest = this.#rest.subarray(end);
      this.#waiting.shift()?.(statusOf(head));
    }
  }

  #end(): void {
    this.#isClosed = true;
    for (const answered of this.#waiting.splice(0)) answered(0);
  }
}

/** With no delay and no wish to hear of a fault but as an end. */
export function openSocket(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.on('error', () => undefined);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

export function statusOf(head: string): number {
  return head.startsWith('HTTP/1.1 ') ? Number(head.slice(9, 12)) || 0 : 0;
}

function lengthOf(head: string): number | undefined {
  if (statusOf(head) === 204) return 0;
  const digits = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
