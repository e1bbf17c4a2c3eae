/** Plays in memory: the whole server but its sockets, on virtual time, so that half an hour of back-off costs nothing. */
import { StreamFramer } from '../../src/cli/demo/user-agent/wire-socket.ts';
import { Counters } from '../../src/base/counters.ts';
import { silentLog } from '../../src/base/log.ts';
import { systemHashes } from '../../src/base/system-hash.ts';
import { systemIds } from '../../src/base/system-ids.ts';
import { VirtualTime } from '../../src/base/time/virtual-time.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { addDemoAccounts } from '../../src/server/accounts-side.ts';
import { AssembledServer } from '../../src/server/assemble-server.ts';
import { formatOwnContact } from '../../src/server/own-contact.ts';
import { OwnAddresses } from '../../src/sip/transport/own-addresses.ts';
import type { SocketAddress, StreamConnection, StreamListener } from '../../src/sip/transport/ports.ts';
import { type MemorySnapshot, type MemoryStores, memoryStores } from '../../src/stores/memory/memory-stores.ts';
import type { HostSetup, TranscriptHost } from './transcript-host.ts';
import type { Transport } from './transcript.ts';

const server: SocketAddress = { address: '192.0.2.1', port: 5060 };

export async function openMemoryHost(setup: HostSetup): Promise<TranscriptHost> {
  const config = readConfig({ flags: flagsOf(['--trust', '192.0.2.0/24', ...setup.flags]) });
  if (!config.ok) throw new Error(config.error);
  const world = new World(setup, config.value);
  await world.begin();
  return world;
}

class World implements TranscriptHost {
  readonly server = { host: server.address, port: server.port };
  readonly #time = new VirtualTime();
  readonly #config: Config;
  readonly #addresses = new Map<string, SocketAddress>();
  readonly #streams = new Map<string, MemoryStream>();
  readonly #transports: ReadonlyMap<string, Transport>;
  #stores: MemoryStores = memoryStores();
  #assembled: AssembledServer | undefined;
  #listener: (actor: string, bytes: Buffer) => void = () => undefined;
  /** A server that was killed sends nothing any more. */
  #life = 0;

  constructor(setup: HostSetup, config: Config) {
    this.#config = config;
    this.#transports = new Map(setup.cast.map(({ name, transport }) => [name, transport]));
    for (const [index, { name }] of setup.cast.entries()) {
      this.#addresses.set(name, { address: `192.0.2.${10 + index}`, port: 5060 });
    }
  }

  async begin(from?: MemorySnapshot): Promise<void> {
    this.#life += 1;
    const life = this.#life;
    this.#stores = memoryStores(from === undefined ? {} : { from });
    const parts = {
      config: this.#config,
      stores: this.#stores,
      clock: this.#time,
      timers: this.#time,
      ids: systemIds,
      log: silentLog,
      counters: new Counters(),
      hashes: systemHashes,
      version: '0',
    };
    if (from === undefined) await addDemoAccounts(parts);
    const addresses = new OwnAddresses({ listening: [server], machine: [server.address], names: ['localhost'] });
    const listeners = { addresses, sip: server, sips: server, http: server };
    const assembled = new AssembledServer(parts, (flow, isSecure) => formatOwnContact(listeners, flow, isSecure));
    this.#assembled = assembled;
    // Sessions are agreed on as anywhere; of their media nothing comes here.
    assembled.msrp.offer('tcp', { isSecure: false, host: server.address, port: 2855 });
    await assembled.load();
    await assembled.open({
      datagrams: {
        local: server,
        send: (bytes, to) => this.#deliver(life, Buffer.from(bytes), to),
        close() {},
      },
      streams: [
        {
          transport: 'tcp',
          local: server,
          connect: (_to, _timeoutMs, done) => void done({ ok: false, error: 'refused' }),
          close() {},
        },
      ],
      addresses,
    });
    for (const [name, transport] of this.#transports) if (transport !== 'udp') await this.connect(name);
  }

  addressOf(actor: string): { host: string; port: number } {
    const { address, port } = this.#address(actor);
    // RFC 7118 5: a browser does not know its own address.
    return { host: this.#transports.get(actor) === 'ws' ? `${actor}.invalid` : address, port };
  }

  async send(actor: string, bytes: Buffer): Promise<void> {
    const stream = this.#streams.get(actor);
    if (stream === undefined) this.#assembled?.transport.onDatagram(bytes, this.#address(actor));
    else stream.listener?.onBytes(bytes);
    await this.#time.settle();
  }

  onReceive(listener: (actor: string, bytes: Buffer) => void): void {
    this.#listener = listener;
  }

  async advance(ms: number): Promise<void> {
    await this.#time.advance(ms);
  }

  async restart(): Promise<void> {
    this.#streams.clear();
    await this.begin(this.#stores.crash());
  }

  async connect(actor: string): Promise<void> {
    const life = this.#life;
    const transport = this.#transports.get(actor);
    if (transport === undefined || transport === 'udp') throw new Error(`${actor} has no connection`);
    const stream = new MemoryStream(transport, this.#address(actor), (bytes) => {
      if (life === this.#life) this.#listener(actor, bytes);
    });
    stream.listener = this.#assembled?.transport.accept(stream);
    this.#streams.set(actor, stream);
    await this.#time.settle();
  }

  async disconnect(actor: string): Promise<void> {
    this.#streams.get(actor)?.listener?.onClose();
    this.#streams.delete(actor);
    await this.#time.settle();
  }

  async close(): Promise<void> {
    this.#life += 1;
    await Promise.resolve();
  }

  #address(actor: string): SocketAddress {
    const address = this.#addresses.get(actor);
    if (address === undefined) throw new Error(`${actor} is not in the cast`);
    return address;
  }

  #deliver(life: number, bytes: Buffer, to: SocketAddress): void {
    if (life !== this.#life) return;
    for (const [actor, { address, port }] of this.#addresses) {
      if (address === to.address && port === to.port) this.#listener(actor, bytes);
    }
  }
}

class MemoryStream implements StreamConnection {
  readonly transport: Exclude<Transport, 'udp'>;
  readonly local = server;
  readonly remote: SocketAddress;
  readonly queuedBytes = 0;
  listener: StreamListener | undefined;
  readonly #frames = new StreamFramer();
  readonly #receive: (bytes: Buffer) => void;
  #isOpen = true;

  constructor(transport: Exclude<Transport, 'udp'>, remote: SocketAddress, receive: (bytes: Buffer) => void) {
    this.transport = transport;
    this.remote = remote;
    this.#receive = receive;
  }

  write(bytes: Uint8Array): void {
    if (!this.#isOpen) return;
    if (this.transport === 'ws') {
      this.#receive(Buffer.from(bytes));
      return;
    }
    for (const message of this.#frames.push(Buffer.from(bytes))) this.#receive(message);
    for (; this.#frames.lineEnds > 0; this.#frames.lineEnds -= 1) this.#receive(Buffer.from('\r\n'));
  }

  close(): void {
    this.#isOpen = false;
  }

  abort(): void {
    this.#isOpen = false;
  }
}

function flagsOf(words: readonly string[]): Record<string, string[]> {
  const flags: Record<string, string[]> = {};
  for (let at = 0; at < words.length; at += 2) {
    const name = (words[at] ?? '').replace(/^--/, '');
    (flags[name] ??= []).push(words[at + 1] ?? '');
  }
  return flags;
}
