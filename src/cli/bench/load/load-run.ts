/** One run of the generator: puts schedule, closed loop, requests and what comes back together, and sums it up. */
import { unreachable } from '../../../base/assert.ts';
import { ClosedLoop } from './closed-loop.ts';
import { LaneSchedule } from './lane-schedule.ts';
import { Latencies } from './latencies.ts';
import { LaneRequests } from './lane-requests.ts';
import type { LoadPlan, LoadReport } from './load-plan.ts';
import type { LoadSession, Progress } from './load-session.ts';
import { headerOf, statusOf, type TransactionName } from './wire/wire-bytes.ts';

const tickMs = 100;
const arriveWithinDefaultMs = 60_000;

export class LoadRun {
  readonly #plan: LoadPlan;
  readonly #session: LoadSession;
  readonly #schedule: LaneSchedule;
  readonly #loop: ClosedLoop;
  readonly #requests: LaneRequests;
  /** By lane: the transaction that is under way. */
  readonly #transactions: Float64Array;
  /** By lane: what of its request has come already, when it waits for an arrival too. */
  readonly #isAnswered: Uint8Array;
  readonly #hasArrived: Uint8Array;
  /** By user: when the request was sent whose arrivals are timed. */
  readonly #askedAt: Float64Array;
  readonly #arrivalLatencies: Latencies;
  readonly #arrivalsBefore: { readonly count: number; readonly twice: number; readonly disordered: number };
  #startedAt = 0;
  #answersEndedAt = 0;
  #lastArrivalAt = 0;
  #isLoopDone = false;
  #onDone: () => void = () => undefined;

