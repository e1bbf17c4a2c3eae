/**
 * An instant message as every protocol hands it in and out. The body and the descriptions of it are bytes and text that
 * are passed on as they came; nothing here looks into them.
 */
import type { Millis } from '../base/time/clock.ts';
import type { Address } from './address.ts';
import type { Protocol, ReportKind } from './delivery-report.ts';

export interface InstantMessage {
  readonly sender: Address;
  readonly recipient: Address;
  /** What it came by; its sender is told over the same. */
  readonly origin: Protocol;
  /** The display name that the sender's client wrote, without quotes. */
  readonly senderName?: string;
  /** When the sender says that it was written; wall time. Within 24 h of the acceptance, else it is the acceptance. */
  readonly sentAt: Millis;
  /** The whole media type with its parameters, as it came. */
  readonly contentType: string;
  readonly contentEncoding?: string;
  readonly contentLanguage?: string;
  readonly contentDisposition?: string;
  readonly subject?: string;
  readonly priority?: string;
  readonly body: Uint8Array;
  /** The body is kept apart, being too large to go along; `body` is empty then. */
  readonly large?: LargeBody;
  /** It came in a session of its own, and goes in one, however small it is: its body is kept apart. A file is offered as one. */
  readonly ownSession?: 'large-message' | 'file';
  /**
   * How many servers it may pass behind this one, so that it goes round no circle for ever. Undefined where it has come no
   * way to speak of.
   */
  readonly hopsLeft?: number;
  /** How it came to be when no person wrote it (RFC 3834 5), for clients that would answer by themselves. */
  readonly autoSubmitted?: string;
  /** What the sender wants to be told of (RFC 5438 7.1.1.3; contract section 4). */
  readonly reportsWanted: readonly ReportKind[];
  /** Its sender is told in plain words, whatever protocol they use. */
  readonly reportsInWords?: boolean;
  /** What reports need to know of it in the words of its own protocol; nothing else reads it. */
  readonly reportReference?: string;
}

/** A body in the blob store. It never changes under its name. */
export interface LargeBody {
  readonly blob: string;
  readonly bytes: number;
}

/** Octets of body that a message may carry along through memory and tables; a longer one is kept apart. */
export const inlineBytesMax = 64 * 1024;

export function bodyBytesOf({ body, large }: Pick<InstantMessage, 'body' | 'large'>): number {
  return large?.bytes ?? body.length;
}
