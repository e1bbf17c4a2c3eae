/** What is kept of messages and of the people they are with. */
import type { Arrival } from '../conditions/arrival.ts';
import type { SentState } from '../words/state-words.ts';

/** A message of mine, from the moment it was written. */
export interface SentRecord {
  readonly direction: 'out';
  /** Ours; the Idempotency-Key too. */
  readonly key: string;
  /** The server's; undefined until it took it. */
  readonly id?: string;
  readonly peer: string;
  /** The place in the conversation. */
  readonly order: number;
  readonly at: number;
  readonly text: string;
  readonly state: SentState;
  /** 1 while it may still change by itself, absent afterwards: what the index of open ones holds. */
  readonly open?: 1;
  readonly deliverWhen?: string | undefined;
  /** The condition in words. */
  readonly sentence?: string | undefined;
  readonly expiresIn?: number;
  readonly expiresAt?: number;
  readonly endedAt?: number;
  /** Why the server did not take it. */
  readonly problem?: string;
}

/** A message to me. */
export interface ReceivedRecord {
  readonly direction: 'in';
  /** The server's id. */
  readonly key: string;
  readonly id: string;
  readonly peer: string;
  readonly order: number;
  /** When it was written. */
  readonly at: number;
  /** When it came here. */
  readonly receivedAt: number;
  readonly deferred: boolean;
  readonly subject?: string;
  readonly text?: string;
  /** What is not text. */
  readonly contentType?: string;
  readonly body?: string;
  /** The same of one that is large. */
  readonly content?: Blob;
  readonly isSeen: boolean;
}

export type MessageRecord = SentRecord | ReceivedRecord;

/** Somebody there is a conversation with. */
export interface PeerRecord {
  readonly address: string;
  readonly lastOrder: number;
  readonly lastText: string;
  readonly lastDirection: 'in' | 'out' | undefined;
  readonly unread: number;
  readonly draft?: Draft;
}

export interface Draft {
  readonly text: string;
  readonly arrival: Arrival;
}
