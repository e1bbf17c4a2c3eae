/**
 * Under which names a submission is known, so that the same message again is recognised (contract section 4): within its
 * sender and recipient, or among all that its sender sends.
 */
import type { Address } from './address.ts';

/** A key that begins so names a submission among all of its sender's, whoever the recipient; any other, within the pair. */
export const senderWidePrefix = 'sender-wide ';

/** One text for one key; no address contains a line feed, so different triples are different texts. */
export function submissionName(sender: Address, recipient: Address, key: string): string {
  return `${sender}\n${isSenderWide(key) ? '' : recipient}\n${key}`;
}

export function isSenderWide(key: string): boolean {
  return key.startsWith(senderWidePrefix);
}
