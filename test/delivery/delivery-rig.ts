/** A delivery service in virtual time: memory store, presence and clients that do what a test says. */
import { Counters } from '../../src/base/counters.ts';
import type { IdSource } from '../../src/base/ids.ts';
import { silentLog } from '../../src/base/log.ts';
import { VirtualTime } from '../../src/base/time/virtual-time.ts';
import type { DeliveryPolicy } from '../../src/delivery/delivery-policy.ts';
import { DeliveryService } from '../../src/delivery/delivery-service.ts';
import type {
  AnnouncedMessage,
  AttemptOutcome,
  DeliveryTarget,
  OutgoingMessage,
  PresenceView,
  RecipientStanding,
} from '../../src/delivery/ports.ts';
import type { Submission, SubmissionOutcome } from '../../src/delivery/submission.ts';
import { type Address, parseAddress } from '../../src/model/address.ts';
import type { PresenceSnapshot } from '../../src/model/presence-changed.ts';
import { changedAttributes, type PresenceState } from '../../src/model/presence-state.ts';
import { type MemorySnapshot, type MemoryStores, memoryStores } from '../../src/stores/memory/memory-stores.ts';

export const policy: DeliveryPolicy = {
  isConditional: true,
  isStoreOffline: true,
  blockedAnswer: 'refuse',
  deliverOn: 'register',
  answerWithinMs: 5000,
  validityDefaultMs: 7 * 86_400_000,
  validityMaxMs: 7 * 86_400_000,
  bodyBytesMax: 65_536,
  largeBytesMax: 100 << 20,
  quotas: {
    recipientMessages: 20_000,
    recipientBytes: 64 << 20,
    largeBytes: (16 * 64) << 20,
    pairMessages: 10_000,
    senderMessages: 100_000,
  },
  rate: { requests: 1000, perMs: 1000 },
};

export const tom = addressOf('tom@localhost');
export const mary = addressOf('mary@localhost');
export const john = addressOf('john@localhost');

