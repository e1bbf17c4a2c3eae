/**
 * An INVITE of ours (RFC 3261 13.2): carries out what its machine says. The first 2xx makes the session; those of other forks, and
 * one that comes after a CANCEL, are acknowledged and ended.
 */
import { unreachable } from '../../base/assert.ts';
import type { Millis } from '../../base/time/clock.ts';
import { Dialog } from '../dialog/dialog.ts';
import { createDialogRequest } from '../dialog/dialog-request.ts';
import { SipHeaders } from '../message/sip-headers.ts';
import type { HeaderRow } from '../message/sip-headers.ts';
import type { SipResponse } from '../message/sip-message.ts';
import type { Flow } from '../registrar/ports.ts';
import type { ActiveTransaction } from '../transaction/active-transactions.ts';
import type { ClientFailure, ClientTransaction } from '../transaction/client-transaction.ts';
import { TransactionMachine } from '../transaction/machines/transaction-machine.ts';
import type { MachinePlan } from '../transaction/machines/transaction-machine.ts';
import { defaultPortOf } from '../transport/own-addresses.ts';
import type { Destination } from '../transport/route-finder.ts';
import { askForInterval, longerInterval, readAgreedInterval } from './interval-rows.ts';
import { InviteSession } from './invite-session.ts';
import type { SessionKeeper } from './invite-session.ts';
import type { CallAction, CallInput, CallState } from './machines/call-table.ts';
import { sessionExpiresDefault } from './machines/session-timer.ts';
import type { CallFailure, SessionContent, SessionListener } from './session-words.ts';

/** Of one INVITE; those of more forks are not even acknowledged. */
export const forkedAnswersMax = 32;
const callIdBits = 128;
const tagBits = 64;

export interface CallPlan {
  readonly destination: Destination;
  readonly requestUri: string;
  /** Name-addr values without tags. */
  readonly from: string;
  readonly to: string;
  /** Our offer. */
  readonly content: SessionContent;
  /** Route, Accept-Contact and whatever else. A Max-Forwards or Allow stands in place of ours. */
  readonly rows?: readonly HeaderRow[];
  /** Feature tags of our Contact, as `;+g.oma.sip-im`. */
  readonly contactParameters?: string;
  /** Made up where it is not given. */
  readonly callId?: string;
  readonly localTag?: string;
}

/** Called later than `call`, never from within it. Of `answered` and `failed` one is called, once. */
export interface CallListener {
  progress?(response: SipResponse): void;
  /** The ACK has left. What is returned hears of the session from now on. */
  answered(session: InviteSession, response: SipResponse): SessionListener;
  failed(failure: CallFailure): void;
  /** Asked where a way had to be opened first, right before it leaves. */
  mayLeave?(): boolean;
}

export interface CallKeeper extends SessionKeeper {
  readonly callPlan: MachinePlan<CallState, CallInput, CallAction>;
  add(session: InviteSession): void;
  callRescheduled(call: OutgoingInvite): void;
  /** It has its answer, or needs none any more. */
  callEnded(call: OutgoingInvite): void;
}

export class OutgoingInvite implements ActiveTransaction {
  slot = -1;
  readonly #plan: CallPlan;
  readonly #listener: CallListener;
  readonly #keeper: CallKeeper;
  readonly #machine: TransactionMachine<CallState, CallInput, CallAction>;
  readonly #callId: string;
  readonly #localTag: string;
  readonly #contact: string;
  /** By To tag, each with the dialog that it made. */
  readonly #dialogs = new Map<string, Dialog>();
  #transaction: ClientTransaction | undefined;
  #cseq = 0;
  #seconds = sessionExpiresDefault;

  constructor(plan: CallPlan, listener: CallListener, keeper: CallKeeper) {
    const { surroundings } = keeper;
    this.#plan = plan;
    this.#listener = listener;
    this.#keeper = keeper;
    this.#machine = new TransactionMachine(keeper.callPlan, surroundings.clock.monotonic());
    this.#callId = plan.callId ?? surroundings.ids.randomToken(callIdBits);
    this.#localTag = plan.localTag ?? surroundings.ids.randomToken(tagBits);
    const contact = surroundings.contactFor(flowOf(plan.destination), plan.requestUri.startsWith('sips:'));
    this.#contact = contact + (plan.contactParameters ?? '');
  }

  /** For its keeper: the INVITE leaves. */
  begin(): void {
    this.#send();
  }

  /** For its keeper: it could not even begin. */
  refuse(): void {
    this.#listener.failed({ kind: 'limit' });
  }

  /** CANCEL leaves as soon as a provisional response allows it; a 2xx that comes all the same is acknowledged and ended. */
  cancel(): void {
    this.#handle('cancel');
  }

  deadline(): Millis | undefined {
    return this.#machine.deadline();
  }

  tick(): void {
    this.#handle('tick');
  }

