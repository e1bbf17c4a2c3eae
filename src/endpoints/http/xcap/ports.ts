/** What XCAP needs from outside: durable documents of users, but for their rules, which presence keeps. */
import type { Address } from '../../../model/address.ts';

export interface DocumentPlace {
  readonly owner: Address;
  /** The application usage (RFC 4825 5.1), `resource-lists`. */
  readonly application: string;
  readonly name: string;
}

/** From one text to another; undefined is none. */
export interface DocumentChange {
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Of one owner and application; one more is refused. */
export const documentsPerOwnerMax = 16;

/** Writes resolve when durable; rejects with `StoreFault`. A document goes with its owner's account. */
export interface DocumentStore {
  read(place: DocumentPlace): Promise<string | undefined>;
  /**
   * Only while it is as `before`, in the same step; `outdated` and nothing where it is not. `full`: the owner has as many
   * as may be, or is no account any more.
   */
  write(place: DocumentPlace, change: DocumentChange): Promise<'written' | 'outdated' | 'full'>;
}
