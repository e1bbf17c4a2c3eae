/**
 * Who has how many messages open with whom, kept right by every put, update and end of the writer thread. Since that
 * thread is the only one that writes mailboxes, a quota that is checked here cannot be passed by any number of senders.
 */
import { LRUCache } from 'lru-cache';
import type { Quotas } from '../../../delivery/ports.ts';
import { exceedsRecipientQuota } from '../../quota-rule.ts';
import { HELD } from '../mailbox/message-states.ts';
import type { Principal, Principals } from './principals.ts';

/** Pairs of principals whose count is kept in memory; only those that come near their quota are ever counted. */
export const cachedPairsMax = 10_000;

export interface CountedMessage {
  readonly sender: number;
  readonly recipient: number;
  readonly state: number;
  readonly bytes: number;
  readonly isLarge: boolean;
  readonly isConditional: boolean;
}

export class Usage {
  readonly #principals: Principals;
  readonly #pairs = new LRUCache<string, number>({ max: cachedPairsMax });

  constructor(principals: Principals) {
    this.#principals = principals;
  }

  /** Why one more message does not fit; undefined when it does. */
  findRefusal(
    sender: Principal,
    recipient: Principal,
    { state, bytes, isLarge }: { readonly state: number; readonly bytes: number; readonly isLarge: boolean },
    quotas: Quotas,
  ): 'offline-space-full' | 'sender-queue-full' | undefined {
    const received = this.#principals.received(recipient);
    const more = { isHeld: state === HELD, bytes, isLarge };
    if (exceedsRecipientQuota(received, more, quotas)) return 'offline-space-full';
    const sent = this.#principals.sent(sender);
    if (sent >= quotas.senderMessages) return 'sender-queue-full';
    // A pair cannot have more than either of the two; so it is seldom counted.
    if (sent < quotas.pairMessages || received.messages < quotas.pairMessages) return undefined;
    return this.#pair(sender, recipient) >= quotas.pairMessages ? 'sender-queue-full' : undefined;
  }

  add(message: CountedMessage): void {
    this.#change(message, 1);
  }

  remove(message: CountedMessage): void {
    this.#change(message, -1);
  }

  rolledBack(): void {
    this.#pairs.clear();
  }

  #pair(sender: Principal, recipient: Principal): number {
    const key = pairKey(sender.number, recipient.number);
    let count = this.#pairs.get(key);
    if (count === undefined) {
      count = this.#principals.countPair(sender, recipient);
      this.#pairs.set(key, count);
    }
    return count;
  }

  #change(message: CountedMessage, by: 1 | -1): void {
    const sender = this.#principals.cached(message.sender);
    if (sender?.sent !== undefined) sender.sent += by;
    const received = this.#principals.cached(message.recipient)?.received;
    if (received !== undefined) {
      received.messages += by;
      const bytes = by * message.bytes;
      received[message.isLarge ? 'largeBytes' : 'bytes'] += bytes;
      if (message.isConditional) received.conditional += by;
      if (message.state === HELD) {
        received.heldMessages += by;
        received[message.isLarge ? 'heldLargeBytes' : 'heldBytes'] += bytes;
      }
    }
    if (this.#pairs.size === 0) return;
    const key = pairKey(message.sender, message.recipient);
    const count = this.#pairs.peek(key);
    if (count !== undefined) this.#pairs.set(key, count + by);
  }
}

function pairKey(sender: number, recipient: number): string {
  return `${sender} ${recipient}`;
}
