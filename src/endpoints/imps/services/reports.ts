/**
 * Delivery reports to senders who are logged in: in the order in which they were made, kept until a client has them. A sender
 * with several clients is told by the newest that wants reports.
 */
import { StoreFault } from '../../../base/store-fault.ts';
import type { Millis } from '../../../base/time/clock.ts';
import type { Primitive } from '../../../imps/primitives/primitive.ts';
import { makeResult } from '../../../imps/primitives/results.ts';
import type { StatusCode } from '../../../imps/status-codes.ts';
import type { Address } from '../../../model/address.ts';
import type { DeliveryReport } from '../../../model/delivery-report.ts';
import type { ImpsSurroundings } from '../imps-surroundings.ts';
import type { LiveSession } from '../session/live-session.ts';
import { hasAgreed } from '../session/session-details.ts';
import { userIdOf } from '../words/user-ids.ts';

/** Offered at once; the others follow when all of them are answered. */
export const reportsOpenMax = 32;
/** How soon the store is asked again after it failed. */
const retryMs: Millis = 1000;

export class SenderReports {
  readonly #surroundings: ImpsSurroundings;
  readonly #sessionsOf: (owner: Address) => readonly LiveSession[];
  /** By owner: while reports are offered, and whether more may have been made meanwhile. */
  readonly #telling = new Map<Address, { isWanted: boolean }>();

  constructor(surroundings: ImpsSurroundings, sessionsOf: (owner: Address) => readonly LiveSession[]) {
    this.#surroundings = surroundings;
    this.#sessionsOf = sessionsOf;
  }

  /** Some were made, or a client came. Resolves when what waits has been offered, as much of it as may be at once. */
  async tell(owner: Address): Promise<void> {
    const telling = this.#telling.get(owner);
    if (telling !== undefined) {
      telling.isWanted = true;
      return;
    }
    const session = this.#sessionsOf(owner).find(({ terms }) => hasAgreed(terms, 'MDELIV'));
    if (session === undefined) return;
    this.#telling.set(owner, { isWanted: false });
    try {
      const query = { owner, protocol: 'imps', limit: reportsOpenMax } as const;
      const page = await this.#surroundings.delivery.reports.reports(query);
      const answers = page.map((report) => this.#offer(session, report));
      void this.#settle(owner, page, answers);
    } catch (fault) {
      this.#later(owner, fault);
    }
  }

  async #settle(owner: Address, page: readonly DeliveryReport[], answers: readonly Promise<boolean>[]): Promise<void> {
    const taken = await Promise.all(answers);
    const count = taken.includes(false) ? taken.indexOf(false) : taken.length;
    const last = page[count - 1];
    try {
      if (last !== undefined) await this.#surroundings.delivery.reports.told(owner, 'imps', last.number);
    } catch (fault) {
      this.#later(owner, fault);
      return;
    }
    const isWanted = this.#telling.get(owner)?.isWanted === true;
    this.#telling.delete(owner);
    // What was not taken waits for the next client, or for the next report.
    if (isWanted || (count === page.length && page.length === reportsOpenMax)) void this.tell(owner);
  }

  async #offer(session: LiveSession, report: DeliveryReport): Promise<boolean> {
    const end = await session.offer(reportPrimitive(report)).end;
    return end.kind === 'answered' || end.why === 'too-large';
  }

  #later(owner: Address, fault: unknown): void {
    this.#telling.delete(owner);
    if (!(fault instanceof StoreFault)) throw fault;
    const { timers, clock, log } = this.#surroundings;
    log.warn({ owner, fault: fault.message }, 'reports wait for the store');
    timers.at(clock.monotonic() + retryMs, () => void this.tell(owner));
  }
}

function reportPrimitive({ messageId, reference, recipient, state, at, owner }: DeliveryReport): Primitive {
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
    case 'forwarded':
      return 541;
    case 'expired':
      return 542;
    case 'failed':
      return 410;
    default:
      return 200;
  }
}
