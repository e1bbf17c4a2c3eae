/** Hears that it should poll: over TCP (HELO, OK, WVCI, PING) and by asking over HTTP. */
import { connect, type Socket } from 'node:net';

export class TcpCirEar {
  /** Every line that came, in order. */
  readonly lines: string[] = [];
  readonly ended: Promise<void>;
  readonly #socket: Socket;
  #rest = '';
  #taken = 0;
  #wake: () => void = () => undefined;

  constructor(host: string, port: number) {
    this.#socket = connect({ host, port });
    this.#socket.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      this.#socket.once('close', () => resolve());
    });
    this.#socket.on('data', (octets) => this.#hear(octets.toString('latin1')));
  }

  say(line: string): void {
    this.#socket.write(`${line}\r\n`);
  }

  raw(octets: string | Uint8Array): void {
    this.#socket.write(octets);
  }

  /** The next line; rejects when none comes in time. */
  async line(withinMs: number): Promise<string> {
    const deadline = performance.now() + withinMs;
    while (this.lines.length <= this.#taken) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw new Error(`no line within ${withinMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#taken += 1;
    return this.lines[this.#taken - 1] ?? '';
  }

  close(): void {
    this.#socket.destroy();
  }

  #hear(text: string): void {
    const lines = (this.#rest + text).split('\r\n');
    this.#rest = lines.pop() ?? '';
    this.lines.push(...lines);
    this.#wake();
  }
}

/** Whether something waits, as the address of the server's answer to ClientCapability-Request tells. */
export async function askCirUrl(url: string): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(url);
  return { status: answer.status, text: await answer.text() };
}
