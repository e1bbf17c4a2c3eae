/** Many clients at once: phones, raw datagrams from an address of their own, connections that say nothing. */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SipUserAgent } from '../../../src/cli/demo/user-agent/sip-user-agent.ts';
import type { RequestOptions } from '../../../src/cli/demo/user-agent/requester.ts';
import type { SipText } from '../../../src/cli/demo/user-agent/sip-text.ts';
import type { WireAddress } from '../../../src/cli/demo/user-agent/wire-socket.ts';
import type { ServerProcess } from '../../processes/server-process.ts';

/** Every phone sends so many at once; answers all of the server's. */
export async function sendAtOnce(
  phones: readonly SipUserAgent[],
  each: number,
  send: (phone: SipUserAgent, number: number) => Promise<SipText>,
): Promise<SipText[]> {
  const numbers = Array.from({ length: each }, (_, number) => number);
  return Promise.all(phones.flatMap((phone) => numbers.map((number) => send(phone, number))));
}

export function countStatuses(answers: readonly SipText[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** Rows of `restante queue`, without the head. */
export async function queueRows(server: ServerProcess): Promise<string[]> {
  const table = await server.command('queue');
  return table.split('\n').filter((line) => / (?:held|waiting) /.test(line));
}

/** The value of one line of /metrics; 0 where it has not counted yet. */
export async function metric(server: ServerProcess, name: string): Promise<number> {
  const page = await (await fetch(`${server.http}/metrics`)).text();
  const line = page.split('\n').find((text) => text.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length + 1));
}

export const plainText: RequestOptions = { contentType: 'text/plain', body: 'hello' };

/** Datagrams as fast as they leave, from an address of loopback of their own; counts what comes back. */
export class DatagramFlood {
  readonly #socket = createSocket('udp4');
  readonly #server: WireAddress;
  readonly #address: string;
  answers = 0;

  constructor(server: WireAddress, address: string) {
    this.#server = server;
    this.#address = address;
    this.#socket.on('message', () => (this.answers += 1));
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#socket.bind(0, this.#address, () => resolve());
    });
  }

  /** What `make` writes, until `isOver`, at most so many. */
  async pour(
    countMax: number,
    make: (number: number, from: WireAddress) => string,
    isOver: () => boolean,
  ): Promise<number> {
    const from = { host: this.#address, port: this.#socket.address().port };
    let count = 0;
    while (count < countMax && !isOver()) {
      for (let burst = 0; burst < 20; burst += 1) {
        this.#socket.send(make((count += 1), from), this.#server.port, this.#server.host);
      }
      await nextTurn();
    }
    return count;
  }

  close(): void {
    this.#socket.close();
  }
}

/** Connections that are opened and say no more than `words`; answers those that were, closed or not. */
export async function openSilent(server: WireAddress, address: string, count: number, words = ''): Promise<Socket[]> {
  const sockets: Socket[] = [];
  const opened = Array.from({ length: count }, async () => {
    const socket = connect({ host: server.host, port: server.port, localAddress: address });
    sockets.push(socket);
    await new Promise<void>((resolve) => {
      socket.once('connect', () => resolve());
      socket.once('error', () => resolve());
    });
    socket.on('error', () => undefined);
    if (words !== '') socket.write(words);
  });
  await Promise.all(opened);
  return sockets;
}

/** How many files this process, and so a server that it starts, may have open. */
export function openFilesMax(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? 0);
}
