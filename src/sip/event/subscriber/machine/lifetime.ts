/** When a subscription ends unless it is refreshed, and when the refresh is due: well before, and not for all at once. */
import type { IdSource } from '../../../../base/ids.ts';
import type { Millis } from '../../../../base/time/clock.ts';

/** Timer N: how long the first NOTIFY may take (RFC 6665 4.1.2.4). */
export const firstNotifyMsMax: Millis = 32_000;
/** Seconds; a server that wants a longer interval is not asked again for a long time. */
export const expiresAskedMax = 86_400;
/** How long the state of a resource holds that will never change (RFC 6665 4.1.3, `invariant`). */
export const invariantMs: Millis = 86_400_000;
/** Two ends of one subscription that are so close are the same one: each NOTIFY names it, rounded to seconds. */
const toleranceMs: Millis = 2_000;
/** Of the interval, before chance adds up to 0.15. */
const refreshShare = 0.75;

export class Lifetime {
  expiresAt: Millis = 0;
  /** Undefined: it is not refreshed. */
  refreshAt: Millis | undefined;
  readonly #chance: Pick<IdSource, 'fraction'>;

  constructor(chance: Pick<IdSource, 'fraction'>) {
    this.#chance = chance;
  }

  /** A server may shorten the interval that was asked for, not lengthen it (RFC 6665 4.2.1.1). Seconds. */
  holdFor(seconds: number, asked: number, now: Millis): void {
    const expiresMs = Math.min(seconds, asked) * 1_000;
    const expiresAt = now + expiresMs;
    if (this.refreshAt !== undefined && Math.abs(expiresAt - this.expiresAt) <= toleranceMs) return;
    this.expiresAt = expiresAt;
    this.refreshAt = now + Math.round(expiresMs * (refreshShare + 0.15 * this.#chance.fraction()));
  }
}