  constructor(plan: LoadPlan, session: LoadSession) {
    const { width, total } = plan;
    this.#plan = plan;
    this.#session = session;
    this.#schedule = new LaneSchedule(plan);
    this.#requests = new LaneRequests(plan, session);
    this.#transactions = new Float64Array(width).fill(-1);
    this.#isAnswered = new Uint8Array(width);
    this.#hasArrived = new Uint8Array(width);
    this.#askedAt = new Float64Array(session.plan.users).fill(-1);
    this.#arrivalLatencies = new Latencies(plan.arrivals ?? total);
    const { count, twice, disordered } = session.callee;
    this.#arrivalsBefore = { count, twice, disordered };
    this.#loop = new ClosedLoop({
      width,
      total,
      isRetransmitting: session.plan.transport === 'udp',
      start: (lane, now) => this.#start(lane, now),
      resend: (lane) => this.#requests.resend(lane),
      finished: () => this.#finishLoop(),
    });
  }

  async finish(progress: Progress): Promise<LoadReport> {
    const cpuBefore = process.threadCpuUsage();
    this.#startedAt = performance.now();
    this.#answersEndedAt = this.#startedAt;
    this.#lastArrivalAt = this.#startedAt;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (this.#tick(progress)) return;
        clearInterval(timer);
        resolve();
      }, tickMs);
      this.#onDone = () => {
        clearInterval(timer);
        resolve();
      };
      this.#loop.begin(this.#startedAt);
    });
    const cpu = process.threadCpuUsage(cpuBefore);
    return this.#report((cpu.user + cpu.system) / 1e6);
  }

  answered(transaction: TransactionName, answer: Buffer): void {
    const { lane } = transaction;
    const status = statusOf(answer);
    if (status < 200 || this.#transactions[lane] !== transaction.number) return;
    const now = performance.now();
    if (status === 401 && this.#mayLogIn(lane, answer)) {
      this.#transactions[lane] = this.#requests.answerChallenge(lane, this.#userOf(lane));
      this.#loop.continued(lane, now);
      return;
    }
    this.#transactions[lane] = -1;
    this.#answersEndedAt = now;
    this.#learn(lane, answer);
    const isOk = status === this.#plan.wantedStatus;
    this.#isAnswered[lane] = 1;
    if (isOk && this.#plan.awaitsArrival === true && this.#hasArrived[lane] === 0) this.#loop.stopResending(lane);
    else this.#loop.complete(lane, String(status), isOk, now);
  }

  arrived(user: number): void {
    const now = performance.now();
    this.#lastArrivalAt = now;
    const askedAt = this.#askedAt[user] ?? -1;
    if (askedAt >= 0) this.#arrivalLatencies.add(now - askedAt);
    if (this.#plan.awaitsArrival === true) this.#noteArrivalOfLane(user, now);
    if (this.#isLoopDone && this.#hasEverythingArrived()) this.#onDone();
  }

  #start(lane: number, now: number): boolean {
    if (now - this.#startedAt > this.#plan.secondsMax * 1000 || !this.#schedule.next(lane)) return false;
    const user = this.#userOf(lane);
    this.#askedAt[user] = now;
    this.#isAnswered[lane] = 0;
    this.#hasArrived[lane] = 0;
    this.#transactions[lane] = this.#requests.send(lane, user, this.#schedule.rounds[lane] ?? 0);
    return true;
  }

  /** Several lanes never have the same user. */
  #noteArrivalOfLane(user: number, now: number): void {
    const lane = (user - this.#plan.firstUser) % this.#plan.width;
    if (this.#userOf(lane) !== user) return;
    this.#hasArrived[lane] = 1;
    if (this.#isAnswered[lane] === 1) this.#loop.complete(lane, String(this.#plan.wantedStatus), true, now);
  }

  #mayLogIn(lane: number, answer: Buffer): boolean {
    const { kind } = this.#plan;
    if ((kind !== 'login' && kind !== 'relogin') || this.#requests.hasAnsweredChallenge(lane)) return false;
    return this.#session.logins.learn(this.#userOf(lane), answer);
  }

  #learn(lane: number, answer: Buffer): void {
    switch (this.#plan.kind) {
      case 'publish': {
        const entityTag = headerOf(answer, 'sip-etag');
        if (entityTag !== undefined) this.#session.entityTags.set(this.#userOf(lane), entityTag);
        return;
      }
      case 'message':
      case 'register':
      case 'login':
      case 'relogin':
      case 'subscribe':
        return;
      default:
        unreachable(this.#plan.kind);
    }
  }

  #finishLoop(): void {
    this.#isLoopDone = true;
    if (this.#hasEverythingArrived()) this.#onDone();
  }

  #hasEverythingArrived(): boolean {
    return this.#arrivalCount() >= (this.#plan.arrivals ?? 0);
  }

  #arrivalCount(): number {
    return this.#session.callee.count - this.#arrivalsBefore.count;
  }

  /** False when the run has waited long enough for what is still to arrive. */
  #tick(progress: Progress): boolean {
    const now = performance.now();
    const arrivals = this.#plan.arrivals ?? 0;
    progress(
      this.#loop.ok + this.#loop.failed + this.#arrivalCount() * Math.sign(arrivals),
      this.#plan.total + arrivals,
    );
    if (now - this.#startedAt > this.#plan.secondsMax * 1000) this.#loop.stopStarting();
    this.#loop.tick(now);
    const patience = this.#plan.arriveWithinMs ?? arriveWithinDefaultMs;
    return !(this.#isLoopDone && now - Math.max(this.#answersEndedAt, this.#lastArrivalAt) > patience);
  }

  #userOf(lane: number): number {
    return this.#schedule.users[lane] ?? 0;
  }

  #report(generatorCpuSeconds: number): LoadReport {
    const { callee } = this.#session;
    const before = this.#arrivalsBefore;
    return {
      started: this.#loop.started,
      ok: this.#loop.ok,
      failed: this.#loop.failed,
      outcomes: Object.fromEntries(this.#loop.outcomes),
      retransmissions: this.#loop.retransmissions,
      seconds: (this.#answersEndedAt - this.#startedAt) / 1000,
      latency: this.#loop.latencies.quantiles(),
      arrivals: {
        count: callee.count - before.count,
        twice: callee.twice - before.twice,
        disordered: callee.disordered - before.disordered,
        seconds: (this.#lastArrivalAt - this.#startedAt) / 1000,
        latency: this.#arrivalLatencies.quantiles(),
      },
      generatorCpuSeconds,
    };
  }
}
