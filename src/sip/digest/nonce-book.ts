/**
 * Nonces (RFC 7616 3.3, 5.4): the time of issue and a keyed hash of it, so that a challenge that nobody answers leaves no
 * trace, and the counts of those in use, so that no answer counts twice. Knows no password.
 */
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { IdSource } from '../../base/ids.ts';
import { keepText } from '../../base/keep-text.ts';
import type { DigestHashes } from './digest-ports.ts';

export const nonceLifetimeMs: Millis = 300_000;
/** Nonces in use whose counts are kept, twice: the running generation and the one before. About 150 bytes each. */
export const nonceCountsMax = 100_000;
/** How far behind the highest count another may arrive over UDP. */
const windowBits = 31;
const macDigits = 32;

export interface NonceBookPlan {
  readonly hashes: DigestHashes;
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly nonceLifetimeMs?: Millis;
  readonly nonceCountsMax?: number;
}

/** `known`: it was used before. `stale`: not ours (any more), or too old. */
export type NonceStanding = 'new' | 'known' | 'stale';

/** The counts that came with one nonce: the highest, and which of those below it. */
class NonceUse {
  readonly issuedAt: Millis;
  highest = 0;
  seen = 0;

  constructor(issuedAt: Millis) {
    this.issuedAt = issuedAt;
  }

  /** False for a count that was there already or is too far behind to tell. */
  take(count: number): boolean {
    const ahead = count - this.highest;
    if (ahead > 0) {
      this.seen = ahead >= windowBits ? 1 : (this.seen << ahead) | 1;
      this.highest = count;
      return true;
    }
    const bit = ahead > -windowBits ? 1 << -ahead : 0;
    if (bit === 0 || (this.seen & bit) !== 0) return false;
    this.seen |= bit;
    return true;
  }
}

export class NonceBook {
  readonly #hashes: DigestHashes;
  readonly #clock: Clock;
  readonly #key: string;
  readonly #lifetimeMs: Millis;
  readonly #countsMax: number;
  #serial = 0;
  #uses = new Map<string, NonceUse>();
  #usesBefore = new Map<string, NonceUse>();
  #startedAt: Millis;
  /** Counts of nonces that were issued earlier may be forgotten, so those are stale. */
  #rememberedFrom: Millis;

  constructor(plan: NonceBookPlan) {
    this.#hashes = plan.hashes;
    this.#clock = plan.clock;
    // A key per process: after a restart every nonce is stale, which costs each client one round trip.
    this.#key = plan.ids.randomToken(256);
    this.#lifetimeMs = plan.nonceLifetimeMs ?? nonceLifetimeMs;
    this.#countsMax = plan.nonceCountsMax ?? nonceCountsMax;
    this.#startedAt = plan.clock.monotonic();
    this.#rememberedFrom = this.#startedAt;
  }

  issue(realm: string): string {
    this.#serial += 1;
    const text = `${Math.floor(this.#clock.monotonic()).toString(36)}.${this.#serial.toString(36)}`;
    return `${text}.${this.#macOf(text, realm)}`;
  }

  examine(nonce: string, realm: string): NonceStanding {
    const use = this.#find(nonce);
    if (use !== undefined) return this.#isLive(use.issuedAt) ? 'known' : 'stale';
    const issuedAt = this.#issueTimeOf(nonce, realm);
    if (issuedAt === undefined || issuedAt < Math.floor(this.#rememberedFrom) || !this.#isLive(issuedAt))
      return 'stale';
    return 'new';
  }

  /** Records a count for a nonce of that standing. False when it came before: the answer to it is a replay. */
  take(nonce: string, count: number, standing: 'new' | 'known'): boolean {
    let use = standing === 'new' ? undefined : this.#find(nonce);
    if (use === undefined) {
      this.#turn();
      use = new NonceUse(Number.parseInt(nonce, 36));
      this.#uses.set(keepText(nonce), use);
    }
    return use.take(count);
  }

  #find(nonce: string): NonceUse | undefined {
    return this.#uses.get(nonce) ?? this.#usesBefore.get(nonce);
  }

  #isLive(issuedAt: Millis): boolean {
    return this.#clock.monotonic() - issuedAt < this.#lifetimeMs;
  }

  /** Undefined when it is not one of ours for this realm. */
  #issueTimeOf(nonce: string, realm: string): Millis | undefined {
    const dot = nonce.lastIndexOf('.');
    if (dot < 0 || nonce.length > 80) return undefined;
    const text = nonce.slice(0, dot);
    if (!this.#hashes.isEqual(nonce.slice(dot + 1), this.#macOf(text, realm))) return undefined;
    return Number.parseInt(text, 36);
  }

  #macOf(text: string, realm: string): string {
    return this.#hashes.mac(this.#key, `${realm} ${text}`).slice(0, macDigits);
  }

  /** Starts a new generation when the running one is over or full; the one before it is forgotten. */
  #turn(): void {
    const now = this.#clock.monotonic();
    if (this.#uses.size < this.#countsMax && now - this.#startedAt < this.#lifetimeMs) return;
    this.#usesBefore = this.#uses;
    this.#uses = new Map();
    this.#rememberedFrom = this.#startedAt;
    this.#startedAt = now;
  }
}
