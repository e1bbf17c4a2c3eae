/**
 * The subscriber's side of one subscription (RFC 6665 4.1), from the first SUBSCRIBE to the last NOTIFY, over as many dialogs
 * as it takes. A pure machine: time and chance are handed in. One dialog at a time, as presence and reg want it (RFC 3856
 * 6.9, RFC 3680 4.9): the NOTIFY of another fork is answered 481.
 */
import { assert, unreachable } from '../../../../base/assert.ts';
import type { Millis } from '../../../../base/time/clock.ts';
import { ChallengeHistory } from '../../../digest/digest-client.ts';
import type { SipRequest, SipResponse } from '../../../message/sip-message.ts';
import { Delays, notBefore, refusedMs } from './back-off.ts';
import { firstNotifyMsMax, invariantMs, Lifetime } from './lifetime.ts';
import { transitions, type OwnSubscriptionAction } from './own-subscription-table.ts';
import type {
  OwnSubscriptionInput,
  OwnSubscriptionOutput,
  OwnSubscriptionPlan,
  OwnSubscriptionState,
  SubscribeOutcome,
} from './own-subscription-words.ts';
import { OwnDialog } from './own-dialog.ts';
import { notifyAccepted, notifyUnknown, type Notified, type NotifyAnswer } from './read-notify.ts';
import { consequenceOfEnd, decideOnAnswer, type AnswerDecision, type Refused } from './what-follows.ts';

type Outputs<Document> = OwnSubscriptionOutput<Document>[];

export class OwnSubscription<Document> {
  readonly #plan: OwnSubscriptionPlan<Document>;
  #state: OwnSubscriptionState = 'waiting';
  /** When it wants to begin; undefined when it has said so, and waits for its turn. */
  #beginAt: Millis | undefined;
  /** When it may be reconsidered, once it was given up. */
  #reconsiderAt: Millis = 0;
  readonly #delays: Delays;
  /** What it waits for is the server, not an interval that the server asked for. */
  #isServerAway = false;
  #expires: number;
  /** Of the attempt that is under way, or of the subscription. */
  #dialog: OwnDialog<Document> | undefined;
  #attempt = 0;
  /** Of the SUBSCRIBE that is under way. */
  #open: ChallengeHistory | undefined;
  /** Seconds; what the answer to the first SUBSCRIBE said, while there is no NOTIFY. */
  #granted: number | undefined;
  #isUnwanted = false;
  /** A SUBSCRIBE that ends it has left. */
  #isEndAsked = false;
  #isPending = false;
  #isWholeStateWanted = false;
  #subscribedAt: Millis = 0;
  /** By when something must have come: the first NOTIFY, or the last. */
  #endBy: Millis = 0;
  readonly #life: Lifetime;
  /** Until when holds what was told; undefined when nothing does. */
  #knownUntil: Millis | undefined;
  #outputs: Outputs<Document> = [];

  constructor(plan: OwnSubscriptionPlan<Document>, now: Millis) {
    this.#plan = plan;
    this.#delays = new Delays(plan.ids);
    this.#life = new Lifetime(plan.ids);
    this.#beginAt = now;
    this.#expires = plan.eventPackage.expires;
  }

  get state(): OwnSubscriptionState {
    return this.#state;
  }

  /** The presentity has not decided about us (RFC 6665 4.1.3). */
  get isPending(): boolean {
    return this.#state === 'subscribed' && this.#isPending;
  }

  /** The To tag of NOTIFYs that are for it; empty while there can be none. */
  get localTag(): string {
    return this.#dialog?.localTag ?? '';
  }

