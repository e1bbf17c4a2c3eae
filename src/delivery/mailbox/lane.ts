/**
 * The lane of one client: a short first-in first-out line with a window of open attempts (RFC 3428 8: one open MESSAGE at a
 * time where nothing controls congestion). A failure of the client stops the lane until its back-off ends or the client
 * is heard of; a failure of a message stops nothing.
 */
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { TimerHandle, Timers } from '../../base/time/timers.ts';
import { backoffMs, backoffLastMs } from '../delivery-policy.ts';
import type { AttemptOutcome, DeliveryTarget, OpenAttempt, OutgoingMessage } from '../ports.ts';

/** Messages that may stand in line behind the open ones; one more is turned away and waits in the mailbox. */
export const laneBacklogMax = 64;
/** Attempts over connections of their own that take no place of the window; one more takes one. */
export const apartMax = 1;

export type LaneOutcome =
  | AttemptOutcome
  /** It stood in line when the lane stopped; `isNext`: nothing that came before it is open here any more. */
  | { readonly kind: 'turned-away'; readonly status: string; readonly isNext: boolean };

const notNow: LaneOutcome = { kind: 'turned-away', status: 'a change of presence comes first', isNext: false };

/** Longer than any attempt is open. */
const attemptMsMax: Millis = 60_000;

/** One message in line. It is asked at the last moment whether it may still go, and for its outgoing form. */
export interface LaneItem {
  start(lane: Lane): OutgoingMessage | 'not-now' | undefined;
  ended(lane: Lane, outcome: LaneOutcome): void;
  /**
   * The client is gone, or only this way to it (`hasMoved`), while this is open: others need not wait for its answer,
   * which counts all the same.
   */
  left(lane: Lane, hasMoved: boolean): void;
}

/** An attempt may end before it is known here. */
interface OpenItem {
  readonly item: LaneItem;
  attempt: OpenAttempt | undefined;
  /** At the end of its validity. */
  timer: TimerHandle | undefined;
  isStopped: boolean;
  /** It goes over a connection of its own, and others go beside it. */
  isApart: boolean;
}

export interface LaneListener {
  /** A place came free. */
  laneFreed(): void;
  /** Its client is taken for silent, or for alive again. */
  laneTurned(): void;
}

export interface LaneTime {
  readonly timers: Timers;
  readonly clock: Clock;
}

export class Lane {
  target: DeliveryTarget;
  /** Grows with each time that a client of this recipient came. */
  arrival = 0;
  readonly #listener: LaneListener;
  readonly #time: LaneTime;
  readonly #line: LaneItem[] = [];
  readonly #open: OpenItem[] = [];
  #failures = 0;
  #resume: TimerHandle | undefined;
  #isGone = false;
  #isPumping = false;

  constructor(target: DeliveryTarget, listener: LaneListener, time: LaneTime) {
    this.target = target;
    this.#listener = listener;
    this.#time = time;
  }

  /** False while its client is known to be silent: it does not count as reachable then. */
  get isUp(): boolean {
    return this.#resume === undefined && !this.#isGone;
  }

  get hasRoom(): boolean {
    return this.isUp && this.#taken + this.#line.length < this.target.window;
  }

  get isIdle(): boolean {
    return this.#open.length === 0 && this.#line.length === 0;
  }

