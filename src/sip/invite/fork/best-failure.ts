/**
 * Which of several failures stands for all (RFC 3261 16.7 step 6): a 6xx before all, then the lowest class, within 4xx those that
 * say how to ask better. Pure.
 */
import type { CallFailure } from '../session-words.ts';

/** As a response would say it: who did not answer is 408, who could not be reached 503 (RFC 3261 8.1.3.1). */
export function statusOf(failure: CallFailure): number {
  switch (failure.kind) {
    case 'refused':
      return failure.status;
    case 'timeout':
      return 408;
    case 'cancelled':
      return 487;
    default:
      return 503;
  }
}

/** Undefined of none. */
export function bestFailure(failures: readonly CallFailure[]): CallFailure | undefined {
  let best: CallFailure | undefined;
  for (const failure of failures) {
    if (best === undefined || rankOf(failure) < rankOf(best)) best = failure;
  }
  return best;
}

const sayingHow: ReadonlySet<number> = new Set([401, 407, 415, 420, 484]);

/** The lower the better. */
function rankOf(failure: CallFailure): number {
  const status = statusOf(failure);
  if (status >= 600) return 0;
  const rank = Math.floor(status / 100) * 10;
  if (sayingHow.has(status)) return rank;
  // What says least comes last within its class: nobody asked for a CANCEL, and 503 says nothing of the user.
  return status === 487 || status === 503 ? rank + 9 : rank + 5;
}
