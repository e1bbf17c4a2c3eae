/**
 * REGISTERs a few at a time, so that what others say is read in between when everybody signs in again at once. One that comes
 * alone does not wait. What waits is octets, since read it is forty times as large. Knows not what a REGISTER means.
 */
import type { Counters } from '../../base/counters.ts';
import type { Clock } from '../../base/time/clock.ts';
import type { Timers } from '../../base/time/timers.ts';
import { refuse, type SipAnswer } from '../../endpoints/sip/sip-answer.ts';
import type { Flow } from '../../sip/registrar/ports.ts';
import type { ArrivalLine } from '../../sip/transport/message-transport.ts';
import { StandingOctets } from '../../sip/transport/standing-octets.ts';

/** REGISTERs that are worked on before packets are read again: one to two milliseconds. */
export const registersPerTurnMax = 16;
/** REGISTERs that stand in line, which is a second or two; one more is answered 503. */
export const registersInLineMax = 16_384;
/** Octets of all of them; one that would make them more is answered 503. */
export const registersInLineBytesMax = 33_554_432;
/** Seconds after which one that found no place may come again. */
const retryAfterSeconds = 5;

export interface RegisterTurnsPlan {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly counters: Counters;
  /** Of a flow over a stream. */
  readonly isOpen: (flow: Flow) => boolean;
  /** Takes one whose turn has come. */
  readonly read: (bytes: Uint8Array, flow: Flow) => void;
}

export class RegisterTurns implements ArrivalLine {
  readonly #plan: RegisterTurnsPlan;
  readonly #line = new StandingOctets({ messagesMax: registersInLineMax, bytesMax: registersInLineBytesMax });
  readonly #retransmissions: { value: number };
  #left = registersPerTurnMax;
  #isScheduled = false;
  #hasNoPlace = false;

  constructor(plan: RegisterTurnsPlan) {
    this.#plan = plan;
    const { counters } = plan;
    this.#retransmissions = counters.counter('sip_request_retransmissions');
    counters.gauge('sip_registers_in_line', () => this.#line.size);
  }

  /** Of the REGISTER that is read now: what it is answered because it found no place. */
  get refusal(): SipAnswer | undefined {
    if (!this.#hasNoPlace) return undefined;
    return refuse(503, 'too many registrations at once', [['Retry-After', String(retryAfterSeconds)]]);
  }

  holds(bytes: Uint8Array, flow: Flow): boolean {
    this.#hasNoPlace = false;
    if (!isRegister(bytes)) return false;
    this.#schedule();
    if (this.#left > 0 && this.#line.size === 0) {
      this.#left -= 1;
      return false;
    }
    const place = this.#line.push(bytes, flow);
    if (place === 'known') this.#retransmissions.value++;
    this.#hasNoPlace = place === 'full';
    return place !== 'full';
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
    this.#hasNoPlace = false;
    for (this.#left = registersPerTurnMax; this.#left > 0; this.#left -= 1) {
      const standing = this.#line.shift();
      if (standing === undefined) break;
      // Whoever asked is gone, and nothing of theirs could be reached: the line is for those who are there.
      if (!this.#isGone(standing.flow)) this.#plan.read(standing.bytes, standing.flow);
    }
    if (this.#line.size > 0) this.#schedule();
  }

  #isGone(flow: Flow): boolean {
    const isWebSocket = flow.transport === 'ws' || flow.transport === 'wss';
    return isWebSocket && !this.#plan.isOpen(flow);
  }
}

const start = new TextEncoder().encode('REGISTER ');
const CR = 13;
const LF = 10;

/** Line ends may stand before a message (RFC 3261 7.5). */
function isRegister(bytes: Uint8Array): boolean {
  let at = 0;
  while (bytes[at] === CR || bytes[at] === LF) at += 1;
  for (let index = 0; index < start.length; index += 1) if (bytes[at + index] !== start[index]) return false;
  return true;
}
