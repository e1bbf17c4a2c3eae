/** The heads of MSRP requests and responses (RFC 4975 7 and 9): what every layer asks for, read once. */
import type { ByteRange } from './byte-range.ts';
import type { MsrpUri } from './msrp-uri.ts';

/** How a chunk ends: the message is complete, goes on, or is given up (RFC 4975 7.1). */
export type ContinuationFlag = '$' | '+' | '#';

export interface MsrpHeader {
  readonly name: string;
  readonly value: string;
}

export interface MsrpRequestHead {
  readonly kind: 'request';
  readonly transactionId: string;
  /** `SEND`, `REPORT`, or one that is answered 501. */
  readonly method: string;
  readonly toPath: readonly MsrpUri[];
  readonly fromPath: readonly MsrpUri[];
  readonly messageId?: string;
  readonly byteRange?: ByteRange;
  readonly successReport: boolean;
  readonly failureReport: 'yes' | 'no' | 'partial';
  /** Of a REPORT: the code of the namespace 000. */
  readonly status?: number;
  /** Of a SEND with content. */
  readonly contentType?: string;
  /** Everything else, in order: MIME headers and extensions. */
  readonly headers: readonly MsrpHeader[];
}

export interface MsrpResponseHead {
  readonly kind: 'response';
  readonly transactionId: string;
  /** 200 to 699. */
  readonly status: number;
  readonly comment: string;
  readonly toPath: readonly MsrpUri[];
  readonly fromPath: readonly MsrpUri[];
  readonly headers: readonly MsrpHeader[];
}

export type MsrpHead = MsrpRequestHead | MsrpResponseHead;

/** RFC 4975 9: 4 to 32 characters. */
export const TRANSACTION_ID = /^[a-z\d][a-z\d.+%=-]{3,31}$/i;
/** The same, but clients are known to write UUIDs, and nothing here rests on it. */
export const MESSAGE_ID = /^[!-~]{1,128}$/;
