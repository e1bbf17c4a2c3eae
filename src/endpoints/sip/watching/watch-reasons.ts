/**
 * Whom this server watches elsewhere: everybody for whom it has a reason, and a while longer, so that a client that comes and
 * goes costs nothing. Knows not what is watched.
 */
import type { Clock, Millis } from '../../../base/time/clock.ts';
import type { TimerHandle, Timers } from '../../../base/time/timers.ts';
import type { Address } from '../../../model/address.ts';

/** How long somebody is watched without a reason. */
export const watchGraceMs: Millis = 120_000;

/** `present`: a client of theirs is here; `kept`: something is kept for them; `account`: they have one. */
export type WatchReason = 'present' | 'kept' | 'account';

export interface WatchReasonsPlan {
  readonly clock: Clock;
  readonly timers: Timers;
  /** False where no more can be watched. `isUrgent`: somebody waits for what is told. */
  want(principal: Address, isUrgent: boolean): boolean;
  unwant(principal: Address): void;
  /** At the limit: whoever is not watched is asked about again with the next reason. */
  onFull(principal: Address): void;
}

interface Reasons {
  readonly held: Set<WatchReason>;
  grace: TimerHandle | undefined;
}

export class WatchReasons {
  readonly #plan: WatchReasonsPlan;
  readonly #principals = new Map<Address, Reasons>();

  constructor(plan: WatchReasonsPlan) {
    this.#plan = plan;
  }

  get size(): number {
    return this.#principals.size;
  }

  /** `isNews` is false for what was so before a start: nobody waits for that just now. */
  add(principal: Address, reason: WatchReason, isNews: boolean): void {
    const known = this.#principals.get(principal);
    if (known?.held.has(reason) === true) return;
    if (!this.#plan.want(principal, isNews)) return this.#plan.onFull(principal);
    known?.grace?.cancel();
    const reasons = known ?? { held: new Set(), grace: undefined };
    reasons.grace = undefined;
    reasons.held.add(reason);
    this.#principals.set(principal, reasons);
  }

  remove(principal: Address, reason: WatchReason): void {
    const known = this.#principals.get(principal);
    if (known?.held.delete(reason) !== true || known.held.size > 0) return;
    const { clock, timers } = this.#plan;
    known.grace = timers.at(clock.monotonic() + watchGraceMs, () => this.forget(principal));
  }

  /** At once: the account is gone, or the grace is over. */
  forget(principal: Address): void {
    const known = this.#principals.get(principal);
    if (known === undefined) return;
    known.grace?.cancel();
    this.#principals.delete(principal);
    this.#plan.unwant(principal);
  }

  stop(): void {
    for (const { grace } of this.#principals.values()) grace?.cancel();
    this.#principals.clear();
  }
}
