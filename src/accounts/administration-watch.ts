/**
 * Makes what the command line changed in the store known to a running server within a second (contract section 1): follows
 * the journal, drops what is cached, and tells the listener in order. Knows not what the listener does about it.
 */
import type { Clock, Millis } from '../base/time/clock.ts';
import type { Log } from '../base/log.ts';
import type { TimerHandle, Timers } from '../base/time/timers.ts';
import type { Address } from '../model/address.ts';
import type { AdministrationChange, AdministrationJournal } from './ports.ts';

export const administrationPollMs: Millis = 300;
/** Changes that are read at once. */
export const administrationPageMax = 500;
/** Changes that were read and are not acted on yet; at the limit reading waits until some of them are. */
export const administrationQueueMax = 2_000;

/** A promise holds up the changes behind it; a rejection is tried again, so each may come twice. */
export interface AdministrationListener {
  accountAdded(address: Address): void | Promise<void>;
  /** What waits for it must fail, and its clients be let go (contract section 2). */
  accountRemoved(address: Address): void | Promise<void>;
  passwordChanged(address: Address): void | Promise<void>;
  blocksChanged(owner: Address): void | Promise<void>;
  rulesChanged(owner: Address): void | Promise<void>;
}

export interface AdministrationWatchPlan {
  readonly journal: AdministrationJournal;
  /** Whatever remembers something of an account: dropped as soon as the change is read. */
  readonly caches: readonly { forget(address: Address): void }[];
  readonly listener: AdministrationListener;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

export class AdministrationWatch {
  readonly #plan: AdministrationWatchPlan;
  readonly #queue: AdministrationChange[] = [];
  #readUpTo = 0;
  #acting: Promise<void> | undefined;
  #timer: TimerHandle | undefined;
  #isRunning = false;
  /** Reading stopped at the limit, so there may be more. */
  #isBehind = false;

  constructor(plan: AdministrationWatchPlan) {
    this.#plan = plan;
  }

  /** Acts on what a former run left, then follows the journal. Rejects as the journal does. */
  async start(): Promise<void> {
    this.#readUpTo = await this.#plan.journal.acted();
    this.#isRunning = true;
    await this.#readNew();
    await this.#acting;
    this.#arm();
  }

  /** Resolves when what is being acted on is done. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#timer?.cancel();
    await this.#acting;
  }

  /** Looks now instead of at the next turn; for a server that changed something itself. */
  async look(): Promise<void> {
    try {
      await this.#readNew();
    } catch (fault) {
      this.#plan.log.warn({ fault: String(fault) }, 'the administration journal cannot be read');
    }
  }

  #arm(): void {
    if (!this.#isRunning) return;
    const { clock, timers } = this.#plan;
    this.#timer = timers.at(clock.monotonic() + administrationPollMs, () => {
      void this.look().finally(() => this.#arm());
    });
  }

  async #readNew(): Promise<void> {
    if ((await this.#plan.journal.latest()) > this.#readUpTo) await this.#fillQueue();
    this.#act();
  }

  async #fillQueue(): Promise<void> {
    const { journal, caches } = this.#plan;
    this.#isBehind = true;
    while (this.#queue.length + administrationPageMax <= administrationQueueMax) {
      const changes = await journal.changesAfter(this.#readUpTo, administrationPageMax);
      for (const change of changes) {
        // Another look may have read the same page meanwhile.
        if (change.number <= this.#readUpTo) continue;
        for (const cache of caches) cache.forget(change.address);
        this.#queue.push(change);
        this.#readUpTo = change.number;
      }
      if (changes.length < administrationPageMax) {
        this.#isBehind = false;
        return;
      }
    }
  }

  #act(): void {
    if (this.#acting !== undefined || this.#queue.length === 0) return;
    this.#acting = this.#actOnAll().finally(() => {
      this.#acting = undefined;
    });
  }

  async #actOnAll(): Promise<void> {
    try {
      while (this.#isRunning && this.#queue.length > 0) {
        // Written once for many: an import of accounts is thousands of changes, and each may come twice.
        const page = this.#queue.slice(0, administrationPageMax);
        for (const change of page) await this.#tell(change);
        await this.#plan.journal.setActed(page.at(-1)?.number ?? this.#readUpTo);
        this.#queue.splice(0, page.length);
        // What stands behind a large import must not wait for one look after the other.
        if (this.#isBehind) await this.#fillQueue();
      }
    } catch (fault) {
      this.#plan.log.warn({ fault: String(fault) }, 'an administration change is tried again');
    }
  }

  #tell({ what, address }: AdministrationChange): void | Promise<void> {
    const { listener } = this.#plan;
    switch (what) {
      case 'account-added':
        return listener.accountAdded(address);
      case 'account-removed':
        return listener.accountRemoved(address);
      case 'password':
        return listener.passwordChanged(address);
      case 'blocks':
        return listener.blocksChanged(address);
      case 'rules':
        return listener.rulesChanged(address);
    }
  }
}
