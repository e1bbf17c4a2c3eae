/** The whole server but its sockets, in virtual time, with one fault: the nth call of its store, or its nth datagram. */
import { Counters } from '../../src/base/counters.ts';
import { silentLog } from '../../src/base/log.ts';
import { StoreFault } from '../../src/base/store-fault.ts';
import { systemHashes } from '../../src/base/system-hash.ts';
import { systemIds } from '../../src/base/system-ids.ts';
import { VirtualTime } from '../../src/base/time/virtual-time.ts';
import { readConfig } from '../../src/config.ts';
import { addDemoAccounts } from '../../src/server/accounts-side.ts';
import { AssembledServer } from '../../src/server/assemble-server.ts';
import { OwnAddresses } from '../../src/sip/transport/own-addresses.ts';
import type { DatagramPort, SocketAddress } from '../../src/sip/transport/ports.ts';
import { type MemorySnapshot, type MemoryStores, memoryStores } from '../../src/stores/memory/memory-stores.ts';

export type FaultKind =
  /** The nth store call is rejected, as by a full disk. */
  | 'store call fails'
  /** It and all in the following seconds. */
  | 'store fails for a while'
  /** The process ends before the nth store call takes effect, and starts again from what is durable. */
  | 'killed at a store call'
  /** The nth datagram of the server does not arrive. */
  | 'datagram is lost'
  /** The machine refuses to send it. */
  | 'datagram cannot be sent';

export interface Fault {
  readonly kind: FaultKind;
  readonly n: number;
}

export const serverAddress: SocketAddress = { address: '192.0.2.1', port: 5060 };
const whileMs = 7000;
/** It looks for changes of the command line three times a second; one look is like another. */
const looksCounted = 3;
const startAgainMs = 2000;

export class BrokenWorld {
  readonly time = new VirtualTime();
  readonly counters = new Counters();
  /** What broke, in words; empty when the fault was never met. */
  broken = '';
  stores: MemoryStores = memoryStores();
  readonly #fault: Fault;
  readonly #listeners = new Map<string, (bytes: Buffer) => void>();
  #server: AssembledServer | undefined;
  #calls = 0;
  #looks = 0;
  #sends = 0;
  #failsUntil = -1;
  /** A process that has ended sends nothing any more. */
  #life = 0;
  #upLife = -1;
  #isOver = false;

  constructor(fault: Fault) {
    this.#fault = fault;
  }

  /** Starts it for the first time; time must pass until it is up. */
  begin(): void {
    void this.#begin(undefined);
  }

  /** From now on nothing breaks any more. */
  end(): void {
    this.#isOver = true;
  }

  get isUp(): boolean {
    return this.#upLife === this.#life;
  }

  get hasDied(): boolean {
    return this.#life > 1;
  }

  /** Also again when it could not read its store: as a supervisor does. */
  async #begin(from: MemorySnapshot | undefined): Promise<void> {
    let durable = from;
    for (;;) {
      const life = (this.#life += 1);
      const stores = memoryStores({
        ...(durable === undefined ? {} : { from: durable }),
        beforeCall: (name) => this.#beforeCall(name, life),
      });
      this.stores = stores;
      try {
        await this.#start(stores, life);
        this.#upLife = life;
        return;
      } catch (fault) {
        if (!(fault instanceof StoreFault)) throw fault;
        durable = stores.crash();
        await this.#pause(startAgainMs);
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.time.at(this.time.monotonic() + ms, () => resolve());
    });
  }

  /** A datagram of somebody's client. */
  send(bytes: Buffer, from: SocketAddress): void {
    this.#server?.transport.onDatagram(bytes, from);
  }

  listen(at: SocketAddress, receive: (bytes: Buffer) => void): void {
    this.#listeners.set(`${at.address}:${at.port}`, receive);
  }

  async #start(stores: MemoryStores, life: number): Promise<void> {
    const config = readConfig({
      flags: { trust: ['192.0.2.0/24'], 'visible-by-default': ['*'], settle: ['0'], 'notify-pace': ['0'] },
    });
    if (!config.ok) throw new Error(config.error);
    const parts = {
      config: config.value,
      stores,
      clock: this.time,
      timers: this.time,
      ids: systemIds,
      log: silentLog,
      counters: this.counters,
      hashes: systemHashes,
      version: '0',
    };
    await addDemoAccounts(parts);
    const server = new AssembledServer(parts, () => `<sip:${serverAddress.address}:${serverAddress.port}>`);
    await server.load();
    this.#server = server;
    await server.open({
      datagrams: this.#datagrams(life),
      streams: [],
      addresses: new OwnAddresses({
        listening: [serverAddress],
        machine: [serverAddress.address],
        names: ['localhost'],
      }),
    });
  }

  #datagrams(life: number): DatagramPort {
    return {
      local: serverAddress,
      send: (bytes, to, onFailure) => {
        if (life !== this.#life) return;
        this.#sends += 1;
        const { kind, n } = this.#fault;
        const isIt = kind.startsWith('datagram') && this.#sends === n;
        if (isIt) this.broken = `${kind}: ${Buffer.from(bytes).toString().split('\r\n')[0]}`;
        if (isIt && kind === 'datagram cannot be sent') onFailure?.();
        if (isIt) return;
        this.#listeners.get(`${to.address}:${to.port}`)?.(Buffer.from(bytes));
      },
      close() {},
    };
  }

  #beforeCall(name: string, life: number): void | Promise<void> {
    if (life !== this.#life || this.#isOver) return;
    if (name === 'journal.latest') this.#looks += 1;
    if (this.#looks <= looksCounted || name !== 'journal.latest') this.#calls += 1;
    const { kind, n } = this.#fault;
    if (this.broken === '' && this.#calls === n && kind.includes('store')) {
      this.broken = `${kind}: ${name}`;
      if (kind === 'killed at a store call') return this.#kill();
      if (kind === 'store call fails') throw new StoreFault('the disk is full', true);
      this.#failsUntil = this.time.monotonic() + whileMs;
    }
    if (this.time.monotonic() < this.#failsUntil) throw new StoreFault('the disk is full', true);
  }

  /** Never settles: nobody is there any more who could act on it. */
  #kill(): Promise<void> {
    const durable = this.stores.crash();
    void this.#begin(durable);
    return new Promise(() => {});
  }
}
