/**
 * One message that leaves over a leg, up to the word of whoever takes it: their success report, or the 200 to its last chunk
 * where none comes (docs/sessions.md). Failing is told from being lost, since only the latter may be tried again.
 */
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { TimerHandle, Timers } from '../../base/time/timers.ts';
import type { MsrpLeg, OctetSource, OutgoingHandle, OutgoingOutcome } from '../../msrp/leg/leg-words.ts';
import type { ByteRange } from '../../msrp/message/byte-range.ts';
import type { MsrpHeader } from '../../msrp/message/msrp-message.ts';
import { ReceivedRanges } from '../../msrp/transfer/received-ranges.ts';

/** How long a success report may take behind the answer to the last chunk. */
export const reportMsMax: Millis = 3_000;

export interface SendingPlan {
  readonly messageId: string;
  readonly contentType: string;
  readonly headers: readonly MsrpHeader[];
  readonly size?: number | undefined;
  readonly from?: number;
  readonly source: OctetSource;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** `lost`: so many octets were answered for. */
export type SentOutcome =
  | { readonly kind: 'delivered' | 'stopped' }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'lost'; readonly answeredBytes: number }
  | { readonly kind: 'failed'; readonly why: string };

/** Silence, and what says nothing of the message but that there is no such session any more (RFC 4975 10). */
export function isSessionGone(status: number): boolean {
  return status === 408 || status === 481 || status === 506;
}

export class Sending {
  readonly outcome: Promise<SentOutcome>;
  readonly #plan: SendingPlan;
  readonly #reported = new ReceivedRanges();
  #settle: ((outcome: SentOutcome) => void) | undefined;
  #handle: OutgoingHandle | undefined;
  #ended: OutgoingOutcome | undefined;
  #timer: TimerHandle | undefined;

  constructor(leg: MsrpLeg, plan: SendingPlan) {
    this.#plan = plan;
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
    const { messageId, contentType, headers, size, from, source } = plan;
    this.#handle = leg.send({
      messageId,
      contentType,
      headers,
      successReport: true,
      ...(size === undefined ? {} : { size }),
      ...(from === undefined || from === 0 ? {} : { from }),
      source,
      onEnd: (ended) => this.#onEnd(ended),
      onReport: (status, range) => this.#onReport(status, range),
    });
    if (this.#handle === undefined) this.#done({ kind: 'lost', answeredBytes: 0 });
  }

  /** The session is over: no report will come any more. */
  sessionEnded(): void {
    if (this.#ended?.kind === 'answered') this.#done({ kind: 'delivered' });
    else this.#done({ kind: 'lost', answeredBytes: this.#ended?.answeredBytes ?? 0 });
  }

  stop(): void {
    this.#handle?.stop();
    this.#done({ kind: 'stopped' });
  }

  #onEnd(ended: OutgoingOutcome): void {
    this.#ended = ended;
    switch (ended.kind) {
      case 'answered':
      case 'sent':
        this.#wait();
        break;
      case 'refused':
        this.#done(isSessionGone(ended.status) ? { kind: 'lost', answeredBytes: ended.answeredBytes } : ended);
        break;
      case 'lost':
        this.#done({ kind: 'lost', answeredBytes: ended.answeredBytes });
        break;
      case 'failed':
        this.#done({ kind: 'failed', why: ended.why });
        break;
      default:
        this.#done({ kind: 'stopped' });
    }
  }

  #wait(): void {
    if (this.#settle === undefined) return;
    const { timers, clock } = this.#plan;
    this.#timer = timers.at(clock.monotonic() + reportMsMax, () => this.#done({ kind: 'delivered' }));
  }

  #onReport(status: number, range: ByteRange | undefined): void {
    if (status !== 200) {
      this.#done(isSessionGone(status) ? { kind: 'lost', answeredBytes: 0 } : { kind: 'refused', status });
      return;
    }
    const { end, start = 1, total } = range ?? {};
    if (end !== undefined) this.#reported.add(start, end);
    const whole = this.#plan.size ?? total;
    if (range === undefined || (whole !== undefined && this.#reported.covers(whole))) this.#done({ kind: 'delivered' });
  }

  #done(outcome: SentOutcome): void {
    this.#timer?.cancel();
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(outcome);
  }
}
