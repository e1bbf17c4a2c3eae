/**
 * Who asked to watch and left before the owner decided, remembered for a while and durably, so that the owner sees who came
 * while they were away. Knows no rule and tells nobody.
 */
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { Log } from '../../base/log.ts';
import { StoreFault } from '../../base/store-fault.ts';
import type { Timers } from '../../base/time/timers.ts';
import type { Address } from '../../model/address.ts';
import type { WaitingChange, WaitingWatcher, WaitingWatcherStore } from '../ports.ts';

/** How long somebody is remembered. */
export const waitingMsMax: Millis = 7 * 24 * 60 * 60 * 1_000;
/** Of one owner; who comes then is not remembered. */
export const waitingPerOwnerMax = 100;
/** Of all owners. */
export const waitingMax = 200_000;
/** How soon the store is asked again after it failed. */
const retryMs: Millis = 1_000;
const pageSize = 1_000;

export interface WaitingSurroundings {
  readonly store: WaitingWatcherStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

export class WaitingWatchers {
  readonly #surroundings: WaitingSurroundings;
  readonly #byOwner = new Map<Address, Map<Address, WaitingWatcher>>();
  #size = 0;
  #unwritten = new Map<string, WaitingChange>();
  #write: Promise<void> | undefined;
  #isStopped = false;

  constructor(surroundings: WaitingSurroundings) {
    this.#surroundings = surroundings;
  }

  /** Rejects with `StoreFault`. */
  async load(): Promise<void> {
    let after: Address | undefined;
    do {
      const page = await this.#surroundings.store.waiting(after, pageSize);
      for (const waiting of page) this.#set(waiting);
      after = page.at(-1)?.owner;
    } while (after !== undefined);
  }

  of(owner: Address): Iterable<WaitingWatcher> {
    return this.#byOwner.get(owner)?.values() ?? [];
  }

  /** False where there is no room for one more. */
  put(waiting: WaitingWatcher): boolean {
    const ofOwner = this.#byOwner.get(waiting.owner);
    const isNew = ofOwner?.has(waiting.watcher) !== true;
    if (isNew && ((ofOwner?.size ?? 0) >= waitingPerOwnerMax || this.#size >= waitingMax)) return false;
    this.#set(waiting);
    this.#change({ kind: 'put', waiting });
    return true;
  }

  /** What was there. */
  remove(owner: Address, watcher: Address): WaitingWatcher | undefined {
    const ofOwner = this.#byOwner.get(owner);
    const waiting = ofOwner?.get(watcher);
    if (ofOwner === undefined || waiting === undefined) return undefined;
    ofOwner.delete(watcher);
    this.#size -= 1;
    if (ofOwner.size === 0) this.#byOwner.delete(owner);
    this.#change({ kind: 'remove', owner, watcher });
    return waiting;
  }

  /** Those whose time is over, of everybody. */
  over(now: Millis): WaitingWatcher[] {
    return this.#all().filter(({ endsAt }) => endsAt <= now);
  }

  /** Where somebody waits. */
  askedBy(watcher: Address): WaitingWatcher[] {
    return this.#all().filter((waiting) => waiting.watcher === watcher);
  }

  /** Resolves when all is written, or has failed. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#write;
    this.#flush();
    await this.#write;
  }

  #all(): WaitingWatcher[] {
    return [...this.#byOwner.values()].flatMap((ofOwner) => [...ofOwner.values()]);
  }

  #set(waiting: WaitingWatcher): void {
    const ofOwner = this.#byOwner.get(waiting.owner) ?? new Map<Address, WaitingWatcher>();
    if (!ofOwner.has(waiting.watcher)) this.#size += 1;
    this.#byOwner.set(waiting.owner, ofOwner.set(waiting.watcher, waiting));
  }

  #change(change: WaitingChange): void {
    const { owner, watcher } = change.kind === 'put' ? change.waiting : change;
    this.#unwritten.set(`${owner} ${watcher}`, change);
    this.#flush();
  }

  #flush(): void {
    if (this.#write !== undefined || this.#unwritten.size === 0) return;
    const changes = this.#unwritten;
    this.#unwritten = new Map();
    this.#write = this.#surroundings.store.change([...changes.values()]).then(
      () => this.#written(),
      (fault: unknown) => this.#failed(changes, fault),
    );
  }

  #written(): void {
    this.#write = undefined;
    if (!this.#isStopped) this.#flush();
  }

  #failed(changes: ReadonlyMap<string, WaitingChange>, fault: unknown): void {
    if (!(fault instanceof StoreFault)) throw fault;
    const { clock, timers, log } = this.#surroundings;
    this.#write = undefined;
    log.warn({ fault: fault.message, changes: changes.size }, 'who asks to watch could not be written');
    for (const [key, change] of changes) if (!this.#unwritten.has(key)) this.#unwritten.set(key, change);
    if (!this.#isStopped) timers.at(clock.monotonic() + retryMs, () => this.#flush());
  }
}
