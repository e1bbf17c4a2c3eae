/**
 * The world of one seed: a server, its store, the network around it and the people who use it. Plays its steps, lets the
 * witness look at everything, and ends well: what was accepted must be gone in the end.
 */
import type { Log } from '../../../src/base/log.ts';
import type { Millis } from '../../../src/base/time/clock.ts';
import type { Address } from '../../../src/model/address.ts';
import type { WatcherRule } from '../../../src/presence/ports.ts';
import type { MailboxEntry } from '../../../src/delivery/ports.ts';
import type { MemorySnapshot } from '../../../src/stores/memory/memory-stores.ts';
import { Books } from '../checks/books.ts';
import { Witness } from '../checks/witness.ts';
import { Device } from '../clients/device.ts';
import { HttpClient } from '../http/http-client.ts';
import { HttpNetwork } from '../http/http-network.ts';
import { post } from '../clients/phrases.ts';
import type { Letter } from '../model/letter.ts';
import { Person } from '../model/person.ts';
import { SeededRandom } from '../seeded-random.ts';
import { endWell } from './ending.ts';
import { drawPause, happen } from './happenings.ts';
import { seededIds } from './seeded-ids.ts';
import { type LifeSurroundings, ServerLife } from './server-life.ts';
import { drawPlan, firstSnapshot, type WorldPlan } from './setup.ts';
import { SimulatedNetwork } from './simulated-network.ts';
import { SimulatedTime } from './simulated-time.ts';
import { Story } from './story.ts';

/** What the server says when it is not its own fault. */
const excusedErrors = ['messages cannot be kept; senders are asked to come again'];

export class World {
  readonly time = new SimulatedTime();
  readonly plan: WorldPlan;
  readonly story: Story;
  readonly books: Books;
  readonly witness: Witness;
  readonly network: SimulatedNetwork;
  readonly devices: readonly Device[];
  readonly httpNetwork: HttpNetwork;
  readonly httpClients: readonly HttpClient[];
  /** The process that runs; undefined while there is none. */
  alive: ServerLife | undefined;
  step = 0;
  readonly #random: SeededRandom;
  readonly #around: LifeSurroundings;
  #branches = 0;
  #tokens = 0;

  constructor(seed: number, isTold: boolean) {
    const random = new SeededRandom(seed);
    this.plan = drawPlan(random.fork());
    this.story = new Story(this.time, isTold);
    this.books = new Books(this.time, this.story, this.plan.config);
    this.witness = new Witness(this.books);
    this.network = new SimulatedNetwork(this.time, random.fork(), this.witness);
    this.httpNetwork = new HttpNetwork(this.time, random.fork(), this.witness.http);
    this.#random = random.fork();
    this.#around = this.#makeAround(random);
    this.devices = this.#makeDevices(random.fork());
    this.httpClients = this.#makeHttpClients(random.fork());
    const { deliverOn, blockedAnswer, visibleByDefault: visible } = this.plan.config;
    const visibleByDefault = visible === 'none' ? [] : visible;
    for (const address of this.plan.people) {
      this.books.people.set(address, new Person(address, { deliverOn, blockedAnswer, visibleByDefault }));
    }
  }

  get isWhole(): boolean {
    return this.books.broken === undefined;
  }

