/** How long to wait before another attempt (RFC 6665 4.1.2, 4.1.3, RFC 3261 20.33). Chance comes in as fractions. */
import type { IdSource } from '../../../../base/ids.ts';
import type { Millis } from '../../../../base/time/clock.ts';

/** After the first failure; doubled with each further one. */
export const backOffFirstMs: Millis = 2_000;
export const backOffMsMax: Millis = 900_000;
/** After an answer that will not change soon: nobody of that name, or watching is not allowed. */
export const refusedMs: Millis = 1_800_000;
/** The longest that Retry-After is taken at its word. */
export const retryAfterMsMax: Millis = 86_400_000;
/** A subscription that lived so long did not end because of us: the next one begins at once. */
export const provenMs: Millis = 30_000;

export class Delays {
  readonly #chance: Pick<IdSource, 'fraction'>;
  /** Attempts in a row that failed. */
  #failures = 0;
  /** Subscriptions in a row that the server ended soon. */
  #quickEnds = 0;

  constructor(chance: Pick<IdSource, 'fraction'>) {
    this.#chance = chance;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  afterFailure(): Millis {
    this.#failures += 1;
    return this.#backOff(this.#failures);
  }

  afterRefusal(): Millis {
    return this.#spread(refusedMs);
  }

  /** None for one that lived, or is the first to end soon. */
  afterEnd(livedMs: Millis): Millis {
    this.#quickEnds = livedMs > provenMs ? 0 : this.#quickEnds + 1;
    return this.#quickEnds <= 1 ? 0 : this.#backOff(this.#quickEnds - 1);
  }

  shortest(): Millis {
    return this.#backOff(1);
  }

  #backOff(times: number): Millis {
    return this.#spread(Math.min(backOffMsMax, backOffFirstMs * 2 ** (times - 1)));
  }

  /** Between half of it and all of it, so that those who failed together do not come again together. */
  #spread(longestMs: Millis): Millis {
    return Math.round(longestMs * (0.5 + this.#chance.fraction() / 2));
  }
}

/** Never sooner than the peer asks with Retry-After; seconds. */
export function notBefore(delayMs: Millis, retryAfter: number | undefined): Millis {
  return retryAfter === undefined ? delayMs : Math.max(delayMs, Math.min(retryAfter * 1_000, retryAfterMsMax));
}
