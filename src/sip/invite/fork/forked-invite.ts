/**
 * A call to several destinations of which one takes the session: carries out what its machine says, over calls that know nothing
 * of each other.
 */
import { unreachable } from '../../../base/assert.ts';
import type { Millis } from '../../../base/time/clock.ts';
import type { SipResponse } from '../../message/sip-message.ts';
import type { ActiveTransaction } from '../../transaction/active-transactions.ts';
import type { InviteSession } from '../invite-session.ts';
import type { CallListener, CallPlan, OutgoingInvite } from '../outgoing-invite.ts';
import type { CallFailure, SessionListener } from '../session-words.ts';
import { bestFailure, statusOf } from './best-failure.ts';
import { ForkMachine } from './fork-machine.ts';
import type { ForkEnd, ForkInput, ForkOutput } from './fork-machine.ts';

export interface ForkBranch extends CallPlan {
  /** 0 to 1: the highest is called first. */
  readonly q: number;
}

export interface ForkPlan {
  readonly branches: readonly ForkBranch[];
  /** By when one of them must have answered. */
  readonly limitMs: Millis;
}

export interface ForkFailure {
  readonly why: ForkEnd;
  /** Of each branch, in the order of the plan; undefined of those that had not failed then, or were not called. */
  readonly failures: readonly (CallFailure | undefined)[];
  /** The one that stands for all; undefined where there is none. */
  readonly best: CallFailure | undefined;
  /** What it comes to: 408 where nobody has answered at all, 500 in place of 503 (RFC 3261 16.7 step 6). */
  readonly status: number;
}

/** Called later than `fork`, never from within it, but `failed` of a fork without branches. Branches are named by their place in the plan. */
export interface ForkListener {
  progress?(branch: number, response: SipResponse): void;
  answered(branch: number, session: InviteSession, response: SipResponse): SessionListener;
  failed(failure: ForkFailure): void;
  mayLeave?(): boolean;
}

export interface ForkKeeper {
  call(plan: CallPlan, listener: CallListener): OutgoingInvite;
  now(): Millis;
  rescheduled(fork: ForkedInvite): void;
  ended(fork: ForkedInvite): void;
}

export class ForkedInvite implements ActiveTransaction {
  slot = -1;
  readonly #branches: readonly ForkBranch[];
  readonly #listener: ForkListener;
  readonly #keeper: ForkKeeper;
  readonly #machine: ForkMachine;
  readonly #calls = new Map<number, OutgoingInvite>();
  readonly #failures: (CallFailure | undefined)[];

  constructor(plan: ForkPlan, listener: ForkListener, keeper: ForkKeeper) {
    this.#branches = plan.branches;
    this.#listener = listener;
    this.#keeper = keeper;
    this.#failures = plan.branches.map(() => undefined);
    const called = plan.branches.map(({ q }) => q);
    this.#machine = new ForkMachine(called, plan.limitMs, keeper.now());
  }

  /** For its keeper. */
  begin(): void {
    this.#handle({ kind: 'begin' });
  }

  /** All that ring are cancelled; `failed` is told at once. */
  cancel(): void {
    this.#handle({ kind: 'cancel' });
  }

  deadline(): Millis | undefined {
    return this.#machine.deadline();
  }

  tick(): void {
    this.#handle({ kind: 'tick' });
  }

  #handle(input: ForkInput): void {
    const outputs = this.#machine.handle(input, this.#keeper.now());
    if (this.#machine.state === 'ringing') this.#keeper.rescheduled(this);
    else this.#keeper.ended(this);
    for (const output of outputs) this.#perform(output);
  }

  #perform(output: ForkOutput): void {
    switch (output.kind) {
      case 'call':
        return this.#call(output.branch);
      case 'cancel':
        return this.#calls.get(output.branch)?.cancel();
      case 'tell-failed':
        return this.#tellFailed(output.why);
      default:
        return unreachable(output);
    }
  }

  #call(branch: number): void {
    const plan = this.#branches[branch];
    if (plan === undefined) return;
    const call = this.#keeper.call(plan, {
      progress: (response) => {
        if (this.#machine.state === 'ringing') this.#listener.progress?.(branch, response);
      },
      answered: (session, response) => {
        this.#handle({ kind: 'answered', branch });
        return this.#listener.answered(branch, session, response);
      },
      failed: (failure) => {
        this.#failures[branch] = failure;
        this.#handle({ kind: 'failed', branch, isGlobal: statusOf(failure) >= 600 });
      },
      mayLeave: () => this.#machine.state === 'ringing' && (this.#listener.mayLeave?.() ?? true),
    });
    this.#calls.set(branch, call);
  }

  #tellFailed(why: ForkEnd): void {
    const failures = this.#failures.slice();
    const best = bestFailure(failures.filter((failure) => failure !== undefined));
    const status = best === undefined ? 408 : statusOf(best);
    this.#listener.failed({ why, failures, best, status: status === 503 ? 500 : status });
  }
}
