/** What goes into a session and what comes out of it. An exchange is one HTTP request and its response. */
import type { CspVersion } from '../csp-version.ts';
import type { IncomingTransaction, OutgoingTransaction } from '../message/csp-message.ts';
import type { Extension } from '../message/extension.ts';
import type { Primitive } from '../primitives/primitive.ts';
import type { StatusCode } from '../status-codes.ts';
import type { Offer } from './outgoing-transactions.ts';
import type { SessionLimits } from './session-limits.ts';

export type SessionInput =
  | MessageInput
  | AnswerInput
  | { readonly kind: 'offer'; readonly offer: Offer }
  /** It is not offered any more; where it never was, it is taken back. */
  | { readonly kind: 'withdraw'; readonly handle: number }
  /** What the answer to an offer means is written down. */
  | { readonly kind: 'settled'; readonly handle: number }
  | { readonly kind: 'limits'; readonly limits: SessionLimits }
  /** Seconds without a word after which it expires. */
  | { readonly kind: 'keep-alive'; readonly keepAliveS: number }
  | DisconnectInput
  /** The connection of an exchange is gone; what it would have carried goes with the next. */
  | { readonly kind: 'gone'; readonly exchange: number }
  | { readonly kind: 'tick' };

export interface MessageInput {
  readonly kind: 'message';
  readonly exchange: number;
  readonly version: CspVersion;
  readonly transactions: readonly IncomingTransaction[];
}

/** To a request that came out. */
export interface AnswerInput {
  readonly kind: 'answer';
  readonly id: string;
  readonly primitive: Primitive;
  readonly extension?: Extension;
}

export interface DisconnectInput {
  readonly kind: 'disconnect';
  readonly code: StatusCode;
  readonly words?: string;
}

export type SessionOutput =
  /** Without transactions the body is empty. */
  | {
      readonly kind: 'respond';
      readonly exchange: number;
      readonly transactions: readonly OutgoingTransaction[];
      readonly poll: boolean;
    }
  | RequestOutput
  | {
      readonly kind: 'answered';
      readonly handle: number;
      readonly primitive: Primitive;
      /** The response waits until this is `settled`. */
      readonly isSettledLater: boolean;
    }
  | {
      readonly kind: 'unanswered';
      readonly handle: number;
      /** `replaced`: by a newer one, before it was offered. `withdrawn`: it was never offered, and may not go any more. */
      readonly why: 'silence' | 'too-many' | 'too-large' | 'replaced' | 'withdrawn' | 'ended';
    }
  /** Something waits, and the client is not asking. */
  | { readonly kind: 'call' }
  | { readonly kind: 'ended'; readonly why: SessionEnd };

/** To be answered under its id; MessageDelivered too, where it ends a retrieval. */
export interface RequestOutput {
  readonly kind: 'request';
  readonly id: string;
  readonly primitive: Primitive;
  readonly extension: Extension;
  /** It came with an ExtBlock, so its client knows extensions. */
  readonly hasExtension: boolean;
}

export type SessionEnd = 'logout' | 'expired' | 'disconnected';
