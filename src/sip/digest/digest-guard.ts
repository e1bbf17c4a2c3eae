/**
 * Who sent a request, by digest (RFC 3261 22, RFC 7616, RFC 8760): authenticated, to be challenged, or malformed. Only qop
 * `auth`; never Basic. Refuses to know accounts and which requests need credentials (ACK and CANCEL are never asked).
 */
import type { SipRequest } from '../message/sip-message.ts';
import { formatChallenges, offeredAlgorithm } from './digest-challenge.ts';
import type { DigestMode } from './digest-challenge.ts';
import { parseDigestCredentials } from './digest-credentials.ts';
import type { DigestCredentials } from './digest-credentials.ts';
import type { AttemptLimit, DigestAlgorithm, HashLookup } from './digest-ports.ts';
import { digestResponse } from './digest-response.ts';
import { NonceBook } from './nonce-book.ts';
import type { NonceBookPlan } from './nonce-book.ts';

export interface DigestGuardPlan extends NonceBookPlan {
  readonly mode: DigestMode;
  readonly attempts: AttemptLimit;
  readonly lookUpHash: HashLookup;
  /** Whether the `uri` of credentials names something here, where it is not the Request-URI (RFC 8760 2.6 item 6). */
  readonly takesUri: (uri: string) => boolean;
}

export interface DigestQuestion {
  /** 407 for MESSAGE and INVITE, 401 for the others (contract section 2). */
  readonly kind: '401' | '407';
  /** The domain of the account that the sender must prove to be; no quotes. */
  readonly realm: string;
  /** The IP address that the request came from. */
  readonly source: string;
}

export type DigestOutcome =
  | {
      readonly kind: 'authenticated';
      /** `user@domain`, whichever of the two names was given. */
      readonly address: string;
      readonly userName: string;
      readonly realm: string;
    }
  | {
      readonly kind: 'challenge';
      readonly status: 401 | 407;
      /** Rows for the response, in this order. */
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly why: ChallengeReason;
    }
  /** 400. */
  | { readonly kind: 'malformed'; readonly reason: string };

/** For counters and logs; the client sees only `stale`. */
export type ChallengeReason = 'no-credentials' | 'wrong-credentials' | 'stale-nonce' | 'replayed' | 'too-many-attempts';

/** Credentials that may count: for our realm, with an algorithm that was offered, and complete. */
interface Claim {
  readonly credentials: DigestCredentials;
  readonly algorithm: DigestAlgorithm;
  readonly nonceCount: string;
  readonly cnonce: string;
}

export class DigestGuard {
  readonly #plan: DigestGuardPlan;
  readonly #nonces: NonceBook;

  constructor(plan: DigestGuardPlan) {
    this.#plan = plan;
    this.#nonces = new NonceBook(plan);
  }

