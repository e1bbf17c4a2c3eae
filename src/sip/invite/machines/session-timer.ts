/**
 * The time that a session has left without a sign of the other side (RFC 4028 7.2, 10): when it is to be refreshed and when it
 * has run out. A pure machine; it knows not how a refresh looks.
 */
import type { Millis } from '../../../base/time/clock.ts';

/** Seconds. RFC 4028 4: what is asked for, and the least that is taken. */
export const sessionExpiresDefault = 1_800;
export const sessionExpiresMin = 90;
/** At the latest this long before its end a session is ended (RFC 4028 10). */
const endBeforeMs: Millis = 32_000;
/** A refresh that failed for the time being is tried again after this. */
const retryMs: Millis = 10_000;

/** Which side refreshes. */
export type Refresher = 'us' | 'them';

export class SessionTimer {
  #intervalMs: Millis | undefined;
  #refresher: Refresher = 'them';
  #refreshAt: Millis | undefined;
  #endAt: Millis | undefined;

  get interval(): number | undefined {
    return this.#intervalMs === undefined ? undefined : this.#intervalMs / 1_000;
  }

  get refresher(): Refresher {
    return this.#refresher;
  }

  /** Agreed anew; undefined: no timer. */
  agree(seconds: number | undefined, refresher: Refresher, now: Millis): void {
    this.#refresher = refresher;
    this.#intervalMs = seconds === undefined ? undefined : seconds * 1_000;
    this.#refreshAt = undefined;
    this.#endAt = undefined;
    if (this.#intervalMs === undefined) return;
    if (refresher === 'us') this.#refreshAt = now + this.#intervalMs / 2;
    this.#endAt = now + this.#intervalMs - Math.min(endBeforeMs, this.#intervalMs / 3);
  }

  /** A refresh failed in a way that may pass. */
  failed(now: Millis, afterMs: Millis = retryMs): void {
    if (this.#intervalMs !== undefined && this.#refresher === 'us') this.#refreshAt = now + afterMs;
  }

  deadline(): Millis | undefined {
    if (this.#endAt === undefined) return undefined;
    return this.#refreshAt === undefined ? this.#endAt : Math.min(this.#refreshAt, this.#endAt);
  }

  /** When both are due it is over. */
  tick(now: Millis): 'refresh' | 'expired' | undefined {
    if (this.#endAt !== undefined && this.#endAt <= now) {
      this.stop();
      return 'expired';
    }
    if (this.#refreshAt === undefined || this.#refreshAt > now) return undefined;
    // Until it is agreed anew, or has failed.
    this.#refreshAt = undefined;
    return 'refresh';
  }

  stop(): void {
    this.#intervalMs = undefined;
    this.#refreshAt = undefined;
    this.#endAt = undefined;
  }
}
