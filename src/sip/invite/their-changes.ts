/**
 * What the other side asks of a session that is there (RFC 3261 14.2, RFC 3311 5.2): re-INVITE and UPDATE, in turn, with the session
 * timer that follows. A refused request changes nothing (RFC 3261 8.2).
 */
import { targetFault } from '../dialog/dialog.ts';
import type { HeaderRow, SipHeaders } from '../message/sip-headers.ts';
import type { SipRequest } from '../message/sip-message.ts';
import type { RequestContext, RespondOptions } from '../user-agent/request-context.ts';
import { agreeOnInterval } from './interval-rows.ts';
import type { Interval } from './interval-rows.ts';
import { InviteAnswer } from './invite-answer.ts';
import type { AnswerOwner } from './invite-answer.ts';
import { turns } from './machines/exchange.ts';
import type { TheirRequest } from './machines/exchange.ts';
import type { RequestingSession } from './own-requests.ts';
import { contentOf, refuseEncoding } from './session-content.ts';
import type { OfferReply, SessionContent, SessionListener, SessionState } from './session-words.ts';

/** What a change needs of its session. */
export interface ChangingSession extends RequestingSession, AnswerOwner {
  readonly state: SessionState;
  /** Undefined before it is accepted, and once nobody listens any more. */
  readonly listener: SessionListener | undefined;
  /** The INVITE of theirs that is being answered, or whose ACK is awaited. */
  answer: InviteAnswer | undefined;
  /** What a message of the other side says of it. */
  learnFrom(headers: SipHeaders): void;
  /** Something of ours may be able to leave now. */
  turnChanged(): void;
}

interface Change {
  readonly context: RequestContext;
  readonly offer: SessionContent | undefined;
  readonly interval: Interval;
}

export type Acceptance = OfferReply & { readonly kind: 'accept' };

/** An INVITE or UPDATE with the tags of the session, in the order of the dialog. */
export function takeChange(session: ChangingSession, context: RequestContext): void {
  const { request } = context;
  const offer = contentOf(request);
  const fault = targetFault(request);
  if (fault !== undefined) return context.respond(400, { reason: 'Malformed Contact', warning: fault });
  const encoding = refuseEncoding(request);
  if (encoding !== undefined) return context.respond(encoding.status, encoding);
  const kind = request.method === 'INVITE' ? 'invite' : offer === undefined ? 'refresh' : 'offer';
  if (!isTheirTurn(session, context, kind)) return undefined;
  const interval = agreeOnInterval(request.headers, currentInterval(session));
  if (!interval.ok) return context.respond(interval.error.status, interval.error);
  session.learnFrom(request.headers);
  const change = { context, offer, interval: interval.value };
  if (kind === 'refresh') return acceptUpdate(session, change, { kind: 'accept' });
  // Whoever sends a further offer has seen the 2xx, so its ACK is not waited for.
  session.answer?.acknowledge(undefined);
  return kind === 'invite' ? takeInvite(session, change) : takeOffer(session, change);
}

/** The rows and the body of a 2xx to an INVITE, but for what makes the dialog. */
export function successOptions(session: RequestingSession, { rows }: Interval, reply: Acceptance): RespondOptions {
  const { content } = reply;
  const headers: HeaderRow[] = [
    ['Allow', session.surroundings.allow()],
    ['Supported', 'timer, 100rel'],
    ...rows,
    ...(reply.rows ?? []),
  ];
  return content === undefined ? { headers } : { headers, body: content.body, contentType: content.contentType };
}

function isTheirTurn(
  { exchange, surroundings }: ChangingSession,
  context: RequestContext,
  kind: TheirRequest,
): boolean {
  const verdict = turns[exchange].verdicts[kind];
  if (verdict === 'glare') context.respond(491, { warning: 'a request of this side is open' });
  if (verdict === 'too-soon') {
    // RFC 3261 14.2: between 0 and 10, by chance.
    const seconds = Math.floor(surroundings.ids.fraction() * 11);
    context.respond(500, { headers: [['Retry-After', String(seconds)]], warning: 'the request before is open' });
  }
  return verdict === 'take';
}

function takeInvite(session: ChangingSession, change: Change): void {
  const { context, offer, interval } = change;
  const answer = new InviteAnswer(context, session);
  session.answer = answer;
  session.exchange = 'their-invite';
  ask(session, offer, (reply) => {
    // It was cancelled meanwhile, or the session ended.
    if (!answer.isOpen) return;
    if (reply.kind === 'refuse') {
      session.exchange = 'stable';
      answer.refuse(reply.status, reply.options ?? {});
    } else {
      session.exchange = offer === undefined ? 'answer-awaited' : 'unacknowledged';
      agreed(session, context.request, reply.content, interval);
      answer.accept(200, successOptions(session, interval, reply));
    }
    session.turnChanged();
  });
  session.rescheduled();
}

/** An UPDATE with an offer. */
function takeOffer(session: ChangingSession, change: Change): void {
  session.exchange = 'their-update';
  ask(session, change.offer, (reply) => {
    // RFC 3261 15.1.2, of what is open when a session ends.
    if (session.state !== 'confirmed') return change.context.respond(487, { warning: 'the session ended' });
    session.exchange = 'stable';
    if (reply.kind === 'refuse') change.context.respond(reply.status, reply.options);
    else acceptUpdate(session, change, reply);
    return session.turnChanged();
  });
}

function acceptUpdate(session: ChangingSession, { context, interval }: Change, reply: Acceptance): void {
  agreed(session, context.request, reply.content, interval);
  const options = successOptions(session, interval, reply);
  context.respond(200, { ...options, headers: [['Contact', session.contact], ...(options.headers ?? [])] });
}

/** What throws is a refusal: the session goes on as it was. */
function ask(
  { surroundings, dialog, listener }: ChangingSession,
  offer: SessionContent | undefined,
  onReply: (reply: OfferReply) => void,
): void {
  const fail = (fault: unknown): void => {
    const fields = { callId: dialog.callId, fault: String(fault) };
    surroundings.log.error(fields, 'an offer could not be answered');
    onReply({ kind: 'refuse', status: 500, options: { warning: 'the offer could not be looked at' } });
  };
  let reply: OfferReply | Promise<OfferReply>;
  try {
    reply = listener?.offered?.(offer) ?? unchangeable;
  } catch (fault) {
    fail(fault);
    return;
  }
  if (reply instanceof Promise) void reply.then(onReply, fail);
  else onReply(reply);
}

function agreed(
  session: ChangingSession,
  request: SipRequest,
  content: SessionContent | undefined,
  { seconds, refresher }: Interval,
): void {
  session.dialog.refreshTarget(request);
  if (content !== undefined) session.localContent = content;
  // What rings has no timer yet.
  if (session.state === 'confirmed') session.timer.agree(seconds, refresher === 'uas' ? 'us' : 'them', session.now());
  session.rescheduled();
}

/** As the next request of theirs would name it. */
function currentInterval({ timer }: ChangingSession): Omit<Interval, 'rows'> | undefined {
  const { interval, refresher } = timer;
  if (interval === undefined) return undefined;
  return { seconds: interval, refresher: refresher === 'us' ? 'uas' : 'uac' };
}

const unchangeable: OfferReply = {
  kind: 'refuse',
  status: 488,
  options: { warning: 'this session cannot be changed' },
};
