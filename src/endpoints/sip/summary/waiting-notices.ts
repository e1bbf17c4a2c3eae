/**
 * For notify contacts that have no message-summary subscription: one MESSAGE from `sip:inbox` some seconds after a
 * REGISTER, that says how many messages wait and from whom (contract section 6). Once a login; a refresh brings another
 * only where more became ready since. What is held is never part of it.
 */
import type { Log } from '../../../base/log.ts';
import { StoreFault } from '../../../base/store-fault.ts';
import type { Clock, Millis } from '../../../base/time/clock.ts';
import type { TimerHandle, Timers } from '../../../base/time/timers.ts';
import type { HandOuts } from '../../../delivery/desks/hand-outs.ts';
import type { Inbox, ReadySummary } from '../../../delivery/desks/inbox.ts';
import { type Address, domainOf } from '../../../model/address.ts';
import type { Binding } from '../../../sip/registrar/ports.ts';

/** From a REGISTER to the notice: time enough to subscribe instead. */
export const noticeAfterMs: Millis = 5000;
/** Senders that a notice names. */
export const sendersNamedMax = 5;

export interface NoticePlan {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly inbox: Pick<Inbox, 'summary'>;
  readonly handOuts: Pick<HandOuts, 'tell'>;
  /** Whether its client is told by NOTIFY. */
  readonly isSubscribed: (binding: Binding) => boolean;
}

interface Notice {
  binding: Binding;
  /** Something may wait that this client was not told of. */
  hasNews: boolean;
  timer: TimerHandle | undefined;
}

export class WaitingNotices {
  readonly #plan: NoticePlan;
  readonly #notices = new Map<Address, Map<string, Notice>>();

  constructor(plan: NoticePlan) {
    this.#plan = plan;
  }

  registered(binding: Binding, isNew: boolean): void {
    const owner = binding.addressOfRecord as Address;
    const notices = this.#notices.get(owner) ?? new Map<string, Notice>();
    this.#notices.set(owner, notices);
    let notice = notices.get(binding.key);
    if (notice === undefined || isNew) {
      notice?.timer?.cancel();
      notice = { binding, hasNews: true, timer: undefined };
      notices.set(binding.key, notice);
    }
    notice.binding = binding;
    if (notice.hasNews && notice.timer === undefined) this.#arm(notice);
  }

  gone(owner: Address, key: string): void {
    const notices = this.#notices.get(owner);
    notices?.get(key)?.timer?.cancel();
    notices?.delete(key);
    if (notices?.size === 0) this.#notices.delete(owner);
  }

  /** One more message is ready for its owner. */
  news(owner: Address): void {
    for (const notice of this.#notices.get(owner)?.values() ?? []) notice.hasNews = true;
  }

  #arm(notice: Notice): void {
    const { clock, timers } = this.#plan;
    notice.timer = timers.at(clock.monotonic() + noticeAfterMs, () => {
      notice.timer = undefined;
      void this.#tell(notice);
    });
  }

  async #tell(notice: Notice): Promise<void> {
    const { binding } = notice;
    const { inbox, handOuts, clock, log, isSubscribed } = this.#plan;
    const recipient = binding.addressOfRecord as Address;
    notice.hasNews = false;
    if (isSubscribed(binding)) return;
    try {
      const summary = await inbox.summary(recipient, 0);
      if (summary.total === 0) return;
      const message = {
        sender: `inbox@${domainOf(recipient)}` as Address,
        recipient,
        origin: 'sip' as const,
        sentAt: clock.wall(),
        contentType: 'text/plain',
        body: new TextEncoder().encode(noticeText(summary)),
        autoSubmitted: 'auto-generated',
        reportsWanted: [],
      };
      if ((await handOuts.tell(message, [binding.key])).kind === 'not-taken') notice.hasNews = true;
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      log.warn({ recipient, fault: fault.message }, 'what waits could not be told');
      notice.hasNews = true;
    }
  }
}

export function noticeText({ senders, total }: Pick<ReadySummary, 'senders' | 'total'>): string {
  const sorted = senders.toSorted((a, b) => b.count - a.count || a.sender.localeCompare(b.sender));
  const named = sorted.slice(0, sendersNamedMax);
  const rest = total - named.reduce((sum, { count }) => sum + count, 0);
  const parts = named.map(({ sender, count }) => (total === 1 ? `from ${sender}` : `${count} from ${sender}`));
  if (rest > 0) parts.push(`${rest} from others`);
  const what = total === 1 ? '1 message waits for you' : `${total} messages wait for you`;
  return `${what}: ${parts.join(', ')}. To get what waits, answer: get all`;
}
