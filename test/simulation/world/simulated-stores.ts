/**
 * The memory stores with the manners of a disk: writes become durable together at a commit that takes its time, their
 * answers come later still, anything may fail, and a kill loses what was not durable. Whoever watches is told of each
 * call when it is issued, when it is durable and when its caller hears so.
 */
import type { Millis } from '../../../src/base/time/clock.ts';
import { StoreFault } from '../../../src/base/store-fault.ts';
import type { Address } from '../../../src/model/address.ts';
import { type MemorySnapshot, type MemoryStores, memoryStores } from '../../../src/stores/memory/memory-stores.ts';
import type { MailboxEntry } from '../../../src/delivery/ports.ts';
import type { ServerStores, Stores } from '../../../src/stores/stores.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { SimulatedTime } from './simulated-time.ts';

export interface StoreCall {
  /** `mailbox.put` */
  readonly name: string;
  readonly args: readonly unknown[];
  result?: unknown;
}

export interface StoreWatcher {
  storeCallIssued(call: StoreCall): void;
  /** It is durable; of a read: it was done. */
  storeCallApplied(call: StoreCall): void;
  /** Its caller hears of it right now. */
  storeCallAnswered(call: StoreCall): void;
  storeCallFailed(call: StoreCall): void;
}

export interface StorePlan {
  /** From a write to its commit, and from the commit to its answers, at most. */
  readonly commitMsMax: Millis;
  readonly answerMsMax: Millis;
  /** 0: reads are answered at once, as by a file that is open. */
  readonly readMsMax: Millis;
}

export interface StoreSurroundings {
  readonly time: SimulatedTime;
  readonly random: SeededRandom;
  readonly plan: StorePlan;
  readonly watcher: StoreWatcher;
  /** False when the process ends before this call. */
  readonly mayAct: () => boolean;
  readonly isAlive: () => boolean;
}

export type StoreTrouble = 'none' | 'writes' | 'everything';

const writeNames = new Set([
  'mailbox.put', 'mailbox.update', 'mailbox.end', 'mailbox.sweep', 'accounts.add', 'accounts.remove',
  'accounts.setPasswords', 'blocks.addBlock', 'blocks.removeBlock', 'journal.setActed', 'publications.change',
  'publications.refresh', 'rules.setRules', 'bindings.change', 'mailbox.display', 'reports.told', 'tokens.add',
  'tokens.remove', 'accounts.setHttpDelivery', 'documents.write',
  'subscriptions.change', 'waitingWatchers.change', 'impsSessions.change',
]); // prettier-ignore

/** Asked for all the time, and of no interest. */
const quietNames = new Set(['journal.latest', 'mailbox.sweep']);

export class SimulatedStores {
  readonly stores: ServerStores;
  trouble: StoreTrouble = 'none';
  /** Counts down with every call; the one that finds 0 fails. */
  failIn: number | undefined;
  /** Calls that wait for their commit or their answer. */
  pending = 0;
  readonly #memory: MemoryStores;
  readonly #around: StoreSurroundings;
  #commit: Promise<void> | undefined;
  #commitEvent = -1;
  #isCommitFailing = false;
  #answersAt: Millis = 0;
  #answerEvent: Promise<void> | undefined;

  constructor(around: StoreSurroundings, from: MemorySnapshot | undefined) {
    this.#around = around;
    this.#memory = memoryStores({
      ...(from === undefined ? {} : { from }),
      beforeCall: (name) => (writeNames.has(name) ? this.#untilCommit() : undefined),
    });
    this.stores = {
      mailbox: { ...this.#wrap('mailbox', this.#memory.mailbox), mayKnow: this.#memory.mailbox.mayKnow },
      reports: this.#wrap('reports', this.#memory.reports),
      tokens: this.#wrap('tokens', this.#memory.tokens),
      accounts: this.#wrap('accounts', this.#memory.accounts),
      blocks: this.#wrap('blocks', this.#memory.blocks),
      journal: this.#wrap('journal', this.#memory.journal),
      publications: this.#wrap('publications', this.#memory.publications),
      rules: this.#wrap('rules', this.#memory.rules),
      documents: this.#wrap('documents', this.#memory.documents),
      transcripts: this.#wrap('transcripts', this.#memory.transcripts),
      bindings: this.#wrap('bindings', this.#memory.bindings),
      subscriptions: this.#wrap('subscriptions', this.#memory.subscriptions),
      waitingWatchers: this.#wrap('waitingWatchers', this.#memory.waitingWatchers),
      impsSessions: this.#wrap('impsSessions', this.#memory.impsSessions),
      blobs: this.#wrap('blobs', this.#memory.blobs),
      close: () => this.#memory.close(),
    };
  }

