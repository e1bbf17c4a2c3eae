/**
 * One request that is being answered: what its user holds, and the machine behind it (RFC 3261 17.2). Where it is
 * kept, matched and timed is the business of `ServerTransactions`.
 */
import { assert, unreachable } from '../../base/assert.ts';
import type { Millis } from '../../base/time/clock.ts';
import type { IdSource } from '../../base/ids.ts';
import { buildResponse } from '../message/build-response.ts';
import { formatSipResponse } from '../message/format-message.ts';
import type { SipRequest, SipResponse } from '../message/sip-message.ts';
import type { Flow } from '../registrar/ports.ts';
import type { MessageTransport, ResponseSender } from '../transport/message-transport.ts';
import type { ActiveTransaction } from './active-transactions.ts';
import type { InviteServerAction, InviteServerInput, InviteServerState } from './machines/invite-server.ts';
import type {
  NonInviteServerAction,
  NonInviteServerInput,
  NonInviteServerState,
} from './machines/non-invite-server.ts';
import { TransactionMachine } from './machines/transaction-machine.ts';
import type { MachinePlan } from './machines/transaction-machine.ts';

/** What a transaction user is handed for each new request but ACK. */
export interface ServerTransaction {
  readonly request: SipRequest;
  /** Where it came from. */
  readonly flow: Flow;
  /** The To tag of every response to it: that of the request if it has one (RFC 3261 8.2.6.2). */
  readonly localTag: string;
  /** Whether it has its final response, or is past the time for one. */
  readonly isAnswered: boolean;
  /**
   * Sends a response; what comes behind a final one is discarded (but a 2xx to INVITE may be repeated). Asserts that
   * no method but INVITE gets a provisional other than 100, nor 408 (RFC 4320 4).
   */
  respond(response: SipResponse): void;
  /**
   * Nothing is left of it when it is answered, and its repetition is a new request (RFC 3261 8.2.7, 26.3.2.4): for what comes
   * from nobody known, so that no flood of it takes the room of others. INVITE needs its ACK and is kept all the same.
   */
  isForgotten: boolean;
  /** An INVITE was cancelled. Whoever sets this may answer 487 in it; else that happens by itself (RFC 3261 9.2). */
  onCancel: (() => void) | undefined;
}

/** What a transaction needs of its keeper. */
export interface ServerTransactionKeeper {
  readonly transport: MessageTransport;
  readonly ids: IdSource;
  now(): Millis;
  /** A To tag that is the same for the same request, whenever it comes. */
  lastingTag(key: TransactionKey): string;
  /** Looks at the transaction after every input: it may be over, or wait for something else. */
  settle(transaction: ActiveServerTransaction, now: Millis): void;
  passAck(request: SipRequest, flow: Flow): void;
  count(event: 'unanswered' | 'no-ack' | 'send-failed'): void;
  /** How long the sender of a request that is no INVITE waited for its final answer. */
  answered(tookMs: Millis): void;
}

type State = InviteServerState | NonInviteServerState;
type Input = InviteServerInput | NonInviteServerInput;
type Action = InviteServerAction | NonInviteServerAction;
export type ServerPlan = MachinePlan<State, Input, Action>;

/** The hash by which a transaction is found. */
export interface TransactionKey {
  readonly lo: number;
  readonly hi: number;
}

const localTagBits = 64;

export class ActiveServerTransaction implements ServerTransaction, ActiveTransaction, ResponseSender {
  slot = -1;
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly lo: number;
  readonly hi: number;
  isForgotten = false;
  onCancel: (() => void) | undefined = undefined;
  /** What was sent last. */
  last: SipResponse | undefined = undefined;
  lastBytes: Uint8Array | undefined = undefined;
  readonly #arrivedAt: Millis;
  readonly #keeper: ServerTransactionKeeper;
  readonly #machine: TransactionMachine<State, Input, Action>;
  #localTag: string | undefined = undefined;

