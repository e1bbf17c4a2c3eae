/** Sessions that this side gave out URIs for (RFC 4975 5.4): each is bound to the first connection that names it, and to no other. */
import { isSameMsrpUri, type MsrpUri } from '../message/msrp-uri.ts';

export interface MsrpSession {
  /** Of this side, as it stands in `a=path`; at least 80 bits of its session id are random (RFC 4975 14.1). */
  readonly uri: MsrpUri;
  /** Of the other side, the next hop first; empty until it is known. */
  remotePath: readonly MsrpUri[];
  /** Octets of one message. */
  readonly sizeMax: number;
  /** Whether this side takes content of that type. */
  accepts(contentType: string): boolean;
  /** False while it only sends (`a=sendonly`): messages are answered 403, reports go. */
  readonly mayReceive: boolean;
}

/** Sessions of one process; a new one is refused. */
export const sessionsMax = 50_000;

interface Bound {
  readonly session: MsrpSession;
  connection: number | undefined;
}

export class SessionTable {
  readonly #byId = new Map<string, Bound>();

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
    this.#byId.delete(uri.sessionId ?? '');
  }

  /** Undefined for a URI that this side never gave out, or has taken back. */
  find(uri: MsrpUri): MsrpSession | undefined {
    const bound = this.#byId.get(uri.sessionId ?? '');
    return bound !== undefined && isSameMsrpUri(bound.session.uri, uri) ? bound.session : undefined;
  }

  connectionOf({ uri }: MsrpSession): number | undefined {
    return this.#byId.get(uri.sessionId ?? '')?.connection;
  }

  /** False where it is bound to another connection (506). */
  bind({ uri }: MsrpSession, connection: number): boolean {
    const bound = this.#byId.get(uri.sessionId ?? '');
    if (bound === undefined) return false;
    bound.connection ??= connection;
    return bound.connection === connection;
  }

  /** The connection is gone: its sessions are over, and need a new exchange to go on (RFC 4975 5.4). */
  unbind(connection: number): MsrpSession[] {
    const lost: MsrpSession[] = [];
    for (const bound of this.#byId.values()) {
      if (bound.connection !== connection) continue;
      bound.connection = undefined;
      lost.push(bound.session);
    }
    return lost;
  }
}
