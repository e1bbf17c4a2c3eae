/**
 * One INVITE that is being answered, the first of a session or a later one (RFC 3261 13.3, 14.2, RFC 3262 3): carries out what its
 * machines say. What is answered, and what follows, is its owner's affair.
 */
import { assert, unreachable } from '../../base/assert.ts';
import type { Millis } from '../../base/time/clock.ts';
import { recordRouteRows } from '../dialog/dialog.ts';
import { parseDeltaSeconds } from '../message/header-values.ts';
import type { HeaderRow } from '../message/sip-headers.ts';
import { TransactionMachine } from '../transaction/machines/transaction-machine.ts';
import type { MachinePlan } from '../transaction/machines/transaction-machine.ts';
import type { RequestContext, RespondOptions } from '../user-agent/request-context.ts';
import { requires } from './interval-rows.ts';
import type { AnswerAction, AnswerInput, AnswerState } from './machines/answer-table.ts';
import type { ReliableAction, ReliableInput, ReliableState } from './machines/reliable-table.ts';
import type { RAck } from './rack.ts';
import type { CancelCause, SessionContent } from './session-words.ts';

export type AnswerPlan = MachinePlan<AnswerState, AnswerInput, AnswerAction>;
export type ReliablePlan = MachinePlan<ReliableState, ReliableInput, ReliableAction>;

export interface AnswerOwner {
  readonly answerPlan: AnswerPlan;
  readonly reliablePlan: ReliablePlan;
  /** The Contact that the dialog has. */
  readonly contact: string;
  now(): Millis;
  /** Some deadline is another now. */
  rescheduled(): void;
  /** 1 to 2^31-1, for the first RSeq (RFC 3262 3). */
  firstRSeq(): number;
  acknowledged(answer: SessionContent | undefined): void;
  unacknowledged(): void;
  /** It was answered here, and needs no other answer. */
  cancelled(cause: CancelCause): void;
}

interface Provisional {
  readonly status: number;
  readonly options: RespondOptions;
}

export class InviteAnswer {
  readonly context: RequestContext;
  readonly #owner: AnswerOwner;
  readonly #machine: TransactionMachine<AnswerState, AnswerInput, AnswerAction>;
  /** Monotonic; undefined where the client waits as long as it takes. */
  readonly #expiresAt: Millis | undefined;
  readonly #isReliable: boolean;
  #reliable: TransactionMachine<ReliableState, ReliableInput, ReliableAction> | undefined;
  #rseq = 0;
  /** Also when the final response has left meanwhile, and nothing is repeated any more (RFC 3262 3). */
  #isPrackDue = false;
  #provisional: Provisional = { status: 180, options: {} };
  /** Waits until the one before it is acknowledged. */
  #nextProvisional: Provisional | undefined;
  #final: Provisional = { status: 200, options: {} };

  constructor(context: RequestContext, owner: AnswerOwner) {
    const now = owner.now();
    this.context = context;
    this.#owner = owner;
    this.#machine = new TransactionMachine(owner.answerPlan, now);
    const { headers } = context.request;
    const seconds = parseDeltaSeconds(headers.get('Expires') ?? '');
    // In no time nobody can answer; what 0 means is for whoever takes it.
    this.#expiresAt = seconds === undefined || seconds === 0 ? undefined : now + seconds * 1_000;
    this.#isReliable = requires(headers, '100rel');
    context.transaction.onCancel = () => this.#handle('cancel');
  }

  get isOpen(): boolean {
    return this.#machine.state === 'open' || this.#machine.state === 'ringing';
  }

  /** Its 2xx has no ACK yet. */
  get isUnacknowledged(): boolean {
    return this.#machine.state === 'accepted';
  }

  ring(status: number, options: RespondOptions): void {
    assert(status > 100 && status < 200, `${status} is no provisional response with a dialog`);
    if (!this.isOpen) return;
    // RFC 3262 3: the next one waits until the one before it is acknowledged.
    if (this.#reliable !== undefined) {
      this.#nextProvisional = { status, options };
      return;
    }
    this.#provisional = { status, options };
    this.#handle('ring');
  }

  /** Options of the whole 2xx but for the rows that make the dialog. */
  accept(status: number, options: RespondOptions): void {
    this.#final = { status, options: { ...options, headers: [...this.#dialogRows(), ...(options.headers ?? [])] } };
    this.#handle('accept');
  }

  refuse(status: number, options: RespondOptions): void {
    assert(status >= 300, `${status} refuses nothing`);
    this.#final = { status, options };
    this.#handle('refuse');
  }

  /** The other side said BYE, or we end the session, before it was answered. */
  leave(): void {
    this.#handle('leave');
  }

