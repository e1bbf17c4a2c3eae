/**
 * The heart of the product: what is to be done with a message, given what happened and what is known. Pure; it knows no
 * protocol, no store and no clock. Contract section 4 in tables: `submitted` is the first answer, `re-evaluated` follows
 * a change of presence or time, `may-start` guards every attempt, `attempt-ended` closes one.
 */
import { unreachable } from '../base/assert.ts';
import type { Millis } from '../base/time/clock.ts';
import { backoffMs, type DeliveryPolicy, messageFailuresMax } from './delivery-policy.ts';
import type { OpenState } from './mailbox-entry.ts';
import { attemptsPerRun } from './ports.ts';
import type { SubmissionRefusal } from './submission.ts';

export type DeliveryEvent =
  | { readonly kind: 'submitted'; readonly facts: SubmissionFacts }
  | { readonly kind: 're-evaluated'; readonly facts: EntryFacts }
  | { readonly kind: 'may-start'; readonly facts: EntryFacts }
  | { readonly kind: 'attempt-ended'; readonly facts: AttemptFacts };

export interface SubmissionFacts {
  readonly policy: Pick<DeliveryPolicy, 'isStoreOffline' | 'blockedAnswer'>;
  readonly isBlocked: boolean;
  /** True without a condition. */
  readonly holds: boolean;
  /** A client of the recipient can be tried now. */
  readonly isReachable: boolean;
  /** Earlier messages for the recipient are ready and not delivered yet; this one must not overtake them. */
  readonly isQueueBusy: boolean;
  readonly isTransient: boolean;
  /** Its body is kept apart, and it is nothing without its row. */
  readonly isLarge: boolean;
  /** It gets its row before a client is tried. */
  readonly isKeptFirst: boolean;
  readonly validityMs: Millis;
}

export interface EntryFacts {
  readonly state: OpenState;
  readonly holds: boolean;
  readonly isBlocked: boolean;
  readonly blockedAnswer: DeliveryPolicy['blockedAnswer'];
  readonly isExpired: boolean;
}

/** The outcomes of one attempt, summed over the clients that were tried. */
export interface AttemptFacts {
  readonly isDelivered: boolean;
  /** Its condition ceased to hold, or its time was over, before it was sent to anybody. */
  readonly isWithdrawn: boolean;
  readonly isExpired: boolean;
  /** Its sender took it back while it was being tried. */
  readonly isRecalled: boolean;
  /** Its recipient turned it away while it was being tried. */
  readonly isTurnedAway: boolean;
  /** Every client that is registered now has refused it for good, one at least. */
  readonly isRefusedByAll: boolean;
  /** A client that is alive could not take this message; others of the same lane may pass. */
  readonly hasMessageFailed: boolean;
  /** One of the failures that poison: 413, 488, 500. */
  readonly mayPoison: boolean;
  /** Earlier ones of these. */
  readonly messageFailures: number;
  readonly attempts: number;
}

export type Decision =
  | { readonly kind: 'relay' }
  | { readonly kind: 'keep'; readonly state: OpenState; readonly mayAttempt: boolean }
  | { readonly kind: 'drop' }
  | { readonly kind: 'refuse'; readonly refusal: SubmissionRefusal }
  | { readonly kind: 'hold' }
  | { readonly kind: 'make-ready' }
  | { readonly kind: 'leave' }
  | { readonly kind: 'attempt' }
  | { readonly kind: 'end'; readonly state: EndState; readonly why: string }
  | { readonly kind: 'retry'; readonly afterMs: Millis }
  | { readonly kind: 'set-aside' }
  | { readonly kind: 'wait-for-client' };

type EndState = 'delivered' | 'expired' | 'failed' | 'recalled' | 'rejected';

/** For the timeline of a message. */
export const blockedWhy = 'the recipient has blocked the sender';

export function decideDelivery(event: DeliveryEvent): Decision {
  switch (event.kind) {
    case 'submitted':
      return decideSubmission(event.facts);
    case 're-evaluated':
      return decideState(event.facts);
    case 'may-start':
      return decideStart(event.facts);
    case 'attempt-ended':
      return decideEnd(event.facts);
    default:
      return unreachable(event);
  }
}

function decideSubmission(facts: SubmissionFacts): Decision {
  if (facts.isBlocked && facts.policy.blockedAnswer === 'refuse') return refuse({ reason: 'blocked' });
  const canSend = facts.holds && facts.isReachable && !facts.isBlocked;
  if (facts.isTransient) return canSend ? { kind: 'relay' } : { kind: 'drop' };
  const mayKeep = facts.policy.isStoreOffline && facts.validityMs > 0;
  if (!mayKeep) return canSend && !facts.isLarge ? { kind: 'relay' } : refuse({ reason: 'not-stored' });
  if (!facts.holds) return { kind: 'keep', state: 'held', mayAttempt: false };
  if (!canSend) return { kind: 'keep', state: 'waiting', mayAttempt: false };
  const isRowFirst = facts.isQueueBusy || facts.isKeptFirst || facts.isLarge;
  return isRowFirst ? { kind: 'keep', state: 'waiting', mayAttempt: true } : { kind: 'relay' };
}

function decideState(facts: EntryFacts): Decision {
  if (facts.isExpired) return expired;
  if (facts.state === 'held') return facts.holds ? { kind: 'make-ready' } : { kind: 'leave' };
  return facts.holds ? { kind: 'leave' } : { kind: 'hold' };
}

/** Asked at the moment of sending, since tests of state and time must hold then and nothing starts after the end. */
function decideStart(facts: EntryFacts): Decision {
  if (facts.isExpired) return expired;
  if (!facts.holds) return { kind: 'hold' };
  if (!facts.isBlocked) return { kind: 'attempt' };
  // Blocked after acceptance: silent until expiry where the operator wants it to look like an absence.
  if (facts.blockedAnswer === 'accept') return { kind: 'set-aside' };
  return { kind: 'end', state: 'failed', why: blockedWhy };
}

function decideEnd(facts: AttemptFacts): Decision {
  if (facts.isDelivered) return { kind: 'end', state: 'delivered', why: 'a client took it' };
  if (facts.isTurnedAway) return rejected;
  if (facts.isRecalled) return recalled;
  if (facts.isExpired) return expired;
  if (facts.isWithdrawn) return { kind: 'leave' };
  if (facts.isRefusedByAll) return { kind: 'end', state: 'failed', why: 'every client refused it' };
  if (!facts.hasMessageFailed) return { kind: 'wait-for-client' };
  return facts.mayPoison ? decidePoison(facts.messageFailures + 1) : { kind: 'retry', afterMs: pauseMs(facts) };
}

function decidePoison(failures: number): Decision {
  return failures >= messageFailuresMax ? { kind: 'set-aside' } : { kind: 'retry', afterMs: backoffMs(failures) };
}

/** What each start of a store adds to the attempts is no reason to wait longer. */
function pauseMs({ attempts }: AttemptFacts): Millis {
  return backoffMs(attempts % attemptsPerRun);
}

const recalled: Decision = { kind: 'end', state: 'recalled', why: 'its sender took it back' };
const rejected: Decision = { kind: 'end', state: 'rejected', why: 'its recipient turned it away' };
const expired: Decision = { kind: 'end', state: 'expired', why: 'its validity is over' };

function refuse(refusal: SubmissionRefusal): Decision {
  return { kind: 'refuse', refusal };
}
