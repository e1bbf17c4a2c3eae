/**
 * A session in which this server is the other end for any number of messages: each is handed over when it is whole, and its
 * sender is told what came of it. Ends when its sender hangs up, or says nothing for long.
 */
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { TimerHandle, Timers } from '../../base/time/timers.ts';
import { mediaTypeOf } from '../../formats/content-type.ts';
import type { MsrpRequestHead } from '../../msrp/message/msrp-message.ts';
import type { InviteSession } from '../../sip/invite/invite-session.ts';
import type { SessionListener } from '../../sip/invite/session-words.ts';
import { isComposingContentType } from '../../formats/is-composing.ts';
import type { SessionLeg } from '../media/session-leg.ts';
import { reoffered, takeLateAnswer } from '../media/later-offers.ts';
import type { SpoolPool } from '../spool/spool-pool.ts';
import { type IncomingListener, type IncomingMessage, IncomingSpools } from '../transfer/incoming-spools.ts';

/** How long nothing may come before we hang up. */
export const answeringIdleMsMax: Millis = 120_000;

export interface AnsweringPlan {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly pool: SpoolPool;
  /** Resolves with what its sender is told: 200 when it is durable. */
  keep(message: IncomingMessage): Promise<number>;
  ended(): void;
}

export class Answering implements IncomingListener {
  readonly spools: IncomingSpools;
  readonly #plan: AnsweringPlan;
  #leg: SessionLeg | undefined;
  #session: InviteSession | undefined;
  #idle: TimerHandle | undefined;
  #heardAt: Millis;
  #isOver = false;

  constructor(plan: AnsweringPlan) {
    this.#plan = plan;
    this.#heardAt = plan.clock.monotonic();
    this.spools = new IncomingSpools(plan.pool, this);
  }

  use(leg: SessionLeg): void {
    this.#leg = leg;
    this.spools.leg = leg.msrp;
  }

  begin(session: InviteSession): void {
    this.#session = session;
    this.#watch();
  }

  get sessionListener(): SessionListener {
    return {
      acknowledged: (answer) => {
        if (!takeLateAnswer(this.#leg, answer)) this.#end(true);
      },
      offered: (offer) => reoffered(this.#leg, offer),
      ended: () => this.#end(false),
    };
  }

  admit({ contentType = '' }: MsrpRequestHead): 'take' | 'drop' {
    return mediaTypeOf(contentType) === isComposingContentType ? 'drop' : 'take';
  }

  begun(): void {}

  heard(): void {
    this.#heardAt = this.#plan.clock.monotonic();
  }

  whole(message: IncomingMessage): void {
    void this.#keep(message);
  }

  abandoned({ spool }: IncomingMessage): void {
    spool.release();
  }

  ended(): void {
    this.#end(true);
  }

  async #keep(message: IncomingMessage): Promise<void> {
    const { head, spool } = message;
    const bytes = spool.size ?? 0;
    const status = await this.#plan.keep(message);
    const isWanted = status === 200 ? head.successReport : head.failureReport !== 'no';
    if (isWanted) this.#leg?.msrp.report({ head, range: { start: 1, end: bytes, total: bytes }, status });
  }

  #watch(): void {
    this.#idle = this.#plan.timers.at(this.#heardAt + answeringIdleMsMax, (now) => {
      if (now - this.#heardAt >= answeringIdleMsMax) this.#end(true);
      else this.#watch();
    });
  }

  #end(isOurs: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#idle?.cancel();
    this.spools.giveUp('the session is over');
    if (isOurs) this.#session?.bye();
    this.#leg?.close();
    this.#plan.ended();
  }
}
