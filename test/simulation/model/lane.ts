/**
 * The way to one client as contract section 4 describes it: a failure of the client stops it for a while, anything heard
 * from the client opens it again.
 */
import type { Millis } from '../../../src/base/time/clock.ts';

/** A program of somebody to which messages go. */
export interface Client {
  readonly name: string;
  readonly owner: string;
  /** The same for the same program, and another for another. */
  readonly contact: string;
  readonly isDatagram: boolean;
  /** Whether it still is where it came from, by its own account. */
  isThere(flow: string): boolean;
}

const pauseFirstMs = 30_000;
const pauseLastMs = 900_000;

export type Style = 'push' | 'notify' | 'pull';

export interface LaneTerms extends Pick<Lane, 'q' | 'expiresAt' | 'flow' | 'bornAt'> {
  readonly style?: Lane['style'];
}

export class Lane {
  readonly key: string;
  readonly device: Client;
  /** What it wants of what waits; `unsure` while that is being changed. */
  readonly style: Style | 'unsure';
  q: number;
  /** Wall time. */
  expiresAt: Millis;
  /** `unsure`: its registration is ending or its client was heard of at this moment, and either is right. */
  state: 'up' | 'down' | 'unsure' = 'up';
  /** The pause ends then at the earliest and by then at the latest, by the time that passes. */
  resumesAt: Millis = 0;
  resumesBy: Millis = 0;
  /** The port that it registered from, or the connection. */
  flow: string;
  isEnding = false;
  /** Counts how often it was settled anew when that ends. */
  watches = 0;
  /** When it came, by the time that passes. */
  readonly bornAt: Millis;
  /** Since when it has surely been up without a break, where it is. */
  upSince: Millis;
  /** When it last failed, or may have. */
  failedAt: Millis = Number.NEGATIVE_INFINITY;
  #failuresLeast = 0;
  #perhapsResumesAt = Number.POSITIVE_INFINITY;
  #failuresMost = 0;

  constructor(key: string, device: Client, rest: LaneTerms) {
    this.key = key;
    this.device = device;
    this.q = rest.q;
    this.expiresAt = rest.expiresAt;
    this.flow = rest.flow;
    this.bornAt = rest.bornAt;
    this.style = rest.style ?? 'push';
    this.upSince = rest.bornAt;
  }

  /** How many messages it takes at once. */
  get window(): number {
    return this.device.isDatagram ? 1 : 16;
  }

  heard(now: Millis): void {
    this.#failuresLeast = 0;
    this.#failuresMost = 0;
    this.#turn(this.isEnding ? 'unsure' : 'up', now);
  }

  /** Heard of by now, or a moment later. */
  perhapsHeard(): void {
    this.#failuresLeast = 0;
    if (this.state === 'down') this.state = 'unsure';
  }

  /** False when it had stopped before. */
  fail(now: Millis, retryAfterMs: Millis): boolean {
    if (this.state === 'down') return false;
    this.failedAt = now;
    this.#failuresLeast += 1;
    this.#failuresMost += 1;
    const pauseEnd = now + pauseMs(this.#failuresLeast, retryAfterMs);
    // Where it may have failed before, this is no news.
    this.resumesAt = this.state === 'unsure' ? Math.min(pauseEnd, this.#perhapsResumesAt) : pauseEnd;
    this.state = 'down';
    this.resumesBy = Math.max(this.resumesBy, now + pauseMs(this.#failuresMost, retryAfterMs));
    return true;
  }

  /** It may have failed, or not. */
  perhapsFailed(now: Millis): void {
    this.failedAt = now;
    if (this.state === 'up') {
      this.state = 'unsure';
      this.#perhapsResumesAt = now + pauseMs(this.#failuresLeast + 1, 0);
    }
    this.#failuresMost += 1;
    this.resumesBy = Math.max(this.resumesBy, now + pauseMs(this.#failuresMost, 0));
  }

  /** The pause may be over, and at `resumesBy` it is. */
  resume(now: Millis): void {
    if (now >= this.resumesBy && this.state !== 'up') this.#turn(this.isEnding ? 'unsure' : 'up', now);
    else if (this.state === 'down') this.state = 'unsure';
  }

  #turn(state: 'up' | 'unsure', now: Millis): void {
    if (state === 'up' && this.state !== 'up') this.upSince = now;
    this.state = state;
  }
}

function pauseMs(failures: number, leastMs: Millis): Millis {
  const pause = Math.min(pauseLastMs, pauseFirstMs * 2 ** (failures - 1));
  return Math.min(pauseLastMs, Math.max(pause, leastMs));
}
