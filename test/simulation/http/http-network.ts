/**
 * What is between HTTP clients and the server: calls that arrive late, whose connection is cut before they arrive or before
 * their answer does, and answers that stay open until one side, or the network, ends them.
 */
import type { Millis } from '../../../src/base/time/clock.ts';
import type { Letter } from '../model/letter.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { SimulatedTime } from '../world/simulated-time.ts';
import type { HttpAnswer, HttpAsk, OpenAnswer } from './http-door.ts';

export interface HttpLink {
  /** How many calls of a hundred have their connection cut. */
  cutPercent: number;
  latencyMsMax: Millis;
}

export interface HttpCaller {
  readonly name: string;
  readonly owner: string;
  readonly link: HttpLink;
}

/** One request and its answer. */
export interface HttpCall {
  readonly number: number;
  readonly caller: HttpCaller;
  readonly ask: HttpAsk;
  /** What it brings, where it brings one. */
  readonly letter?: Letter;
  /** What its client reads as it comes, where the answer stays open. */
  readonly reader?: StreamReader | undefined;
  /** Undefined where its connection was cut, or nobody listens. */
  readonly onAnswer: (answer: HttpAnswer | undefined) => void;
}

export interface StreamReader {
  opened(connection: StreamLine): void;
  read(text: string): void;
  /** By the server or the network. */
  ended(): void;
}

export interface HttpServerLife {
  readonly isAlive: boolean;
  readonly isOpen: boolean;
  mayAct(): boolean;
  answerHttp(ask: HttpAsk, raw: OpenAnswer): Promise<HttpAnswer | undefined>;
}

export interface HttpWatcher {
  callReached(call: HttpCall): void;
  callAnswered(call: HttpCall, answer: HttpAnswer): void;
  streamOpened(line: StreamLine): void;
  streamSent(line: StreamLine, text: string): void;
  /** The server will write nothing more, and may know of the end already. */
  streamEnding(line: StreamLine): void;
  streamClosed(line: StreamLine): void;
}

/** After so long without a sign a vanished reader is given up by the server's machine. */
const vanishedMs: Millis = 300_000;
const tinyMs: Millis = 0.02;

export class HttpNetwork {
  server: HttpServerLife | undefined;
  readonly time: SimulatedTime;
  readonly random: SeededRandom;
  readonly watcher: HttpWatcher;
  readonly lines = new Set<StreamLine>();
  #calls = 0;
  /** Calls that the server works at. */
  readonly #pending = new Set<HttpCall>();

  constructor(time: SimulatedTime, random: SeededRandom, watcher: HttpWatcher) {
    this.time = time;
    this.random = random;
    this.watcher = watcher;
  }

  latency({ latencyMsMax }: HttpLink): Millis {
    return this.random.between(0.05, latencyMsMax);
  }

  send(asked: Omit<HttpCall, 'number'>): void {
    this.#calls += 1;
    const call = { ...asked, number: this.#calls };
    const { link } = call.caller;
    const isCut = this.random.chance(link.cutPercent);
    const isCutBefore = isCut && this.random.chance(40);
    this.time.after(this.latency(link), () => {
      const life = this.server;
      if (isCutBefore || life?.isOpen !== true) this.#fails(call);
      else void this.#play(life, call, isCut);
    });
  }

  /** The server's machine ends every connection of a process that is gone. */
  lifeEnded(): void {
    this.server = undefined;
    for (const call of this.#pending) this.#fails(call);
    this.#pending.clear();
    for (const line of this.lines) line.serverGone();
  }

  async #play(life: HttpServerLife, call: HttpCall, isCut: boolean): Promise<void> {
    this.watcher.callReached(call);
    if (isCut) this.#fails(call);
    else this.#pending.add(call);
    const line = new StreamLine(this, life, isCut ? { ...call, reader: undefined } : call);
    const answer = await life.answerHttp(call.ask, line);
    if (answer === undefined) {
      this.#pending.delete(call);
      return;
    }
    if (!life.mayAct()) return;
    this.watcher.callAnswered(call, answer);
    if (this.#pending.delete(call)) this.time.after(this.latency(call.caller.link), () => call.onAnswer(answer));
  }

  #fails(call: HttpCall): void {
    this.time.after(this.latency(call.caller.link), () => call.onAnswer(undefined));
  }
}

/** One answer that stays open. */
export class StreamLine implements OpenAnswer {
  readonly call: HttpCall;
  readonly writableLength = 0;
  readonly #network: HttpNetwork;
  readonly #life: HttpServerLife;
  readonly #onClose: (() => void)[] = [];
  #state: 'unopened' | 'open' | 'destroyed' | 'closed' = 'unopened';
  #isOpenAtClient = false;
  #isSilent = false;
  #reachesClientAt: Millis = 0;

