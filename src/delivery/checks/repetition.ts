/** The same message again is answered as the first time (contract section 4): what a repetition hears. */
import type { KnownDuplicate, MailboxStore } from '../ports.ts';
import type { Submission, SubmissionOutcome } from '../submission.ts';

/** Undefined where the first ended while that was asked: this one is new. Rejects with `StoreFault`. */
export async function answerRepetition(
  store: MailboxStore,
  { message, duplicateKeys, contentKey }: Submission,
  known: KnownDuplicate,
): Promise<SubmissionOutcome | undefined> {
  if (contentKey !== undefined) {
    const same = await store.findDuplicate(message.sender, message.recipient, [contentKey]);
    if (same?.id !== known.id) {
      const still = await store.findDuplicate(message.sender, message.recipient, duplicateKeys);
      return still?.id === known.id ? { kind: 'refused', refusal: { reason: 'key-used-otherwise' } } : undefined;
    }
  }
  const { id, acceptedState: answered, acceptedAt, expiresAt } = known;
  if (answered === 'delivered') return { kind: 'delivered', id, expiresAt };
  return { kind: 'accepted', id, state: answered, isForMoment: answered === 'held', acceptedAt, expiresAt };
}
