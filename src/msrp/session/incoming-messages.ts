/** The messages that one session is receiving (RFC 4975 7.3.1), bounded, and which were received whole a moment ago. */
import type { MsrpRequestHead } from '../message/msrp-message.ts';
import { IncomingTransfer } from '../transfer/incoming-transfer.ts';

/** Messages of one session that have begun and are not whole; one more is refused with 413. */
export const openTransfersMax = 16;
/** Message-IDs that are known to have been received whole: again they are answered and shown to nobody (RFC 4975 5.4). */
export const knownMessagesMax = 256;

export class IncomingMessages {
  readonly #open = new Map<string, IncomingTransfer>();
  readonly #known = new Set<string>();
  readonly #sizeMax: number;

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  /** `known`: it was received whole before. `full`: too many have begun. */
  transferOf({ messageId = '' }: MsrpRequestHead): IncomingTransfer | 'known' | 'full' {
    if (this.#known.has(messageId)) return 'known';
    const open = this.#open.get(messageId);
    if (open !== undefined) return open;
    if (this.#open.size >= openTransfersMax) return 'full';
    const transfer = new IncomingTransfer(messageId, this.#sizeMax);
    this.#open.set(messageId, transfer);
    return transfer;
  }

  completed(messageId: string): void {
    this.#open.delete(messageId);
    this.#known.add(messageId);
    if (this.#known.size <= knownMessagesMax) return;
    const [oldest] = this.#known;
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  abandoned(messageId: string): void {
    this.#open.delete(messageId);
  }

  /** Those that are not whole, when the session ends. */
  open(): string[] {
    return [...this.#open.keys()];
  }
}