  /** False when the line is full or stopped. */
  add(item: LaneItem): boolean {
    if (!this.isUp || this.#line.length >= laneBacklogMax) return false;
    this.#line.push(item);
    this.#pump();
    return true;
  }

  /** The message's time is over: if it is open, nothing more of it is sent; its answer still counts. */
  stopSending(item: LaneItem): void {
    const open = this.#open.find((each) => each.item === item);
    if (open !== undefined) this.#stopSending(open);
  }

  /** The client was heard of (a registration, a request of its own): no reason to wait any longer. */
  heard(): void {
    this.#failures = 0;
    if (this.#resume === undefined || this.#isGone) return;
    this.#resume.cancel();
    this.#resume = undefined;
    this.#listener.laneTurned();
  }

  /**
   * The client is gone, or came back by another way (`hasMoved`): nothing starts any more and nothing is sent again, so that
   * there is one message at a time when it comes back; what went over this way may still be answered.
   */
  close(hasMoved = false): void {
    this.#isGone = true;
    this.#resume?.cancel();
    // What is open first: it came before what stands in line.
    for (const { item } of this.#open) item.left(this, hasMoved);
    this.#turnAway('gone');
    for (const open of this.#open) this.#stopSending(open);
  }

  #stopSending(open: OpenItem): void {
    if (open.isStopped) return;
    open.isStopped = true;
    open.attempt?.stopSending();
  }

  #pump(): void {
    // An attempt may end before `attempt` returns; the loop, not the recursion, goes on to the next one.
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (this.isUp && this.#taken < this.target.window) {
      const item = this.#line.shift();
      if (item === undefined) break;
      this.#start(item);
    }
    this.#isPumping = false;
  }

  #start(item: LaneItem): void {
    const outgoing = item.start(this);
    if (outgoing === undefined) {
      item.ended(this, { kind: 'withdrawn' });
      return;
    }
    if (outgoing === 'not-now') {
      // What stands behind it must not pass it.
      for (const each of [item, ...this.#line.splice(0)]) each.ended(this, notNow);
      return;
    }
    const open: OpenItem = { item, attempt: undefined, timer: undefined, isStopped: false, isApart: false };
    this.#open.push(open);
    open.attempt = this.target.attempt(
      outgoing,
      (outcome) => this.#ended(open, outcome),
      () => this.#goApart(open),
    );
    if (this.#open.includes(open)) this.#stopAtTheEnd(open, outgoing.expiresAt);
  }

  #goApart(open: OpenItem): void {
    if (!this.#open.includes(open) || this.#open.length - this.#taken >= apartMax) return;
    open.isApart = true;
    this.#pump();
    if (this.isUp) this.#listener.laneFreed();
  }

  /** Places of the window. */
  get #taken(): number {
    let taken = 0;
    for (const { isApart } of this.#open) if (!isApart) taken += 1;
    return taken;
  }

  /** Whether its row is looked after or not: what another client took has none any more. */
  #stopAtTheEnd(open: OpenItem, expiresAt: Millis): void {
    const leftMs = expiresAt - this.#time.clock.wall();
    if (leftMs > attemptMsMax) return;
    open.timer = this.#time.timers.at(this.#time.clock.monotonic() + leftMs, () => this.#stopSending(open));
  }

  #ended(open: OpenItem, outcome: AttemptOutcome): void {
    const place = this.#open.indexOf(open);
    if (place === -1) return;
    this.#open.splice(place, 1);
    open.timer?.cancel();
    const hasStopped = outcome.kind === 'client-failed' && this.#stop(outcome);
    if (outcome.kind === 'delivered' || outcome.kind === 'announced') this.heard();
    if (outcome.kind === 'withdrawn' && this.#isGone) this.#turnAwayOne(open.item, 'gone');
    else open.item.ended(this, outcome);
    if (outcome.kind === 'client-failed' && hasStopped) {
      // Behind it, as they stood in line.
      this.#turnAway(outcome.status);
      this.#listener.laneTurned();
    }
    this.#pump();
    if (this.isUp) this.#listener.laneFreed();
  }

  /** False when it has stopped already. */
  #stop(outcome: { readonly status: string; readonly retryAfterMs?: Millis }): boolean {
    if (!this.isUp) return false;
    this.#failures += 1;
    const pause = Math.min(backoffLastMs, Math.max(backoffMs(this.#failures), outcome.retryAfterMs ?? 0));
    this.#resume = this.#time.timers.at(this.#time.clock.monotonic() + pause, () => {
      this.#resume = undefined;
      this.#listener.laneTurned();
    });
    return true;
  }

  #turnAway(status: string): void {
    for (const item of this.#line.splice(0)) this.#turnAwayOne(item, status);
  }

  #turnAwayOne(item: LaneItem, status: string): void {
    item.ended(this, { kind: 'turned-away', status, isNext: this.#isGone || this.#open.length === 0 });
  }
}
