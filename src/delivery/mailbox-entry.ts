/**
 * One accepted message while it is kept: the row of a mailbox. What is true of it at a moment is decided elsewhere; this
 * file only says which facts are durable.
 */
import type { Millis } from '../base/time/clock.ts';
import type { Address } from '../model/address.ts';
import type { AttributeName } from '../model/presence-state.ts';
import type { NewReport, Protocol, ReportKind } from '../model/delivery-report.ts';
import type { InstantMessage } from '../model/instant-message.ts';
import type { ChangeLatch } from '../conditions/change-latch.ts';

/** While it is kept a message is held (its condition does not hold) or waiting (for a reachable client). */
const openStates = ['held', 'waiting'] as const;
const finalStates = ['delivered', 'displayed', 'rejected', 'recalled', 'expired', 'failed'] as const;

export const messageStates = [...openStates, ...finalStates] as const;

export type OpenState = (typeof openStates)[number];
export type FinalState = (typeof finalStates)[number];
export type MessageState = OpenState | FinalState;

export interface NewMailboxEntry {
  /** A UUIDv7; also the id that the recipient sees. */
  readonly id: string;
  readonly message: InstantMessage;
  /** Wall time of the acceptance; validity counts from here. */
  readonly acceptedAt: Millis;
  readonly expiresAt: Millis;
  readonly state: OpenState;
  /** The condition in its canonical form. */
  readonly condition?: string;
  /** The attributes that the condition mentions: its index. Empty without a condition. */
  readonly attributes: readonly AttributeName[];
  readonly latches: readonly ChangeLatch[];
  /** When a time test in the condition changes its truth next. */
  readonly turnsAt?: Millis;
  /** Names of this submission within its sender and recipient; the same name again is the same message. */
  readonly duplicateKeys: readonly string[];
  /** Made with it, for its sender. */
  readonly reports?: readonly NewReport[];
}

export interface MailboxEntry extends Omit<NewMailboxEntry, 'reports'> {
  /** The place in the order of acceptance, growing over the whole store. */
  readonly sequence: number;
  /** The state that the sender was told at acceptance; a duplicate is answered with it. */
  readonly acceptedState: OpenState;
  /** The number of the newest attempt whose end is durable; the next one is higher (contract section 4, Wire). */
  readonly attempts: number;
  /** Failures that may be the message's own fault, 413, 488, 500 (contract section 4): three set it aside. */
  readonly messageFailures: number;
  /** No attempt before this; absent when nothing but a target is missing. */
  readonly retryAt?: Millis;
  /** Set aside: no further attempt by itself; it can still be fetched, and expires. */
  readonly isAside: boolean;
  /** Targets that are done with this message because they refused it for good. */
  readonly refusedBy: readonly TargetRefusal[];
}

export interface TargetRefusal {
  /** The device, so that it is not asked again over another way. */
  readonly targetId: string;
  /** The refusal in the target's protocol, for the sender: `sip 603`. */
  readonly status: string;
  /** It refused nothing: it cannot take so large a message, and was told that it waits. */
  readonly isTold?: true;
}

/** Changes to an open entry; fields left out stay. `undefined` as a value removes. */
export interface EntryUpdate {
  readonly id: string;
  readonly recipient: Address;
  readonly state?: OpenState;
  readonly latches?: readonly ChangeLatch[];
  readonly turnsAt?: Millis | undefined;
  readonly attempts?: number;
  readonly messageFailures?: number;
  readonly retryAt?: Millis | undefined;
  readonly isAside?: boolean;
  readonly refusedBy?: readonly TargetRefusal[];
  /** An amended condition comes with its attributes; `undefined` as the value takes it away. */
  readonly condition?: string | undefined;
  readonly attributes?: readonly AttributeName[];
  readonly expiresAt?: Millis;
  /** What is written into the timeline with it. */
  readonly step?: Step;
  readonly reports?: readonly NewReport[];
}

/** The end of an entry: content is erased, quotas are freed, the timeline stays for `--history`. */
export interface EntryEnd {
  readonly id: string;
  readonly recipient: Address;
  readonly state: FinalState;
  readonly at: Millis;
  readonly step: Step;
  /** Its sender, who still waits in their own transaction, is answered with it; so is a repetition. */
  readonly isAnswer?: boolean;
  /** What they tell of is not wanted any more, nor a failure of what was delivered. */
  readonly reports?: readonly NewReport[];
  /** Kept for what may still be reported of it. */
  readonly reportReference?: string;
}

/**
 * What a client said of a message after it had taken it: that its reader saw it, or, where that was left for the client to
 * report, that it was delivered or not.
 */
export interface EntryConfirmation {
  readonly id: string;
  readonly recipient: Address;
  readonly kind: 'delivered' | 'displayed' | 'failed';
  readonly step: Step;
  readonly reports?: readonly NewReport[];
}

/** One line of a message's story, for `explain`. */
export interface Step {
  readonly at: Millis;
  /** For the operator; it may name clients and what they answered. */
  readonly what: string;
  /** Where the message changed its state: all that its sender is shown of this line. */
  readonly state?: MessageState;
}

/** A line of an inbox: a message without its content. */
export interface InboxItem {
  readonly id: string;
  readonly sequence: number;
  readonly sender: Address;
  readonly sentAt: Millis;
  readonly subject?: string;
  readonly contentType: string;
  readonly bytes: number;
}

/** What is left of a message after its end, and what lists show of one that is kept. */
export interface EntrySummary {
  readonly id: string;
  /** The place in the order of acceptance: where `ListQuery.after` goes on. */
  readonly sequence: number;
  readonly sender: Address;
  readonly recipient: Address;
  readonly state: MessageState;
  /** How its life began: what its sender was told first. */
  readonly acceptedState: OpenState;
  readonly acceptedAt: Millis;
  readonly expiresAt: Millis;
  readonly endedAt?: Millis;
  readonly condition?: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly attempts: number;
  readonly retryAt?: Millis;
  readonly isAside: boolean;
  readonly origin: Protocol;
  /** What its sender asked to be told, and, when it has ended, was not told with its end. */
  readonly reportsWanted: readonly ReportKind[];
  readonly reportsInWords?: boolean;
  /** Of one that has ended. */
  readonly reportReference?: string;
}
