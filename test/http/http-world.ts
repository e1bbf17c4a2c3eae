/** A whole server behind its HTTP port: virtual time, the memory store, and callers who sign in with their passwords. */
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAccount } from '../../src/accounts/new-account.ts';
import type { PasswordSeal } from '../../src/accounts/ports.ts';
import { Counters } from '../../src/base/counters.ts';
import { silentLog } from '../../src/base/log.ts';
import { err } from '../../src/base/result.ts';
import { systemHashes } from '../../src/base/system-hash.ts';
import { systemIds } from '../../src/base/system-ids.ts';
import { VirtualTime } from '../../src/base/time/virtual-time.ts';
import { readEvents, type ServerSentEvent } from '../../src/cli/client/event-reader.ts';
import { readConfig } from '../../src/config.ts';
import { startHttpServer, type HttpServer } from '../../src/endpoints/http/http-server.ts';
import { parseAddress } from '../../src/model/address.ts';
import { addDemoAccounts } from '../../src/server/accounts-side.ts';
import type { DeliveryService } from '../../src/delivery/delivery-service.ts';
import { AssembledServer } from '../../src/server/assemble-server.ts';
import type { ServerParts } from '../../src/server/server-parts.ts';
import type { SocketAddress } from '../../src/sip/transport/ports.ts';
import { OwnAddresses } from '../../src/sip/transport/own-addresses.ts';
import { memoryStores, type MemorySnapshot, type MemoryStores } from '../../src/stores/memory/memory-stores.ts';

const sip = { address: '192.0.2.1', port: 5060 };
/** For things that real sockets do; generous, and never waited for in vain. */
const patienceMs = 60_000;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Readonly<Record<string, unknown>>;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Flags = Readonly<Record<string, string | readonly string[]>>;

export class HttpWorld {
  readonly time: VirtualTime;
  readonly counters = new Counters();
  readonly #flags: Flags;
  readonly #streams = new Set<Listening>();
  /** Called before each call of the store. */
  beforeCall: ((name: string) => void | Promise<void>) | undefined;
  /** What reads passwords that are kept for logins by digest; nobody without. */
  passwordSeal: Pick<PasswordSeal, 'open'> | undefined;
  /** Where IMPS clients are told to connect to be called; nowhere without. */
  callAddress: SocketAddress | undefined;
  /** Gets the datagrams of the server; nobody without. */
  datagramSent: ((bytes: Buffer, to: SocketAddress) => void) | undefined;
  #stores: MemoryStores;
  #server: AssembledServer | undefined;
  #http: HttpServer | undefined;

  private constructor(flags: Flags, time: VirtualTime, from?: MemorySnapshot) {
    this.#flags = flags;
    this.time = time;
    const beforeCall = (name: string): void | Promise<void> => this.beforeCall?.(name);
    this.#stores = memoryStores({ beforeCall, ...(from === undefined ? {} : { from }) });
  }

  /** With the demo accounts, and `boss@localhost`, an operator. */
  static async open(flags: Flags = {}): Promise<HttpWorld> {
    fetchable ??= fetchOnce();
    await fetchable;
    const world = new HttpWorld(flags, new VirtualTime(Date.UTC(2026, 10, 21, 9)));
    await world.#begin(true);
    return world;
  }

  /** For clients of other protocols. */
  get delivery(): DeliveryService | undefined {
    return this.#server?.api.delivery;
  }

