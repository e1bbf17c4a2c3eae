/** What goes into the machine of a connection, and what comes out of it. */
import type { ByteRange } from '../message/byte-range.ts';
import type { ChunkEvent } from '../message/chunk-reader.ts';
import type { ContinuationFlag, MsrpHeader, MsrpRequestHead } from '../message/msrp-message.ts';
import type { Placed } from '../transfer/incoming-transfer.ts';
import type { MsrpSession } from './session-table.ts';

export type ConnectionInput =
  | { readonly kind: 'read'; readonly event: ChunkEvent }
  | { readonly kind: 'send'; readonly chunk: ChunkToSend }
  | { readonly kind: 'report'; readonly session: MsrpSession; readonly report: ReportToSend }
  /** Nothing more of that message is wanted. */
  | { readonly kind: 'refuse'; readonly session: MsrpSession; readonly messageId: string; readonly status: number }
  /** The session is over: what has begun in it will not be whole. */
  | { readonly kind: 'forget'; readonly session: MsrpSession }
  /** So many octets of what was written have not left yet. */
  | { readonly kind: 'queued'; readonly octets: number }
  /** The connection is not read, or is again. */
  | { readonly kind: 'paused'; readonly isPaused: boolean }
  | { readonly kind: 'tick' }
  | { readonly kind: 'closed' };

export interface ChunkToSend {
  readonly session: MsrpSession;
  /** Comes back with what became of it. */
  readonly reference: number;
  readonly messageId: string;
  readonly byteRange: ByteRange;
  readonly flag: ContinuationFlag;
  /** Undefined for an empty SEND, which only binds or keeps a connection. */
  readonly contentType?: string;
  readonly headers?: readonly MsrpHeader[];
  readonly successReport?: boolean;
  readonly failureReport?: MsrpRequestHead['failureReport'];
  readonly body: Uint8Array;
}

export interface ReportToSend {
  /** Of the SEND that is reported on. */
  readonly head: MsrpRequestHead;
  readonly range: ByteRange;
  readonly status: number;
}

export type ConnectionOutput =
  /** One message, in parts. */
  | { readonly kind: 'write'; readonly parts: readonly Uint8Array[] }
  /** The other side named it for the first time. */
  | { readonly kind: 'bound'; readonly session: MsrpSession }
  | { readonly kind: 'octets'; readonly session: MsrpSession; readonly messageId: string; readonly placed: Placed }
  | { readonly kind: 'complete'; readonly session: MsrpSession; readonly head: MsrpRequestHead; readonly size: number }
  | { readonly kind: 'abandoned'; readonly session: MsrpSession; readonly messageId: string; readonly why: string }
  | { readonly kind: 'reported'; readonly session: MsrpSession; readonly head: MsrpRequestHead }
  /** 200, the other side's refusal, or 408 where it said nothing in time. Not for a chunk that asked for no answer. */
  | { readonly kind: 'answered'; readonly reference: number; readonly status: number }
  /** The connection is gone, and with it this session. */
  | { readonly kind: 'lost'; readonly session: MsrpSession }
  /** Against the rules, or without a session for too long. */
  | { readonly kind: 'close'; readonly why: 'broken' | 'unbound' };
