/**
 * Slows the guessing of passwords (RFC 7616 5.12, RFC 7617 4): counts failed sign-ins per account and source, per account
 * and per source, over every protocol. Beyond a limit a sign-in is not even checked. Knows no protocol and no password.
 */
import type { Clock, Millis } from '../base/time/clock.ts';

/** Failures are counted over the running window and the one before it. */
export const guessWindowMs: Millis = 60_000;
/** Of one account from one source. */
export const failuresPerPairMax = 10;
/** Of one account from all sources that never signed in to it. */
export const failuresPerAccountMax = 100;
/** Of one source over all accounts; many users may stand behind one. */
export const failuresPerSourceMax = 200;
/** Keys counted in one window. Beyond it the window ends early, so a flood of names costs counts, never memory. */
export const guessKeysMax = 50_000;
/** Sources that signed in lately and are spared the limit per account. */
export const provenPairsMax = 50_000;

export class GuessLimit {
  readonly #clock: Clock;
  #failures = new Map<string, number>();
  #failuresBefore = new Map<string, number>();
  #windowEnd: Millis;
  #proven = new Set<string>();
  #provenBefore = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#windowEnd = clock.monotonic() + guessWindowMs;
  }

  /** Whether a sign-in may be checked. `account` is any name of it, `source` the address that it comes from. */
  mayTry(account: string, source: string): boolean {
    // The usual case of a server that nobody attacks costs two reads.
    if (this.#failures.size === 0 && this.#failuresBefore.size === 0) return true;
    this.#turnWindow();
    if (this.#count(source) >= failuresPerSourceMax) return false;
    const pair = pairOf(account, source);
    if (this.#count(pair) >= failuresPerPairMax) return false;
    // Whoever guesses from elsewhere must not lock the owner out.
    return this.#count(account) < failuresPerAccountMax || this.#isProven(pair);
  }

  failed(account: string, source: string): void {
    this.#turnWindow();
    this.#add(source);
    this.#add(pairOf(account, source));
    this.#add(account);
  }

  /** Needed once per client now and then, not for every request of it. */
  succeeded(account: string, source: string): void {
    const pair = pairOf(account, source);
    // An old phone with an old password must not lock out the new one beside it.
    this.#failures.delete(pair);
    this.#failuresBefore.delete(pair);
    if (this.#isProven(pair)) return;
    if (this.#proven.size >= provenPairsMax) {
      this.#provenBefore = this.#proven;
      this.#proven = new Set();
    }
    this.#proven.add(pair);
  }

  /** The account has a new password, or is a new one of its name: whatever was guessed before does not count. */
  forget(account: string): void {
    for (const failures of [this.#failures, this.#failuresBefore]) {
      for (const key of failures.keys()) {
        if (key === account || key.endsWith(` ${account}`)) failures.delete(key);
      }
    }
  }

  #isProven(pair: string): boolean {
    return this.#proven.has(pair) || this.#provenBefore.has(pair);
  }

  #count(key: string): number {
    return (this.#failures.get(key) ?? 0) + (this.#failuresBefore.get(key) ?? 0);
  }

  #add(key: string): void {
    if (this.#failures.size >= guessKeysMax && !this.#failures.has(key)) this.#startWindow(this.#failures);
    this.#failures.set(key, (this.#failures.get(key) ?? 0) + 1);
  }

  #turnWindow(): void {
    const late = this.#clock.monotonic() - this.#windowEnd;
    if (late >= 0) this.#startWindow(late < guessWindowMs ? this.#failures : new Map<string, number>());
  }

  #startWindow(before: Map<string, number>): void {
    this.#failuresBefore = before;
    this.#failures = new Map();
    this.#windowEnd = this.#clock.monotonic() + guessWindowMs;
  }
}

/** A space occurs in no source, so a pair is no account's name. */
function pairOf(account: string, source: string): string {
  return `${source} ${account}`;
}
