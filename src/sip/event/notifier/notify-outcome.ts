/** What the end of a NOTIFY means for its subscription (RFC 6665 4.2.2). */
import type { Millis } from '../../../base/time/clock.ts';
import type { SubscriptionInput } from './subscription.ts';

/** `status`: the final response; `silence`: none came; `no-way`: it could not be sent. */
export type NotifyOutcome =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterMs?: Millis }
  | { readonly kind: 'silence' }
  | { readonly kind: 'no-way' };

/** The subscriber does not know the subscription, or cannot be found: it is removed. */
const gone: ReadonlySet<number> = new Set([404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604]);

export function inputOfOutcome(outcome: NotifyOutcome): SubscriptionInput {
  if (outcome.kind !== 'status') return { kind: 'notify-failed', isGone: true };
  const { status, retryAfterMs } = outcome;
  if (status < 300) return { kind: 'notify-succeeded' };
  // A 408 is silence by another name: some element on the way gave up.
  const isGone = gone.has(status) || status === 408;
  return { kind: 'notify-failed', isGone, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
