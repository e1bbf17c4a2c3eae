/**
 * What an operator does with somebody's kept message: let it go whatever its condition, or end it. Both are written into
 * its story with who did it and why, and are logged.
 */
import type { Address } from '../../model/address.ts';
import type { EntrySummary, Step } from '../mailbox-entry.ts';
import type { DeliverySurroundings } from '../mailbox/delivery-surroundings.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import type { ListQuery } from '../ports.ts';

export interface OperatorAct {
  readonly operator: Address;
  readonly reason: string;
}

export type OperatorOutcome = 'done' | 'ended' | 'unknown';

export class OperatorDesk {
  readonly #surroundings: DeliverySurroundings;
  readonly #mailboxOf: (recipient: Address) => Mailbox;

  constructor(surroundings: DeliverySurroundings, mailboxOf: (recipient: Address) => Mailbox) {
    this.#surroundings = surroundings;
    this.#mailboxOf = mailboxOf;
  }

  /** Rejects with `StoreFault`. */
  list(query: ListQuery): Promise<EntrySummary[]> {
    return this.#surroundings.store.list(query);
  }

  /** The place in `list` after which the page behind this message begins. Rejects with `StoreFault`. */
  sequenceOf(id: string): Promise<number> {
    return this.#surroundings.store.sequenceOf(id);
  }

  /** Rejects with `StoreFault`. */
  story(id: string): Promise<{ readonly summary: EntrySummary; readonly steps: readonly Step[] } | undefined> {
    return this.#surroundings.store.story(id);
  }

  /** Its condition is taken away; from now on it waits for nothing but a client. Rejects with `StoreFault`. */
  async release(id: string, act: OperatorAct): Promise<OperatorOutcome> {
    const recipient = await this.#recipientOf(id);
    if (recipient === undefined) return 'unknown';
    const why = `released by ${act.operator}: ${act.reason}`;
    const amended = await this.#mailboxOf(recipient).ledger.amend(id, { condition: 'none', why });
    this.#surroundings.settled(recipient);
    if (amended === undefined) return 'ended';
    this.#surroundings.log.info({ id, ...act }, 'an operator released a message');
    return 'done';
  }

  /** It ends as failed, and its sender is told. An attempt that is open is waited for. Rejects with `StoreFault`. */
  async purge(id: string, act: OperatorAct): Promise<OperatorOutcome> {
    const recipient = await this.#recipientOf(id);
    if (recipient === undefined) return 'unknown';
    const delivery = this.#mailboxOf(recipient).openDelivery(id);
    if (delivery?.entry !== undefined) {
      const closed = delivery.closed();
      delivery.stopSending();
      await closed;
    }
    const entry = await this.#surroundings.store.find(recipient, id);
    const mailbox = this.#mailboxOf(recipient);
    if (entry !== undefined && mailbox.isOpen(id)) return this.purge(id, act);
    const isNow =
      entry !== undefined &&
      (await mailbox.ledger.endEntry(entry, 'failed', `purged by ${act.operator}: ${act.reason}`));
    this.#surroundings.settled(recipient);
    if (!isNow) return 'ended';
    this.#surroundings.log.info({ id, ...act }, 'an operator purged a message');
    return 'done';
  }

  async #recipientOf(id: string): Promise<Address | undefined> {
    return (await this.#surroundings.store.story(id))?.summary.recipient;
  }
}