  async play(): Promise<void> {
    this.#begin(await firstSnapshot());
    await this.pass(1);
    for (this.step = 0; this.step < this.plan.steps && this.isWhole; this.step += 1) {
      happen(this, this.#random);
      await this.pass(drawPause(this.#random));
    }
    if (this.isWhole) await endWell(this);
    this.alive?.die();
  }

  async pass(ms: Millis): Promise<void> {
    await this.time.pass(ms, () => {
      this.#lookAround();
      return this.isWhole;
    });
  }

  send(sender: Device | HttpClient, letter: Letter): void {
    this.books.letters.set(letter.number, letter);
    const { condition, validitySeconds } = letter;
    this.story.tell(sender.name, () => {
      const when = condition === undefined ? '' : ` when ${condition}`;
      return `writes letter ${letter.number} to ${letter.recipient}${when}${validitySeconds === undefined ? '' : `, valid ${validitySeconds} s`}`;
    });
    if (sender instanceof HttpClient) sender.post(letter);
    else post(sender, letter, () => undefined);
  }

  nextToken(): string {
    this.#tokens += 1;
    return `p${this.#tokens}`;
  }

  kill(): void {
    const life = this.alive;
    if (life !== undefined) this.#ended(life);
  }

  stopPolitely(): void {
    const life = this.alive;
    if (life === undefined || !life.isOpen || this.books.isStopping) return;
    this.books.isStopping = true;
    this.story.tell('server', () => 'is asked to stop');
    void life.stop().then(() => {
      if (this.alive === life) this.#ended(life);
    });
  }

  setRules(owner: string, rules: readonly WatcherRule[]): void {
    const life = this.alive;
    if (life === undefined) return;
    this.story.tell('operator', () => `sets the rules of ${owner}: ${JSON.stringify(rules)}`);
    void life.store.operator.rules.setRules(owner as Address, rules).then(
      () => this.witness.rulesSet(owner, rules),
      () => undefined,
    );
  }

  toggleBlock(owner: string, other: string): void {
    const life = this.alive;
    if (life === undefined || owner === other) return;
    const isBlocking = !this.books.person(owner).blocks.newest.has(other);
    this.story.tell('operator', () => `lets ${owner} ${isBlocking ? 'block' : 'unblock'} ${other}`);
    const store = life.store.operator.blocks;
    const act = isBlocking ? store.addBlock : store.removeBlock;
    void act(owner as Address, other as Address).then(
      () => this.witness.blocksSet(owner, life.store.blocksOf(owner)),
      () => undefined,
    );
  }

  /** Not while a process starts, which looks at the clock at many moments. */
  stepClock(byMs: Millis): void {
    if (this.alive?.isOpen === false) return;
    this.story.tell('clock', () => `is set ${byMs} ms on`);
    this.time.stepWall(byMs);
    this.witness.clockStepped(byMs);
  }

  /** The rows that are durable now. */
  rows(): MailboxEntry[] {
    return [...(this.alive?.store.rows() ?? [])];
  }

  #begin(from: MemorySnapshot): void {
    this.books.isStopping = false;
    const life = new ServerLife(this.#around, from);
    this.alive = life;
    this.books.readRow = (id) => life.store.row(id);
    void life.start();
  }

  #ended(life: ServerLife): void {
    if (this.alive !== life) return;
    this.story.tell('server', () => 'ends');
    this.alive = undefined;
    const left = life.die();
    this.network.lifeEnded();
    this.httpNetwork.lifeEnded();
    this.witness.killed();
    this.books.life += 1;
    this.time.after(this.#random.pick([1, 50, 3000]), () => this.#begin(left));
  }

  /** Behind every event. */
  #lookAround(): void {
    const life = this.alive;
    if (life === undefined) return;
    const faults = life.counters.counter('sip_handler_faults').value;
    if (faults > 0) this.books.fail('the server has no fault of its own', 'a handler failed');
    const isQuiet = life.store.pending === 0 && this.time.monotonic() - this.books.lastFaultAt > 6000;
    if (isQuiet && life.isOpen) this.witness.secured();
  }

  #makeAround(random: SeededRandom): LifeSurroundings {
    const { time, network, httpNetwork, witness, plan } = this;
    return {
      time,
      network,
      httpNetwork,
      random: random.fork(),
      config: plan.config,
      storePlan: plan.storePlan,
      ids: seededIds(random.fork(), time),
      watcher: witness,
      log: this.#makeLog(),
      opening: (life) => witness.opened(life.store.snapshot().state),
      ended: (life) => this.#ended(life),
    };
  }

  #makeLog(): Log {
    return {
      debug: () => undefined,
      info: () => undefined,
      warn: (fields, text) => this.story.tell('server', () => `warns: ${text} ${JSON.stringify(fields)}`),
      error: (fields, text) => {
        const isExcused = excusedErrors.includes(text) && (this.books.lastFaultAt > 0 || this.books.isStopping);
        if (!isExcused) this.books.fail('the server has no fault of its own', `${text} ${JSON.stringify(fields)}`);
      },
    };
  }

  #makeHttpClients(random: SeededRandom): HttpClient[] {
    const { time, httpNetwork: network, story } = this;
    const around = { time, random, network, story };
    return this.plan.httpClients.map((plan) => new HttpClient({ ...plan, link: { ...plan.link } }, around));
  }

  #makeDevices(random: SeededRandom): Device[] {
    const around = {
      random,
      time: this.time,
      network: this.network,
      story: this.story,
      nextBranch: () => `z9hG4bK${(this.#branches += 1)}`,
      asked: (_device: Device, branch: string, { letter }: { readonly letter?: Letter }) => {
        if (letter !== undefined) this.witness.letterOf.set(branch, letter);
      },
    };
    return this.plan.devices.map((plan) => {
      const device = new Device({ ...plan, link: { ...plan.link } }, around);
      this.network.add(device);
      this.books.devices.set(device.contact, device);
      return device;
    });
  }
}
