/** What the registrar needs from outside: durable bindings. */
import type { Millis } from '../../base/time/clock.ts';

/** One contact of an address-of-record (RFC 3261 10.3). */
export interface Binding {
  /** `user@domain` in lower case. */
  readonly addressOfRecord: string;
  /** The key within the address-of-record: instance id and reg-id (RFC 5626 6), else the canonical contact URI. */
  readonly key: string;
  readonly contactUri: string;
  /** The header parameters as they were registered, `;name=value…`, without q and expires; returned in every listing. */
  readonly contactParameters: string;
  readonly displayName?: string;
  /** 0 to 1. */
  readonly q: number;
  readonly callId: string;
  readonly cseq: number;
  /** The Path values in order (RFC 3327 5.3); empty for a direct contact. */
  readonly path: readonly string[];
  /** Where the REGISTER came from: deliveries to NATed and stream contacts go back there (RFC 5626 5.3). */
  readonly flow: Flow;
  readonly instanceId?: string;
  readonly userAgent?: string;
  /**
   * A core registered this user with itself as the contact (3GPP TS 23.218): what goes there has the address of record as
   * its Request-URI, since only the core knows the user's own contacts.
   */
  readonly isRoute?: true;
  /** False when `methods` or Allow leave MESSAGE out. */
  readonly takesMessage: boolean;
  /** Wall time. */
  readonly expiresAt: Millis;
}

/** A way back to a client. A stream flow is open only in the process that accepted it: `connection` names it there. */
export interface Flow {
  readonly transport: 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly connection?: number;
}

export type BindingChange =
  | { readonly kind: 'put'; readonly binding: Binding }
  /** The same contact said again: only the time and the request that it came with. */
  | {
      readonly kind: 'refresh';
      readonly addressOfRecord: string;
      readonly key: string;
      readonly callId: string;
      readonly cseq: number;
      readonly expiresAt: Millis;
    }
  | { readonly kind: 'remove'; readonly addressOfRecord: string; readonly key: string };

/** Writes resolve when durable and are applied in order, each call as a whole or not at all. */
export interface BindingStore {
  change(changes: readonly BindingChange[]): Promise<void>;
  /** At the start: all bindings, in pages by address-of-record. */
  bindings(after: string | undefined, limit: number): Promise<Binding[]>;
}