  /** The ACK to its 2xx, or something that could not come without having seen it. */
  acknowledge(answer: SessionContent | undefined): void {
    if (this.isUnacknowledged) this.#handle('ack', answer);
  }

  /** False where it is not what waits for a PRACK. */
  prack(rack: RAck): boolean {
    const { cseq } = this.context.request;
    if (!this.#isPrackDue || rack.rseq !== this.#rseq || rack.cseq !== cseq || rack.method !== 'INVITE') return false;
    this.#isPrackDue = false;
    this.#handleReliable('prack');
    return true;
  }

  deadline(): Millis | undefined {
    const times = [this.#machine.deadline(), this.#reliable?.deadline()];
    if (this.isOpen) times.push(this.#expiresAt);
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  tick(now: Millis): void {
    if (this.isOpen && this.#expiresAt !== undefined && this.#expiresAt <= now) this.#handle('expire');
    if (isDue(this.#reliable?.deadline(), now)) this.#handleReliable('tick');
    if (isDue(this.#machine.deadline(), now)) this.#handle('tick');
  }

  #handle(input: AnswerInput | 'tick', answer?: SessionContent): void {
    if (this.#machine.isTerminated) return;
    const actions = this.#machine.handle(input, this.#owner.now());
    // Whoever has the final response needs no other any more.
    if (!this.isOpen) this.#reliable = undefined;
    this.#owner.rescheduled();
    for (const action of actions) this.#perform(action, answer);
  }

  #perform(action: AnswerAction, answer: SessionContent | undefined): void {
    switch (action) {
      case 'send-provisional':
        return this.#sendProvisional();
      case 'send-success':
      case 'send-refusal':
        return this.context.respond(this.#final.status, this.#final.options);
      case 'send-cancelled':
        return this.#end(487, 'cancelled', 'the INVITE was cancelled');
      case 'send-expired':
        return this.#end(487, 'expired', 'the time of the INVITE is over');
      case 'send-left':
        return this.#end(487, 'left', 'the session ended');
      case 'send-unanswered':
        return this.#end(480, 'unanswered', 'nobody answered in time');
      case 'tell-acknowledged':
        return this.#owner.acknowledged(answer);
      case 'tell-unacknowledged':
        return this.#owner.unacknowledged();
      default:
        return unreachable(action);
    }
  }

  #end(status: number, cause: CancelCause, warning: string): void {
    this.context.respond(status, { warning });
    this.#owner.cancelled(cause);
  }

  #sendProvisional(): void {
    const { status, options } = this.#provisional;
    if (!this.#isReliable) {
      this.#respond(status, options, []);
      return;
    }
    // One that is acknowledged may be said again, as another one.
    this.#rseq = this.#rseq === 0 ? this.#owner.firstRSeq() : this.#rseq + 1;
    this.#isPrackDue = true;
    this.#reliable = new TransactionMachine(this.#owner.reliablePlan, this.#owner.now());
    this.#owner.rescheduled();
    this.#repeatReliable();
  }

  #repeatReliable(): void {
    const { status, options } = this.#provisional;
    this.#respond(status, options, [
      ['Require', '100rel'],
      ['RSeq', String(this.#rseq)],
    ]);
  }

  #respond(status: number, options: RespondOptions, rows: readonly HeaderRow[]): void {
    const headers = [...this.#dialogRows(), ...rows, ...(options.headers ?? [])];
    this.context.respond(status, { ...options, headers });
  }

  #dialogRows(): HeaderRow[] {
    return [...recordRouteRows(this.context.request), ['Contact', this.#owner.contact]];
  }

  #handleReliable(input: ReliableInput | 'tick'): void {
    const machine = this.#reliable;
    if (machine === undefined) return;
    const actions = machine.handle(input, this.#owner.now());
    if (machine.isTerminated) this.#reliable = undefined;
    this.#owner.rescheduled();
    for (const action of actions) this.#performReliable(action);
  }

  #performReliable(action: ReliableAction): void {
    switch (action) {
      case 'send-again':
        return this.#repeatReliable();
      case 'tell-acknowledged': {
        const next = this.#nextProvisional;
        this.#nextProvisional = undefined;
        return next === undefined ? undefined : this.ring(next.status, next.options);
      }
      case 'tell-unacknowledged':
        // RFC 3262 3: the client that wanted it never saw it.
        this.refuse(504, { warning: 'a provisional response was not acknowledged' });
        return this.#owner.cancelled('unanswered');
      default:
        return unreachable(action);
    }
  }
}

function isDue(deadline: Millis | undefined, now: Millis): boolean {
  return deadline !== undefined && deadline <= now;
}
