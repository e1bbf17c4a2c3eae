/** One run over HTTP: every lane of a closed loop is one connection, and what comes back is summed up as for SIP. */
import { unreachable } from '../../../../base/assert.ts';
import { ClosedLoop } from '../closed-loop.ts';
import type { LoadReport } from '../load-plan.ts';
import type { Progress } from '../load-session.ts';
import type { AcknowledgingReaders } from './acknowledging-readers.ts';
import type { HttpPlan } from './http-plan.ts';
import type { HttpSession } from './http-session.ts';
import { HttpTexts } from './http-texts.ts';
import { HttpWire } from './http-wire.ts';

const tickMs = 100;

export class HttpRun {
  readonly #plan: HttpPlan;
  readonly #session: HttpSession;
  readonly #texts: HttpTexts;
  readonly #loop: ClosedLoop;
  readonly #readers: AcknowledgingReaders | undefined;
  readonly #before: { readonly count: number; readonly twice: number; readonly disordered: number };
  readonly #wires: HttpWire[] = [];
  /** By lane: which of its requests is under way. An answer to one that was given up counts for nothing. */
  readonly #serials: number[];
  #started = 0;
  #startedAt = 0;
  #endedAt = 0;
  #onDone: () => void = () => undefined;

  constructor(plan: HttpPlan, session: HttpSession, readers: AcknowledgingReaders | undefined) {
    const { width, total } = plan;
    this.#plan = plan;
    this.#session = session;
    this.#texts = new HttpTexts(plan);
    this.#readers = readers;
    this.#before = { count: readers?.count ?? 0, twice: readers?.twice ?? 0, disordered: readers?.disordered ?? 0 };
    this.#serials = Array.from({ length: width }, () => 0);
    this.#loop = new ClosedLoop({
      width,
      total,
      isRetransmitting: false,
      start: (lane, now) => this.#start(lane, now),
      resend: () => undefined,
      finished: () => this.#onDone(),
    });
  }

  async finish(progress: Progress): Promise<LoadReport> {
    const { kind, host, port, width, total } = this.#plan;
    // A stream is a connection of its own.
    const wires = kind === 'stream' ? 0 : width;
    for (let at = 0; at < wires; at += 1) this.#wires.push(await HttpWire.open(host, port));
    const cpuBefore = process.threadCpuUsage();
    this.#startedAt = performance.now();
    this.#endedAt = this.#startedAt;
    const timer = setInterval(() => {
      progress(this.#loop.ok + this.#loop.failed, total);
      this.#loop.tick(performance.now());
    }, tickMs);
    await new Promise<void>((resolve) => {
      this.#onDone = resolve;
      this.#loop.begin(this.#startedAt);
    });
    clearInterval(timer);
    const { user, system } = process.threadCpuUsage(cpuBefore);
    for (const wire of this.#wires) wire.close();
    return this.#report((user + system) / 1e6);
  }

  #start(lane: number, now: number): boolean {
    const { total, secondsMax } = this.#plan;
    if (this.#started >= total || now - this.#startedAt > secondsMax * 1000) return false;
    const number = this.#started;
    this.#started += 1;
    const serial = (this.#serials[lane] ?? 0) + 1;
    this.#serials[lane] = serial;
    this.#send(lane, number, (status) => {
      if (this.#serials[lane] === serial) this.#complete(lane, status);
    });
    return true;
  }

  #complete(lane: number, status: number): void {
    const now = performance.now();
    this.#endedAt = now;
    this.#loop.complete(lane, status === 0 ? 'closed' : String(status), status === this.#plan.wantedStatus, now);
  }

  #send(lane: number, number: number, answered: (status: number) => void): void {
    const { kind, firstUser, users } = this.#plan;
    const user = firstUser + (number % users);
    switch (kind) {
      case 'hello':
        return this.#ask(lane, this.#texts.hello(), answered);
      case 'post':
        return this.#ask(lane, this.#post(user), answered);
      case 'deliver':
        return this.#ask(lane, this.#post(firstUser + lane), answered);
      case 'inbox':
        return this.#ask(lane, this.#texts.inbox(firstUser), answered);
      case 'stream':
        this.#session.holdStream(this.#plan, this.#texts.events(user)).then(answered, () => answered(0));
        return;
      default:
        unreachable(kind);
    }
  }

  #ask(lane: number, request: string, answered: (status: number) => void): void {
    this.#wires[lane]?.ask(request, answered);
  }

  /** From the user before, round the whole circle. */
  #post(recipient: number): string {
    const { firstUser, users } = this.#plan;
    const sender = firstUser + ((recipient - firstUser + users - 1) % users);
    this.#session.rounds += 1;
    return this.#texts.post(sender, recipient, this.#session.rounds);
  }

  #report(generatorCpuSeconds: number): LoadReport {
    const seconds = (this.#endedAt - this.#startedAt) / 1000;
    const readers = this.#readers;
    const refused = readers?.refused ?? 0;
    const outcomes = Object.fromEntries(this.#loop.outcomes);
    return {
      started: this.#loop.started,
      ok: this.#loop.ok,
      failed: this.#loop.failed + refused,
      outcomes: refused === 0 ? outcomes : { ...outcomes, 'acknowledgement refused': refused },
      retransmissions: 0,
      seconds,
      latency: this.#loop.latencies.quantiles(),
      arrivals: {
        count: (readers?.count ?? 0) - this.#before.count,
        twice: (readers?.twice ?? 0) - this.#before.twice,
        disordered: (readers?.disordered ?? 0) - this.#before.disordered,
        seconds,
        latency: undefined,
      },
      generatorCpuSeconds,
    };
  }
}
