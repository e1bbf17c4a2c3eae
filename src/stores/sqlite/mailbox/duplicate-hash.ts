/**
 * The number under which a submission is looked for: 48 bits of a SHA-256. It is a hint and no proof: whoever finds one
 * compares sender, recipient and key.
 */
import { hash } from 'node:crypto';
import { submissionName } from '../../../model/submission-name.ts';
import type { Address } from '../../../model/address.ts';

const hexDigits = 12;

export function duplicateHash(sender: string, recipient: string, key: string): number {
  const digest = hash('sha256', submissionName(sender as Address, recipient as Address, key), 'hex');
  return Number.parseInt(digest.slice(0, hexDigits), 16);
}

export function duplicateHashes(sender: string, recipient: string, keys: readonly string[]): number[] {
  const hashes: number[] = [];
  for (const key of keys) hashes.push(duplicateHash(sender, recipient, key));
  return hashes;
}
