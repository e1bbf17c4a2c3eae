/** The challenges of a 401 or 407 (RFC 7616 3.3, RFC 8760 2.1): one header per algorithm, the best on top. */
import type { DigestAlgorithm } from './digest-ports.ts';

/** `md5` by default, because stock clients fail on more than MD5 (contract section 1). */
export type DigestMode = 'md5' | 'both' | 'sha-256';

export interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  /** The password was right, only the nonce is spent: the client tries again without asking anybody. */
  readonly isStale: boolean;
}

const names: Readonly<Record<DigestAlgorithm, string>> = { md5: 'MD5', 'sha-256': 'SHA-256' };

/** Header values in order of preference (RFC 8760 2.3). */
export function formatChallenges(mode: DigestMode, challenge: Challenge): string[] {
  return algorithmsOf(mode).map((algorithm) => formatChallenge(algorithm, challenge));
}

/** The algorithm that a client means, if it was offered; undefined means that its credentials do not count. */
export function offeredAlgorithm(mode: DigestMode, name: string | undefined): DigestAlgorithm | undefined {
  const wanted = (name ?? 'MD5').toUpperCase();
  return algorithmsOf(mode).find((algorithm) => names[algorithm] === wanted);
}

const offers: Readonly<Record<DigestMode, readonly DigestAlgorithm[]>> = {
  md5: ['md5'],
  both: ['sha-256', 'md5'],
  'sha-256': ['sha-256'],
};

function algorithmsOf(mode: DigestMode): readonly DigestAlgorithm[] {
  return offers[mode];
}

/** What is quoted and what is not follows RFC 8760 2.6 item 8; clients take it literally. */
function formatChallenge(algorithm: DigestAlgorithm, { realm, nonce, isStale }: Challenge): string {
  const stale = isStale ? ', stale=true' : '';
  return `Digest realm="${realm}", nonce="${nonce}", qop="auth", algorithm=${names[algorithm]}${stale}`;
}
