/**
 * INVITE sessions of this server, from either side (RFC 3261 13 to 15): finds for which of them a request is, counts them, and
 * owns the one timer for all. Who is asking, what is offered and who takes a session is decided elsewhere.
 */
import { Dialog } from '../dialog/dialog.ts';
import type { SipRequest } from '../message/sip-message.ts';
import type { Flow } from '../registrar/ports.ts';
import { ActiveTransactions } from '../transaction/active-transactions.ts';
import type { ActiveTransaction } from '../transaction/active-transactions.ts';
import { planMachine } from '../transaction/machines/transaction-machine.ts';
import type { RequestContext } from '../user-agent/request-context.ts';
import { ForkedInvite } from './fork/forked-invite.ts';
import type { ForkListener, ForkPlan } from './fork/forked-invite.ts';
import { IncomingInvite } from './incoming-invite.ts';
import { agreeOnInterval } from './interval-rows.ts';
import type { AnswerPlan, ReliablePlan } from './invite-answer.ts';
import { InviteSession } from './invite-session.ts';
import { answerTable } from './machines/answer-table.ts';
import { callTable } from './machines/call-table.ts';
import { reliableTable } from './machines/reliable-table.ts';
import { OutgoingInvite } from './outgoing-invite.ts';
import type { CallKeeper, CallListener, CallPlan } from './outgoing-invite.ts';
import { defaultInviteLimits } from './session-words.ts';
import type { InviteLimits, InviteSurroundings } from './session-words.ts';

/** Takes an INVITE: accepts or rejects it, now or later. What it throws is answered by whoever calls. */
export type InviteTaker = (invite: IncomingInvite) => void | Promise<void>;

export class InviteLayer implements CallKeeper {
  readonly surroundings: InviteSurroundings;
  readonly answerPlan: AnswerPlan;
  readonly reliablePlan: ReliablePlan;
  readonly callPlan: CallKeeper['callPlan'];
  readonly #limits: InviteLimits;
  readonly #active: ActiveTransactions<ActiveTransaction>;
  /** By local and remote tag. */
  readonly #sessions = new Map<string, InviteSession>();
  readonly #byConnection = new Map<number, Set<InviteSession>>();
  #openInvites = 0;
  #openCalls = 0;