  /** The same world after kill -9. */
  async restarted(): Promise<HttpWorld> {
    const next = new HttpWorld(this.#flags, this.time, this.#stores.crash());
    next.datagramSent = this.datagramSent;
    // A process that was killed sends nothing any more.
    this.datagramSent = undefined;
    await this.#http?.stop().catch(() => undefined);
    await next.#begin(false);
    return next;
  }

  get server(): AssembledServer {
    if (this.#server === undefined) throw new Error('the world is not open');
    return this.#server;
  }

  get stores(): MemoryStores {
    return this.#stores;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#http?.port ?? 0}`;
  }

  async close(): Promise<void> {
    for (const stream of this.#streams) stream.close();
    // What is owed to senders is waited for, in virtual time.
    const stopping = this.#server?.stop();
    await this.time.advance(6000);
    await stopping;
    await this.#http?.stop();
  }

  /** `who` is the user part of a demo account; `-` signs in as nobody. */
  async call(who: string, method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { body, headers } = options;
    const isRaw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(this.origin + path, {
      method,
      headers: {
        ...(who === '-' ? {} : { authorization: basic(who) }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    return { status: response.status, headers: response.headers, json };
  }

  /** Time goes on as long as the call is not answered. */
  async callAndWait(ms: number, ...call: Parameters<HttpWorld['call']>): Promise<Answer> {
    const answer = this.call(...call);
    const progress = { isDone: false };
    void answer.finally(() => (progress.isDone = true));
    for (let step = 0; step < 200 && !progress.isDone; step += 1) await turn();
    if (!progress.isDone) await this.time.advance(ms);
    return answer;
  }

  async send(from: string, to: string, text: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const answer = await this.call(from, 'POST', '/v1/messages', { body: { to: `${to}@localhost`, text, ...more } });
    if (answer.status > 202) throw new Error(JSON.stringify(answer.json));
    return String(answer.json['id']);
  }

  async listen(who: string, options: { lastEventId?: string; query?: string } = {}): Promise<Listening> {
    const { lastEventId, query = '' } = options;
    const resume = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    const headers = { authorization: basic(who), ...resume };
    const asking = get(`${this.origin}/v1/events${query}`, { headers, agent: false });
    asking.on('error', () => undefined);
    const response = await new Promise<IncomingMessage>((resolve) => {
      asking.on('response', resolve);
    });
    if (response.statusCode !== 200) throw new Error(`events: ${response.statusCode ?? 0}`);
    const stream = new Listening(response, () => this.time.advance(0));
    this.#streams.add(stream);
    return stream;
  }

  /** Lets sockets and promises do what they can do without time. */
  async settle(): Promise<void> {
    for (let round = 0; round < 30; round += 1) await turn();
    await this.time.settle();
  }

  async #begin(isNew: boolean): Promise<void> {
    const config = readConfig({ flags: { ...this.#flags } });
    if (!config.ok) throw new Error(config.error);
    const parts: ServerParts = {
      config: config.value,
      stores: this.#stores,
      clock: this.time,
      timers: this.time,
      ids: systemIds,
      log: silentLog,
      counters: this.counters,
      hashes: systemHashes,
      passwordSeal: {
        open: async (sealed, address) => this.passwordSeal?.open(sealed, address) ?? err('no seal in this world'),
      },
      version: '0',
      ownCallAddress: () => this.callAddress,
    };
    if (isNew) await addAccounts(parts);
    const server = new AssembledServer(parts, () => '<sip:192.0.2.1>');
    this.#server = server;
    await server.load();
    const pages = { counters: this.counters, log: silentLog, ids: systemIds, version: '0', domains: ['localhost'] };
    this.#http = await startHttpServer(
      { host: '127.0.0.1', port: 0 },
      { ...pages, api: server.api, imps: server.imps, isReady: () => true },
    );
    await server.open({
      datagrams: { local: sip, send: (bytes, to) => this.datagramSent?.(Buffer.from(bytes), to), close() {} },
      streams: [],
      addresses: new OwnAddresses({ listening: [sip], machine: [sip.address], names: ['localhost'] }),
    });
  }
}

/** One stream of events as its reader sees it. */
export class Listening {
  readonly #response: IncomingMessage;
  readonly #events: AsyncGenerator<ServerSentEvent>;
  /** Lets the server do what is due at this moment. */
  readonly #pump: () => Promise<void>;
  readonly seen: ServerSentEvent[] = [];
  #text = '';

  constructor(response: IncomingMessage, pump: () => Promise<void>) {
    this.#response = response;
    this.#events = readEvents(this.#noted(response));
    this.#pump = pump;
  }

  /** The next event of this name; others are noted in `seen`. */
  async next(name: string): Promise<Readonly<Record<string, unknown>>> {
    const giveUp = setTimeout(() => this.#response.destroy(new Error(`no event ${name}`)), patienceMs);
    try {
      for (;;) {
        const { value, done } = await this.#pumped(this.#events.next());
        if (done === true) throw new Error(`the stream ended before an event ${name}`);
        this.seen.push(value);
        if (value.name === name) return value.data as Record<string, unknown>;
      }
    } finally {
      clearTimeout(giveUp);
    }
  }

  async #pumped<T>(promise: Promise<T>): Promise<T> {
    const progress = { isDone: false };
    const settled = promise.finally(() => (progress.isDone = true));
    settled.catch(() => undefined);
    while (!progress.isDone) {
      await this.#pump();
      await turn();
    }
    return settled;
  }

  /** Everything that came, as it came; something must. */
  async heard(): Promise<string> {
    const before = this.#text.length;
    void this.#events.next();
    for (let round = 0; round < 500 && this.#text.length === before; round += 1) await turn();
    return this.#text;
  }

  async *#noted(response: IncomingMessage): AsyncGenerator<Uint8Array> {
    for await (const octets of response as AsyncIterable<Buffer>) {
      this.#text += octets.toString('utf8');
      yield octets;
    }
  }

  get lastId(): string {
    return this.seen.at(-1)?.id ?? '';
  }

  /** Resolves when the server has ended it. */
  async ended(): Promise<void> {
    for (;;) {
      const next = await this.#events.next().catch(() => ({ done: true }) as const);
      if (next.done === true) return;
    }
  }

  close(): void {
    this.#response.destroy();
  }
}

async function addAccounts(parts: ServerParts): Promise<void> {
  await addDemoAccounts(parts);
  const boss = parseAddress('boss@localhost');
  if (!boss.ok) throw new Error(boss.error);
  const making = { address: boss.value, password: 'boss-secret', isOperator: true, id: 'boss', createdAt: 0 };
  await parts.stores.accounts.add([createAccount(making, systemHashes)]);
}

let fetchable: Promise<void> | undefined;

/** The first fetch of a process waits for a thread that compiles its parser, and turns that are counted do not wait for that. */
async function fetchOnce(): Promise<void> {
  const server = createServer((_request, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)).text();
  server.closeAllConnections();
  server.close();
}

export function basic(who: string): string {
  return `Basic ${Buffer.from(`${who}@localhost:${who}-secret`).toString('base64')}`;
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
