/** What IMPS clients need from outside: sessions that survive a restart, and a place for lists of contacts. */
import type { Address } from '../../model/address.ts';

/** A session between two runs of the server. What it holds is written and read here alone. */
export interface KeptSession {
  /** All that is kept of its id: a database that is stolen opens no session. */
  readonly idHash: string;
  readonly owner: Address;
  /** JSON. */
  readonly details: string;
}

export type SessionChange =
  /** In place of what was there under the same hash. */
  { readonly kind: 'put'; readonly session: KeptSession } | { readonly kind: 'remove'; readonly idHash: string };

/** Writes resolve when durable and are applied in order; rejects with `StoreFault`. A session goes with its owner's account. */
export interface ImpsSessionStore {
  /** One of somebody who has no account is not put. */
  change(changes: readonly SessionChange[]): Promise<void>;
  /** At the start, in pages by the hash. */
  sessions(after: string | undefined, limit: number): Promise<KeptSession[]>;
}

export interface ListPlace {
  readonly owner: Address;
  readonly application: string;
  readonly name: string;
}

/** Documents of users; writes resolve when durable. Rejects with `StoreFault`. */
export interface ListDocuments {
  read(place: ListPlace): Promise<string | undefined>;
  /** Only while it is as `before`, in the same step. */
  write(
    place: ListPlace,
    change: { readonly before: string | undefined; readonly after: string | undefined },
  ): Promise<'written' | 'outdated' | 'full'>;
}