export function addressOf(text: string): Address {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

export interface RigOptions {
  readonly policy?: Partial<DeliveryPolicy>;
  readonly from?: MemorySnapshot;
  readonly time?: VirtualTime;
  readonly beforeCall?: (name: string) => void | Promise<void>;
  readonly ids?: IdSource;
  /** In place of `blocked`. */
  readonly hasBlocked?: (owner: Address, other: Address) => boolean | Promise<boolean>;
  /** Presence that was durable when the last process ended. */
  readonly snapshots?: ReadonlyMap<Address, PresenceSnapshot>;
  /** Who is there again as soon as what is durable was read, as registered clients are. */
  readonly restored?: readonly Client[];
}

export class Client implements Omit<DeliveryTarget, 'device'> {
  readonly style: DeliveryTarget['style'] = 'push';
  readonly received: OutgoingMessage[] = [];
  readonly stopped: string[] = [];
  readonly #answers: ((outcome: AttemptOutcome) => void)[] = [];
  readonly id: string;
  readonly priority: number;
  readonly window: number;
  /** Where several of them are one. */
  device: string | undefined;
  /** Where it is; another value when it comes again from elsewhere. */
  way = 'here';
  /** What it answers at once; absent: it waits for `answer`. */
  reply: AttemptOutcome | ((message: OutgoingMessage) => AttemptOutcome | undefined) | undefined;

  constructor(id: string, options: { priority?: number; window?: number; reply?: Client['reply'] } = {}) {
    this.id = id;
    this.priority = options.priority ?? 1;
    this.window = options.window ?? 1;
    this.reply = options.reply ?? { kind: 'delivered' };
  }

  attempt(message: OutgoingMessage, onOutcome: (outcome: AttemptOutcome) => void) {
    this.received.push(message);
    const reply = typeof this.reply === 'function' ? this.reply(message) : this.reply;
    if (reply === undefined) this.#answers.push(onOutcome);
    else onOutcome(reply);
    return { stopSending: () => void this.stopped.push(message.id) };
  }

  announce(_message: AnnouncedMessage): void {}

  /** Whoever waited for an answer is gone. */
  hangUp(): void {
    this.#answers.length = 0;
  }

  /** The oldest open attempt gets its answer. */
  answer(outcome: AttemptOutcome): void {
    this.#answers.shift()?.(outcome);
  }

  silent(): this {
    this.reply = () => undefined;
    return this;
  }

  get texts(): string[] {
    return this.received.map(({ message }) => new TextDecoder().decode(message.body));
  }
}

export class Rig implements PresenceView {
  readonly time: VirtualTime;
  readonly counters = new Counters();
  readonly stores: MemoryStores;
  readonly service: DeliveryService;
  readonly blocked = new Set<string>();
  /** Attributes that a watcher may not see, `watcher attribute`. */
  readonly hidden = new Set<string>();
  readonly politelyBlocked = new Set<Address>();
  readonly unknown = new Set<Address>();
  readonly #snapshots = new Map<Address, PresenceSnapshot>();
  readonly #ids: IdSource;
  #count = 0;
  #isDead = false;

  constructor(options: RigOptions = {}) {
    this.time = options.time ?? new VirtualTime();
    this.#ids = options.ids ?? sequentialIds();
    for (const [address, snapshot] of options.snapshots ?? []) this.#snapshots.set(address, snapshot);
    this.stores = memoryStores({
      ...(options.from === undefined ? {} : { from: options.from }),
      ...(options.beforeCall === undefined ? {} : { beforeCall: options.beforeCall }),
    });
    this.service = new DeliveryService({
      clock: this.time,
      timers: this.time,
      ids: this.#ids,
      log: silentLog,
      counters: this.counters,
      policy: { ...policy, ...options.policy },
      store: this.stores.mailbox,
      reports: this.stores.reports,
      blobs: this.stores.blobs,
      presence: this,
      directory: {
        lookUp: (address): RecipientStanding => (this.unknown.has(address) ? 'unknown' : 'known'),
        hasBlocked: options.hasBlocked ?? ((owner, other) => this.blocked.has(`${owner} ${other}`)),
      },
      reachability: {
        reachabilityChanged: (principal, _isPresent, isReachable) =>
          void this.publish(principal, { online: [String(isReachable)] }),
      },
    });
  }

  static async start(options: RigOptions = {}): Promise<Rig> {
    const rig = new Rig(options);
    await rig.service.load();
    for (const client of options.restored ?? []) rig.up(client);
    await rig.service.begin();
    const caughtUp = rig.service.catchUp();
    await rig.time.settle();
    await caughtUp;
    return rig;
  }

  /** The same world after kill -9: only what was durable is left. */
  async restart(options: Omit<RigOptions, 'from' | 'time'> = {}): Promise<Rig> {
    this.service.stop();
    this.#isDead = true;
    const snapshots = new Map(this.#snapshots);
    for (const [address, snapshot] of snapshots) {
      // Nobody is connected to a process that has just begun.
      snapshots.set(address, { ...snapshot, state: new Map([...snapshot.state, ['online', ['false']]]) });
    }
    return Rig.start({ snapshots, ...options, from: this.stores.crash(), time: this.time, ids: this.#ids });
  }

  send(text: string, options: Partial<Submission> & { from?: Address; to?: Address } = {}): Promise<SubmissionOutcome> {
    const { from = tom, to = mary, ...rest } = options;
    const message = {
      sender: from,
      recipient: to,
      sentAt: this.time.wall(),
      contentType: 'text/plain',
      body: new TextEncoder().encode(text),
      origin: 'sip' as const,
      reportsWanted: [],
    };
    const duplicateKeys = [`test ${(this.#count += 1)}`];
    return this.service.submit({ message, duplicateKeys, isTrusted: false, isTransient: false, ...rest });
  }

  up(client: Client, principal: Address = mary): Client {
    this.service.targetUp(principal, {
      id: client.id,
      device: client.device ?? client.id,
      priority: client.priority,
      window: client.window,
      style: client.style,
      way: client.way,
      // A process that was killed sends nothing any more, whatever its timers do in this one.
      attempt: (message, onOutcome) => (this.#isDead ? silence : client.attempt(message, onOutcome)),
      announce: (message) => (this.#isDead ? undefined : client.announce(message)),
    });
    return client;
  }

  /** Resolves when what follows from it is durable, as the answer to a PUBLISH does. */
  publish(principal: Address, values: Readonly<Record<string, readonly string[] | undefined>>): Promise<void> {
    const before = this.current(principal);
    const state = new Map(before.state);
    const lastKnown = new Map(before.lastKnown);
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) state.delete(name);
      else {
        state.set(name, value);
        lastKnown.set(name, value);
      }
    }
    const isPublished = [...state.keys()].some((name) => name !== 'online');
    const snapshot = { state, lastKnown, isSettled: true, isPublished, version: before.version + 1 };
    this.#snapshots.set(principal, snapshot);
    const changed = changedAttributes(before.state, state);
    return (
      this.service.presenceChanged({ presentity: principal, snapshot, changed, before: before.state }) ??
      Promise.resolve()
    );
  }

  /** The rules of somebody changed. */
  rulesChanged(principal: Address): Promise<void> {
    const snapshot = this.current(principal);
    return this.service.presenceChanged({ presentity: principal, snapshot, changed: 'all' }) ?? Promise.resolve();
  }

  current(presentity: Address): PresenceSnapshot {
    const known = this.#snapshots.get(presentity);
    if (known !== undefined) return known;
    const state: PresenceState = new Map([['online', ['false']]]);
    return { state, lastKnown: state, isSettled: true, isPublished: false, version: 1 };
  }

  visiblePresence(_presentity: Address, watcher: Address, snapshot: PresenceSnapshot) {
    if (this.politelyBlocked.has(watcher)) {
      const fake: PresenceState = new Map([
        ['online', ['false']],
        ['availability', ['not-available']],
      ]);
      return { state: fake, lastKnown: fake, mayRead: () => true, isSettled: true };
    }
    const mayRead = (attribute: string): boolean => !this.hidden.has(`${watcher} ${attribute}`);
    return { ...snapshot, mayRead };
  }

  async stateOf(id: string): Promise<string | undefined> {
    return (await this.stores.mailbox.story(id))?.summary.state;
  }

  async list(): Promise<string[]> {
    const summaries = await this.stores.mailbox.list({ limit: 1000 });
    return summaries.map(({ state }) => state);
  }
}

function sequentialIds(): IdSource {
  let last = 0;
  return {
    randomToken: () => `t${(last += 1)}`,
    timeOrderedId: () => `0198aaaa-0000-7000-8000-${String((last += 1)).padStart(12, '0')}`,
    fraction: () => 0.5,
  };
}

const silence = { stopSending() {} };
