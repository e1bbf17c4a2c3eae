/** The value that a client who knows the password would send (RFC 7616 3.4.1, with qop auth only). */
import type { DigestAlgorithm, DigestHashes } from './digest-ports.ts';

export interface ResponseParts {
  /** H(A1), lower-case hex. */
  readonly passwordHash: string;
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  /** As the client wrote it. */
  readonly nonceCount: string;
  readonly cnonce: string;
}

export function digestResponse(hashes: DigestHashes, algorithm: DigestAlgorithm, parts: ResponseParts): string {
  const request = hashes.hash(algorithm, `${parts.method}:${parts.uri}`);
  const { passwordHash, nonce, nonceCount, cnonce } = parts;
  return hashes.hash(algorithm, `${passwordHash}:${nonce}:${nonceCount}:${cnonce}:auth:${request}`);
}
