/**
 * Login in two steps or in four, outside of any session: what a Login-Request asks for, and the challenges that wait for
 * their digest. Whether a password is right is decided outside.
 */
import type { Millis } from '../../base/time/clock.ts';
import type { PrimitiveValue } from '../primitives/primitive.ts';
import type { ClientId } from '../primitives/shared-shapes.ts';

export type LoginRequest = PrimitiveValue<'Login-Request'>;

/** In the order in which the server likes them. */
export const digestSchemas = ['MD5', 'SHA'] as const;
export type DigestSchema = (typeof digestSchemas)[number];

export interface Challenge {
  readonly nonce: string;
  readonly schema: DigestSchema;
}

export type LoginStep =
  | { readonly kind: 'check-password'; readonly password: string }
  | { readonly kind: 'check-digest'; readonly digest: string; readonly challenge: Challenge }
  /** Answered 401 with a nonce. */
  | { readonly kind: 'challenge'; readonly schema: DigestSchema }
  /** Answered 543. */
  | { readonly kind: 'no-common-schema' };

/** That wait at once, of all clients; the oldest goes. */
export const challengesMax = 10_000;
export const challengeMs = 60_000;
/** Of one user, as it is written; the oldest goes, so that nobody takes the place of everybody. */
export const challengesPerUserMax = 16;

export class LoginChallenges {
  readonly #challenges = new Map<string, Challenge & { readonly expiresAtMs: Millis }>();
  readonly #keysByUser = new Map<string, Set<string>>();

  /** A challenge is used up by the digest that comes for it. */
  nextStep(request: LoginRequest, now: Millis): LoginStep {
    const { password, digestBytes } = request;
    if (digestBytes !== undefined && digestBytes !== '') {
      const challenge = this.#take(request, now);
      // Without one, as after a restart: the client may try again with a new nonce.
      return challenge === undefined ? this.#choose(request) : { kind: 'check-digest', digest: digestBytes, challenge };
    }
    const isForDigest = digestBytes !== undefined || request.digestSchemas.length > 0;
    if (password === undefined && isForDigest) return this.#choose(request);
    // Whoever shows nothing hears what a wrong password hears.
    return { kind: 'check-password', password: password ?? '' };
  }

  remember(request: LoginRequest, challenge: Challenge, now: Millis): void {
    const key = keyOf(request);
    this.#forget(key);
    this.#challenges.set(key, { ...challenge, expiresAtMs: now + challengeMs });
    const ofUser = this.#keysByUser.get(userOf(key)) ?? new Set();
    this.#keysByUser.set(userOf(key), ofUser.add(key));
    if (ofUser.size > challengesPerUserMax) this.#forget(oldestOf(ofUser));
    if (this.#challenges.size > challengesMax) this.#forget(oldestOf(this.#challenges));
  }

  #forget(key: string): void {
    if (!this.#challenges.delete(key)) return;
    const ofUser = this.#keysByUser.get(userOf(key));
    ofUser?.delete(key);
    if (ofUser?.size === 0) this.#keysByUser.delete(userOf(key));
  }

  #take(request: LoginRequest, now: Millis): Challenge | undefined {
    const key = keyOf(request);
    const found = this.#challenges.get(key);
    this.#forget(key);
    return found === undefined || now >= found.expiresAtMs ? undefined : { nonce: found.nonce, schema: found.schema };
  }

  #choose({ digestSchemas: offered }: LoginRequest): LoginStep {
    const names = offered.map((schema) => schema.toUpperCase());
    const schema = digestSchemas.find((known) => names.includes(known));
    if (schema !== undefined) return { kind: 'challenge', schema };
    return names.length > 0 ? { kind: 'no-common-schema' } : { kind: 'challenge', schema: 'MD5' };
  }
}

/** The parts of a login in four steps belong together by who logs in, and from which client. */
function keyOf({ userId, clientId, sessionCookie }: LoginRequest): string {
  return JSON.stringify([userId.toLowerCase(), clientKey(clientId), sessionCookie]);
}

function userOf(key: string): string {
  return (JSON.parse(key) as readonly string[])[0] ?? '';
}

function oldestOf(keys: { keys(): IterableIterator<string> }): string {
  for (const key of keys.keys()) return key;
  return '';
}

/** Names a client of a user: the same user with another client has another session. */
export function clientKey(clientId: ClientId | undefined): string {
  return JSON.stringify([clientId?.url ?? '', clientId?.msisdn ?? '', clientId?.text ?? '']);
}
