/** A WebSocket written by hand (RFC 6455 5): frames as the test wants them, and whatever comes back. */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export interface Frame {
  readonly opcode: number;
  readonly isLast: boolean;
  readonly payload: Buffer;
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export class RawWebSocket {
  /** The head of the answer, and its body where it is no upgrade. */
  readonly answer: Promise<string>;
  readonly frames: Frame[] = [];
  isClosed = false;
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);
  #isOpen = false;
  #wake: () => void = () => undefined;

  constructor(port: number, request: { readonly path?: string; readonly headers?: Readonly<Record<string, string>> }) {
    const { path = '/sip', headers = { 'Sec-WebSocket-Protocol': 'sip' } } = request;
    const rows = {
      Host: `127.0.0.1:${port}`,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      ...headers,
    };
    this.#socket = connect(port, '127.0.0.1');
    const lines = Object.entries(rows).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
    this.answer = new Promise((resolve) => {
      this.#socket.on('data', (bytes: Buffer) => this.#take(bytes, resolve));
      this.#socket.on('error', () => undefined);
      this.#socket.on('close', () => {
        this.isClosed = true;
        resolve(this.#rest.toString('utf8'));
        this.#wake();
      });
    });
  }

  send(opcode: number, payload: string | Buffer, isLast = true): void {
    const octets = Buffer.from(payload);
    const mask = randomBytes(4);
    const head = Buffer.alloc(octets.length < 126 ? 2 : octets.length < 65_536 ? 4 : 10);
    head[0] = (isLast ? 0x80 : 0) | opcode;
    head[1] = 0x80 | (head.length === 2 ? octets.length : head.length === 4 ? 126 : 127);
    if (head.length === 4) head.writeUInt16BE(octets.length, 2);
    if (head.length === 10) head.writeBigUInt64BE(BigInt(octets.length), 2);
    const masked = octets.map((octet, at) => octet ^ (mask[at % 4] ?? 0));
    this.#socket.write(Buffer.concat([head, mask, masked]));
  }

  /** The next frame; undefined when the connection has ended. */
  async next(): Promise<Frame | undefined> {
    for (;;) {
      const frame = this.frames.shift();
      if (frame !== undefined || this.isClosed) return frame;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer, answered: (text: string) => void): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    if (!this.#isOpen) {
      const end = this.#rest.indexOf('\r\n\r\n');
      const text = this.#rest.toString('utf8', 0, end);
      if (end < 0 || !text.startsWith('HTTP/1.1 101')) return;
      this.#isOpen = true;
      this.#rest = this.#rest.subarray(end + 4);
      answered(text);
    }
    for (;;) {
      const frame = readFrame(this.#rest);
      if (frame === undefined) break;
      this.#rest = this.#rest.subarray(frame.bytes);
      this.frames.push(frame);
    }
    this.#wake();
  }
}

function readFrame(bytes: Buffer): (Frame & { readonly bytes: number }) | undefined {
  if (bytes.length < 2) return undefined;
  const short = (bytes[1] ?? 0) & 0x7f;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < start) return undefined;
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < start + length) return undefined;
  const first = bytes[0] ?? 0;
  const payload = bytes.subarray(start, start + length);
  return { opcode: first & 15, isLast: first >= 0x80, payload, bytes: start + length };
}
