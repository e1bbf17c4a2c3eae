/**
 * Every open session by its id and by its owner, and why the latest ended, so that a client that comes late is told. A session is
 * durable before its client hears of it, and goes on in the next run of the server.
 */
import type { Log } from '../../../base/log.ts';
import { StoreFault } from '../../../base/store-fault.ts';
import type { SessionEnd } from '../../../imps/session/session-events.ts';
import type { StatusCode } from '../../../imps/status-codes.ts';
import type { Address } from '../../../model/address.ts';
import type { ImpsSessionStore } from '../ports.ts';
import type { LiveSession } from './live-session.ts';
import { keepSession, readKeptSession, type SessionDetails } from './session-details.ts';

/** Sessions of one principal at once; one more is refused. */
export const sessionsPerPrincipalMax = 8;
/** Ended sessions that are remembered; the oldest goes. */
export const endedMax = 20_000;
const startPageSessions = 1_000;

export class SessionTable {
  readonly #store: ImpsSessionStore;
  readonly #log: Log;
  readonly #byId = new Map<string, LiveSession>();
  readonly #byTarget = new Map<string, LiveSession>();
  readonly #byOwner = new Map<Address, Set<LiveSession>>();
  readonly #ended = new Map<string, StatusCode>();

  constructor(store: ImpsSessionStore, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** What the last run left open. Rejects with `StoreFault`. */
  async kept(): Promise<readonly SessionDetails[]> {
    const kept: SessionDetails[] = [];
    for (;;) {
      const page = await this.#store.sessions(kept.at(-1)?.id, startPageSessions);
      kept.push(...page.map(readKeptSession));
      if (page.length < startPageSessions) return kept;
    }
  }

  /** Durable when it resolves. Rejects with `StoreFault`. */
  async keep(details: SessionDetails): Promise<void> {
    await this.#store.change([{ kind: 'put', session: keepSession(details) }]);
  }

  find(id: string): LiveSession | undefined {
    return this.#byId.get(id);
  }

  /** By the id that nobody can guess the session by. */
  ofTarget(targetId: string): LiveSession | undefined {
    return this.#byTarget.get(targetId);
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
    this.#byTarget.set(session.targetId, session);
    const own = this.#byOwner.get(session.owner) ?? new Set();
    this.#byOwner.set(session.owner, own.add(session));
  }

  ended(session: LiveSession, why: SessionEnd): void {
    this.#byId.delete(session.id);
    this.#byTarget.delete(session.targetId);
    const own = this.#byOwner.get(session.owner);
    own?.delete(session);
    if (own?.size === 0) this.#byOwner.delete(session.owner);
    void this.#forget(session.id);
    if (why === 'logout') return;
    this.#ended.set(session.id, why === 'expired' ? 600 : 601);
    const oldest = this.#ended.size > endedMax ? this.#ended.keys().next().value : undefined;
    if (oldest !== undefined) this.#ended.delete(oldest);
  }

  /** One that could not be removed is there once more in the next run, and ends by silence. */
  async #forget(id: string): Promise<void> {
    try {
      await this.#store.change([{ kind: 'remove', id }]);
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      this.#log.warn({ fault: fault.message }, 'a session that ended could not be removed');
    }
  }
}
