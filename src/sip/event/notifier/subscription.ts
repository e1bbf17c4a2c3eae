/**
 * The notifier's side of one subscription (RFC 6665 4.2): when a NOTIFY is due and with which state. A pure machine: time
 * is handed in, what a NOTIFY carries and how it travels is not its affair.
 */
import { assert, unreachable } from '../../../base/assert.ts';
import type { Millis } from '../../../base/time/clock.ts';
import { transitions } from './subscription-table.ts';
import type { SubscriptionAction } from './subscription-table.ts';

export type SubscriptionState = 'init' | 'pending' | 'active' | 'terminated';

/** RFC 6665 4.1.3; those that this server gives. */
export type TerminationReason = 'deactivated' | 'probation' | 'rejected' | 'timeout' | 'giveup' | 'noresource';

export type SubscriptionInput =
  /** The SUBSCRIBE that makes it was answered 200; with `expiresMs` 0 it only asks (RFC 6665 4.4.3). */
  | { readonly kind: 'accepted'; readonly standing: 'active' | 'pending'; readonly expiresMs: Millis }
  /** A SUBSCRIBE in its dialog was answered 200; 0 ends it. */
  | { readonly kind: 'refreshed'; readonly standing: 'active' | 'pending'; readonly expiresMs: Millis }
  | { readonly kind: 'resource-changed' }
  | { readonly kind: 'authorised'; readonly standing: 'active' | 'pending' }
  | { readonly kind: 'ended'; readonly reason: TerminationReason; readonly retryAfterMs?: Millis }
  | { readonly kind: 'notify-succeeded' }
  /** There was nothing new to tell, so nothing was sent and the pace does not count from here. */
  | { readonly kind: 'notify-omitted' }
  /** `gone`: the subscriber knows nothing of it (any more); else it may be told again later. */
  | { readonly kind: 'notify-failed'; readonly isGone: boolean; readonly retryAfterMs?: Millis }
  | { readonly kind: 'tick' };

export type SubscriptionOutput =
  /** Exactly one of `notify-succeeded`, `notify-omitted` and `notify-failed` must follow before the next. */
  { readonly kind: 'notify'; readonly notification: Notification } | { readonly kind: 'removed' };

export interface Notification {
  readonly state: 'active' | 'pending' | 'terminated';
  /** What is left; of no meaning with `terminated`. */
  readonly expiresMs: Millis;
  readonly reason?: TerminationReason;
  readonly retryAfterMs?: Millis;
  /** It answers a SUBSCRIBE, so it is whole. */
  readonly isAskedFor: boolean;
}

/** How often a NOTIFY that failed is repeated by itself; the next change or refresh begins anew. */
export const notifyRetriesMax = 3;
/** Unless the subscriber says how long. */
export const notifyRetryMs: Millis = 30_000;

const nothing: SubscriptionOutput[] = [];

export class Subscription {
  readonly #paceMs: Millis;
  #state: SubscriptionState = 'init';
  #expiresAt: Millis = 0;
  /** A NOTIFY is under way. */
  #isOpen = false;
  /** Something is to be told: `now` answers a SUBSCRIBE or ends it, `paced` waits for its time. */
  #due: 'no' | 'paced' | 'now' = 'no';
  #isAskedFor = false;
  #paceEnd: Millis = 0;
  /** As it was before the NOTIFY that is under way. */
  #paceEndBefore: Millis = 0;
  #failures = 0;
  #end: { readonly reason: TerminationReason; readonly retryAfterMs?: Millis } | undefined;

  constructor(paceMs: Millis) {
    this.#paceMs = paceMs;
  }

  /** As it was before the server was started again; nothing is due. */
  static restore(paceMs: Millis, standing: 'active' | 'pending', expiresAt: Millis): Subscription {
    const subscription = new Subscription(paceMs);
    subscription.#state = standing;
    subscription.#expiresAt = expiresAt;
    return subscription;
  }

  get state(): SubscriptionState {
    return this.#state;
  }

  /** A NOTIFY is under way. */
  get isTelling(): boolean {
    return this.#isOpen;
  }

  /** Monotonic. */
  get expiresAt(): Millis {
    return this.#expiresAt;
  }

