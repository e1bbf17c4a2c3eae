/**
 * One request of ours and the machine behind it (RFC 3261 17.1): first it looks for a way, then it runs, then it tells
 * its handler once how it ended. Where it is kept and matched is the business of `ClientTransactions`.
 */
import { assert, unreachable } from '../../base/assert.ts';
import type { Millis } from '../../base/time/clock.ts';
import type { SipResponse } from '../message/sip-message.ts';
import type { OutgoingRoute } from '../transport/message-transport.ts';
import type { ActiveTransaction } from './active-transactions.ts';
import type { InviteClientAction, InviteClientInput, InviteClientState } from './machines/invite-client.ts';
import type {
  NonInviteClientAction,
  NonInviteClientInput,
  NonInviteClientState,
} from './machines/non-invite-client.ts';
import { TransactionMachine } from './machines/transaction-machine.ts';
import type { MachinePlan } from './machines/transaction-machine.ts';
import { acknowledge, formatOutgoing, formatTopVia, insertVia } from './outgoing-request.ts';
import type { OutgoingSipRequest } from './outgoing-request.ts';

export type ClientFailure =
  /** No final response in 64*T1. */
  | 'timeout'
  /** It could not be sent, or its connection broke. */
  | 'transport'
  /** It was stopped, or its handler did not want it any more, before there was a way. */
  | 'unwanted';

/** Called later than `send`, never from within it. Of `onFinal` and `onFailure` one is called, once. */
export interface ResponseHandler {
  onProvisional?(response: SipResponse): void;
  /** Again for each further 2xx to an INVITE (RFC 6026 7.2). */
  onFinal(response: SipResponse): void;
  onFailure(reason: ClientFailure): void;
  /** Asked where a way had to be opened first, right before it leaves. */
  mayLeave?(): boolean;
}

export interface ClientTransaction {
  /** Nothing leaves any more; a final response that comes in time still counts. */
  stopSending(): void;
  /** Of an INVITE only: CANCEL leaves as soon as a provisional response allows it (RFC 3261 9.1). */
  cancel(): void;
}

export type ClientPlan = MachinePlan<State, Input, Action>;

/** What a transaction needs of its keeper. */
export interface ClientTransactionKeeper {
  now(): Millis;
  planFor(method: string, isReliable: boolean): ClientPlan;
  /** Looks at the transaction after every input: it may be over, or wait for something else. */
  settle(transaction: ActiveClientTransaction): void;
  sendCancel(transaction: ActiveClientTransaction): void;
}

type State = InviteClientState | NonInviteClientState;
type Input = InviteClientInput | NonInviteClientInput;
type Action = InviteClientAction | NonInviteClientAction;

export class ActiveClientTransaction implements ClientTransaction, ActiveTransaction {
  slot = -1;
  readonly request: OutgoingSipRequest;
  readonly branch: string;
  route: OutgoingRoute | undefined = undefined;
  readonly #keeper: ClientTransactionKeeper;
  readonly #handler: ResponseHandler;
  #machine: TransactionMachine<State, Input, Action> | undefined = undefined;
  /** Without Via until there is a way. */
  #bytes: Uint8Array;
  #ack: Uint8Array | undefined = undefined;
  /** It could not be sent; the machine and the handler hear of it on the next tick, never within `send`. */
  #failedAt: Millis | undefined = undefined;
  #hasNoWay = false;
  #isUnwanted = false;
  #isStopped = false;
  #isCancelled = false;

  constructor(
    keeper: ClientTransactionKeeper,
    request: OutgoingSipRequest,
    branch: string,
    rest: { readonly bytesWithoutVia: Uint8Array; readonly handler: ResponseHandler },
  ) {
    this.#keeper = keeper;
    this.request = request;
    this.branch = branch;
    this.#bytes = rest.bytesWithoutVia;
    this.#handler = rest.handler;
  }

  /** Whether nothing that can still come changes anything: strays are discarded without it (RFC 6026 8.9). */
  get isOver(): boolean {
    const machine = this.#machine;
    if (machine === undefined) return this.#hasNoWay;
    return machine.isTerminated || (machine.state === 'completed' && this.request.method !== 'INVITE');
  }

