/**
 * Bearer tokens (RFC 6750): a secret that stands for an account until it expires, is revoked, or the password changes.
 * Only the hash of a secret is kept. Knows no protocol.
 */
import { LRUCache } from 'lru-cache';
import type { Clock, Millis } from '../base/time/clock.ts';
import type { IdSource } from '../base/ids.ts';
import type { Address } from '../model/address.ts';
import type { PasswordHasher } from './password-hashes.ts';
import type { AccessToken, TokenStore } from './ports.ts';

/** From its making on. */
export const tokenLifeMs: Millis = 30 * 24 * 3600 * 1000;
/** Tokens kept in memory. */
export const cachedTokensMax = 50_000;
/** Characters; a longer secret is nobody's. */
export const tokenLengthMax = 128;

/** Nobody guesses one of these. */
const secretBits = 256;

export interface AccessTokensPlan {
  readonly store: TokenStore;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly hasher: Pick<PasswordHasher, 'hash'>;
}

export interface IssuedToken {
  readonly secret: string;
  readonly expiresAt: Millis;
}

export class AccessTokens {
  readonly #plan: AccessTokensPlan;
  readonly #cache = new LRUCache<string, AccessToken>({ max: cachedTokensMax });

  constructor(plan: AccessTokensPlan) {
    this.#plan = plan;
  }

  /** Undefined when the account has as many as it may. Rejects with `StoreFault`. */
  async issue(address: Address): Promise<IssuedToken | undefined> {
    const { store, clock, ids } = this.#plan;
    const secret = ids.randomToken(secretBits);
    const now = clock.wall();
    const expiresAt = now + tokenLifeMs;
    const isKept = await store.add({ hash: this.#hashOf(secret), address, createdAt: now, expiresAt }, now);
    return isKept ? { secret, expiresAt } : undefined;
  }

  /** Whom the secret stands for; undefined for nobody. A promise only where the store must be asked. */
  find(secret: string): Address | undefined | Promise<Address | undefined> {
    if (secret.length > tokenLengthMax) return undefined;
    const hash = this.#hashOf(secret);
    const known = this.#cache.get(hash);
    if (known !== undefined) return this.#ownerOf(known);
    return this.#plan.store.find(hash).then((token) => {
      if (token === undefined) return undefined;
      this.#cache.set(hash, token);
      return this.#ownerOf(token);
    });
  }

  /** False when it was nobody's. Rejects with `StoreFault`. */
  async revoke(secret: string): Promise<boolean> {
    const hash = this.#hashOf(secret);
    const wasThere = await this.#plan.store.remove(hash);
    this.#cache.delete(hash);
    return wasThere;
  }

  /** The account changed: whatever is remembered of its tokens may not hold any more. */
  forget(address: Address): void {
    for (const [hash, token] of this.#cache.entries()) if (token.address === address) this.#cache.delete(hash);
  }

  #ownerOf(token: AccessToken): Address | undefined {
    return token.expiresAt > this.#plan.clock.wall() ? token.address : undefined;
  }

  #hashOf(secret: string): string {
    return this.#plan.hasher.hash('sha-256', secret);
  }
}
