/**
 * The other side of a challenge (RFC 7616 3.4, RFC 8760 2.4, RFC 3261 22.3): reads 401 and 407, and proves with the rows of
 * the next request that we know the password. A nonce is used again, counted, until the server wants another.
 */
import type { IdSource } from '../../base/ids.ts';
import { quote } from '../message/grammar/scanner.ts';
import type { HeaderRow } from '../message/sip-headers.ts';
import type { SipResponse } from '../message/sip-message.ts';
import { readDigestParameters } from './digest-parameters.ts';
import type { DigestAlgorithm, DigestHashes } from './digest-ports.ts';
import { digestResponse } from './digest-response.ts';

/** Characters of one challenge that is read. */
export const challengeLengthMax = 4_096;
/** Realms whose nonces are kept; the oldest is forgotten, and asks again. */
export const realmsMax = 8;

export interface DigestClientPlan {
  readonly userName: string;
  readonly password: string;
  readonly hashes: DigestHashes;
  readonly ids: Pick<IdSource, 'randomToken'>;
}

/** How often one request may be answered with a challenge: by a proxy, by the server, and for a nonce that was spent. */
const challengesMax = 4;
const cnonceBits = 80;
const nonceCountMax = 0xffff_ffff;

type ChallengeHeader = 'WWW-Authenticate' | 'Proxy-Authenticate';

interface Challenge {
  readonly header: ChallengeHeader;
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly algorithm: DigestAlgorithm;
  /** False for a server of RFC 2069, which counts no nonces. */
  readonly hasQop: boolean;
  readonly isStale: boolean;
}

interface KnownNonce extends Challenge {
  count: number;
}

/** What one request has been asked so far; a new one for each request. */
export class ChallengeHistory {
  readonly #asked = new Set<string>();
  #count = 0;

  /** Whether this question is not the same once more, which would mean that the password is wrong. */
  mayAnswer({ header, realm, isStale }: Challenge): boolean {
    const key = `${header} ${realm}`;
    this.#count += 1;
    if (this.#count > challengesMax || (this.#asked.has(key) && !isStale)) return false;
    this.#asked.add(key);
    return true;
  }
}

export class DigestClient {
  readonly #plan: DigestClientPlan;
  readonly #nonces = new Map<string, KnownNonce>();

  constructor(plan: DigestClientPlan) {
    this.#plan = plan;
  }

  /** The rows of a request that leaves now, for everybody who has asked before. */
  rowsFor(method: string, requestUri: string): HeaderRow[] {
    return Array.from(this.#nonces.values(), (nonce) => this.#rowFor(nonce, method, requestUri));
  }

  /** False when trying again would help nobody: nothing that we can answer, or the password is wrong. */
  takeChallenge(response: SipResponse, history: ChallengeHistory): boolean {
    const header = response.status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate';
    let isAnswerable = false;
    const realms = new Set<string>();
    for (const text of response.headers.getAll(header)) {
      const challenge = parseChallenge(text, header);
      // The first of a realm that we can answer is the one that the server likes best (RFC 8760 2.4).
      if (challenge === undefined || realms.has(challenge.realm)) continue;
      realms.add(challenge.realm);
      if (!history.mayAnswer(challenge)) return false;
      this.#keep(challenge);
      isAnswerable = true;
    }
    return isAnswerable;
  }

  #keep(challenge: Challenge): void {
    const key = `${challenge.header} ${challenge.realm}`;
    const known = this.#nonces.get(key);
    if (known?.nonce === challenge.nonce && known.algorithm === challenge.algorithm) return;
    this.#nonces.delete(key);
    const [oldest] = this.#nonces.keys();
    if (this.#nonces.size >= realmsMax && oldest !== undefined) this.#nonces.delete(oldest);
    this.#nonces.set(key, { ...challenge, count: 0 });
  }

  #rowFor(known: KnownNonce, method: string, uri: string): HeaderRow {
    const { hashes, userName, password, ids } = this.#plan;
    const { algorithm, realm, nonce, opaque, hasQop } = known;
    known.count = known.count >= nonceCountMax ? 1 : known.count + 1;
    const nonceCount = known.count.toString(16).padStart(8, '0');
    const cnonce = ids.randomToken(cnonceBits);
    const passwordHash = hashes.hash(algorithm, `${userName}:${realm}:${password}`);
    const response = hasQop
      ? digestResponse(hashes, algorithm, { passwordHash, method, uri, nonce, nonceCount, cnonce })
      : hashes.hash(algorithm, `${passwordHash}:${nonce}:${hashes.hash(algorithm, `${method}:${uri}`)}`);
    const parts = [
      `username=${quote(userName)}`,
      `realm=${quote(realm)}`,
      `nonce=${quote(nonce)}`,
      `uri=${quote(uri)}`,
      `response="${response}"`,
      `algorithm=${names[algorithm]}`,
    ];
    if (hasQop) parts.push(`cnonce="${cnonce}"`, 'qop=auth', `nc=${nonceCount}`);
    if (opaque !== undefined) parts.push(`opaque=${quote(opaque)}`);
    const answerHeader = known.header === 'Proxy-Authenticate' ? 'Proxy-Authorization' : 'Authorization';
    return [answerHeader, `Digest ${parts.join(', ')}`];
  }
}

const names: Readonly<Record<DigestAlgorithm, string>> = { md5: 'MD5', 'sha-256': 'SHA-256' };

/** Undefined for what we cannot answer: another scheme or algorithm, `auth-int` alone, or what is malformed. */
function parseChallenge(text: string, header: ChallengeHeader): Challenge | undefined {
  if (!/^digest[ \t]/i.test(text) || text.length > challengeLengthMax) return undefined;
  const params = readDigestParameters(text, 'challenge');
  if (typeof params === 'string') return undefined;
  const realm = params.get('realm');
  const nonce = params.get('nonce');
  const name = (params.get('algorithm') ?? 'MD5').toUpperCase();
  const algorithm = algorithms.find((each) => names[each] === name);
  if (realm === undefined || nonce === undefined || algorithm === undefined) return undefined;
  const qop = params
    .get('qop')
    ?.split(',')
    .map((each) => each.trim().toLowerCase());
  if (qop?.includes('auth') === false) return undefined;
  const isStale = params.get('stale')?.toLowerCase() === 'true';
  return { header, realm, nonce, opaque: params.get('opaque'), algorithm, hasQop: qop !== undefined, isStale };
}

const algorithms: readonly DigestAlgorithm[] = ['md5', 'sha-256'];
