/** What a client's answer to a MESSAGE means for the message: the table of contract section 4, Outcomes per client. */
import type { Millis } from '../../../base/time/clock.ts';
import type { AttemptOutcome } from '../../../delivery/ports.ts';

/** `retryAfterMs` is the client's own wish (RFC 3261 20.33). 415 is asked for only where nothing could be converted. */
export function outcomeOfStatus(status: number, reason: string, retryAfterMs?: Millis): AttemptOutcome {
  const words = `sip ${status} ${reason}`;
  if (status < 300) return { kind: 'delivered' };
  switch (status) {
    case 408:
    // RFC 5626 5.3.1: the edge proxy lost the client's flow, which is a broken flow of ours by another name.
    case 430:
    case 480:
    case 486:
    case 503:
      return { kind: 'client-failed', status: words, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    case 413:
    case 488:
    case 500:
      return { kind: 'message-failed', status: words, mayPoison: true };
    // 482: another branch of the same message decides.
    case 482:
    case 487:
      return { kind: 'message-failed', status: words, mayPoison: false };
    case 501:
    case 505:
    case 513:
      return { kind: 'refused', status: words };
    default:
      break;
  }
  if (status >= 500 && status < 600) return { kind: 'message-failed', status: words, mayPoison: false };
  return { kind: 'refused', status: words };
}

export function outcomeOfFailure(failure: 'timeout' | 'transport'): AttemptOutcome {
  return { kind: 'client-failed', status: failure === 'timeout' ? 'sip 408 no answer' : 'sip 503 cannot be reached' };
}

/** It fits no datagram and the client takes no stream: set aside, like what a client finds too large (413). */
export function outcomeOfTooLarge(): AttemptOutcome {
  return { kind: 'message-failed', status: 'sip 513 too large for a datagram', mayPoison: true };
}