  deadline(): Millis | undefined {
    return this.#failedAt ?? this.#machine?.deadline();
  }

  tick(now: Millis): void {
    const hasFailed = this.#failedAt !== undefined;
    this.#failedAt = undefined;
    if (this.#machine !== undefined) {
      this.#handle(hasFailed ? 'transport-error' : 'tick', now);
      return;
    }
    this.#hasNoWay = hasFailed;
    this.#keeper.settle(this);
    if (hasFailed) this.#handler.onFailure(this.#isUnwanted ? 'unwanted' : 'transport');
  }

  /** A way is found, at once or later, or there is none. */
  begin(route: OutgoingRoute | undefined, isLater: boolean): void {
    this.#isUnwanted = route !== undefined && isLater && !this.#isWanted();
    if (route === undefined || this.#isUnwanted || this.#isCancelled) {
      this.fail();
      return;
    }
    const now = this.#keeper.now();
    this.route = route;
    this.#bytes = insertVia(this.#bytes, formatTopVia(route, this.branch));
    this.#machine = new TransactionMachine(this.#keeper.planFor(this.request.method, route.isReliable), now);
    this.#keeper.settle(this);
    this.#send(this.#bytes);
  }

  #isWanted(): boolean {
    return !this.#isStopped && this.#handler.mayLeave?.() !== false;
  }

  receive(response: SipResponse): void {
    const { status } = response;
    const now = this.#keeper.now();
    this.#handle(this.#inputFor(status), now, response);
    if (this.#isCancelled && status < 200 && this.slot !== -1) this.#handle('cancel', now);
  }

  /** Its connection is gone, or its octets did not leave. */
  fail(): void {
    if (this.slot === -1) return;
    this.#failedAt = this.#keeper.now();
    this.#keeper.settle(this);
  }

  stopSending(): void {
    this.#isStopped = true;
    if (this.slot !== -1) this.#handle('stop', this.#keeper.now());
  }

  cancel(): void {
    assert(this.request.method === 'INVITE', 'only an INVITE is cancelled');
    this.#isCancelled = true;
    if (this.slot !== -1) this.#handle('cancel', this.#keeper.now());
  }

  #inputFor(status: number): Input {
    if (status < 200) return 'provisional';
    if (this.request.method !== 'INVITE') return 'final';
    return status < 300 ? 'success' : 'failure';
  }

  #handle(input: Input | 'tick', now: Millis, response?: SipResponse): void {
    if (this.#machine === undefined) return;
    const actions = this.#machine.handle(input, now);
    // First, so that a handler that throws leaves nothing half done.
    this.#keeper.settle(this);
    for (const action of actions) this.#perform(action, response);
  }

  #perform(action: Action, response: SipResponse | undefined): void {
    switch (action) {
      case 'send-request':
        this.#send(this.#bytes);
        break;
      case 'send-ack':
        if (response !== undefined) this.#sendAck(response);
        break;
      case 'send-cancel':
        this.#keeper.sendCancel(this);
        break;
      case 'pass-response':
        if (response !== undefined) this.#pass(response);
        break;
      case 'report-timeout':
        this.#handler.onFailure('timeout');
        break;
      case 'report-transport-failure':
        this.#handler.onFailure('transport');
        break;
      default:
        unreachable(action);
    }
  }

  #pass(response: SipResponse): void {
    if (response.status < 200) this.#handler.onProvisional?.(response);
    else this.#handler.onFinal(response);
  }

  /** RFC 3261 17.1.1.3. The first one is sent again for each retransmission of the response. */
  #sendAck(response: SipResponse): void {
    if (this.route === undefined) return;
    this.#ack ??= insertVia(formatOutgoing(acknowledge(this.request, response)), formatTopVia(this.route, this.branch));
    this.#send(this.#ack);
  }

  #send(bytes: Uint8Array): void {
    this.route?.send(bytes, () => this.fail());
  }
}
