/**
 * What would become of a message if it were there whole: whether it goes straight to its recipient, is kept, or is refused.
 * Asked before a body is taken, so that nobody sends a hundred megabytes for a refusal.
 */
import type { Address } from '../../model/address.ts';
import { inlineBytesMax } from '../../model/instant-message.ts';
import { decideDelivery } from '../decide-delivery.ts';
import type { DeliverySurroundings } from '../mailbox/delivery-surroundings.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import { type Accepting, NewRow } from '../mailbox/new-row.ts';
import type { OpenState } from '../mailbox-entry.ts';
import type { SubmissionRefusal } from '../submission.ts';

export type Foresight =
  | { readonly kind: 'relay' }
  | { readonly kind: 'keep'; readonly state: OpenState }
  | { readonly kind: 'refused'; readonly refusal: SubmissionRefusal };

const linePageEntries = 64;

export interface Foreseen {
  readonly accepting: Accepting;
  /** As far as they are known: of a body that is yet to come. */
  readonly bytes: number;
}

/** Rejects with `StoreFault`. */
export async function foresee(
  { accepting, bytes }: Foreseen,
  mailbox: Mailbox,
  surroundings: DeliverySurroundings,
): Promise<Foresight> {
  const { policy, store } = surroundings;
  const { submission, validityMs, isBlocked } = accepting;
  const { sender, recipient } = submission.message;
  const row = new NewRow(accepting, mailbox, surroundings);
  const decision = decideDelivery({
    kind: 'submitted',
    facts: {
      policy,
      isBlocked,
      holds: row.holdsNow(),
      isReachable: mailbox.isReachable,
      isQueueBusy: row.hasLatch || (await isInLine(sender, mailbox, surroundings)),
      isTransient: false,
      // By a session it may go through at once; what is kept first comes in no session.
      isLarge: submission.keepFirst !== undefined && bytes > inlineBytesMax,
      isKeptFirst: submission.keepFirst !== undefined,
      validityMs,
    },
  });
  if (decision.kind === 'relay') return { kind: 'relay' };
  if (decision.kind === 'refuse') return { kind: 'refused', refusal: decision.refusal };
  const state = decision.kind === 'keep' ? decision.state : 'waiting';
  const fits = await store.mayPut({ sender, recipient, state, bytes, isLarge: true }, policy.quotas);
  return fits === 'fits' ? { kind: 'keep', state } : { kind: 'refused', refusal: { reason: fits } };
}

/**
 * Something that this sender wrote before is on its way, or waits for a client that is there: what comes later must not
 * overtake it. What every client is done with is overtaken.
 */
async function isInLine(sender: Address, mailbox: Mailbox, { store, clock }: DeliverySurroundings): Promise<boolean> {
  if (mailbox.writing > 0 || mailbox.unwritten.some((one) => one.sender === sender)) return true;
  const { recipient } = mailbox;
  let after = 0;
  while (mailbox.counts.waiting > 0) {
    const page = await store.inbox({ recipient, sender, after, limit: linePageEntries, now: clock.wall() });
    for (const entry of page) {
      if (entry.state === 'waiting' && !entry.isAside && mailbox.hasRoomFor(entry) !== 'nobody') return true;
      after = entry.sequence;
    }
    if (page.length < linePageEntries) return false;
  }
  return false;
}
