/**
 * REGISTERs a few at a time, so that what others say is read in between when everybody signs in again at once. One that comes
 * alone does not wait. Knows not what a REGISTER means.
 */
import type { Clock } from '../../base/time/clock.ts';
import type { Timers } from '../../base/time/timers.ts';
import { refuse } from '../../endpoints/sip/sip-answer.ts';
import type { Flow } from '../../sip/registrar/ports.ts';
import type { RequestContext } from '../../sip/user-agent/request-context.ts';
import type { RequestHandler } from '../../sip/user-agent/server-core.ts';
import { respond } from './answering.ts';

/** REGISTERs that are worked on before packets are read again: one to two milliseconds. */
export const registersPerTurnMax = 16;
/** REGISTERs that stand in line, which is a second or two; one more is answered 503. */
export const registersInLineMax = 16_384;
/** Seconds after which one that found no place may come again. */
const retryAfterSeconds = 5;

export interface RegisterTurnsPlan {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Of a flow over a stream. */
  readonly isOpen: (flow: Flow) => boolean;
}

interface Standing {
  readonly context: RequestContext;
  readonly done: (work: ReturnType<RequestHandler>) => void;
  readonly failed: (fault: unknown) => void;
}

export class RegisterTurns {
  readonly #plan: RegisterTurnsPlan;
  readonly #handle: RequestHandler;
  /** In the order in which they came. */
  readonly #line = new Set<Standing>();
  #left = registersPerTurnMax;
  #isScheduled = false;

  constructor(plan: RegisterTurnsPlan, handle: RequestHandler) {
    this.#plan = plan;
    this.#handle = handle;
  }

  get inLine(): number {
    return this.#line.size;
  }

  /** In place of the handler. */
  take(context: RequestContext): ReturnType<RequestHandler> {
    this.#schedule();
    if (this.#left > 0 && this.#line.size === 0) {
      this.#left -= 1;
      return this.#handle(context);
    }
    if (this.#line.size >= registersInLineMax) {
      return respond(
        context,
        refuse(503, 'too many registrations at once', [['Retry-After', String(retryAfterSeconds)]]),
      );
    }
    return new Promise((done, failed) => void this.#line.add({ context, done, failed }));
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#plan.timers.at(this.#plan.clock.monotonic(), () => {
      this.#isScheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    this.#left = registersPerTurnMax;
    for (const standing of this.#line) {
      if (this.#left === 0) break;
      this.#line.delete(standing);
      this.#left -= 1;
      this.#work(standing);
    }
    if (this.#line.size > 0) this.#schedule();
  }

  #work({ context, done, failed }: Standing): void {
    try {
      // Whoever asked is gone, and nothing of theirs could be reached: the line is for those who are there.
      if (this.#isGone(context.flow)) done(respond(context, refuse(480, 'the connection has closed')));
      else done(this.#handle(context));
    } catch (fault) {
      failed(fault);
    }
  }

  #isGone(flow: Flow): boolean {
    const isWebSocket = flow.transport === 'ws' || flow.transport === 'wss';
    return isWebSocket && !this.#plan.isOpen(flow);
  }
}
