/** Every open session by its id and by its owner, and why the latest ended, so that a client that comes late is told. */
import type { SessionEnd } from '../../../imps/session/session-events.ts';
import type { StatusCode } from '../../../imps/status-codes.ts';
import type { Address } from '../../../model/address.ts';
import type { LiveSession } from './live-session.ts';

/** Sessions of one principal at once; one more is refused. */
export const sessionsPerPrincipalMax = 8;
/** Ended sessions that are remembered; the oldest goes. */
export const endedMax = 20_000;

export class SessionTable {
  readonly #byId = new Map<string, LiveSession>();
  readonly #byOwner = new Map<Address, Set<LiveSession>>();
  readonly #ended = new Map<string, StatusCode>();

  get size(): number {
    return this.#byId.size;
  }

  find(id: string): LiveSession | undefined {
    return this.#byId.get(id);
  }

  /** What is answered for a session that is not open: expired, ended by the server, or never there. */
  codeFor(id: string): StatusCode {
    return this.#ended.get(id) ?? 604;
  }

  /** The newest first. */
  of(owner: Address): readonly LiveSession[] {
    return [...(this.#byOwner.get(owner) ?? [])].toReversed();
  }

  all(): readonly LiveSession[] {
    return [...this.#byId.values()];
  }

  add(session: LiveSession): void {
    this.#byId.set(session.id, session);
    const own = this.#byOwner.get(session.owner) ?? new Set();
    this.#byOwner.set(session.owner, own.add(session));
  }

  ended(session: LiveSession, why: SessionEnd): void {
    this.#byId.delete(session.id);
    const own = this.#byOwner.get(session.owner);
    own?.delete(session);
    if (own?.size === 0) this.#byOwner.delete(session.owner);
    if (why === 'logout') return;
    this.#ended.set(session.id, why === 'expired' ? 600 : 601);
    const oldest = this.#ended.size > endedMax ? this.#ended.keys().next().value : undefined;
    if (oldest !== undefined) this.#ended.delete(oldest);
  }
}