  handle(input: SubscriptionInput, now: Millis): SubscriptionOutput[] {
    const action = transitions[this.#state][input.kind];
    assert(action !== undefined, `subscription: ${input.kind} in state ${this.#state}`);
    if (this.#act(action, input, now)) return [{ kind: 'removed' }];
    return this.#notifyIfDue(now);
  }

  /** When it wants a tick next. */
  deadline(): Millis | undefined {
    if (this.#state === 'init' || this.#state === 'terminated') return undefined;
    if (this.#due === 'no' || this.#isOpen) return this.#expiresAt;
    return Math.min(this.#expiresAt, this.#paceEnd);
  }

  /** Whether nothing is left of the subscription. */
  #act(action: SubscriptionAction, input: SubscriptionInput, now: Millis): boolean {
    switch (action) {
      case 'take-subscribe':
        if (input.kind === 'accepted' || input.kind === 'refreshed') this.#takeSubscribe(input, now);
        return false;
      case 'note-change':
        if (this.#due === 'no') this.#due = 'paced';
        this.#failures = 0;
        return false;
      case 'change-standing':
        if (input.kind === 'authorised') this.#changeStanding(input.standing);
        return false;
      case 'end':
        if (input.kind === 'ended') this.#terminate(input.reason, input.retryAfterMs);
        return false;
      case 'finish-notify':
        this.#isOpen = false;
        this.#failures = 0;
        return false;
      case 'omit-notify':
        this.#isOpen = false;
        this.#paceEnd = this.#paceEndBefore;
        return false;
      case 'bear-failure':
        return input.kind === 'notify-failed' && this.#bearFailure(input, now);
      case 'look-at-time':
        if (now >= this.#expiresAt) this.#terminate('timeout');
        return false;
      case 'remove':
        this.#isOpen = false;
        // What was answered may have left before the end; then the NOTIFY that tells of it goes now.
        return this.#due === 'no' || (input.kind === 'notify-failed' && input.isGone);
      case 'ignore':
        return false;
      default:
        return unreachable(action);
    }
  }

  #takeSubscribe(input: Extract<SubscriptionInput, { kind: 'accepted' | 'refreshed' }>, now: Millis): void {
    this.#state = input.standing;
    this.#expiresAt = now + input.expiresMs;
    this.#failures = 0;
    // Each SUBSCRIBE is followed by a NOTIFY at once, whatever the pace (RFC 6665 4.2.1.2).
    this.#due = 'now';
    this.#isAskedFor = true;
    if (input.expiresMs === 0) this.#terminate('timeout');
  }

  #changeStanding(standing: 'active' | 'pending'): void {
    if (this.#state !== standing) this.#due = 'now';
    else if (this.#due === 'no' && standing === 'active') this.#due = 'paced';
    this.#state = standing;
  }

  #terminate(reason: TerminationReason, retryAfterMs?: Millis): void {
    this.#state = 'terminated';
    this.#end = retryAfterMs === undefined ? { reason } : { reason, retryAfterMs };
    this.#due = 'now';
  }

  #bearFailure(input: Extract<SubscriptionInput, { kind: 'notify-failed' }>, now: Millis): boolean {
    this.#isOpen = false;
    if (input.isGone) return true;
    this.#failures += 1;
    // The last state must arrive in the end; a change that came meanwhile is told with it.
    if (this.#failures <= notifyRetriesMax) {
      if (this.#due === 'no') this.#due = 'paced';
      this.#paceEnd = Math.max(this.#paceEnd, now + (input.retryAfterMs ?? notifyRetryMs));
    }
    return false;
  }

  #notifyIfDue(now: Millis): SubscriptionOutput[] {
    if (this.#isOpen || this.#due === 'no' || (this.#due === 'paced' && now < this.#paceEnd)) return nothing;
    const state = this.#state;
    if (state === 'init') return nothing;
    const notification: Notification = {
      state,
      expiresMs: Math.max(0, this.#expiresAt - now),
      ...this.#end,
      isAskedFor: this.#isAskedFor,
    };
    this.#isOpen = true;
    this.#due = 'no';
    this.#isAskedFor = false;
    this.#paceEndBefore = this.#paceEnd;
    this.#paceEnd = now + this.#paceMs;
    return [{ kind: 'notify', notification }];
  }
}
