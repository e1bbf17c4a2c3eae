/** The key under which a submission is remembered: 132 bits of a SHA-256, so that no two submissions ever share one. */
import { hash } from 'node:crypto';

const hashLetters = 22;

export function duplicateHash(sender: string, recipient: string, key: string): string {
  // No address contains a line feed, so different triples are different texts.
  return hash('sha256', `${sender}\n${recipient}\n${key}`, 'base64url').slice(0, hashLetters);
}

export function duplicateHashes(sender: string, recipient: string, keys: readonly string[]): string[] {
  const hashes: string[] = [];
  for (const key of keys) hashes.push(duplicateHash(sender, recipient, key));
  return hashes;
}
