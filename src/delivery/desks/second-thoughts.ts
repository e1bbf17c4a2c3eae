/**
 * What a sender may do with a message that is kept: take it back, or change its condition and its validity (contract
 * section 4). Somebody else's message is as unknown as one that never was.
 */
import type { Millis } from '../../base/time/clock.ts';
import type { Condition } from '../../conditions/condition.ts';
import type { Address } from '../../model/address.ts';
import type { OpenState } from '../mailbox-entry.ts';
import type { DeliverySurroundings } from '../mailbox/delivery-surroundings.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import type { SubmissionRefusal } from '../submission.ts';

/** `ended`: it was delivered, or came to another end, before it could be taken back. */
export type RecallOutcome = 'recalled' | 'ended' | 'unknown';

export interface AmendmentRequest {
  /** The text of the new condition; `null` takes the condition away. */
  readonly condition?: string | null;
  /** From the acceptance on; cut to the longest that the server allows. */
  readonly validityMs?: Millis;
}

export type AmendmentOutcome =
  | { readonly kind: 'amended'; readonly state: OpenState; readonly expiresAt: Millis }
  | { readonly kind: 'refused'; readonly refusal: SubmissionRefusal }
  | { readonly kind: 'ended' }
  | { readonly kind: 'unknown' };

export class SecondThoughts {
  readonly #surroundings: DeliverySurroundings;
  readonly #mailboxOf: (recipient: Address) => Mailbox;

  constructor(surroundings: DeliverySurroundings, mailboxOf: (recipient: Address) => Mailbox) {
    this.#surroundings = surroundings;
    this.#mailboxOf = mailboxOf;
  }

  /** Waits for an attempt that is open: a client that takes the message still has it. Rejects with `StoreFault`. */
  async recall(sender: Address, id: string): Promise<RecallOutcome> {
    const recipient = await this.#recipientOf(sender, id);
    if (recipient === undefined) return 'unknown';
    const delivery = this.#mailboxOf(recipient).openDelivery(id);
    if (delivery !== undefined) {
      const { hasEnded } = delivery;
      const closed = delivery.closed();
      delivery.recall();
      await closed;
      // It came to its end before it was taken back: its row may wait again.
      if (hasEnded) return this.recall(sender, id);
      return delivery.isDelivered || delivery.isTurnedAway ? 'ended' : 'recalled';
    }
    const entry = await this.#surroundings.store.find(recipient, id);
    if (entry === undefined) {
      this.#surroundings.settled(recipient);
      return 'ended';
    }
    // It may have been taken up while the row was read, or the mailbox let go that was idle.
    const mailbox = this.#mailboxOf(recipient);
    if (mailbox.isOpen(id)) return this.recall(sender, id);
    return (await mailbox.ledger.endEntry(entry, 'recalled', 'its sender took it back')) ? 'recalled' : 'ended';
  }

  /** Parsed, authorised and evaluated like a new one; refused, the old stays. Rejects with `StoreFault`. */
  async amend(sender: Address, id: string, request: AmendmentRequest): Promise<AmendmentOutcome> {
    const recipient = await this.#recipientOf(sender, id);
    if (recipient === undefined) return { kind: 'unknown' };
    const condition = this.#readCondition(sender, recipient, request.condition);
    if (condition !== undefined && 'reason' in condition) return { kind: 'refused', refusal: condition };
    const entry = await this.#surroundings.store.find(recipient, id);
    if (entry === undefined) return { kind: 'ended' };
    const { validityMs } = request;
    const longest = this.#surroundings.policy.validityMaxMs;
    const amended = await this.#mailboxOf(recipient).ledger.amend(id, {
      ...(condition === undefined ? {} : { condition: condition.condition }),
      ...(validityMs === undefined ? {} : { expiresAt: entry.acceptedAt + Math.min(validityMs, longest) }),
    });
    this.#surroundings.settled(recipient);
    if (amended === undefined) return { kind: 'ended' };
    return { kind: 'amended', state: amended.state, expiresAt: amended.expiresAt };
  }

  #readCondition(
    sender: Address,
    recipient: Address,
    text: string | null | undefined,
  ): { readonly condition: Condition | 'none' } | SubmissionRefusal | undefined {
    if (text === undefined) return undefined;
    if (text === null) return { condition: 'none' };
    const { conditions, policy, presence } = this.#surroundings;
    const parsed = conditions.parse(text);
    if (!parsed.ok) {
      return { reason: 'malformed-condition', position: parsed.error.position, detail: parsed.error.reason };
    }
    if (!policy.isConditional) return { reason: 'conditional-delivery-not-supported' };
    const visible = presence.visiblePresence(recipient, sender, presence.current(recipient));
    const attributes = parsed.value.attributes.filter((attribute) => !visible.mayRead(attribute));
    return attributes.length > 0 ? { reason: 'attribute-not-authorised', attributes } : { condition: parsed.value };
  }

  async #recipientOf(sender: Address, id: string): Promise<Address | undefined> {
    const story = await this.#surroundings.store.story(id);
    return story?.summary.sender === sender ? story.summary.recipient : undefined;
  }
}
