/** Sessions that this side gave out URIs for (RFC 4975 5.4): each is bound to the first connection that names it, and to no other. */
import type { MsrpRequestHead } from '../message/msrp-message.ts';
import { isSameMsrpUri, type MsrpUri } from '../message/msrp-uri.ts';
import type { MsrpTransport } from '../transport/ports.ts';

export interface MsrpSession {
  /** Of this side, as it stands in `a=path`; at least 80 bits of its session id are random (RFC 4975 14.1). */
  readonly uri: MsrpUri;
  /** It is found over connections of this kind only. */
  readonly transport: MsrpTransport;
  /** Of the other side, the next hop first; empty until it is known. */
  readonly remotePath: readonly MsrpUri[];
  /** Octets of one message. */
  readonly sizeMax: number;
  /** Once for each message: whether it is wanted, is to be received and forgotten, or is refused with a status. */
  admit(head: MsrpRequestHead): 'take' | 'drop' | number;
  /** Octets of a message that are there from an earlier session. */
  received(messageId: string): number;
}

/** Sessions of one process; a new one is refused. */
export const sessionsMax = 50_000;
/** Sessions that share one connection; one more is answered 403. */
export const sessionsPerConnectionMax = 256;

interface Bound {
  readonly session: MsrpSession;
  connection: number | undefined;
}

export type Binding = 'bound' | 'was-bound' | 'elsewhere' | 'too-many';

export class SessionTable {
  readonly #byId = new Map<string, Bound>();
  readonly #byConnection = new Map<number, Set<Bound>>();

  get size(): number {
    return this.#byId.size;
  }

  /** False at `sessionsMax`, and for an id that is taken. */
  open(session: MsrpSession): boolean {
    const { sessionId = '' } = session.uri;
    if (this.#byId.size >= sessionsMax || this.#byId.has(sessionId)) return false;
    this.#byId.set(sessionId, { session, connection: undefined });
    return true;
  }

  close({ uri }: MsrpSession): void {
    const bound = this.#byId.get(uri.sessionId ?? '');
    if (bound === undefined) return;
    this.#byId.delete(uri.sessionId ?? '');
    if (bound.connection === undefined) return;
    const together = this.#byConnection.get(bound.connection);
    together?.delete(bound);
    if (together?.size === 0) this.#byConnection.delete(bound.connection);
  }

  /** Undefined for a URI that this side never gave out, or has taken back. */
  find(uri: MsrpUri): MsrpSession | undefined {
    const bound = this.#byId.get(uri.sessionId ?? '');
    return bound !== undefined && isSameMsrpUri(bound.session.uri, uri) ? bound.session : undefined;
  }

  countOn(connection: number): number {
    return this.#byConnection.get(connection)?.size ?? 0;
  }

  bind({ uri }: MsrpSession, connection: number): Binding {
    const bound = this.#byId.get(uri.sessionId ?? '');
    if (bound === undefined) return 'elsewhere';
    if (bound.connection !== undefined) return bound.connection === connection ? 'was-bound' : 'elsewhere';
    const together = this.#byConnection.get(connection) ?? new Set();
    if (together.size >= sessionsPerConnectionMax) return 'too-many';
    together.add(bound);
    this.#byConnection.set(connection, together);
    bound.connection = connection;
    return 'bound';
  }

  /** The connection is gone: its sessions are over, and need a new exchange to go on (RFC 4975 5.4). */
  unbind(connection: number): MsrpSession[] {
    const together = [...(this.#byConnection.get(connection) ?? [])];
    for (const { session } of together) this.close(session);
    return together.map(({ session }) => session);
  }
}
