/** Delivery reports to senders over this protocol: one after the other in order, told when the client has answered. */
import { StoreFault } from '../../../base/store-fault.ts';
import type { Millis } from '../../../base/time/clock.ts';
import type { Primitive } from '../../../imps/primitives/primitive.ts';
import { makeResult } from '../../../imps/primitives/results.ts';
import type { StatusCode } from '../../../imps/status-codes.ts';
import type { Address } from '../../../model/address.ts';
import type { DeliveryReport } from '../../../model/delivery-report.ts';
import type { ImpsSurroundings } from '../imps-surroundings.ts';
import type { LiveSession } from '../session/live-session.ts';
import { userIdOf } from '../words/user-ids.ts';

/** How soon the store is asked again after it failed. */
const retryMs: Millis = 1000;

export class SenderReports {
  readonly #surroundings: ImpsSurroundings;
  readonly #sessionsOf: (owner: Address) => readonly LiveSession[];
  readonly #telling = new Set<Address>();
  /** More was made while some were told. */
  readonly #wanted = new Set<Address>();

  constructor(surroundings: ImpsSurroundings, sessionsOf: (owner: Address) => readonly LiveSession[]) {
    this.#surroundings = surroundings;
    this.#sessionsOf = sessionsOf;
  }

  /** Some were made, or a client came. */
  tell(owner: Address): void {
    this.#wanted.add(owner);
    if (!this.#telling.has(owner)) void this.#tellAll(owner);
  }

  async #tellAll(owner: Address): Promise<void> {
    this.#telling.add(owner);
    try {
      while (this.#wanted.delete(owner)) await this.#tellEach(owner);
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      const { timers, clock, log } = this.#surroundings;
      log.warn({ owner, fault: fault.message }, 'reports wait for the store');
      timers.at(clock.monotonic() + retryMs, () => this.tell(owner));
    } finally {
      this.#telling.delete(owner);
    }
  }

  async #tellEach(owner: Address): Promise<void> {
    const { reports } = this.#surroundings.delivery;
    for (;;) {
      const [session] = this.#sessionsOf(owner);
      if (session === undefined) return;
      const [report] = await reports.reports({ owner, protocol: 'imps', limit: 1 });
      if (report === undefined) return;
      const end = await session.offer(reportPrimitive(report)).end;
      if (end.kind === 'unanswered') return;
      await reports.told(owner, 'imps', report.number);
    }
  }
}

export function reportPrimitive({ messageId, reference, recipient, state, at, owner }: DeliveryReport): Primitive {
  const messageInfo = {
    messageId: reference ?? messageId,
    contentSize: 0,
    recipient: { users: [{ userId: userIdOf(recipient) }], groups: [], contactLists: [] },
    sender: { user: { userId: userIdOf(owner) } },
  };
  return {
    name: 'DeliveryReport-Request',
    value: { result: makeResult(fateOf(state)), deliveryTime: at, messageInfo },
  };
}

function fateOf(state: DeliveryReport['state']): StatusCode {
  switch (state) {
    case 'rejected':
      return 538;
    case 'expired':
      return 542;
    case 'failed':
      return 410;
    default:
      return 200;
  }
}
