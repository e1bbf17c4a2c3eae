/**
 * One session (RFC 3261 13 to 15): its dialog, what the other side asks within it, and its end. It carries out what its machines
 * say; requests of ours leave through `OwnRequests`. What is offered and answered, its listener knows.
 */
import type { Millis } from '../../base/time/clock.ts';
import type { Dialog } from '../dialog/dialog.ts';
import { createDialogRequest } from '../dialog/dialog-request.ts';
import type { HeaderRow } from '../message/sip-headers.ts';
import type { SipHeaders } from '../message/sip-headers.ts';
import type { SipRequest } from '../message/sip-message.ts';
import type { Flow } from '../registrar/ports.ts';
import type { ActiveTransaction } from '../transaction/active-transactions.ts';
import type { Destination } from '../transport/route-finder.ts';
import type { RequestContext } from '../user-agent/request-context.ts';
import { allows } from './interval-rows.ts';
import type { Interval } from './interval-rows.ts';
import { InviteAnswer } from './invite-answer.ts';
import type { AnswerPlan, ReliablePlan } from './invite-answer.ts';
import type { ExchangeState } from './machines/exchange.ts';
import { SessionTimer } from './machines/session-timer.ts';
import { OwnRequests } from './own-requests.ts';
import { parseRAck } from './rack.ts';
import { contentOf } from './session-content.ts';
import type {
  CancelCause,
  InviteSurroundings,
  OfferOutcome,
  SessionContent,
  SessionEnd,
  SessionListener,
  SessionState,
} from './session-words.ts';
import { takeChange } from './their-changes.ts';
import type { ChangingSession } from './their-changes.ts';

export interface SessionKeeper {
  readonly surroundings: InviteSurroundings;
  readonly answerPlan: AnswerPlan;
  readonly reliablePlan: ReliablePlan;
  rescheduled(session: InviteSession): void;
  /** It is over and hears of nothing any more. */
  remove(session: InviteSession): void;
  /** It is reached by another way now. */
  moved(session: InviteSession, before: Flow | undefined): void;
}

export interface SessionPlan {
  readonly dialog: Dialog;
  readonly flow: Flow | undefined;
  readonly isCaller: boolean;
  /** Where the first request went, by its own URI: it is the way as long as the target stays. */
  readonly firstWay?: { readonly uri: string; readonly destination: Destination };
}

export class InviteSession implements ActiveTransaction, ChangingSession {
  slot = -1;
  readonly dialog: Dialog;
  readonly isCaller: boolean;
  readonly timer = new SessionTimer();
  exchange: ExchangeState;
  localContent: SessionContent | undefined = undefined;
  peerTakesUpdate = false;
  readonly #keeper: SessionKeeper;
  readonly #firstWay: SessionPlan['firstWay'];
  readonly #requests: OwnRequests;
  listener: SessionListener | undefined = undefined;
  #onCancelled: ((cause: CancelCause) => void) | undefined;
  #flow: Flow | undefined;
  #state: SessionState;
  /** The INVITE of theirs that is being answered, or whose ACK is awaited. */
  answer: InviteAnswer | undefined = undefined;
  /** Our BYE waits for the ACK to our first 2xx (RFC 3261 15). */
  #byeRows: readonly HeaderRow[] | undefined;
  #isFirstAcknowledged: boolean;

  constructor(plan: SessionPlan, keeper: SessionKeeper) {
    this.dialog = plan.dialog;
    this.isCaller = plan.isCaller;
    this.#flow = plan.flow;
    this.#firstWay = plan.firstWay;
    this.#keeper = keeper;
    this.#state = plan.isCaller ? 'confirmed' : 'early';
    this.exchange = plan.isCaller ? 'stable' : 'their-invite';
    this.#isFirstAcknowledged = plan.isCaller;
    this.#requests = new OwnRequests(this);
  }

  get surroundings(): InviteSurroundings {
    return this.#keeper.surroundings;
  }

