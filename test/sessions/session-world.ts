/** A whole server on virtual time and the memory store, with SIP and MSRP in memory, and the people who use it. */
import { Counters } from '../../src/base/counters.ts';
import { silentLog } from '../../src/base/log.ts';
import { systemHashes } from '../../src/base/system-hash.ts';
import { systemIds } from '../../src/base/system-ids.ts';
import { VirtualTime } from '../../src/base/time/virtual-time.ts';
import { readConfig } from '../../src/config.ts';
import { MsrpEndpoint } from '../../src/msrp/msrp-endpoint.ts';
import { MemoryNetwork } from '../../src/msrp/transport/memory/memory-network.ts';
import { addDemoAccounts } from '../../src/server/accounts-side.ts';
import { AssembledServer } from '../../src/server/assemble-server.ts';
import type { ServerParts } from '../../src/server/server-parts.ts';
import type { SocketAddress } from '../../src/sip/transport/ports.ts';
import { OwnAddresses } from '../../src/sip/transport/own-addresses.ts';
import { memoryStores } from '../../src/stores/memory/memory-stores.ts';
import { SessionClient } from './session-client.ts';

const sip: SocketAddress = { address: '192.0.2.1', port: 5060 };
const msrpPort = 2855;

export class SessionWorld {
  readonly time = new VirtualTime(Date.UTC(2026, 10, 28, 21));
  readonly network = new MemoryNetwork(this.time, this.time);
  readonly counters = new Counters();
  readonly clients = new Map<string, SessionClient>();
  /** Called before each call of the store. */
  beforeCall: ((name: string) => void) | undefined;
  readonly stores = memoryStores({ beforeCall: (name) => this.beforeCall?.(name) });
  #server: AssembledServer | undefined;

  static async open(flags: Readonly<Record<string, string>> = {}): Promise<SessionWorld> {
    const world = new SessionWorld();
    await world.#begin(flags);
    return world;
  }

  get server(): AssembledServer {
    if (this.#server === undefined) throw new Error('the world is not open');
    return this.#server;
  }

  /** Somebody with a SIP address and an MSRP endpoint of their own. */
  client(name: string, device = 1): SessionClient {
    const address = `192.0.2.${10 + this.clients.size}`;
    const endpoint = this.endpoint(address);
    const client = new SessionClient({ name, address, device, endpoint, time: this.time }, (bytes) =>
      this.server.transport.onDatagram(bytes, { address, port: 5060 }),
    );
    this.clients.set(address, client);
    return client;
  }

  endpoint(address: string): MsrpEndpoint {
    const { time, counters } = this;
    const endpoint = new MsrpEndpoint({ clock: time, timers: time, ids: systemIds, counters });
    const port = this.network.openPort('tcp', { address, port: msrpPort }, (stream) => endpoint.accept(stream));
    endpoint.offer('tcp', { isSecure: false, host: address, port: msrpPort }, port);
    return endpoint;
  }

  async advance(ms: number): Promise<void> {
    await this.time.advance(ms);
  }

  gauge(name: string): number {
    for (const entry of this.counters.entries()) if (entry.name === name) return entry.value;
    throw new Error(`there is no ${name}`);
  }

  /** Throws where something is left of what was on its way. */
  nothingIsLeft(): void {
    for (const name of ['restante_spool_bytes', 'restante_spool_files', 'restante_conversations']) {
      if (this.gauge(name) !== 0) throw new Error(`${name} is ${this.gauge(name)}`);
    }
  }

  /** What is kept for somebody. */
  async kept(name: string): Promise<{ bytes: number; state: string; sender: string }[]> {
    const list = await this.stores.mailbox.list({ recipient: `${name}@localhost` as never, limit: 100 });
    return list
      .filter(({ state }) => state === 'waiting' || state === 'held')
      .map(({ bytes, state, sender }) => ({ bytes, state, sender }));
  }

  async #begin(flags: Readonly<Record<string, string>>): Promise<void> {
    const given = Object.fromEntries(Object.entries(flags).map(([name, value]) => [name, [value]]));
    const config = readConfig({ flags: { trust: ['192.0.2.0/24'], ...given } });
    if (!config.ok) throw new Error(config.error);
    const parts: ServerParts = {
      config: config.value,
      stores: this.stores,
      clock: this.time,
      timers: this.time,
      ids: systemIds,
      log: silentLog,
      counters: this.counters,
      hashes: systemHashes,
      version: '0',
    };
    await addDemoAccounts(parts);
    const server = new AssembledServer(parts, () => `<sip:${sip.address}:${sip.port}>`);
    this.#server = server;
    const local = { address: sip.address, port: msrpPort };
    const port = this.network.openPort('tcp', local, (stream) => server.msrp.accept(stream));
    server.msrp.offer('tcp', { isSecure: false, host: sip.address, port: msrpPort }, port);
    await server.load();
    await server.open({
      datagrams: { local: sip, send: (bytes, to) => this.#deliver(Buffer.from(bytes), to), close() {} },
      streams: [],
      addresses: new OwnAddresses({ listening: [sip], machine: [sip.address], names: ['localhost'] }),
    });
  }

  #deliver(bytes: Buffer, to: SocketAddress): void {
    this.time.at(this.time.monotonic(), () => this.clients.get(to.address)?.receive(bytes));
  }
}