  #send(): void {
    const { surroundings } = this.#keeper;
    const { destination, requestUri, content } = this.#plan;
    this.#cseq += 1;
    const request = { method: 'INVITE', requestUri, headers: this.#writeRows(), body: content.body };
    this.#transaction = surroundings.transactions.send(request, destination, {
      onProvisional: (response) => this.#handle('provisional', response),
      onFinal: (response) => this.#handle(this.#inputOf(response), response),
      onFailure: (reason) => this.#handle('silence', undefined, reason),
      mayLeave: () => this.#listener.mayLeave?.() ?? true,
    });
  }

  #writeRows(): SipHeaders {
    const { from, to, content, rows = [] } = this.#plan;
    const headers = new SipHeaders([
      ['From', `${from};tag=${this.#localTag}`],
      ['To', to],
      ['Call-ID', this.#callId],
      ['CSeq', `${this.#cseq} INVITE`],
      ['Contact', this.#contact],
      ['Supported', 'timer'],
      ...askForInterval(this.#seconds),
      ...rows,
    ]);
    if (!headers.has('Max-Forwards')) headers.add('Max-Forwards', '70');
    if (!headers.has('Allow')) headers.add('Allow', this.#keeper.surroundings.allow());
    return headers.add('Content-Type', content.contentType);
  }

  #inputOf(response: SipResponse): CallInput {
    if (response.status < 300) return 'success';
    return response.status === 422 && longerInterval(response, this.#seconds) !== undefined ? 'too-brief' : 'failure';
  }

  #handle(input: CallInput | 'tick', response?: SipResponse, reason?: ClientFailure): void {
    const actions = this.#machine.handle(input, this.#keeper.surroundings.clock.monotonic());
    const { state } = this.#machine;
    if (state === 'answered' || state === 'over') this.#keeper.callEnded(this);
    else if (this.slot !== -1) this.#keeper.callRescheduled(this);
    for (const action of actions) this.#perform(action, response, reason);
  }

  #perform(action: CallAction, response: SipResponse | undefined, reason: ClientFailure | undefined): void {
    switch (action) {
      case 'send-cancel':
        return this.#transaction?.cancel();
      case 'tell-cancelled':
        return this.#listener.failed({ kind: 'cancelled' });
      case 'tell-failed':
        return this.#listener.failed({ kind: failureOf(reason) });
      default:
        return response === undefined ? undefined : this.#performOn(action, response);
    }
  }

  #performOn(
    action: Exclude<CallAction, 'send-cancel' | 'tell-cancelled' | 'tell-failed'>,
    response: SipResponse,
  ): void {
    switch (action) {
      case 'tell-progress':
        return response.status === 100 ? undefined : this.#listener.progress?.(response);
      case 'begin-session':
        return this.#beginSession(response);
      case 'take-further':
      case 'drop':
        return this.#takeFurther(response);
      case 'send-longer':
        this.#seconds = longerInterval(response, this.#seconds) ?? this.#seconds;
        return this.#send();
      case 'tell-refused':
        return this.#listener.failed({ kind: 'refused', status: response.status, response });
      default:
        return unreachable(action);
    }
  }

  #beginSession(response: SipResponse): void {
    const dialog = this.#establish(response);
    const { destination, requestUri } = this.#plan;
    const firstWay = { uri: requestUri, destination };
    const session = new InviteSession({ dialog, flow: destination.flow, isCaller: true, firstWay }, this.#keeper);
    session.learnFrom(response.headers);
    this.#keeper.add(session);
    this.#acknowledge(dialog);
    const listener = this.#listener.answered(session, response);
    session.confirm(listener, this.#plan.content, readAgreedInterval(response, this.#seconds));
  }

  #takeFurther(response: SipResponse): void {
    const known = this.#dialogs.get(response.to.tag ?? '');
    if (known !== undefined) {
      this.#acknowledge(known);
      return;
    }
    if (this.#dialogs.size >= forkedAnswersMax) return;
    const dialog = this.#establish(response);
    this.#acknowledge(dialog);
    const bye = createDialogRequest(dialog, 'BYE');
    const handler = { onFinal: () => undefined, onFailure: () => undefined };
    this.#keeper.surroundings.transactions.send(bye, this.#wayTo(bye.nextHop), handler);
  }

  #establish(response: SipResponse): Dialog {
    const { requestUri } = this.#plan;
    const dialog = Dialog.establish({ response, contact: this.#contact, requestUri });
    this.#dialogs.set(dialog.remoteTag, dialog);
    return dialog;
  }

  #acknowledge(dialog: Dialog): void {
    const ack = createDialogRequest(dialog, 'ACK', undefined, this.#cseq);
    this.#keeper.surroundings.transactions.sendAck(ack, this.#wayTo(ack.nextHop));
  }

  #wayTo(nextHop: string): Destination {
    const { destination, requestUri } = this.#plan;
    return nextHop === requestUri ? destination : this.#keeper.surroundings.wayTo(nextHop, destination.flow);
  }
}

function failureOf(reason: ClientFailure | undefined): 'timeout' | 'transport' | 'cancelled' {
  return reason === 'unwanted' ? 'cancelled' : (reason ?? 'timeout');
}

/** What our Contact towards a destination is chosen by. */
function flowOf({ flow, host, port, transport }: Destination): Flow {
  return flow ?? { transport, remoteAddress: host ?? '', remotePort: port ?? defaultPortOf(transport) };
}
