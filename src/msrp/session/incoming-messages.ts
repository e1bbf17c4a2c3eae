/** The messages that one session is receiving (RFC 4975 7.3.1), bounded, and what became of those before them. */
import type { MsrpRequestHead } from '../message/msrp-message.ts';
import { IncomingTransfer } from '../transfer/incoming-transfer.ts';
import type { MsrpSession } from './session-table.ts';

/** Messages of one session that have begun and are not whole; one more is refused with 413. */
export const openTransfersMax = 16;
/**
 * Message-IDs that are known to have been received whole (again they are answered and shown to nobody, RFC 4975 5.4), or to
 * have been refused.
 */
export const knownMessagesMax = 256;

export interface OpenMessage {
  readonly transfer: IncomingTransfer;
  /** False for one that is answered and forgotten. */
  readonly isTaken: boolean;
}

/** Received whole: 200, and the report that was sent if there was one. Refused: its status. */
export interface KnownMessage {
  readonly status: number;
  reported?: { readonly status: number; readonly size: number };
}

export class IncomingMessages {
  readonly #open = new Map<string, OpenMessage>();
  readonly #known = new Map<string, KnownMessage>();
  readonly #session: MsrpSession;

  constructor(session: MsrpSession) {
    this.#session = session;
  }

  /** The message that a chunk belongs to, also if this is its first one; or what is known of it. */
  find(head: MsrpRequestHead): OpenMessage | KnownMessage {
    const { messageId = '' } = head;
    const found = this.#known.get(messageId) ?? this.#open.get(messageId);
    if (found !== undefined) return found;
    if (this.#open.size >= openTransfersMax) return { status: 413 };
    const answer = this.#session.admit(head);
    if (typeof answer === 'number') return this.close(messageId, answer);
    const transfer = new IncomingTransfer(messageId, this.#session.sizeMax, this.#session.received(messageId));
    const open = { transfer, isTaken: answer === 'take' };
    this.#open.set(messageId, open);
    return open;
  }

  /** It is whole (200), or not wanted any more. */
  close(messageId: string, status: number): KnownMessage {
    this.#open.delete(messageId);
    const known = { status };
    this.#known.set(messageId, known);
    if (this.#known.size > knownMessagesMax) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    return known;
  }

  /** Its sender gave it up, and may begin it again. */
  forget(messageId: string): void {
    this.#open.delete(messageId);
  }

  isOpen(messageId: string): boolean {
    return this.#open.has(messageId);
  }

  reported(messageId: string, status: number, size: number): void {
    const known = this.#known.get(messageId);
    if (known !== undefined) known.reported = { status, size };
  }

  /** Those that were taken and are not whole, when the session ends. */
  open(): string[] {
    return [...this.#open].flatMap(([messageId, { isTaken }]) => (isTaken ? [messageId] : []));
  }
}