  constructor(surroundings: InviteSurroundings) {
    const { clock, timers, timing, counters, limits = defaultInviteLimits } = surroundings;
    this.surroundings = surroundings;
    this.#limits = limits;
    this.#active = new ActiveTransactions(clock, timers);
    this.answerPlan = planMachine(answerTable, timing, false);
    this.reliablePlan = planMachine(reliableTable, timing, false);
    this.callPlan = planMachine(callTable, timing, false);
    counters.gauge('sip_sessions', () => this.#sessions.size);
    counters.gauge('sip_invites_open{direction="in"}', () => this.#openInvites);
    counters.gauge('sip_invites_open{direction="out"}', () => this.#openCalls);
  }

  /** Sessions, those that ring with us included. */
  get size(): number {
    return this.#sessions.size;
  }

  /** A first INVITE, whose sender is known and whose target is here. */
  begin(context: RequestContext, take: InviteTaker): void | Promise<void> {
    const { request, flow, transaction } = context;
    // It was cancelled while its sender was looked up.
    if (transaction.isAnswered) return undefined;
    if (this.#isFull()) {
      this.surroundings.counters.add('sip_sessions_refused');
      const headers = [['Retry-After', String(this.#limits.retryAfterSeconds)] as const];
      return context.respond(503, { headers, warning: 'more sessions than can be held' });
    }
    const contact = this.surroundings.contactFor(flow, request.uri.scheme === 'sips');
    const dialog = Dialog.accept({ request, localTag: transaction.localTag, contact });
    if (!dialog.ok) return context.respond(400, { reason: 'Bad Request', warning: dialog.error });
    const interval = agreeOnInterval(request.headers);
    if (!interval.ok) return context.respond(interval.error.status, interval.error);
    const session = new InviteSession({ dialog: dialog.value, flow, isCaller: false }, this);
    this.#openInvites += 1;
    let isCounted = true;
    const invite = new IncomingInvite(context, session, interval.value, () => {
      if (isCounted) this.#openInvites -= 1;
      isCounted = false;
    });
    this.add(session);
    return this.#handOver(invite, take);
  }

  /** A request with a To tag, but ACK and CANCEL: INVITE, BYE, PRACK or UPDATE. */
  receive(context: RequestContext): void {
    const session = this.#find(context.request);
    if (session === undefined) context.respond(481, { warning: 'no such dialog' });
    else session.receive(context);
  }

  /** An ACK to a 2xx; strays are nobody's. */
  acknowledge(ack: SipRequest): void {
    this.#find(ack)?.acknowledgedBy(ack);
  }

  /** Whether a request with a To tag belongs to a session. */
  has(request: SipRequest): boolean {
    return this.#find(request) !== undefined;
  }

  /** Sends an INVITE; at the limit it fails. */
  call(plan: CallPlan, listener: CallListener): OutgoingInvite {
    const call = new OutgoingInvite(plan, listener, this);
    if (this.#openCalls >= this.#limits.openCallsMax || this.#sessions.size >= this.#limits.sessionsMax) {
      this.surroundings.counters.add('sip_calls_refused');
      this.surroundings.timers.at(this.surroundings.clock.monotonic(), () => call.refuse());
      return call;
    }
    this.#openCalls += 1;
    this.#active.add(call);
    call.begin();
    return call;
  }

  /** Calls several destinations, of which the first that answers takes the session. */
  fork(plan: ForkPlan, listener: ForkListener): ForkedInvite {
    const fork = new ForkedInvite(plan, listener, {
      call: (branch, branchListener) => this.call(branch, branchListener),
      now: () => this.surroundings.clock.monotonic(),
      rescheduled: (each) => {
        if (each.slot !== -1) this.#active.reschedule(each);
      },
      ended: (each) => {
        if (each.slot !== -1) this.#active.remove(each);
      },
    });
    this.#active.add(fork);
    fork.begin();
    return fork;
  }

  connectionClosed(connection: number): void {
    for (const session of this.#byConnection.get(connection) ?? []) session.connectionLost();
  }

  /** The server stops: every session gets its BYE, every open INVITE its answer. */
  stop(): void {
    for (const session of this.#sessions.values()) session.stop();
  }

  add(session: InviteSession): void {
    this.#sessions.set(keyOf(session.dialog.localTag, session.dialog.remoteTag), session);
    this.#joinConnection(session);
    this.#active.add(session);
  }

  remove(session: InviteSession): void {
    if (session.slot === -1) return;
    this.#active.remove(session);
    this.#sessions.delete(keyOf(session.dialog.localTag, session.dialog.remoteTag));
    this.#leaveConnection(session, session.flow);
  }

  rescheduled(session: InviteSession): void {
    this.#active.reschedule(session);
  }

  moved(session: InviteSession, before: Flow | undefined): void {
    if (before?.connection === session.flow?.connection) return;
    this.#leaveConnection(session, before);
    this.#joinConnection(session);
  }

  callRescheduled(call: OutgoingInvite): void {
    this.#active.reschedule(call);
  }

  callEnded(call: OutgoingInvite): void {
    if (call.slot === -1) return;
    this.#active.remove(call);
    this.#openCalls -= 1;
  }

  #isFull(): boolean {
    const { sessionsMax, openInvitesMax } = this.#limits;
    return this.#sessions.size >= sessionsMax || this.#openInvites >= openInvitesMax;
  }

  #handOver(invite: IncomingInvite, take: InviteTaker): void | Promise<void> {
    const fail = (fault: unknown): never => {
      invite.abandon();
      throw fault;
    };
    try {
      const running = take(invite);
      return running instanceof Promise ? running.catch(fail) : running;
    } catch (fault) {
      return fail(fault);
    }
  }

  #find(request: SipRequest): InviteSession | undefined {
    const session = this.#sessions.get(keyOf(request.to.tag ?? '', request.from.tag ?? ''));
    return session?.dialog.has(request) === true ? session : undefined;
  }

  #joinConnection(session: InviteSession): void {
    const connection = session.flow?.connection;
    if (connection === undefined) return;
    const others = this.#byConnection.get(connection);
    if (others === undefined) this.#byConnection.set(connection, new Set([session]));
    else others.add(session);
  }

  #leaveConnection(session: InviteSession, flow: Flow | undefined): void {
    const connection = flow?.connection;
    if (connection === undefined) return;
    const others = this.#byConnection.get(connection);
    others?.delete(session);
    if (others?.size === 0) this.#byConnection.delete(connection);
  }
}

function keyOf(localTag: string, remoteTag: string): string {
  return `${localTag} ${remoteTag}`;
}
