/**
 * Goes round the open WebSockets and asks those who are silent whether they are there (RFC 6455 5.5.2): browsers answer by
 * themselves, and middle boxes see that a connection is in use. A few at a time, so that no turn takes long.
 */
import type { Clock, Millis } from '../../../base/time/clock.ts';
import type { Timers } from '../../../base/time/timers.ts';

/** Whoever is silent for so long is asked; below the minute after which common proxies give a connection up. */
export const pingAfterMs: Millis = 45_000;
/** Whoever is silent for so long, although asked, is gone. */
export const webSocketSilenceMsMax: Millis = 120_000;
/** One whole round. */
const roundMs: Millis = 10_000;
const stepMs: Millis = 250;

export interface PingedChannel {
  readonly heardAt: Millis;
  ping(): void;
  giveUp(): void;
}

export class PingRound {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #channels = new Set<PingedChannel>();
  #place: Iterator<PingedChannel> = this.#channels.values();
  #nextRoundAt: Millis = 0;
  #isGoing = false;

  constructor(clock: Clock, timers: Timers) {
    this.#clock = clock;
    this.#timers = timers;
  }

  get size(): number {
    return this.#channels.size;
  }

  add(channel: PingedChannel): void {
    this.#channels.add(channel);
    if (!this.#isGoing) this.#stepLater();
  }

  remove(channel: PingedChannel): void {
    this.#channels.delete(channel);
  }

  giveAllUp(): void {
    for (const channel of this.#channels) channel.giveUp();
  }

  #stepLater(): void {
    this.#isGoing = this.#channels.size > 0;
    if (this.#isGoing) this.#timers.at(this.#clock.monotonic() + stepMs, (now) => this.#step(now));
  }

  #step(now: Millis): void {
    if (now >= this.#nextRoundAt) {
      this.#nextRoundAt = now + roundMs;
      this.#place = this.#channels.values();
    }
    for (let left = Math.ceil((this.#channels.size * stepMs) / roundMs); left > 0; left -= 1) {
      const next = this.#place.next();
      if (next.done === true) break;
      const silentMs = now - next.value.heardAt;
      if (silentMs >= webSocketSilenceMsMax) next.value.giveUp();
      else if (silentMs >= pingAfterMs) next.value.ping();
    }
    this.#stepLater();
  }
}