  get answerPlan(): AnswerPlan {
    return this.#keeper.answerPlan;
  }

  get reliablePlan(): ReliablePlan {
    return this.#keeper.reliablePlan;
  }

  get contact(): string {
    return this.dialog.contact;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The way by which the other side came last. */
  get flow(): Flow | undefined {
    return this.#flow;
  }

  /** Changes what both sides agreed on, by a re-INVITE; one at a time. `onOutcome` is called once, perhaps at once. */
  offer(content: SessionContent, onOutcome: (outcome: OfferOutcome) => void, rows: readonly HeaderRow[] = []): void {
    if (this.#state !== 'confirmed' || this.#byeRows !== undefined) onOutcome({ kind: 'void' });
    else this.#requests.offer(content, rows, onOutcome);
    this.rescheduled();
  }

  /** Ends it; its listener hears nothing any more. */
  bye(rows: readonly HeaderRow[] = []): void {
    if (this.#state !== 'confirmed' || this.#byeRows !== undefined) return;
    this.listener = undefined;
    if (this.#isFirstAcknowledged) this.#sendBye(rows);
    else this.#byeRows = rows;
  }

  /** The first INVITE, before its user has seen it. */
  beginAnswering(context: RequestContext, onCancelled: (cause: CancelCause) => void): InviteAnswer {
    this.#onCancelled = onCancelled;
    this.answer = new InviteAnswer(context, this);
    this.learnFrom(context.request.headers);
    return this.answer;
  }

  /** The first INVITE was accepted, or ours was. */
  confirm(listener: SessionListener, localContent: SessionContent | undefined, interval: Omit<Interval, 'rows'>): void {
    // Whoever was told that ours was answered may have ended it at once.
    if (this.#state === 'ending' || this.#state === 'over') return;
    this.#state = 'confirmed';
    this.listener = listener;
    this.localContent = localContent;
    const isOurs = (interval.refresher === 'uac') === this.isCaller;
    this.timer.agree(interval.seconds, isOurs ? 'us' : 'them', this.now());
    this.rescheduled();
  }

  /** The server stops. */
  stop(): void {
    if (this.#state === 'early') this.answer?.leave();
    else this.#endBy({ kind: 'stopped' });
  }

  /** It never came about, or nothing of it is left. */
  close(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.listener = undefined;
    this.timer.stop();
    this.#requests.stop();
    this.#keeper.remove(this);
  }

  /** A request with the tags of its dialog, but ACK. */
  receive(context: RequestContext): void {
    const { request, flow } = context;
    context.transaction.isForgotten = false;
    if (this.dialog.takeRequest(request) === 'out-of-order') {
      context.respond(500, { warning: 'a later request of this dialog came before' });
      return;
    }
    const before = this.#flow;
    this.#flow = flow;
    this.#keeper.moved(this, before);
    switch (request.method) {
      case 'BYE':
        return this.#takeBye(context);
      case 'PRACK':
        return this.#takePrack(context);
      default:
        if (this.#state === 'early' || (this.#state === 'confirmed' && this.#byeRows === undefined)) {
          return takeChange(this, context);
        }
        return context.respond(481, { warning: 'this session is over' });
    }
  }

  /** The ACK to a 2xx of ours. */
  acknowledgedBy(ack: SipRequest): void {
    if (this.answer?.context.request.cseq === ack.cseq) this.answer.acknowledge(contentOf(ack));
  }

  connectionLost(): void {
    this.listener?.connectionLost?.();
  }

  now(): Millis {
    return this.surroundings.clock.monotonic();
  }

  rescheduled(): void {
    if (this.slot !== -1) this.#keeper.rescheduled(this);
  }

  firstRSeq(): number {
    return 1 + Math.floor(this.surroundings.ids.fraction() * 0x7fff_ffff);
  }

  deadline(): Millis | undefined {
    const times = [this.answer?.deadline(), this.timer.deadline(), this.#requests.deadline()];
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  tick(now: Millis): void {
    this.answer?.tick(now);
    this.#requests.leaveIfPossible();
    const due = this.timer.tick(now);
    if (due === 'refresh') this.#requests.refresh(now);
    else if (due === 'expired') this.#endBy({ kind: 'expired' });
  }

  acknowledged(answer: SessionContent | undefined): void {
    this.#isFirstAcknowledged = true;
    // A session may be long, and the request is not needed any more.
    this.answer = undefined;
    if (this.exchange === 'unacknowledged' || this.exchange === 'answer-awaited') this.exchange = 'stable';
    if (this.#byeRows !== undefined) {
      this.#sendBye(this.#byeRows);
      return;
    }
    this.listener?.acknowledged?.(answer);
    this.#requests.leaveIfPossible();
  }

  unacknowledged(): void {
    this.#isFirstAcknowledged = true;
    this.#endBy({ kind: 'unacknowledged' }, this.#byeRows);
  }

  cancelled(cause: CancelCause): void {
    if (this.#state === 'early') {
      const tell = this.#onCancelled;
      this.close();
      tell?.(cause);
      return;
    }
    this.exchange = 'stable';
    this.listener?.offerWithdrawn?.();
    this.#requests.leaveIfPossible();
  }

  lose(status: number | undefined): void {
    const end: SessionEnd = { kind: 'lost', status };
    // There is nobody who could take a BYE for a dialog that is not known (RFC 3261 12.2.1.2).
    if (status !== 481) return this.#endBy(end);
    const listener = this.listener;
    this.close();
    listener?.ended(end);
  }

  destinationOf(nextHop: string): Destination {
    const first = this.#firstWay;
    // Whoever has come by another way since is reached by that.
    const isFirst = first?.uri === nextHop && first.destination.flow === this.#flow;
    return isFirst ? first.destination : this.surroundings.wayTo(nextHop, this.#flow);
  }

  #takeBye(context: RequestContext): void {
    context.respond(200);
    if (this.#state === 'early') {
      // RFC 3261 15.1.2.
      this.answer?.leave();
      return;
    }
    this.answer?.leave();
    const listener = this.listener;
    this.close();
    listener?.ended({ kind: 'bye', reasons: context.request.headers.getAll('Reason') });
  }

  #takePrack(context: RequestContext): void {
    const rack = parseRAck(context.request.headers.get('RAck'));
    if (rack === undefined) context.respond(400, { reason: 'Malformed RAck', warning: 'RAck cannot be read' });
    else if (this.answer?.prack(rack) !== true) context.respond(481, { warning: 'nothing waits for this PRACK' });
    else if (context.request.body.length === 0) context.respond(200);
    else context.respond(488, { warning: 'no offer is open that a PRACK could answer' });
  }

  /** What a message of the other side says of it. */
  learnFrom(headers: SipHeaders): void {
    if (headers.has('Allow')) this.peerTakesUpdate = allows(headers, 'UPDATE');
  }

  turnChanged(): void {
    this.#requests.leaveIfPossible();
    this.rescheduled();
  }

  #endBy(end: SessionEnd, rows: readonly HeaderRow[] = []): void {
    const listener = this.listener;
    this.listener = undefined;
    if (this.#state === 'confirmed') this.#sendBye(rows);
    listener?.ended(end);
  }

  #sendBye(rows: readonly HeaderRow[]): void {
    this.#state = 'ending';
    this.timer.stop();
    this.answer?.leave();
    this.#requests.stop();
    const request = createDialogRequest(this.dialog, 'BYE');
    for (const [name, value] of rows) request.headers.add(name, value);
    this.surroundings.transactions.send(request, this.destinationOf(request.nextHop), {
      onFinal: () => this.close(),
      onFailure: () => this.close(),
    });
    this.rescheduled();
  }
}
