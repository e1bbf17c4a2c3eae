/** Servers and phones in one memory network and one virtual time; each server can be killed, and come back from its store. */
import { Counters } from '../../src/base/counters.ts';
import { silentLog } from '../../src/base/log.ts';
import { systemHashes } from '../../src/base/system-hash.ts';
import { systemIds } from '../../src/base/system-ids.ts';
import { VirtualTime } from '../../src/base/time/virtual-time.ts';
import { readConfig } from '../../src/config.ts';
import { addDemoAccounts } from '../../src/server/accounts-side.ts';
import { AssembledServer } from '../../src/server/assemble-server.ts';
import { MemoryNetwork } from '../../src/sip/transport/memory/memory-network.ts';
import { OwnAddresses } from '../../src/sip/transport/own-addresses.ts';
import type { DatagramPort, SocketAddress } from '../../src/sip/transport/ports.ts';
import { type MemoryStores, memoryStores } from '../../src/stores/memory/memory-stores.ts';
import { VirtualPhone } from '../broken-calls/virtual-phone.ts';

export const ours: SocketAddress = { address: '192.0.2.1', port: 5060 };
export const elsewhere: SocketAddress = { address: '192.0.2.7', port: 5060 };

export class Network {
  readonly time = new VirtualTime();
  readonly wires = new MemoryNetwork(this.time, this.time);
  /** The first line of every datagram, with where it went. */
  readonly log: string[] = [];
  #phones = 0;

  constructor() {
    this.wires.latencyMs = 5;
    this.wires.isLost = (bytes, to) => {
      const [line = ''] = Buffer.from(bytes).toString().split('\r\n');
      this.log.push(`${to.address} ${line}`);
      return false;
    };
  }

  /** A phone that talks to one server, and is trusted by it. */
  phone(name: string, server: SocketAddress): VirtualPhone {
    const ports = new Map<string, DatagramPort>();
    return new VirtualPhone(
      name,
      {
        time: this.time,
        send: (bytes, from) => ports.get(from.address)?.send(Uint8Array.from(bytes), server),
        listen: (at, receive) => {
          const listener = { onDatagram: (bytes: Uint8Array) => receive(Buffer.from(bytes)) };
          ports.set(at.address, this.wires.openDatagrams(at, listener));
        },
      },
      this.#phones++,
    );
  }

  /** Lets time pass until it is done. */
  async pass<T>(work: Promise<T>): Promise<T> {
    const waiting = { isOver: false };
    const ended = work.finally(() => (waiting.isOver = true));
    ended.catch(() => undefined);
    while (!waiting.isOver) await this.time.advance(10);
    return ended;
  }

  /** What went to an address since the last look, by method or status. */
  sentTo(address: string): string[] {
    const lines = this.log.filter((line) => line.startsWith(`${address} `));
    this.log.length = 0;
    return lines.map((line) =>
      line
        .split(' ')
        .slice(1, 3)
        .join(' ')
        .replace('SIP/2.0 ', '')
        .replace(/ sip:.*/, ''),
    );
  }
}

export class Server {
  readonly counters = new Counters();
  stores: MemoryStores;
  readonly #network: Network;
  readonly #at: SocketAddress;
  readonly #flags: Record<string, string[]>;
  readonly #environment: Record<string, string>;
  #running: { readonly server: AssembledServer; readonly port: DatagramPort } | undefined;

  constructor(
    network: Network,
    at: SocketAddress,
    flags: Record<string, string[]>,
    environment: Record<string, string> = {},
  ) {
    this.#network = network;
    this.#at = at;
    this.#flags = { trust: ['192.0.2.8/29'], 'notify-pace': ['0'], ...flags };
    this.#environment = environment;
    this.stores = memoryStores({});
  }

  async start(): Promise<this> {
    const config = readConfig({ flags: this.#flags, environment: this.#environment });
    if (!config.ok) throw new Error(config.error);
    const { time, wires } = this.#network;
    const parts = {
      config: config.value,
      stores: this.stores,
      clock: time,
      timers: time,
      ids: systemIds,
      log: silentLog,
      counters: this.counters,
      hashes: systemHashes,
      version: '0',
    };
    await addDemoAccounts(parts);
    const { address, port } = this.#at;
    const server = new AssembledServer(parts, () => `<sip:${address}:${port}>`);
    await server.load();
    const datagrams = wires.openDatagrams(this.#at, server.transport);
    this.#running = { server, port: datagrams };
    await server.open({
      datagrams,
      streams: [],
      addresses: new OwnAddresses({ listening: [this.#at], machine: [address], names: ['localhost'] }),
    });
    return this;
  }

  /** As by kill -9; what is durable is there at the next start. */
  kill(): void {
    this.#running?.port.close();
    void this.#running?.server.stop();
    this.#running = undefined;
    this.stores = memoryStores({ from: this.stores.crash() });
  }

  /** Its disk is gone. */
  forget(): void {
    this.stores = memoryStores({});
  }

  count(name: string): number {
    for (const entry of this.counters.entries()) if (entry.name === name) return entry.value;
    return 0;
  }
}