  constructor(
    keeper: ServerTransactionKeeper,
    plan: ServerPlan,
    arrival: { readonly request: SipRequest; readonly flow: Flow },
    key: TransactionKey,
  ) {
    this.#keeper = keeper;
    this.#arrivedAt = keeper.now();
    this.#machine = new TransactionMachine(plan, this.#arrivedAt);
    this.request = arrival.request;
    this.flow = arrival.flow;
    this.lo = key.lo;
    this.hi = key.hi;
  }

  get localTag(): string {
    this.#localTag ??= this.request.to.tag ?? this.#newTag();
    return this.#localTag;
  }

  get isAnswered(): boolean {
    const { state } = this.#machine;
    return state !== 'arrived' && state !== 'trying' && state !== 'proceeding';
  }

  get isTerminated(): boolean {
    return this.#machine.isTerminated;
  }

  /** Whether nothing is left but to repeat the answer, so that a record of it is enough. */
  get isOnlyRepeating(): boolean {
    return this.#machine.state === 'completed' && this.request.method !== 'INVITE';
  }

  /** What nothing is left of is answered alike when it comes again (RFC 3261 8.2.7). */
  #newTag(): string {
    const { ids } = this.#keeper;
    return this.isForgotten ? this.#keeper.lastingTag(this) : ids.randomToken(localTagBits);
  }

  deadline(): Millis | undefined {
    return this.#machine.deadline();
  }

  tick(now: Millis): void {
    this.#handle('tick', now);
  }

  respond(response: SipResponse): void {
    const input = this.#inputFor(response.status);
    // Whoever answers a transaction that is over is late; nobody waits any more (RFC 4320 4.2).
    if (this.slot === -1) return;
    const now = this.#keeper.now();
    const wasAnswered = this.isAnswered;
    const actions = this.#machine.handle(input, now);
    if (this.isAnswered && !wasAnswered && this.request.method !== 'INVITE')
      this.#keeper.answered(now - this.#arrivedAt);
    if (actions.length > 0) {
      this.#remember(response);
      this.#perform(actions);
    }
    this.#keeper.settle(this, now);
  }

  /** The request again. */
  retransmitted(): void {
    this.#handle('request', this.#keeper.now());
  }

  /** `ack` matches this INVITE. */
  acknowledged(ack: SipRequest, flow: Flow): void {
    const now = this.#keeper.now();
    const actions = this.#machine.handle('ack', now);
    this.#keeper.settle(this, now);
    if (actions.includes('pass-ack')) this.#keeper.passAck(ack, flow);
  }

  cancelled(): void {
    if (this.isAnswered) return;
    this.onCancel?.();
    if (!this.isAnswered) this.respond(buildResponse(this.request, 487, { toTag: this.localTag }));
  }

  sendFailed(): void {
    this.#keeper.count('send-failed');
    if (this.slot !== -1) this.#handle('transport-error', this.#keeper.now());
  }

  #inputFor(status: number): Input {
    if (this.request.method === 'INVITE') {
      if (status < 200) return 'provisional';
      return status < 300 ? 'success' : 'failure';
    }
    // RFC 4320 4.1 and 4.2.
    assert(status >= 200 || status === 100, `${status} is no provisional response to ${this.request.method}`);
    assert(status !== 408, `${this.request.method} is never answered with 408`);
    return status < 200 ? 'provisional' : 'final';
  }

  #handle(input: Input | 'tick', now: Millis): void {
    this.#perform(this.#machine.handle(input, now));
    this.#keeper.settle(this, now);
  }

  #perform(actions: readonly Action[]): void {
    for (const action of actions) {
      switch (action) {
        case 'send-response':
          this.#sendLast();
          break;
        case 'send-trying':
          this.#remember(buildResponse(this.request, 100));
          this.#sendLast();
          break;
        case 'report-unanswered':
          this.#keeper.count('unanswered');
          break;
        case 'report-no-ack':
          this.#keeper.count('no-ack');
          break;
        case 'pass-ack':
          break;
        default:
          unreachable(action);
      }
    }
  }

  #remember(response: SipResponse): void {
    this.last = response;
    this.lastBytes = formatSipResponse(response);
  }

  #sendLast(): void {
    assert(this.lastBytes !== undefined, 'there is a response to send');
    this.#keeper.transport.sendResponse(this.lastBytes, this.request.topVia, this.flow, this);
  }
}
