/**
 * How many calls one principal may make in a window, which begins with the first of them; every answer says how many are
 * left, in the fields of draft-ietf-httpapi-ratelimit-headers-06. Messages have a limit of their own, in delivery.
 */
import type { FastifyReply } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Millis } from '../../base/time/clock.ts';
import type { Address } from '../../model/address.ts';
import { ProblemFault } from './problem.ts';

/** Principals whose calls are counted at once; the longest unseen is forgotten first. */
export const countedCallersMax = 20_000;

export interface CallRate {
  readonly requests: number;
  readonly seconds: number;
}

interface Window {
  calls: number;
  endsAt: Millis;
}

export class CallLimit {
  readonly #callsMax: number;
  readonly #windowMs: Millis;
  readonly #windows = new LRUCache<Address, Window>({ max: countedCallersMax });

  constructor({ requests, seconds }: CallRate) {
    this.#callsMax = requests;
    this.#windowMs = seconds * 1000;
  }

  /** One more call; answers the 429 where that is too many. Writes what is left into the head of the answer. */
  take(caller: Address, now: Millis, reply: Pick<FastifyReply, 'header'>): ProblemFault | undefined {
    const window = this.#windowOf(caller, now);
    window.calls += 1;
    const left = this.#callsMax - window.calls;
    const resetSeconds = Math.ceil((window.endsAt - now) / 1000);
    void reply.header('ratelimit-limit', this.#callsMax);
    void reply.header('ratelimit-remaining', Math.max(0, left));
    void reply.header('ratelimit-reset', resetSeconds);
    if (left >= 0) return undefined;
    const retryAfter = Math.max(1, resetSeconds);
    return new ProblemFault({ status: 429, name: 'too-many-requests', title: 'Too many requests', retryAfter });
  }

  #windowOf(caller: Address, now: Millis): Window {
    const known = this.#windows.get(caller);
    if (known !== undefined && now < known.endsAt) return known;
    const window = { calls: 0, endsAt: now + this.#windowMs };
    this.#windows.set(caller, window);
    return window;
  }
}
