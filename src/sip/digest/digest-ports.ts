/** What digest authentication is handed: hashes, and a limit on guessing. */

export type DigestAlgorithm = 'md5' | 'sha-256';

export interface DigestHashes {
  /** Lower-case hex of the hash of the UTF-8 of `text`. */
  hash(algorithm: DigestAlgorithm, text: string): string;
  /** Lower-case hex, at least 32 digits, of a keyed hash. */
  mac(key: string, text: string): string;
  /** Takes as long for texts that differ as for equal ones of the same length. */
  isEqual(a: string, b: string): boolean;
}

/** Failed sign-ins are counted by whoever implements this; `source` is the address that a request came from. */
export interface AttemptLimit {
  mayTry(account: string, source: string): boolean;
  failed(account: string, source: string): void;
  succeeded(account: string, source: string): void;
}

/**
 * The stored H(user:realm:password) for that name as it was typed (RFC 7616 3.4.2), lower-case hex; undefined when nobody
 * has this name there. A value where it is known at once. A rejection is the answer to the whole question.
 */
export type HashLookup = (
  userName: string,
  realm: string,
  algorithm: DigestAlgorithm,
) => string | undefined | Promise<string | undefined>;
