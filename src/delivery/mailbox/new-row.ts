/** The row of a message that is being accepted, before it has a place among the others. */
import type { Millis } from '../../base/time/clock.ts';
import type { Condition } from '../../conditions/condition.ts';
import type { NewMailboxEntry, OpenState } from '../mailbox-entry.ts';
import type { Submission } from '../submission.ts';

export interface Accepting {
  readonly id: string;
  readonly submission: Submission;
  readonly condition: Condition | undefined;
  readonly acceptedAt: Millis;
  readonly validityMs: Millis;
  readonly isBlocked: boolean;
}

export interface Evaluated {
  readonly state: OpenState;
  readonly latches: NewMailboxEntry['latches'];
  /** Of the presence that it rests on. */
  readonly version: number;
}

export function newRowOf(accepting: Accepting, evaluated: Evaluated, turnsAt?: Millis): NewMailboxEntry {
  const { id, submission, condition, acceptedAt, validityMs } = accepting;
  const { state, latches, version } = evaluated;
  return {
    id,
    message: submission.message,
    acceptedAt,
    expiresAt: acceptedAt + validityMs,
    state,
    ...(condition === undefined ? {} : { condition: condition.text }),
    attributes: condition?.attributes ?? [],
    latches,
    presenceVersion: version,
    ...(turnsAt === undefined ? {} : { turnsAt }),
    duplicateKeys: submission.duplicateKeys,
  };
}
