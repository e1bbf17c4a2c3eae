/** The control port of baresip (its module ctrl_tcp): JSON in netstrings, commands and their answers among events. */
import { connect, type Socket } from 'node:net';
import { waitUntil } from '../../processes/child-program.ts';
import { expectThat, patienceMs } from '../interop-case.ts';

const token = 'interop';

/** One connection; baresip has one at a time and drops the older one. */
export class ControlLine {
  readonly #stream: Socket;
  #bytes = Buffer.alloc(0);
  #entries: string[] = [];
  #fault: Error | undefined;

  constructor(port: number) {
    this.#stream = connect(port, '127.0.0.1');
    this.#stream.on('data', (bytes) => this.#take(bytes));
    this.#stream.on('error', (fault) => (this.#fault = fault));
  }

  /** Everything that it has said since, one piece of JSON a row. */
  get said(): string {
    return this.#entries.join('\n');
  }

  /** Resolves when baresip has carried it out; rejects when it refused. Events may come before the answer. */
  async command(command: string, params = ''): Promise<void> {
    const before = this.#entries.length;
    const json = JSON.stringify({ command, params, token });
    this.#stream.write(`${Buffer.byteLength(json)}:${json},`);
    const answer = (): string | undefined =>
      this.#entries.slice(before).find((entry) => entry.includes('"response":true') && entry.includes(token));
    await waitUntil(() => answer() !== undefined || this.#fault !== undefined, patienceMs);
    const told = answer() ?? this.#fault?.message ?? 'nothing';
    expectThat(told.includes('"ok":true'), `baresip answered ${told} to ${command}; it said\n${this.said}`);
  }

  close(): void {
    this.#stream.destroy();
  }

  #take(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    for (;;) {
      const head = /^(\d+):/.exec(this.#bytes.toString('latin1'));
      const start = head?.[0].length ?? 0;
      const end = start + Number(head?.[1]);
      // A comma ends each.
      if (head === null || this.#bytes.length <= end) return;
      this.#entries.push(this.#bytes.toString('utf8', start, end));
      this.#bytes = this.#bytes.subarray(end + 1);
    }
  }
}
