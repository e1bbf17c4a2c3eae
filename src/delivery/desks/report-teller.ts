/**
 * Tells senders what became of their messages (contract section 4), over one channel and in whatever form that has: for each
 * of them one after the other in the order in which they were made, kept until a client has it, and before the messages that
 * wait for the same person.
 */
import type { Counters } from '../../base/counters.ts';
import type { Log } from '../../base/log.ts';
import { StoreFault } from '../../base/store-fault.ts';
import type { Clock } from '../../base/time/clock.ts';
import type { TimerHandle, Timers } from '../../base/time/timers.ts';
import type { Address } from '../../model/address.ts';
import type { DeliveryReport, ReportChannel } from '../../model/delivery-report.ts';
import type { InstantMessage } from '../../model/instant-message.ts';
import { backoffMs } from '../delivery-policy.ts';
import type { HandOuts } from './hand-outs.ts';
import type { ReportDesk, Reporter } from './report-desk.ts';

/** Reports read at once. */
export const reportPageMax = 32;
const startPageOwners = 1_000;

export interface ReportTellerPlan {
  readonly channel: ReportChannel;
  readonly desk: ReportDesk;
  readonly handOuts: HandOuts;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly counters: Counters;
  readonly log: Log;
  /** The message that tells of the first of these reports, which are of one owner and at least one. Rejects with `StoreFault`. */
  readonly write: (reports: readonly DeliveryReport[]) => WrittenReports | Promise<WrittenReports>;
}

export interface WrittenReports {
  /** How many of them it tells, at least one. */
  readonly count: number;
  /** Without one they cannot be told over this channel, and are as good as told. */
  readonly message?: InstantMessage;
}

/** Somebody for whom reports wait. */
interface Waiting {
  /** While they are being told. */
  telling: Promise<void> | undefined;
  /** More may have been made, or somebody come, since the last look. */
  isWanted: boolean;
  failures: number;
  retry: TimerHandle | undefined;
}

export class ReportTeller implements Reporter {
  readonly #plan: ReportTellerPlan;
  /** Whoever is not in it has nothing to be told, and no table is read for them. */
  readonly #waiting = new Map<Address, Waiting>();

  constructor(plan: ReportTellerPlan) {
    this.#plan = plan;
  }

  /** Learns for whom something waits; nothing is sent yet. Rejects with `StoreFault`. */
  async load(): Promise<void> {
    let after: Address | undefined;
    for (;;) {
      const page = await this.#plan.desk.owners(this.#plan.channel, after, startPageOwners);
      for (const owner of page) this.#waitingFor(owner);
      after = page.at(-1);
      if (page.length < startPageOwners) return;
    }
  }

  made(owner: Address): void {
    const waiting = this.#waitingFor(owner);
    // Somebody who is not there is asked again when they come, or after the pause.
    if (waiting.retry === undefined) this.#tell(owner, waiting);
  }

  /** A client of theirs came, or is alive again. */
  clientCame(owner: Address): void {
    const waiting = this.#waiting.get(owner);
    if (waiting === undefined) return;
    waiting.failures = 0;
    this.#tell(owner, waiting);
  }

  whenTold(owner: Address): Promise<void> | undefined {
    return this.#waiting.get(owner)?.telling;
  }

  /** The account is gone, and whoever has its name next is told nothing. */
  forget(owner: Address): void {
    this.#waiting.get(owner)?.retry?.cancel();
    this.#waiting.delete(owner);
  }

  stop(): void {
    for (const { retry } of this.#waiting.values()) retry?.cancel();
    this.#waiting.clear();
  }

  #waitingFor(owner: Address): Waiting {
    let waiting = this.#waiting.get(owner);
    if (waiting === undefined) {
      waiting = { telling: undefined, isWanted: false, failures: 0, retry: undefined };
      this.#waiting.set(owner, waiting);
    }
    return waiting;
  }

  #tell(owner: Address, waiting: Waiting): void {
    waiting.retry?.cancel();
    waiting.retry = undefined;
    waiting.isWanted = true;
    waiting.telling ??= this.#tellAll(owner, waiting).finally(() => {
      waiting.telling = undefined;
    });
  }

  async #tellAll(owner: Address, waiting: Waiting): Promise<void> {
    try {
      while (waiting.isWanted) {
        waiting.isWanted = false;
        if (!(await this.#tellPages(owner))) {
          this.#later(owner, waiting);
          return;
        }
      }
      if (this.#waiting.get(owner) === waiting) this.#waiting.delete(owner);
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      this.#plan.log.warn({ owner, fault: fault.message }, 'reports wait for the store');
      this.#later(owner, waiting);
    }
  }

  /** False where one could not be told for the time being: those behind it wait for it. */
  async #tellPages(owner: Address): Promise<boolean> {
    const { desk, channel } = this.#plan;
    for (;;) {
      const page = await desk.reports({ owner, protocol: channel, limit: reportPageMax });
      for (let from = 0; from < page.length;) {
        const count = await this.#tellNext(page.slice(from));
        const last = page[from + count - 1];
        if (last === undefined) return false;
        await desk.told(owner, channel, last.number);
        from += count;
      }
      if (page.length < reportPageMax) return true;
    }
  }

  /** How many were told; 0 when that was not possible for the time being. */
  async #tellNext(reports: readonly DeliveryReport[]): Promise<number> {
    const { handOuts, counters, write } = this.#plan;
    const { count, message } = await write(reports);
    if (message === undefined) return count;
    const { kind } = await handOuts.tell(message, 'push');
    if (kind === 'not-taken') return 0;
    counters.add(`restante_reports_told_total{outcome="${kind}"}`, count);
    return count;
  }

  #later(owner: Address, waiting: Waiting): void {
    const { timers, clock } = this.#plan;
    if (this.#waiting.get(owner) !== waiting) return;
    waiting.failures += 1;
    waiting.retry = timers.at(clock.monotonic() + backoffMs(waiting.failures), () => {
      waiting.retry = undefined;
      this.#tell(owner, waiting);
    });
  }
}
