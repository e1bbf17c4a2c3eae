/**
 * Every open session by the hash of its id and by its owner, and why the latest ended, so that a client that comes late is told.
 * A session is durable before its client hears of it, and goes on in the next run of the server. Its id stays with its client.
 */
import type { PasswordHasher } from '../../../accounts/password-hashes.ts';
import type { Log } from '../../../base/log.ts';
import { StoreFault } from '../../../base/store-fault.ts';
import type { Millis } from '../../../base/time/clock.ts';
import type { SessionEnd } from '../../../imps/session/session-events.ts';
import type { StatusCode } from '../../../imps/status-codes.ts';
import type { Address } from '../../../model/address.ts';
import type { ImpsSessionStore } from '../ports.ts';
import type { LiveSession } from './live-session.ts';
import { keepSession, readKeptSession, type SessionDetails } from './session-details.ts';

/** Sessions of one principal at once; with one more, that of which nothing was heard for longest ends. */
export const sessionsPerPrincipalMax = 8;
/** Nothing ends for another one that was heard of within this time; the new one is refused instead. */
export const sessionHeldMs = 60_000;
/** Ended sessions that are remembered; the oldest goes. */
export const endedMax = 20_000;
const startPageSessions = 1_000;

export interface SessionTablePlan {
  readonly store: ImpsSessionStore;
  readonly hasher: Pick<PasswordHasher, 'hash'>;
  readonly log: Log;
}

export class SessionTable {
  readonly #plan: SessionTablePlan;
  readonly #byId = new Map<string, LiveSession>();
  readonly #byTarget = new Map<string, LiveSession>();
  readonly #byOwner = new Map<Address, Set<LiveSession>>();
  readonly #ended = new Map<string, StatusCode>();

  constructor(plan: SessionTablePlan) {
    this.#plan = plan;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** What the last run left open. Rejects with `StoreFault`. */
  async kept(): Promise<readonly SessionDetails[]> {
    const kept: SessionDetails[] = [];
    for (;;) {
      const page = await this.#plan.store.sessions(kept.at(-1)?.idHash, startPageSessions);
      kept.push(...page.map(readKeptSession));
      if (page.length < startPageSessions) return kept;
    }
  }

  /** Durable when it resolves. Rejects with `StoreFault`. */
  async keep(details: SessionDetails): Promise<void> {
    await this.#plan.store.change([{ kind: 'put', session: keepSession(details) }]);
  }

  /** By the id that its client says. */
  find(id: string): LiveSession | undefined {
    return this.#byId.get(this.hashOf(id));
  }

  hashOf(id: string): string {
    return this.#plan.hasher.hash('sha-256', id);
  }

  /** By the id that nobody can guess the session by. */
  ofTarget(targetId: string): LiveSession | undefined {
    return this.#byTarget.get(targetId);
  }

  /** What is answered for a session that is not open: expired, ended by the server, or never there. */
  codeFor(id: string): StatusCode {
    return this.#ended.get(this.hashOf(id)) ?? 604;
  }

  /** The newest first. */
  of(owner: Address): readonly LiveSession[] {
    return [...(this.#byOwner.get(owner) ?? [])].toReversed();
  }

  /** Ends what gives place to a new session of this client of the owner; false where there is no place for it. */
  makeRoom(owner: Address, clientKey: string, now: Millis): boolean {
    for (const other of this.of(owner)) if (other.clientKey === clientKey) other.disconnect(601);
    const open = [...(this.#byOwner.get(owner) ?? [])].toSorted((one, other) => one.heardAtMs - other.heardAtMs);
    const [silent] = open;
    if (silent === undefined || open.length < sessionsPerPrincipalMax) return true;
    if (now - silent.heardAtMs < sessionHeldMs) return false;
    silent.disconnect(601);
    return true;
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
    void this.forget(session.id);
    if (why === 'logout') return;
    this.#ended.set(session.id, why === 'expired' ? 600 : 601);
    const oldest = this.#ended.size > endedMax ? this.#ended.keys().next().value : undefined;
    if (oldest !== undefined) this.#ended.delete(oldest);
  }

  /** One that could not be removed is there once more in the next run, and ends by silence. */
  async forget(idHash: string): Promise<void> {
    try {
      await this.#plan.store.change([{ kind: 'remove', idHash }]);
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      this.#plan.log.warn({ fault: fault.message }, 'a session that ended could not be removed');
    }
  }
}
