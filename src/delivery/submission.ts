/** A message handed in by a sender's endpoint, and every answer that the endpoint has to put into its protocol's words. */
import type { Millis } from '../base/time/clock.ts';
import type { InstantMessage } from '../model/instant-message.ts';
import type { AttributeName } from '../model/presence-state.ts';
import type { OpenState } from './mailbox-entry.ts';

export interface Submission {
  readonly message: InstantMessage;
  /** The condition as the sender wrote it. */
  readonly condition?: string;
  /** The validity that was asked for; absent means the server's default, 0 means now or never. Never negative. */
  readonly validityMs?: Millis;
  /** Names of this submission within its sender and recipient; the same name again is the same message. */
  readonly duplicateKeys: readonly string[];
  /** One of them, which names the content too: where another is known and this one is not, the submission is refused. */
  readonly contentKey?: string;
  /** Kept before anything else, for the timeline of its sender, who waits so long for a delivery. */
  readonly keepFirst?: { readonly waitMs: Millis };
  /** From a trusted peer: never slowed down. */
  readonly isTrusted: boolean;
  /** No person wrote it (RFC 3834): nobody answers it by themselves. */
  readonly isAutomatic?: boolean;
  /** It was asked about before (`DeliveryService.prepare`), which also counted it. */
  readonly prepared?: Prepared;
  /** Worth nothing later (is-composing, RFC 3994): passed on to whoever is there, never kept, never counted. */
  readonly isTransient: boolean;
}

/** A message whose body is yet to come. */
export interface SubmissionHead extends Omit<Submission, 'message'> {
  readonly message: Omit<InstantMessage, 'body' | 'large'>;
  /** Of its body, where that is known. */
  readonly bytes: number | undefined;
}

/** What a message is from the moment on at which it was asked about. */
export interface Prepared {
  readonly id: string;
  readonly acceptedAt: Millis;
  readonly expiresAt: Millis;
}

export type Preparation =
  | { readonly kind: 'refused'; readonly refusal: SubmissionRefusal }
  /** It is known; its body is not needed. */
  | { readonly kind: 'repeated'; readonly outcome: SubmissionOutcome }
  /** Its recipient is there and may have it now: whoever brings it there says so with `relayed`. */
  | { readonly kind: 'relay'; readonly prepared: Prepared }
  /** It would be held or wait: its body is to be kept, and handed in with `submit`. */
  | { readonly kind: 'keep'; readonly prepared: Prepared; readonly state: OpenState };

export type SubmissionOutcome =
  | { readonly kind: 'delivered'; readonly id: string; readonly expiresAt: Millis }
  | AcceptedSubmission
  | { readonly kind: 'dropped' }
  | { readonly kind: 'refused'; readonly refusal: SubmissionRefusal };

/** Durable: whatever happens to this process, the message will be delivered, or end in a state that is reported. */
export interface AcceptedSubmission {
  readonly kind: 'accepted';
  readonly id: string;
  readonly state: OpenState;
  /** The condition is unmet, or a client is there and has not taken it yet; else the recipient is away. */
  readonly isForMoment: boolean;
  readonly acceptedAt: Millis;
  readonly expiresAt: Millis;
}

export interface RefusedSubmission {
  readonly submission: Submission;
  readonly refusal: SubmissionRefusal;
}

export type SubmissionRefusal =
  | { readonly reason: 'malformed-condition'; readonly position: number; readonly detail: string }
  | { readonly reason: 'too-large'; readonly bytesMax: number }
  | { readonly reason: 'unknown-recipient' }
  | { readonly reason: 'domain-not-served' }
  | { readonly reason: 'conditional-delivery-not-supported' }
  | { readonly reason: 'attribute-not-authorised'; readonly attributes: readonly AttributeName[] }
  | { readonly reason: 'blocked' }
  /** The name that makes repetitions known was used for another message. */
  | { readonly reason: 'key-used-otherwise' }
  | { readonly reason: 'not-stored' }
  | { readonly reason: 'offline-space-full' }
  | { readonly reason: 'sender-queue-full' }
  | { readonly reason: 'refused-by-recipient'; readonly status: string }
  | { readonly reason: 'too-many-requests'; readonly retryAfterMs: Millis }
  | { readonly reason: 'store-unavailable'; readonly retryAfterMs: Millis };
