/**
 * The times of a closed loop: every lane has at most one request under way, which is sent again as RFC 3261 timer E asks
 * (17.1.2.2) and given up after 20 s. Time comes in as values, in milliseconds; sockets and requests are somebody else's.
 */
import { Latencies } from './latencies.ts';

export const retransmitFirstMs = 500;
export const retransmitMaxMs = 4000;
export const giveUpMs = 20_000;

export interface LoopPlan {
  readonly width: number;
  readonly total: number;
  /** False on a stream, where nothing is lost. */
  readonly isRetransmitting: boolean;
  /** Gives the lane its next request and sends it; false when there is none. */
  start(lane: number, now: number): boolean;
  resend(lane: number): void;
  /** Called once, when no lane has anything under way or to do. */
  finished(): void;
}

export class ClosedLoop {
  readonly latencies: Latencies;
  readonly outcomes = new Map<string, number>();
  readonly #plan: LoopPlan;
  /** When the request of a lane was sent first and last; -1 where nothing is under way. */
  readonly #firstAt: Float64Array;
  readonly #lastAt: Float64Array;
  readonly #intervals: Float64Array;
  #open = 0;
  #isEnded = false;
  #isFinished = false;
  #started = 0;
  #ok = 0;
  #failed = 0;
  #retransmissions = 0;

  constructor(plan: LoopPlan) {
    this.#plan = plan;
    this.latencies = new Latencies(plan.total);
    this.#firstAt = new Float64Array(plan.width).fill(-1);
    this.#lastAt = new Float64Array(plan.width);
    this.#intervals = new Float64Array(plan.width);
  }

  get started(): number {
    return this.#started;
  }

  get ok(): number {
    return this.#ok;
  }

  get failed(): number {
    return this.#failed;
  }

  get retransmissions(): number {
    return this.#retransmissions;
  }

  begin(now: number): void {
    for (let lane = 0; lane < this.#plan.width; lane += 1) this.#startNext(lane, now);
    this.#endIfIdle();
  }

  /** Nothing is started any more; what is under way ends in its own time. */
  stopStarting(): void {
    this.#isEnded = true;
    this.#endIfIdle();
  }

  isOpen(lane: number): boolean {
    return (this.#firstAt[lane] ?? -1) >= 0;
  }

  firstAt(lane: number): number {
    return this.#firstAt[lane] ?? -1;
  }

  /** The lane's request goes on with another sending of its own, such as one with credentials. */
  continued(lane: number, now: number): void {
    this.#lastAt[lane] = now;
    this.#intervals[lane] = retransmitFirstMs;
  }

  complete(lane: number, outcome: string, isOk: boolean, now: number): void {
    if (!this.isOpen(lane)) return;
    this.#count(outcome);
    if (isOk) {
      this.#ok += 1;
      this.latencies.add(now - this.firstAt(lane));
    } else this.#failed += 1;
    this.#firstAt[lane] = -1;
    this.#open -= 1;
    this.#startNext(lane, now);
    this.#endIfIdle();
  }

  /** To be called every 100 ms or so. */
  tick(now: number): void {
    for (let lane = 0; lane < this.#plan.width; lane += 1) {
      if (!this.isOpen(lane)) continue;
      if (now - this.firstAt(lane) >= giveUpMs) this.complete(lane, 'timeout', false, now);
      else if (this.#plan.isRetransmitting) this.#resendWhenDue(lane, now);
    }
  }

  /** The request of this lane was answered and waits for something else: it is not sent again. */
  stopResending(lane: number): void {
    this.#intervals[lane] = Number.POSITIVE_INFINITY;
  }

  #startNext(lane: number, now: number): void {
    if (this.#isEnded) return;
    this.#firstAt[lane] = now;
    this.continued(lane, now);
    if (this.#plan.start(lane, now)) {
      this.#started += 1;
      this.#open += 1;
    } else this.#firstAt[lane] = -1;
  }

  #resendWhenDue(lane: number, now: number): void {
    const interval = this.#intervals[lane] ?? retransmitFirstMs;
    if (now - (this.#lastAt[lane] ?? now) < interval) return;
    this.#lastAt[lane] = now;
    this.#intervals[lane] = Math.min(interval * 2, retransmitMaxMs);
    this.#retransmissions += 1;
    this.#plan.resend(lane);
  }

  #count(outcome: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }

  #endIfIdle(): void {
    if (this.#open > 0 || this.#isFinished) return;
    this.#isFinished = true;
    this.#plan.finished();
  }
}
