/**
 * Delivery reports on their way to senders (contract section 4): made in the step of what they tell of, kept until told.
 * Knows not over which protocol somebody listens, only which reports are for it.
 */
import type { Counters } from '../../base/counters.ts';
import { StoreFault } from '../../base/store-fault.ts';
import type { Address } from '../../model/address.ts';
import type { DeliveryReport, NewReport, ReportChannel } from '../../model/delivery-report.ts';
import type { ReportQuery, ReportStore } from '../ports.ts';

/** Tells reports over one protocol. */
export interface Reporter {
  /** New reports of an owner are in the store; it reads them by itself. */
  made(owner: Address): void;
  /** While it tells somebody what waited for them, what else waits for them stays back; undefined when it does not. */
  whenTold?(owner: Address): Promise<void> | undefined;
}

export class ReportDesk {
  readonly #store: ReportStore;
  readonly #counters: Counters;
  readonly #reporters = new Map<ReportChannel, Reporter>();

  constructor(store: ReportStore, counters: Counters) {
    this.#store = store;
    this.#counters = counters;
  }

  /** One for each protocol. */
  use(protocol: ReportChannel, reporter: Reporter): void {
    this.#reporters.set(protocol, reporter);
  }

  made(owner: Address, protocol: ReportChannel): void {
    this.#reporters.get(protocol)?.made(owner);
  }

  /** Reports are delivered before messages (contract section 4); undefined when none is under way. */
  whenTold(owner: Address): Promise<unknown> | undefined {
    const under = [...this.#reporters.values()].flatMap((each) => each.whenTold?.(owner) ?? []);
    return under.length === 0 ? undefined : Promise.all(under);
  }

  /** Of a message that has no row. Rejects with `StoreFault`. */
  async add(reports: readonly NewReport[]): Promise<void> {
    await this.#store.add(reports);
    for (const { owner, protocol } of reports) this.made(owner, protocol);
  }

  /** The message is where it should be; that its sender is not told of it is the lesser evil. Counted. */
  async addOrLose(reports: readonly NewReport[]): Promise<void> {
    try {
      await this.add(reports);
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      this.#counters.add('restante_reports_lost_total', reports.length);
    }
  }

  /** See `ReportStore.owners`. Rejects with `StoreFault`. */
  owners(protocol: ReportChannel, after: Address | undefined, limit: number): Promise<Address[]> {
    return this.#store.owners(protocol, after, limit);
  }

  /** See `ReportStore.reports`. Rejects with `StoreFault`. */
  reports(query: ReportQuery): Promise<DeliveryReport[]> {
    return this.#store.reports(query);
  }

  /** See `ReportStore.told`. Rejects with `StoreFault`. */
  told(owner: Address, protocol: ReportChannel, number: number): Promise<void> {
    return this.#store.told(owner, protocol, number);
  }
}
