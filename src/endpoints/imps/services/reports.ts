/**
 * Delivery reports to senders who are logged in: in the order in which they were made, kept until a client has them. A sender
 * with several clients is told by that of which was heard last, among those that want reports.
 */
import { StoreFault } from '../../../base/store-fault.ts';
import type { Millis } from '../../../base/time/clock.ts';
import type { TimerHandle } from '../../../base/time/timers.ts';
import type { Primitive } from '../../../imps/primitives/primitive.ts';
import { makeResult } from '../../../imps/primitives/results.ts';
import type { StatusCode } from '../../../imps/status-codes.ts';
import type { Address } from '../../../model/address.ts';
import type { DeliveryReport } from '../../../model/delivery-report.ts';
import type { ImpsSurroundings } from '../imps-surroundings.ts';
import type { LiveSession } from '../session/live-session.ts';
import { hasAgreed } from '../session/session-details.ts';
import type { OfferEnd, OpenOffer } from '../session/session-target.ts';
import { userIdOf } from '../words/user-ids.ts';

/** Offered at once; the others follow when all of them are answered. */
export const reportsOpenMax = 32;
/** How often it is looked whether another client is there than the one that is told. */
export const lookAgainMs: Millis = 30_000;
/** How soon the store is asked again after it failed. */
const retryMs: Millis = 1000;

export class SenderReports {
  readonly #surroundings: ImpsSurroundings;
  readonly #sessionsOf: (owner: Address) => readonly LiveSession[];
  /** By owner, while reports are told. */
  readonly #telling = new Map<Address, Telling>();

  constructor(surroundings: ImpsSurroundings, sessionsOf: (owner: Address) => readonly LiveSession[]) {
    this.#surroundings = surroundings;
    this.#sessionsOf = sessionsOf;
  }

  /** Some were made, or a client came. Resolves when all that waits has been offered, or cannot be. */
  tell(owner: Address): Promise<void> {
    return new Promise((resolve) => {
      const telling = this.#telling.get(owner);
      if (telling === undefined) {
        const begun = { isWanted: true, whenOffered: [resolve], open: [], session: undefined };
        this.#telling.set(owner, begun);
        void this.#tellAll(owner, begun);
        return;
      }
      telling.isWanted = true;
      telling.whenOffered.push(resolve);
      this.#moveTo(owner, telling);
    });
  }

  /** That of which was heard last: another may be gone without a word. */
  #clientOf(owner: Address): LiveSession | undefined {
    const agreed = this.#sessionsOf(owner).filter(({ terms }) => hasAgreed(terms, 'MDELIV'));
    const [newest] = agreed;
    return newest && agreed.reduce((last, each) => (each.heardAtMs > last.heardAtMs ? each : last), newest);
  }

  /** Of what another client was to be told, that which was heard of last is told what has not been offered yet. */
  #moveTo(owner: Address, telling: Telling): void {
    if (this.#clientOf(owner) !== telling.session) for (const offer of telling.open) offer.stop();
  }

  async #tellAll(owner: Address, telling: Telling): Promise<void> {
    try {
      while (telling.isWanted) {
        telling.isWanted = false;
        telling.session = this.#clientOf(owner);
        if (telling.session !== undefined) await this.#tellPage(owner, telling, telling.session);
      }
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      const { timers, clock, log } = this.#surroundings;
      log.warn({ owner, fault: fault.message }, 'reports wait for the store');
      timers.at(clock.monotonic() + retryMs, () => void this.tell(owner));
    } finally {
      this.#telling.delete(owner);
      for (const resolve of telling.whenOffered) resolve();
    }
  }

  #lookAgain(look: () => void): () => void {
    const { timers, clock } = this.#surroundings;
    let timer: TimerHandle | undefined;
    const arm = (): void => {
      timer = timers.at(clock.monotonic() + lookAgainMs, () => {
        look();
        arm();
      });
    };
    arm();
    return () => timer?.cancel();
  }

  async #tellPage(owner: Address, telling: Telling, session: LiveSession): Promise<void> {
    const { reports } = this.#surroundings.delivery;
    const asked = telling.whenOffered.splice(0);
    const page = await reports.reports({ owner, protocol: 'imps', limit: reportsOpenMax });
    const isLast = page.length < reportsOpenMax;
    const answered = new InOrder(page.map(({ number }) => number));
    const written: Promise<void>[] = [];
    telling.open = page.map((report, place) =>
      session.offer(reportPrimitive(report), {
        mayGo: () => hasAgreed(session.terms, 'MDELIV'),
        // What a client has confirmed is not told again; what it has confirmed out of order, when the rest is.
        onEnd: (end) => {
          const number = isTold(end) ? answered.note(place) : undefined;
          if (number === undefined) return undefined;
          const writing = reports.told(owner, 'imps', number);
          written.push(writing);
          return writing.catch(onlyStoreFaults);
        },
      }),
    );
    if (isLast) for (const resolve of asked) resolve();
    else telling.whenOffered.unshift(...asked);
    const stopLooking = this.#lookAgain(() => this.#moveTo(owner, telling));
    const ends = await Promise.all(telling.open.map(({ end }) => end));
    stopLooking();
    await Promise.all(written);
    const isAllTold = ends.every(isTold);
    // What was not told waits for the next client, or for the next report; another that is there already is one.
    if (isAllTold ? !isLast : this.#clientOf(owner) !== session) telling.isWanted = true;
  }
}

interface Telling {
  /** More may have been made, or somebody come. */
  isWanted: boolean;
  session: LiveSession | undefined;
  open: readonly OpenOffer[];
  whenOffered: (() => void)[];
}

/** What is done in any order, and how far all of it is. */
class InOrder {
  readonly #numbers: readonly number[];
  readonly #done = new Set<number>();
  #next = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  /** The last number up to which everything is done, where that is further than before. */
  note(place: number): number | undefined {
    this.#done.add(place);
    const before = this.#next;
    while (this.#done.has(this.#next)) this.#next += 1;
    return this.#next === before ? undefined : this.#numbers[this.#next - 1];
  }
}

function onlyStoreFaults(fault: unknown): void {
  if (!(fault instanceof StoreFault)) throw fault;
}

/** One that is too large for the client is as good as told. */
function isTold(end: OfferEnd): boolean {
  return end.kind === 'answered' || end.why === 'too-large';
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
