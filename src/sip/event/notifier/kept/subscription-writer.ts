/**
 * Keeps subscriptions durable with few commits: one call to the store at a time, and what comes meanwhile goes together into
 * the next. What somebody waits for is written at once, the rest a moment later; what could not be written is tried again
 * until it is, or something newer took its place.
 */
import type { Clock, Millis } from '../../../../base/time/clock.ts';
import type { Log } from '../../../../base/log.ts';
import { StoreFault } from '../../../../base/store-fault.ts';
import type { TimerHandle, Timers } from '../../../../base/time/timers.ts';
import type { SubscriptionChange, SubscriptionStore } from '../../ports.ts';

/** How long what nobody waits for waits for others to be written with it. */
export const writeDelayMs: Millis = 50;
/** How soon the store is asked again after it failed. */
export const writeRetryMs: Millis = 1_000;
/** Changes that wait for the store; at the limit a SUBSCRIBE is answered 503. */
export const changesWaitingMax = 50_000;

export interface SubscriptionWriterPlan {
  readonly store: SubscriptionStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

interface Waiting {
  change: SubscriptionChange;
  /** Called when it, or what took its place, is durable; with the fault when it will not be tried again. */
  readonly onEnd: ((fault?: StoreFault) => void)[];
}

export class SubscriptionWriter {
  readonly #plan: SubscriptionWriterPlan;
  #waiting = new Map<string, Waiting>();
  #underWay = 0;
  #write: Promise<void> = Promise.resolve();
  #timer: TimerHandle | undefined;
  #isStopping = false;

  constructor(plan: SubscriptionWriterPlan) {
    this.#plan = plan;
  }

  get isFull(): boolean {
    return this.#waiting.size + this.#underWay >= changesWaitingMax;
  }

  /** Resolves when it is durable; rejects with `StoreFault`, and then nothing of it stays. */
  now(change: SubscriptionChange): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#add(change, (fault) => (fault === undefined ? resolve() : reject(fault)));
      this.#flush();
    });
  }

  /** `onKept` is called when it is durable. */
  later(change: SubscriptionChange, onKept?: () => void): void {
    this.#add(change, onKept === undefined ? undefined : (fault) => (fault === undefined ? onKept() : undefined));
    this.#arm(writeDelayMs);
  }

  /** Resolves when everything is written, or has failed. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#flush();
    while (this.#underWay > 0) await this.#write;
  }

  #add(change: SubscriptionChange, onEnd: Waiting['onEnd'][number] | undefined): void {
    const id = idOf(change);
    const before = this.#waiting.get(id);
    const waiting = before ?? { change, onEnd: [] };
    if (before !== undefined) waiting.change = join(before.change, change);
    if (onEnd !== undefined) waiting.onEnd.push(onEnd);
    this.#waiting.set(id, waiting);
  }

  #arm(delayMs: Millis): void {
    if (this.#timer !== undefined || this.#underWay > 0) return;
    const { clock, timers } = this.#plan;
    this.#timer = timers.at(clock.monotonic() + delayMs, () => {
      this.#timer = undefined;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#underWay > 0 || this.#waiting.size === 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    const batch = this.#waiting;
    this.#waiting = new Map();
    this.#underWay = batch.size;
    this.#write = this.#plan.store.change(Array.from(batch.values(), ({ change }) => change)).then(
      () => this.#written(batch),
      (fault: unknown) => this.#failed(batch, fault),
    );
  }

  #written(batch: ReadonlyMap<string, Waiting>): void {
    this.#underWay = 0;
    for (const { onEnd } of batch.values()) for (const end of onEnd) end();
    this.#flush();
  }

  #failed(batch: ReadonlyMap<string, Waiting>, fault: unknown): void {
    if (!(fault instanceof StoreFault)) throw fault;
    this.#underWay = 0;
    this.#plan.log.warn({ fault: fault.message, changes: batch.size }, 'subscriptions could not be written');
    for (const [id, { change, onEnd }] of batch) {
      // A subscription whose SUBSCRIBE is refused for it must not come to be later.
      if (change.kind !== 'put' && !this.#isStopping && !this.#waiting.has(id))
        this.#waiting.set(id, { change, onEnd });
      else for (const end of onEnd) end(fault);
    }
    if (this.#isStopping) this.#flush();
    else if (this.#waiting.size > 0) this.#arm(writeRetryMs);
  }
}

function idOf(change: SubscriptionChange): string {
  if (change.kind === 'remove') return change.id;
  return change.kind === 'put' ? change.subscription.id : change.progress.id;
}

/** One change with the outcome of two. */
function join(before: SubscriptionChange, after: SubscriptionChange): SubscriptionChange {
  if (after.kind !== 'refresh') return after;
  if (before.kind === 'put') return { kind: 'put', subscription: { ...before.subscription, ...after.progress } };
  return before.kind === 'remove' ? before : after;
}
