/** The end of a row as the store writes it: the state, its line of the story, and the reports that follow from it. Pure. */
import type { Millis } from '../../base/time/clock.ts';
import type { EntryEnd, FinalState, MailboxEntry } from '../mailbox-entry.ts';
import { reportsOfEnd, withoutDelivered } from '../report-policy.ts';

export interface Ending {
  readonly state: FinalState;
  readonly why: string;
  /** Its sender still waits and is answered with it. */
  readonly isAnswer: boolean;
  /** The client that took it says so to its sender by itself. */
  readonly isReportedByClient?: boolean;
  /** Its recipient has it in that they sent it on. */
  readonly isForwarded?: boolean;
}

export function entryEnd({ id, message }: MailboxEntry, ending: Ending, at: Millis): EntryEnd {
  const { state, why, isAnswer, isReportedByClient = false, isForwarded = false } = ending;
  const reported = isReportedByClient ? withoutDelivered(message) : message;
  const reports = reportsOfEnd(id, reported, isForwarded ? 'forwarded' : state, at);
  const { reportReference } = message;
  return {
    id,
    recipient: message.recipient,
    state,
    at,
    step: { at, what: `${state}: ${why}`, state },
    isAnswer,
    ...(reports.length === 0 ? {} : { reports }),
    ...(reportReference === undefined || state !== 'delivered' ? {} : { reportReference }),
  };
}
