/** Answers to HTTP digest challenges as SIP uses them (RFC 7616, RFC 8760): MD5 and SHA-256, with qop=auth or none. */
import { createHash, randomBytes } from 'node:crypto';

export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: 'MD5' | 'SHA-256';
  readonly opaque?: string;
  readonly hasQop: boolean;
  readonly isStale: boolean;
}

export interface DigestCredentials {
  readonly user: string;
  readonly password: string;
}

/** The first challenge that this phone can answer (RFC 8760 section 2.4: the topmost one that is supported). */
export function chooseChallenge(values: readonly string[]): DigestChallenge | undefined {
  for (const value of values) {
    const challenge = parseChallenge(value);
    if (challenge) return challenge;
  }
  return undefined;
}

/** The value for Authorization or Proxy-Authorization. `count` is how often this nonce was used, this time included. */
export function answerChallenge(
  challenge: DigestChallenge,
  credentials: DigestCredentials,
  request: { readonly method: string; readonly uri: string },
  count: number,
): string {
  const hash = (text: string): string =>
    createHash(challenge.algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const secret = hash(`${credentials.user}:${challenge.realm}:${credentials.password}`);
  const what = hash(`${request.method}:${request.uri}`);
  const nonceCount = count.toString(16).padStart(8, '0');
  const cnonce = randomBytes(8).toString('hex');
  const middle = challenge.hasQop ? `${challenge.nonce}:${nonceCount}:${cnonce}:auth` : challenge.nonce;
  const parts = [
    `username="${credentials.user}"`,
    `realm="${challenge.realm}"`,
    `nonce="${challenge.nonce}"`,
    `uri="${request.uri}"`,
    `response="${hash(`${secret}:${middle}:${what}`)}"`,
    `algorithm=${challenge.algorithm}`,
  ];
  if (challenge.hasQop) parts.push('qop=auth', `nc=${nonceCount}`, `cnonce="${cnonce}"`);
  if (challenge.opaque !== undefined) parts.push(`opaque="${challenge.opaque}"`);
  return `Digest ${parts.join(', ')}`;
}

function parseChallenge(value: string): DigestChallenge | undefined {
  const scheme = /^\s*Digest\s+/i.exec(value);
  if (!scheme) return undefined;
  const fields = new Map<string, string>();
  for (const match of value.slice(scheme[0].length).matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/g)) {
    fields.set((match[1] ?? '').toLowerCase(), match[2] ?? match[3] ?? '');
  }
  const algorithm = (fields.get('algorithm') ?? 'MD5').toUpperCase();
  const realm = fields.get('realm');
  const nonce = fields.get('nonce');
  if (realm === undefined || nonce === undefined || (algorithm !== 'MD5' && algorithm !== 'SHA-256')) return undefined;
  const opaque = fields.get('opaque');
  return {
    realm,
    nonce,
    algorithm,
    ...(opaque === undefined ? {} : { opaque }),
    hasQop: /(^|,)\s*auth\s*(,|$)/.test(fields.get('qop') ?? ''),
    isStale: fields.get('stale')?.toLowerCase() === 'true',
  };
}
