/**
 * Delivery reports on their way to senders (contract section 4): made in the step of what they tell of, kept until told.
 * Knows not over which protocol somebody listens, only which reports are for it.
 */
import type { Address } from '../../model/address.ts';
import type { DeliveryReport, ReportChannel } from '../../model/delivery-report.ts';
import type { ReportQuery, ReportStore } from '../ports.ts';

/** New reports of an owner are in the store. */
export type ReportListener = (owner: Address) => void;

export class ReportDesk {
  readonly #store: ReportStore;
  readonly #listeners = new Map<ReportChannel, ReportListener>();

  constructor(store: ReportStore) {
    this.#store = store;
  }

  /** One listener for each protocol; it reads what is new by itself. */
  onMade(protocol: ReportChannel, listener: ReportListener): void {
    this.#listeners.set(protocol, listener);
  }

  made(owner: Address, protocol: ReportChannel): void {
    this.#listeners.get(protocol)?.(owner);
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
