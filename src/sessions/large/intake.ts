/**
 * The side of a session that brings one large message: its leg, the one message that may come over it, and its end. Nothing of
 * it counts before the message is whole; what is done with it is its owner's affair.
 */
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { TimerHandle, Timers } from '../../base/time/timers.ts';
import { mediaTypeOf } from '../../formats/content-type.ts';
import { isComposingContentType } from '../../formats/is-composing.ts';
import type { LegEnd } from '../../msrp/leg/leg-words.ts';
import type { MsrpRequestHead } from '../../msrp/message/msrp-message.ts';
import type { InviteSession } from '../../sip/invite/invite-session.ts';
import type { SessionListener } from '../../sip/invite/session-words.ts';
import type { HeaderRow } from '../../sip/message/sip-headers.ts';
import { reoffered, takeLateAnswer } from '../media/later-offers.ts';
import type { SessionLeg } from '../media/session-leg.ts';
import type { SpoolPool } from '../spool/spool-pool.ts';
import { type IncomingListener, type IncomingMessage, IncomingSpools } from '../transfer/incoming-spools.ts';

/** How long nothing of the message may come before it is given up. */
export const intakeIdleMsMax: Millis = 60_000;
/** How long its sender may take to hang up when all is said. */
export const hangUpMsMax: Millis = 2_000;

export interface IntakePlan {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly pool: SpoolPool;
  /** It is over, in whatever way. */
  ended(): void;
}

export class Intake implements IncomingListener {
  readonly spools: IncomingSpools;
  /** Undefined where the session ends before. */
  readonly begunMessage: Promise<IncomingMessage | undefined>;
  /** Whether it came whole. */
  readonly wholeMessage: Promise<boolean>;
  readonly #plan: IntakePlan;
  #tellBegun: (message: IncomingMessage | undefined) => void = () => {};
  #tellWhole: (isWhole: boolean) => void = () => {};
  #leg: SessionLeg | undefined;
  #session: InviteSession | undefined;
  #message: IncomingMessage | undefined;
  #idle: TimerHandle | undefined;
  #hangUp: TimerHandle | undefined;
  #heardAt: Millis;
  #isWhole = false;
  #isOver = false;
  #hasLeft = false;

  constructor(plan: IntakePlan) {
    this.#plan = plan;
    this.spools = new IncomingSpools(plan.pool, this);
    this.#heardAt = plan.clock.monotonic();
    this.begunMessage = new Promise((resolve) => {
      this.#tellBegun = resolve;
    });
    this.wholeMessage = new Promise((resolve) => {
      this.#tellWhole = resolve;
    });
  }

  /** The leg is there, and will be part of the answer. */
  use(leg: SessionLeg): void {
    this.#leg = leg;
    this.spools.leg = leg.msrp;
  }

  /** The INVITE was answered. */
  begin(session: InviteSession): void {
    this.#session = session;
    this.#watch();
  }

  get leg(): SessionLeg | undefined {
    return this.#leg;
  }

  admit({ contentType = '' }: MsrpRequestHead): 'take' | 'drop' | number {
    if (mediaTypeOf(contentType) === isComposingContentType) return 'drop';
    return this.#message === undefined && !this.#isOver ? 'take' : 403;
  }

  begun(message: IncomingMessage): void {
    this.#message = message;
    this.#tellBegun(message);
  }

  heard(): void {
    this.#heardAt = this.#plan.clock.monotonic();
  }

  whole(): void {
    this.#isWhole = true;
    this.#tellWhole(true);
  }

  abandoned(_message: IncomingMessage): void {
    this.#fail('its sender gave the message up');
  }

  ended(_why: LegEnd): void {
    if (!this.#isWhole) this.#fail('the connection is gone');
  }

  get sessionListener(): SessionListener {
    return {
      acknowledged: (answer) => {
        if (!takeLateAnswer(this.#leg, answer)) this.#fail('its answer cannot be taken');
      },
      offered: (offer) => reoffered(this.#leg, offer),
      ended: () => this.#sessionEnded(),
    };
  }

  /** What its sender is told in the end; then they hang up, or we do. */
  finish(status: number, rows: readonly HeaderRow[] = []): void {
    const message = this.#message;
    const leg = this.#leg?.msrp;
    if (message !== undefined && leg !== undefined) {
      const { head, spool } = message;
      const isWanted = status === 200 ? head.successReport : head.failureReport !== 'no';
      const bytes = spool.size ?? spool.contiguous;
      if (!this.#isWhole && status !== 200) leg.refuse(head.messageId ?? '', status);
      else if (isWanted) leg.report({ head, range: { start: 1, end: bytes, total: bytes }, status });
    }
    const { clock, timers } = this.#plan;
    if (this.#hasLeft || status !== 200) this.close(rows);
    else this.#hangUp = timers.at(clock.monotonic() + hangUpMsMax, () => this.close(rows));
  }

  /** Ends it from here. Whatever has not come whole is forgotten. */
  close(rows: readonly HeaderRow[] = []): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#idle?.cancel();
    this.#hangUp?.cancel();
    this.#session?.bye(rows);
    this.#leg?.close();
    this.#tellBegun(undefined);
    this.#tellWhole(false);
    if (!this.#isWhole) this.#message?.spool.release();
    this.#plan.ended();
  }

  #sessionEnded(): void {
    this.#hasLeft = true;
    // What is whole is looked after by its owner, who then says `finish`.
    if (!this.#isWhole || this.#hangUp !== undefined) this.close();
  }

  #fail(words: string): void {
    this.close([['Reason', `SIP;cause=480;text="${words}"`]]);
  }

  #watch(): void {
    const { timers, clock } = this.#plan;
    // While it may not send, its silence is ours.
    if (this.spools.isPaused) this.#heardAt = clock.monotonic();
    this.#idle = timers.at(this.#heardAt + intakeIdleMsMax, (now) => {
      if (this.#isWhole) return;
      const isIdle = now - this.#heardAt >= intakeIdleMsMax && !this.spools.isPaused;
      if (isIdle) this.#fail('nothing came for a long time');
      else this.#watch();
    });
  }
}
