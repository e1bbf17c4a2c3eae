/** Hashes, keyed hashes and constant-time comparison from node:crypto, for digest authentication and passwords. */
import { createHmac, hash, timingSafeEqual } from 'node:crypto';

export const systemHashes = {
  /** Lower-case hex of the hash of the UTF-8 of `text`. */
  hash: (algorithm: 'md5' | 'sha-256', text: string): string => hash(algorithm === 'md5' ? 'md5' : 'sha256', text),

  /** Base64 of the hash of octets. */
  digest: (algorithm: 'md5' | 'sha1', octets: Uint8Array): string => hash(algorithm, octets, 'base64'),

  /** Lower-case hex of HMAC-SHA-256. */
  mac: (key: string, text: string): string => createHmac('sha256', key).update(text).digest('hex'),

  /** Takes as long for texts that differ as for equal ones of the same length. */
  isEqual(a: string, b: string): boolean {
    const left = Buffer.from(a);
    const right = Buffer.from(b);
    return left.length === right.length && timingSafeEqual(left, right);
  },
};
