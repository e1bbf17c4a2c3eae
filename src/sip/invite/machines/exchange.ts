/**
 * Whose turn it is within a session (RFC 3261 14, RFC 3311 5, RFC 3264 4): one offer at a time. A pure table; it says what is to
 * become of a request of theirs and whether one of ours may leave.
 */

export type ExchangeState =
  | 'stable'
  /** An INVITE or an offer of ours has no answer yet. */
  | 'ours'
  /** An UPDATE of ours without an offer has no answer yet. */
  | 'refreshing'
  /** An INVITE of theirs is being answered; also the first one. */
  | 'their-invite'
  | 'their-update'
  /** Our 2xx to their INVITE has no ACK yet. */
  | 'unacknowledged'
  /** The same, and the ACK is to bring the answer to our offer. */
  | 'answer-awaited';

export type TheirRequest = 'invite' | 'offer' | 'refresh';

/** `glare`: 491. `too-soon`: 500 with Retry-After. */
export type Verdict = 'take' | 'glare' | 'too-soon';

interface Turn {
  readonly verdicts: Readonly<Record<TheirRequest, Verdict>>;
  /** Whether a request of ours with an offer, or an INVITE, may leave. */
  readonly mayOffer: boolean;
  /** Whether an UPDATE without an offer may leave. */
  readonly mayRefresh: boolean;
}

export const turns: Readonly<Record<ExchangeState, Turn>> = {
  stable: { verdicts: { invite: 'take', offer: 'take', refresh: 'take' }, mayOffer: true, mayRefresh: true },
  ours: { verdicts: { invite: 'glare', offer: 'glare', refresh: 'take' }, mayOffer: false, mayRefresh: false },
  refreshing: { verdicts: { invite: 'take', offer: 'take', refresh: 'take' }, mayOffer: false, mayRefresh: false },
  'their-invite': {
    verdicts: { invite: 'too-soon', offer: 'too-soon', refresh: 'take' },
    mayOffer: false,
    mayRefresh: false,
  },
  'their-update': {
    verdicts: { invite: 'too-soon', offer: 'too-soon', refresh: 'too-soon' },
    mayOffer: false,
    mayRefresh: false,
  },
  // Whoever sends another request has seen the 2xx, so its ACK is not waited for (RFC 5407 3.1.4).
  unacknowledged: { verdicts: { invite: 'take', offer: 'take', refresh: 'take' }, mayOffer: false, mayRefresh: true },
  'answer-awaited': {
    verdicts: { invite: 'glare', offer: 'glare', refresh: 'take' },
    mayOffer: false,
    mayRefresh: true,
  },
};
