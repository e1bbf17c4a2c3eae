/**
 * One life of the whole server but its sockets: from what was durable to a kill, at any output if need be, or to an
 * orderly stop. What it does is seen by the network and by whoever watches its store.
 */
import type { Log } from '../../../src/base/log.ts';
import { Counters } from '../../../src/base/counters.ts';
import type { IdSource } from '../../../src/base/ids.ts';
import { systemHashes } from '../../../src/base/system-hash.ts';
import type { Config } from '../../../src/config.ts';
import { AssembledServer } from '../../../src/server/assemble-server.ts';
import { OwnAddresses } from '../../../src/sip/transport/own-addresses.ts';
import type { SocketAddress, StreamConnection, StreamListener } from '../../../src/sip/transport/ports.ts';
import { type HttpAnswer, type HttpAsk, HttpDoor, type OpenAnswer } from '../http/http-door.ts';
import type { HttpNetwork, HttpServerLife } from '../http/http-network.ts';
import type { MemorySnapshot } from '../../../src/stores/memory/memory-stores.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { type NetworkServer, serverAddress, type SimulatedNetwork } from './simulated-network.ts';
import { SimulatedStores, type StorePlan, type StoreWatcher } from './simulated-stores.ts';
import type { SimulatedTime } from './simulated-time.ts';

export interface LifeSurroundings {
  readonly time: SimulatedTime;
  readonly random: SeededRandom;
  readonly network: SimulatedNetwork;
  readonly httpNetwork: HttpNetwork;
  readonly ids: IdSource;
  readonly config: Config;
  readonly storePlan: StorePlan;
  readonly watcher: StoreWatcher;
  readonly log: Log;
  /** Its sockets open. */
  opening(life: ServerLife): void;
  /** It could not start, or was killed by its own output. */
  ended(life: ServerLife): void;
}

/** There are four accounts. */
const cachedAccountsMax = 16;

export class ServerLife implements NetworkServer, HttpServerLife {
  isAlive = true;
  isOpen = false;
  readonly store: SimulatedStores;
  readonly counters = new Counters();
  readonly #around: LifeSurroundings;
  readonly #assembled: AssembledServer;
  /** Made when somebody calls: most worlds have nobody who does. */
  #http: HttpDoor | undefined;
  #isStopping = false;
  #outputsLeft: number | undefined;

  constructor(around: LifeSurroundings, from: MemorySnapshot) {
    const { time, random, config, storePlan, watcher, ids, log } = around;
    this.#around = around;
    const isAlive = (): boolean => this.isAlive;
    const mayAct = (): boolean => this.mayAct();
    this.store = new SimulatedStores({ time, random, plan: storePlan, watcher, isAlive, mayAct }, from);
    const parts = {
      config,
      ids,
      log,
      cachedAccountsMax,
      clock: time,
      timers: time.timersWhile(isAlive),
      stores: this.store.stores,
      counters: this.counters,
      hashes: systemHashes,
      version: '0',
    };
    this.#assembled = new AssembledServer(parts, () => `<sip:${serverAddress.address}:${serverAddress.port}>`);
  }

  /** Runs for a while by itself; whoever waits must let time pass. */
  async start(): Promise<void> {
    const { network, httpNetwork } = this.#around;
    try {
      await this.#assembled.load();
      if (!this.isAlive) return;
      network.server = this;
      httpNetwork.server = this;
      this.isOpen = true;
      this.#around.opening(this);
      await this.#assembled.open({
        datagrams: {
          local: serverAddress,
          send: (bytes, to) => network.fromServer(this, bytes, to),
          close() {},
        },
        streams: [network.streamPort(this)],
        addresses: new OwnAddresses({
          listening: [serverAddress],
          machine: [serverAddress.address],
          names: ['localhost'],
        }),
      });
    } catch {
      if (this.isAlive) this.#around.ended(this);
    }
  }

  /** It ends behind so many outputs: packets and calls of the store. */
  killAfter(outputs: number): void {
    this.#outputsLeft = outputs;
  }

  mayAct(): boolean {
    if (!this.isAlive) return false;
    if (this.#outputsLeft === undefined) return true;
    this.#outputsLeft -= 1;
    if (this.#outputsLeft >= 0) return true;
    this.isAlive = false;
    this.#around.ended(this);
    return false;
  }

  datagram(bytes: Uint8Array, from: SocketAddress): void {
    this.#assembled.transport.onDatagram(bytes, from);
  }

  accept(connection: StreamConnection): StreamListener | undefined {
    return this.#assembled.transport.accept(connection);
  }

  answerHttp(ask: HttpAsk, raw: OpenAnswer): Promise<HttpAnswer | undefined> {
    this.#http ??= new HttpDoor(
      this.#assembled.api,
      () => this.isOpen && !this.#isStopping,
      (fault) =>
        this.#around.log.error({ fault: fault instanceof Error ? (fault.stack ?? '') : String(fault) }, 'failed'),
    );
    return this.#http.answer(ask, raw);
  }

  /** What is left behind. */
  die(): MemorySnapshot {
    this.isAlive = false;
    return this.store.crash();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#assembled.stop();
    await this.store.stores.close();
  }
}
