/** What follows from a final response to a SUBSCRIBE of ours (RFC 6665 4.1.2), and from the end that a NOTIFY tells (4.1.3). */
import type { Millis } from '../../../../base/time/clock.ts';
import type { ChallengeHistory, DigestClient } from '../../../digest/digest-client.ts';
import { parseDeltaSeconds, parseRetryAfter } from '../../../message/header-values.ts';
import type { SipResponse } from '../../../message/sip-message.ts';
import { notBefore, type Delays } from './back-off.ts';
import { expiresAskedMax } from './lifetime.ts';
import type { SubscribeOutcome } from './own-subscription-words.ts';

export type AnswerDecision =
  /** `granted`: seconds; undefined where it says nothing. */
  | { readonly kind: 'accepted'; readonly granted: number | undefined }
  /** The same again: with credentials, or asking for `expires` seconds. */
  | { readonly kind: 'ask-again'; readonly expires: number }
  /** 481: there is no such subscription (any more), so another is made. */
  | { readonly kind: 'start-anew' }
  | Refused;

export interface Refused {
  readonly kind: 'refused';
  readonly outcome: SubscribeOutcome;
  /** A subscription that was there is gone. */
  readonly isOver: boolean;
  /** Until another attempt. */
  readonly delayMs: Millis;
  /** It waits for the server to come back, not for a time that the server has named. */
  readonly isServerAway: boolean;
}

export interface AnswerFacts {
  /** Seconds that were asked for. */
  readonly expires: number;
  readonly credentials: DigestClient | undefined;
  readonly history: ChallengeHistory;
  readonly delays: Delays;
}

/** RFC 6665 4.1.2.2: these end a subscription that was there. */
const endings: ReadonlySet<number> = new Set([404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604]);
/** Besides 5xx: nobody answered in time, or not now. */
const passing: ReadonlySet<number> = new Set([408, 480, 486, 487, 491, 494, 600]);
/** What no waiting mends. */
const lasting: ReadonlySet<number> = new Set([501, 505, 513]);

export function decideOnAnswer(response: SipResponse, facts: AnswerFacts): AnswerDecision {
  const { status, headers } = response;
  const { expires, credentials, history } = facts;
  if (status < 300) return { kind: 'accepted', granted: secondsOf(headers.get('Expires')) };
  if (status === 401 || status === 407) {
    const mayAnswer = credentials?.takeChallenge(response, history) === true;
    return mayAnswer ? { kind: 'ask-again', expires } : refuse('unauthorised', false, facts.delays.afterRefusal());
  }
  if (status === 423) {
    const least = secondsOf(headers.get('Min-Expires'));
    const mayAsk = least !== undefined && least > expires && least <= expiresAskedMax;
    return mayAsk ? { kind: 'ask-again', expires: least } : refuse('refused', false, facts.delays.afterRefusal());
  }
  return status === 481 ? { kind: 'start-anew' } : decideOnRefusal(response, facts.delays);
}

function decideOnRefusal({ status, headers }: SipResponse, delays: Delays): Refused {
  const text = headers.get('Retry-After');
  const seconds = text === undefined ? undefined : parseRetryAfter(text);
  const isPassing = passing.has(status) || (status >= 500 && status < 600 && !lasting.has(status));
  const delayMs = notBefore(isPassing ? delays.afterFailure() : delays.afterRefusal(), seconds);
  const refused = refuse(isPassing ? 'later' : 'refused', endings.has(status), delayMs);
  return { ...refused, isServerAway: isPassing && seconds === undefined };
}

function refuse(outcome: SubscribeOutcome, isOver: boolean, delayMs: Millis): Refused {
  return { kind: 'refused', outcome, isOver, delayMs, isServerAway: false };
}

function secondsOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDeltaSeconds(text);
}

export type EndConsequence =
  /** Another subscription, at once. */
  | 'at-once'
  /** Another one after a while, or after retry-after. */
  | 'later'
  /** Not without a new reason: nobody has changed their mind, and retry-after counts for nothing. */
  | 'not-by-itself'
  /** The state stays as the last NOTIFY says. */
  | 'never-changes';

/** By the reason of Subscription-State (RFC 6665 4.1.3). */
export function consequenceOfEnd(reason: string | undefined): EndConsequence {
  switch (reason) {
    case 'deactivated':
    case 'timeout':
      return 'at-once';
    case 'rejected':
    case 'noresource':
      return 'not-by-itself';
    case 'invariant':
      return 'never-changes';
    // `probation`, `giveup`, none, and those that nobody knows yet.
    default:
      return 'later';
  }
}
