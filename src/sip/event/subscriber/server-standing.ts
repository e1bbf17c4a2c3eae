/**
 * Whether the server answers, as told by all subscriptions together (a pure machine): when several in a row got no answer it
 * is away, and only one attempt at a time finds out whether it is back. So its absence costs the same for many as for one.
 */
import type { IdSource } from '../../../base/ids.ts';
import type { Millis } from '../../../base/time/clock.ts';
import { Delays } from './machine/back-off.ts';

export type ServerState = 'unknown' | 'up' | 'away';

/** Attempts in a row without an answer after which the server is away. */
export const silencesMax = 3;
/** Between two attempts to reach one that is away, at most. */
export const probeMsMax: Millis = 30_000;

export class ServerStanding {
  readonly #delays: Delays;
  #state: ServerState = 'unknown';
  #silences = 0;
  #probeAt: Millis = 0;
  #isProbing = false;

  constructor(chance: Pick<IdSource, 'fraction'>) {
    this.#delays = new Delays(chance);
  }

  get state(): ServerState {
    return this.#state;
  }

  /** Whether one more may begin now; while the server is away that is the one that finds out. */
  mayBegin(now: Millis): boolean {
    return this.#state !== 'away' || (!this.#isProbing && now >= this.#probeAt);
  }

  begun(): void {
    if (this.#state === 'away') this.#isProbing = true;
  }

  /** What came of an attempt. True when the state is another now. */
  handle(input: 'answered' | 'silent', now: Millis): boolean {
    const before = this.#state;
    this.#isProbing = false;
    if (input === 'answered') {
      this.#silences = 0;
      this.#delays.succeeded();
      this.#state = 'up';
    } else {
      this.#silences += 1;
      if (this.#silences >= silencesMax) this.#state = 'away';
      if (this.#state === 'away') this.#probeAt = now + Math.min(this.#delays.afterFailure(), probeMsMax);
    }
    return this.#state !== before;
  }

  /** When `mayBegin` turns true by itself. */
  deadline(): Millis | undefined {
    return this.#state === 'away' && !this.#isProbing ? this.#probeAt : undefined;
  }
}
