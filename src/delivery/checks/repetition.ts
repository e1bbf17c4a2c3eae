/** The same message again is answered as the first time (contract section 4): what a repetition hears. */
import type { KnownDuplicate, MailboxStore } from '../ports.ts';
import type { Submission, SubmissionOutcome } from '../submission.ts';

/** Rejects with `StoreFault`. */
export async function answerRepetition(
  store: MailboxStore,
  { message, contentKey }: Submission,
  known: KnownDuplicate,
): Promise<SubmissionOutcome> {
  if (contentKey !== undefined) {
    const same = await store.findDuplicate(message.sender, message.recipient, [contentKey]);
    if (same?.id !== known.id) return { kind: 'refused', refusal: { reason: 'key-used-otherwise' } };
  }
  const { id, acceptedState: answered, acceptedAt, expiresAt } = known;
  if (answered === 'delivered') return { kind: 'delivered', id, expiresAt };
  return { kind: 'accepted', id, state: answered, isForMoment: answered === 'held', acceptedAt, expiresAt };
}