  constructor(network: HttpNetwork, life: HttpServerLife, call: HttpCall) {
    this.#network = network;
    this.#life = life;
    this.call = call;
  }

  get destroyed(): boolean {
    return this.#state === 'destroyed' || this.#state === 'closed';
  }

  get writableEnded(): boolean {
    return this.destroyed;
  }

  get isOpenAtServer(): boolean {
    return this.#state === 'open';
  }

  get isOpenAtClient(): boolean {
    return this.#isOpenAtClient;
  }

  is({ contact }: { readonly contact: string }): boolean {
    return contact.startsWith(`stream ${this.call.number}'`);
  }

  on(_event: 'close', run: () => void): void {
    this.#onClose.push(run);
  }

  setHeader(): void {}

  flushHeaders(): void {}

  writeHead(): void {
    // Whoever is dead goes on in promises that nobody sees.
    if (!this.#life.isAlive) return;
    this.#state = 'open';
    this.#isOpenAtClient = true;
    this.#network.lines.add(this);
    this.#network.watcher.streamOpened(this);
    this.#carry(() => this.call.reader?.opened(this));
    // Whoever cut the call is not there to read.
    if (this.call.reader === undefined) this.reset();
  }

  write(text: string, onTaken: (fault?: Error) => void): void {
    const { watcher, time } = this.#network;
    if (!this.#life.mayAct()) return;
    watcher.streamSent(this, text);
    this.#carry(() => this.call.reader?.read(text));
    time.after(tinyMs, () => {
      if (this.#life.isAlive) onTaken(this.#state === 'open' ? undefined : new Error('closed'));
    });
  }

  /** By the server. */
  destroy(): void {
    if (this.destroyed) return;
    this.#state = 'destroyed';
    this.#network.watcher.streamEnding(this);
    this.#network.time.after(tinyMs, () => this.#closeAtServer());
    this.#endAtClient();
  }

  /** By the client, or the network. */
  reset(): void {
    if (!this.#isOpenAtClient) return;
    this.#isOpenAtClient = false;
    const { time } = this.#network;
    time.after(this.#network.latency(this.call.caller.link), () => this.#closeAtServer());
  }

  /** The client is gone without a word. */
  vanish(): void {
    if (!this.#isOpenAtClient) return;
    this.#isSilent = true;
    this.#isOpenAtClient = false;
    this.#network.time.after(vanishedMs, () => this.#closeAtServer());
  }

  /** All is well from now on: what is gone is found out. */
  settle(): void {
    if (!this.#isOpenAtClient) this.#network.time.after(tinyMs, () => this.#closeAtServer());
  }

  serverGone(): void {
    this.#state = 'closed';
    this.#network.lines.delete(this);
    this.#endAtClient();
  }

  #endAtClient(): void {
    if (!this.#isOpenAtClient) return;
    this.#carry(() => {
      this.#isOpenAtClient = false;
      this.call.reader?.ended();
    });
  }

  #closeAtServer(): void {
    if (this.#state === 'closed' || !this.#life.isAlive) return;
    this.#state = 'closed';
    this.#network.lines.delete(this);
    this.#network.watcher.streamClosed(this);
    for (const run of this.#onClose) run();
  }

  /** In the order in which it left. */
  #carry(arrive: () => void): void {
    const { time } = this.#network;
    const at = time.monotonic() + this.#network.latency(this.call.caller.link);
    this.#reachesClientAt = Math.max(this.#reachesClientAt, at);
    time.at(this.#reachesClientAt, () => {
      if (this.#isOpenAtClient && !this.#isSilent) arrive();
    });
  }
}