  handle(input: OwnSubscriptionInput, now: Millis): Outputs<Document> {
    const action = transitions[this.#state][input.kind];
    assert(action !== undefined, `subscription of ours: ${input.kind} in state ${this.#state}`);
    this.#outputs = [];
    this.#act(action, input, now);
    return this.#outputs;
  }

  /** When it wants a tick next. */
  deadline(): Millis | undefined {
    const times = [this.#knownUntil];
    if (this.#state === 'waiting') times.push(this.#beginAt);
    if (this.#state === 'subscribing' || this.#state === 'ending') times.push(this.#endBy);
    if (this.#state === 'subscribed')
      times.push(this.#life.expiresAt, this.#open === undefined ? this.#life.refreshAt : undefined);
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  #act(action: OwnSubscriptionAction, input: OwnSubscriptionInput, now: Millis): void {
    switch (action) {
      case 'subscribe':
        return this.#begin(now);
      case 'take-answer':
        return input.kind === 'answered' ? this.#takeAnswer(input.attempt, input.response, now) : undefined;
      case 'bear-failure':
        return input.kind === 'failed' ? this.#bearSilence(input.attempt, now) : undefined;
      case 'take-notify':
        return input.kind === 'notified' ? this.#takeNotify(input.request, now) : undefined;
      case 'refuse-notify':
        return this.#answer(notifyUnknown);
      case 'refresh':
        this.#isWholeStateWanted = true;
        return this.#refreshIfWanted(now);
      case 'want':
        this.#isUnwanted = false;
        return undefined;
      case 'reconsider':
        return this.#waitUntil(Math.max(now, this.#reconsiderAt));
      case 'leave':
        this.#isUnwanted = true;
        return this.#lose();
      case 'unsubscribe':
        this.#lose();
        return this.#unsubscribe(now);
      case 'end':
        this.#lose();
        return this.#end();
      case 'try-at-once':
        return this.#tryAtOnce(now);
      case 'look-at-time':
        return this.#lookAtTime(now);
      case 'look-at-what-is-known':
        return this.#lookAtKnown(now);
      case 'finish':
        return this.#finish(input, now);
      case 'take-last-notify':
        if (input.kind === 'notified' && this.#readNotify(input.request)?.subscription.state === 'terminated')
          this.#end();
        return undefined;
      case 'ignore':
        return undefined;
      default:
        return unreachable(action);
    }
  }

  #begin(now: Millis): void {
    this.#state = 'subscribing';
    this.#beginAt = undefined;
    this.#isUnwanted = false;
    this.#isPending = false;
    this.#dialog = new OwnDialog(this.#plan);
    this.#granted = undefined;
    this.#isEndAsked = false;
    this.#send(new ChallengeHistory(), now);
  }

  /** The next SUBSCRIBE, or the same again with an answer to what it was asked. */
  #send(history: ChallengeHistory, now: Millis): void {
    assert(this.#dialog !== undefined, 'it has begun');
    this.#open = history;
    this.#attempt += 1;
    this.#isWholeStateWanted = false;
    if (this.#state !== 'subscribed') this.#endBy = now + firstNotifyMsMax;
    if (this.#state === 'ending') this.#isEndAsked = true;
    const request = this.#dialog.writeSubscribe(this.#state === 'ending' ? 0 : this.#expires);
    this.#outputs.push({ kind: 'send', attempt: this.#attempt, request });
  }

  #takeAnswer(attempt: number, response: SipResponse, now: Millis): void {
    const history = this.#open;
    if (attempt !== this.#attempt || history === undefined) return;
    this.#open = undefined;
    const decision = this.#decide(response, history);
    switch (decision.kind) {
      case 'accepted':
        return this.#accept(decision.granted, response.status, now);
      case 'ask-again':
        this.#expires = decision.expires;
        return this.#send(history, now);
      case 'start-anew':
        return this.#startAnew(response.status, now);
      case 'refused':
        return this.#refused(decision, response.status, now);
      default:
        return unreachable(decision);
    }
  }

  #decide(response: SipResponse, history: ChallengeHistory): AnswerDecision {
    const { credentials } = this.#plan;
    return decideOnAnswer(response, { expires: this.#expires, credentials, history, delays: this.#delays });
  }

  #accept(granted: number | undefined, status: number, now: Millis): void {
    this.#tellOutcome('accepted', status);
    this.#isServerAway = false;
    this.#granted = granted;
    if (this.#state !== 'subscribed') return;
    this.#delays.succeeded();
    this.#life.holdFor(granted ?? this.#expires, this.#expires, now);
    if (!this.#isPending && this.#knownUntil !== undefined) {
      this.#knownUntil = this.#life.expiresAt;
      this.#outputs.push({ kind: 'prolonged', expiresMs: this.#life.expiresAt - now });
    }
    this.#refreshIfWanted(now);
  }

  /** The answer to a first SUBSCRIBE ends the attempt; one to a refresh may leave the subscription as it was. */
  #refused({ outcome, isOver, delayMs, isServerAway }: Refused, status: number, now: Millis): void {
    this.#tellOutcome(outcome, status);
    this.#isServerAway = isServerAway;
    if (this.#state === 'subscribed' && !isOver) {
      // RFC 6665 4.1.2.2: it lives on until its end.
      this.#life.refreshAt = now + delayMs;
      return;
    }
    if (isOver || outcome !== 'later') this.#lose();
    this.#waitUntil(now + delayMs);
  }

  /** What is known holds on: the next subscription will tell more in a moment (RFC 6665 4.1.2.2). */
  #startAnew(status: number | undefined, now: Millis): void {
    this.#tellOutcome('terminated', status);
    this.#waitUntil(now + this.#delays.afterEnd(this.#livedMs(now)));
  }

  #bearSilence(attempt: number, now: Millis): void {
    if (attempt !== this.#attempt || this.#open === undefined) return;
    this.#open = undefined;
    this.#isServerAway = true;
    this.#tellOutcome('silent', undefined);
    const at = now + this.#delays.afterFailure();
    if (this.#state === 'subscribed') this.#life.refreshAt = at;
    else this.#waitUntil(at);
  }

  #takeNotify(request: SipRequest, now: Millis): void {
    const notified = this.#readNotify(request);
    if (notified === undefined) return undefined;
    if (this.#state === 'subscribing') {
      this.#state = 'subscribed';
      this.#subscribedAt = now;
      this.#isServerAway = false;
      this.#delays.succeeded();
      this.#life.refreshAt = undefined;
      this.#life.holdFor(this.#granted ?? this.#expires, this.#expires, now);
    }
    const { subscription, document } = notified;
    if (subscription.state === 'terminated') return this.#terminated(subscription, document, now);
    if (subscription.expires !== undefined) this.#life.holdFor(subscription.expires, this.#expires, now);
    this.#isPending = subscription.state !== 'active';
    if (this.#isUnwanted) return this.#unsubscribe(now);
    // RFC 3856 6.6.2: what a pending subscription is told is not the state.
    if (this.#isPending) return this.#lose();
    this.#tell(document, this.#life.expiresAt, now);
    return this.#refreshIfWanted(now);
  }

  #terminated(
    { reason, retryAfter }: Notified<Document>['subscription'],
    document: Document | undefined,
    now: Millis,
  ): void {
    this.#open = undefined;
    if (this.#isUnwanted) return this.#end();
    const consequence = consequenceOfEnd(reason);
    if (consequence === 'at-once') return this.#startAnew(undefined, now);
    this.#tellOutcome('terminated', undefined);
    if (consequence === 'never-changes') {
      this.#tell(document, now + invariantMs, now);
      return this.#giveUp(now + invariantMs);
    }
    this.#lose();
    if (consequence === 'not-by-itself') return this.#giveUp(now + refusedMs);
    const delayMs = Math.max(this.#delays.afterEnd(this.#livedMs(now)), this.#delays.shortest());
    return this.#waitUntil(now + notBefore(delayMs, retryAfter));
  }

  #refreshIfWanted(now: Millis): void {
    if (!this.#isWholeStateWanted || this.#open !== undefined || this.#state !== 'subscribed') return;
    this.#send(new ChallengeHistory(), now);
  }

  #lookAtTime(now: Millis): void {
    this.#lookAtKnown(now);
    if (this.#state === 'subscribing') {
      if (now < this.#endBy) return;
      // Timer N: it was accepted, or not even answered, and nothing came.
      this.#tellOutcome('silent', undefined);
      this.#waitUntil(now + this.#delays.afterFailure());
      return;
    }
    if (now >= this.#life.expiresAt) {
      const again = now + this.#delays.afterFailure();
      this.#waitUntil(Math.max(this.#life.refreshAt ?? again, again));
      return;
    }
    if (this.#life.refreshAt !== undefined && now >= this.#life.refreshAt && this.#open === undefined) {
      this.#send(new ChallengeHistory(), now);
    }
  }

  #lookAtKnown(now: Millis): void {
    if (this.#state === 'waiting' && this.#beginAt !== undefined && now >= this.#beginAt) {
      this.#beginAt = undefined;
      this.#outputs.push({ kind: 'due' });
    }
    if (this.#knownUntil !== undefined && now >= this.#knownUntil) this.#lose();
  }

  #tryAtOnce(now: Millis): void {
    if (!this.#isServerAway) return;
    this.#isServerAway = false;
    if (this.#state === 'waiting') this.#beginAt = now;
    else if (this.#open === undefined) this.#life.refreshAt = now;
  }

  #unsubscribe(now: Millis): void {
    const wasOpen = this.#open !== undefined;
    this.#state = 'ending';
    this.#life.refreshAt = undefined;
    this.#endBy = now + firstNotifyMsMax;
    if (!wasOpen) this.#send(new ChallengeHistory(), now);
  }

  #finish(input: OwnSubscriptionInput, now: Millis): void {
    if (input.kind === 'tick') return now >= this.#endBy ? this.#end() : undefined;
    if (input.kind !== 'answered' && input.kind !== 'failed') return undefined;
    const history = this.#open;
    if (input.attempt !== this.#attempt || history === undefined) return undefined;
    this.#open = undefined;
    if (input.kind === 'failed') return this.#end();
    const { kind } = this.#decide(input.response, history);
    if (kind === 'ask-again') return this.#send(history, now);
    if (kind !== 'accepted') return this.#end();
    // What was answered may have been a refresh that was under way when the last reason went.
    return this.#isEndAsked ? undefined : this.#send(new ChallengeHistory(), now);
  }

  /** What it says, once it is answered with 200; undefined after any other answer. */
  #readNotify(request: SipRequest): Notified<Document> | undefined {
    const notified = this.#dialog?.readNotify(request);
    if (notified?.ok === true) this.#answer(notifyAccepted);
    else this.#answer(notified?.error ?? notifyUnknown);
    return notified?.ok === true ? notified.value : undefined;
  }

  /** There is no dialog any more. */
  #waitUntil(at: Millis): void {
    if (this.#isUnwanted) return this.#end();
    this.#rest('waiting');
    this.#beginAt = at;
  }

  #giveUp(until: Millis): void {
    if (this.#isUnwanted) return this.#end();
    this.#rest('given-up');
    this.#reconsiderAt = until;
  }

  #end(): void {
    if (this.#state === 'ended') return;
    this.#rest('ended');
    this.#outputs.push({ kind: 'ended' });
  }

  #rest(state: 'waiting' | 'given-up' | 'ended'): void {
    this.#state = state;
    this.#dialog = undefined;
    this.#open = undefined;
    this.#isPending = false;
    this.#isWholeStateWanted = false;
    this.#life.refreshAt = undefined;
  }

  #livedMs(now: Millis): Millis {
    return this.#state === 'subscribed' ? now - this.#subscribedAt : 0;
  }

  #tell(document: Document | undefined, until: Millis, now: Millis): void {
    this.#knownUntil = until;
    this.#outputs.push({ kind: 'told', document, expiresMs: until - now });
  }

  #lose(): void {
    if (this.#knownUntil === undefined) return;
    this.#knownUntil = undefined;
    this.#outputs.push({ kind: 'lost' });
  }

  #answer(answer: NotifyAnswer): void {
    this.#outputs.push({ kind: 'answer', answer });
  }

  #tellOutcome(outcome: SubscribeOutcome, status: number | undefined): void {
    this.#outputs.push({ kind: 'outcome', outcome, status });
  }
}
