/**
 * Where a run takes place: one temporary folder with the data of all servers, one server and one load generator at a time.
 * Everything that was started here is ended here.
 */
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert } from '../../base/assert.ts';
import { parseAddress, type Address } from '../../model/address.ts';
import type { Stores } from '../../stores/stores.ts';
import { ServerProcess } from '../own-server/server-process.ts';
import { makeAccount } from '../user.ts';
import type { BenchProgress } from './bench-progress.ts';
import { LoadGenerator } from './load/load-generator.ts';
import type { HttpPlan } from './load/http/http-plan.ts';
import type { LoadPlan, LoadReport, LoadTransport } from './load/load-plan.ts';
import { passwordOf } from './load/wire/login-book.ts';
import { formatUserNumber, userOf } from './load/wire/request-texts.ts';

export const benchDomain = 'bench.test';

export interface RigWish {
  /** Names the folder of its CPU profile. */
  readonly name: string;
  readonly users: number;
  readonly transport: LoadTransport;
  /** Requests are believed without credentials. */
  readonly isTrusted: boolean;
  /** Only those from there; else all of loopback. */
  readonly trustedNetwork?: string;
  /** Of `serve`, besides those of every rig. */
  readonly flags?: readonly string[];
  /** Fills the store before the server starts. */
  readonly prepare?: (stores: Stores) => Promise<void>;
}

/** A server that is ready and a load generator that reaches it. */
export interface Rig {
  readonly server: ServerProcess;
  /** How long the server took to get ready. */
  readonly readyAfterMs: number;
  /** Tells the progress display what goes on without a plan. */
  step(words: string): void;
  /** Runs a plan; `words` tell the progress display what it is. */
  run(words: string, plan: LoadPlan): Promise<LoadReport>;
  /** From a second generator, at the same time as the first. */
  runBeside(plan: LoadPlan): Promise<LoadReport>;
  runHttp(words: string, plan: HttpPlan): Promise<LoadReport>;
}

/** High enough that no quota is met; what is refused would not be measured. */
const serverFlags =
  '--visible-by-default * --notify-pace 0 --rate 1000000/1 --call-rate 1000000/1 ' +
  '--quota-recipient 100000000,1TiB --quota-pair 100000000 --quota-sender 100000000';
const accountsBatch = 1000;

export class BenchSite {
  readonly progress: BenchProgress;
  readonly #folder: string;
  readonly #openStores: OpenStores;
  readonly #profileFolder: string | undefined;
  /** Data folders with accounts and nothing else, by number of users. */
  readonly #prepared = new Map<number, string>();
  #server: ServerProcess | undefined;
  #generator: LoadGenerator | undefined;
  #beside: LoadGenerator | undefined;
  #serial = 0;
  #closing: Promise<void> | undefined;

  private constructor(folder: string, place: BenchPlace) {
    this.#folder = folder;
    this.#openStores = place.openStores;
    this.#profileFolder = place.profileFolder;
    this.progress = place.progress;
  }

  /** Rejects when the folder cannot be made. */
  static async open(place: BenchPlace): Promise<BenchSite> {
    return new BenchSite(await mkdtemp(join(place.parentFolder ?? tmpdir(), 'restante-bench-')), place);
  }

  /** Removed at the end, with whatever is in it. */
  get folder(): string {
    return this.#folder;
  }

  /** A fresh server with its accounts, for as long as `use` takes. */
  async withRig<T>(wish: RigWish, use: (rig: Rig) => Promise<T>): Promise<T> {
    const { users, transport } = wish;
    const dataFolder = await this.#makeData(wish);
    this.progress.step(`${wish.name}: starting a server`);
    const trust = wish.isTrusted ? ['--trust', wish.trustedNetwork ?? '127.0.0.0/8'] : [];
    const server = await ServerProcess.start({
      dataFolder,
      domain: benchDomain,
      flags: [...serverFlags.split(' '), ...trust, ...(wish.flags ?? [])],
      ...(this.#profileFolder === undefined
        ? {}
        : { profileFolder: join(this.#profileFolder, wish.name.replaceAll(/\W+/g, '-')) }),
    });
    this.#server = server;
    // The run may have been interrupted before there was anything to stop.
    if (this.isClosed) await server.stop();
    try {
      const readyAfterMs = await server.waitUntilReady();
      const { host, ports } = server;
      const session = { transport, host, port: ports.sip, domain: benchDomain, users };
      const generator = await LoadGenerator.open(session);
      this.#generator = generator;
      return await use({
        server,
        readyAfterMs,
        step: (words) => this.progress.step(words),
        run: (words, plan) => this.#run(`${wish.name}: ${words}`, (load) => load.run(plan)),
        runBeside: async (plan) => {
          this.#beside ??= await LoadGenerator.open(session);
          return server.during(this.#beside.run(plan));
        },
        runHttp: (words, plan) => this.#run(`${wish.name}: ${words}`, (load) => load.runHttp(plan)),
      });
    } finally {
      await this.#endRig();
      await rm(dataFolder, { recursive: true, force: true });
    }
  }

  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /** At any time; whatever is under way fails. */
  close(): Promise<void> {
    this.#closing ??= this.#endRig().then(() => rm(this.#folder, { recursive: true, force: true }));
    return this.#closing;
  }

  async #run(words: string, run: (generator: LoadGenerator) => Promise<LoadReport>): Promise<LoadReport> {
    const [server, generator] = [this.#server, this.#generator];
    assert(server !== undefined && generator !== undefined, 'a plan is run on a rig');
    this.progress.step(words, () => generator.share);
    return server.during(run(generator));
  }

  async #endRig(): Promise<void> {
    const [server, generator, beside] = [this.#server, this.#generator, this.#beside];
    this.#server = undefined;
    this.#generator = undefined;
    this.#beside = undefined;
    await generator?.close();
    await beside?.close();
    await server?.stop();
  }

  async #makeData({ users, prepare, name }: RigWish): Promise<string> {
    const accounts = this.#prepared.get(users) ?? (await this.#makeAccounts(users, name));
    this.#prepared.set(users, accounts);
    this.#serial += 1;
    const folder = join(this.#folder, `data-${this.#serial}`);
    await cp(accounts, folder, { recursive: true });
    if (prepare !== undefined) await this.#withStores(folder, prepare);
    return folder;
  }

  async #makeAccounts(users: number, name: string): Promise<string> {
    this.progress.step(`${name}: making ${users} accounts`);
    const folder = join(this.#folder, `accounts-${users}`);
    await mkdir(folder, { recursive: true });
    await this.#withStores(folder, async ({ accounts }) => {
      for (let first = 0; first < users; first += accountsBatch) {
        const count = Math.min(accountsBatch, users - first);
        await accounts.add(
          Array.from({ length: count }, (_, at) => makeAccount(addressOf(first + at), passwordOf(first + at))),
        );
      }
    });
    return folder;
  }

  async #withStores(folder: string, use: (stores: Stores) => Promise<void>): Promise<void> {
    const stores = await this.#openStores(folder);
    try {
      await use(stores);
    } finally {
      await stores.close();
    }
  }
}

/** The store of a server in this folder, which is made where it is missing. */
export type OpenStores = (folder: string) => Promise<Stores>;

export interface BenchPlace {
  readonly openStores: OpenStores;
  readonly progress: BenchProgress;
  readonly parentFolder: string | undefined;
  readonly profileFolder: string | undefined;
}

function addressOf(user: number): Address {
  const address = parseAddress(`${userOf(formatUserNumber(user))}@${benchDomain}`);
  assert(address.ok, 'users of the bench have addresses');
  return address.value;
}