  /** The same truth for another process, which shares the commits and nothing else. */
  get operator(): Stores {
    return this.#memory;
  }

  /** The rows as they are on the disk. */
  rows(): Iterable<MailboxEntry> {
    return this.#memory.state.entries.values();
  }

  row(id: string): MailboxEntry | undefined {
    return this.#memory.state.entries.get(id);
  }

  blocksOf(owner: string): ReadonlySet<string> {
    return new Set(this.#memory.state.blocks.get(owner as Address));
  }

  snapshot(): MemorySnapshot {
    return this.#memory.snapshot();
  }

  crash(): MemorySnapshot {
    return this.#memory.crash();
  }

  #wrap<Port extends object>(port: string, inner: Port): Port {
    const wrapped: Record<string, unknown> = {};
    for (const [method, act] of Object.entries(inner)) {
      const name = `${port}.${method}`;
      const call = act as (...args: unknown[]) => Promise<unknown>;
      wrapped[method] = (...args: unknown[]) => this.#call({ name, args }, () => call(...args));
    }
    return wrapped as Port;
  }

  #call(call: StoreCall, act: () => Promise<unknown>): Promise<unknown> {
    const { mayAct, watcher } = this.#around;
    if (!mayAct()) return new Promise(() => undefined);
    if (quietNames.has(call.name)) return this.#read(call, act);
    watcher.storeCallIssued(call);
    return writeNames.has(call.name) ? this.#write(call, act) : this.#read(call, act);
  }

  async #write(call: StoreCall, act: () => Promise<unknown>): Promise<unknown> {
    const { watcher } = this.#around;
    this.pending += 1;
    const isToFail = this.#isToFail();
    try {
      if (isToFail) throw this.#fault(call.name);
      call.result = await act();
      watcher.storeCallApplied(call);
    } catch (fault) {
      await this.#untilAnswer();
      watcher.storeCallFailed(call);
      throw fault;
    }
    await this.#untilAnswer();
    watcher.storeCallAnswered(call);
    return call.result;
  }

  async #read(call: StoreCall, act: () => Promise<unknown>): Promise<unknown> {
    const { plan, random, watcher } = this.#around;
    if (this.trouble === 'everything' || this.#isToFail()) {
      watcher.storeCallFailed(call);
      throw this.#fault(call.name);
    }
    const result = await act();
    if (plan.readMsMax === 0 || quietNames.has(call.name)) return result;
    this.pending += 1;
    await this.#elapsed(random.between(0, plan.readMsMax));
    this.pending -= 1;
    call.result = result;
    watcher.storeCallAnswered(call);
    return result;
  }

  #isToFail(): boolean {
    if (this.failIn === undefined) return false;
    this.failIn -= 1;
    if (this.failIn > 0) return false;
    this.failIn = undefined;
    return true;
  }

  #fault(name: string): StoreFault {
    return new StoreFault(`the disk fails at ${name}`, true);
  }

  /** What is issued before a commit goes with it; what it brings about goes with the next. */
  async #untilCommit(): Promise<void> {
    const { time, random, plan } = this.#around;
    if (time.event !== this.#commitEvent) {
      this.#commit ??= this.#elapsed(random.between(0.01, plan.commitMsMax)).then(() => {
        this.#commit = undefined;
        this.#commitEvent = time.event;
        this.#isCommitFailing = this.trouble !== 'none';
      });
      await this.#commit;
    }
    if (this.#isCommitFailing) throw this.#fault('commit');
  }

  /** The answers of one commit come together and in order. */
  async #untilAnswer(): Promise<void> {
    const { time, random, plan } = this.#around;
    if (this.#answerEvent === undefined || this.#answersAt <= time.monotonic()) {
      const ms = random.between(0.001, plan.answerMsMax);
      this.#answersAt = time.monotonic() + ms;
      this.#answerEvent = this.#elapsed(ms);
    }
    await this.#answerEvent;
    this.pending -= 1;
  }

  /** Never, for somebody who is dead by then. */
  #elapsed(ms: Millis): Promise<void> {
    const { time, isAlive } = this.#around;
    return new Promise((resolve) => {
      time.after(ms, () => {
        if (isAlive()) resolve();
      });
    });
  }
}