  /** A value where the lookup answers with one; rejects only as the lookup does. */
  check(request: SipRequest, question: DigestQuestion): DigestOutcome | Promise<DigestOutcome> {
    const claim = this.#findClaim(request, question);
    if (claim === undefined) return this.#challenge(question, 'no-credentials');
    if (typeof claim === 'string') return { kind: 'malformed', reason: claim };
    const { userName } = claim.credentials;
    if (!this.#mayTry(claim, question)) return this.#challenge(question, 'too-many-attempts');
    const hash = this.#plan.lookUpHash(userName, question.realm, claim.algorithm);
    if (!(hash instanceof Promise)) return this.#judge(request, question, claim, hash);
    return hash.then((found) => {
      // Others that were looked up beside it may have used up what was left.
      if (!this.#mayTry(claim, question)) return this.#challenge(question, 'too-many-attempts');
      return this.#judge(request, question, claim, found);
    });
  }

  #mayTry({ credentials }: Claim, { realm, source }: DigestQuestion): boolean {
    return this.#plan.attempts.mayTry(accountOf(credentials.userName, realm), source);
  }

  /** A string says what makes the request malformed; undefined when it has no credentials that count. */
  #findClaim(request: SipRequest, question: DigestQuestion): Claim | string | undefined {
    const header = question.kind === '401' ? 'Authorization' : 'Proxy-Authorization';
    for (const row of request.headers.getAll(header)) {
      const parsed = parseDigestCredentials(row);
      if (parsed === undefined) continue;
      if (!parsed.ok) return parsed.error;
      const credentials = parsed.value;
      // RFC 7616 3.4: what was not offered is not an error, it is asked for again.
      const algorithm = offeredAlgorithm(this.#plan.mode, credentials.algorithm);
      if (algorithm === undefined || credentials.realm.toLowerCase() !== question.realm) continue;
      return this.#completeClaim(request, credentials, algorithm);
    }
    return undefined;
  }

  #completeClaim(
    request: SipRequest,
    credentials: DigestCredentials,
    algorithm: DigestAlgorithm,
  ): Claim | string | undefined {
    const { qop, nonceCount, cnonce, uri } = credentials;
    // RFC 2069 had no qop; without it nothing keeps an answer from being played again.
    if (qop === undefined) return 'the credentials have no qop';
    if (qop.toLowerCase() !== 'auth') return undefined;
    if (cnonce === undefined) return 'the credentials have no cnonce';
    if (nonceCount === undefined || !/^[\da-f]{8}$/i.test(nonceCount)) return 'the credentials have no nonce count';
    if (uri !== request.requestUri && !this.#plan.takesUri(uri)) return 'the uri of the credentials names nothing here';
    return { credentials, algorithm, nonceCount, cnonce };
  }

  #judge(request: SipRequest, question: DigestQuestion, claim: Claim, hash: string | undefined): DigestOutcome {
    const { attempts } = this.#plan;
    const { userName, nonce } = claim.credentials;
    const { realm, source } = question;
    const account = accountOf(userName, realm);
    if (!this.#isAnswerRight(request, claim, hash)) {
      attempts.failed(account, source);
      return this.#challenge(question, 'wrong-credentials');
    }
    const standing = this.#nonces.examine(nonce, realm);
    if (standing === 'stale') return this.#challenge(question, 'stale-nonce');
    if (!this.#nonces.take(nonce, Number.parseInt(claim.nonceCount, 16), standing))
      return this.#challenge(question, 'replayed');
    // Once per nonce is enough, and keeps the usual request cheap.
    if (standing === 'new') attempts.succeeded(account, source);
    return { kind: 'authenticated', address: account, userName, realm };
  }

  #isAnswerRight(request: SipRequest, claim: Claim, hash: string | undefined): boolean {
    const { hashes } = this.#plan;
    const { nonce, uri, response } = claim.credentials;
    const { nonceCount, cnonce, algorithm } = claim;
    const expected = digestResponse(hashes, algorithm, {
      // Nobody of that name takes as long as a wrong password, so that names cannot be found out.
      passwordHash: hash ?? nobodysHash,
      method: request.method,
      uri,
      nonce,
      nonceCount,
      cnonce,
    });
    return hashes.isEqual(expected, response.toLowerCase()) && hash !== undefined;
  }

  #challenge(question: DigestQuestion, why: ChallengeReason): DigestOutcome {
    const { kind, realm } = question;
    const isStale = why === 'stale-nonce' || why === 'replayed';
    const name = kind === '401' ? 'WWW-Authenticate' : 'Proxy-Authenticate';
    const values = formatChallenges(this.#plan.mode, { realm, nonce: this.#nonces.issue(realm), isStale });
    return {
      kind: 'challenge',
      status: kind === '401' ? 401 : 407,
      headers: values.map((value) => [name, value] as const),
      why,
    };
  }
}

const nobodysHash = '0'.repeat(32);

/** The user part and the whole address are names of one account, so they share their failures. */
function accountOf(userName: string, realm: string): string {
  return (userName.includes('@') ? userName : `${userName}@${realm}`).toLowerCase();
}
