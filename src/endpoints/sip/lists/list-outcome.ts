/**
 * One answer for all the copies (RFC 5365 7): 202 when somebody's was taken, with a Warning that names those whose was not; what
 * may be taken a moment later is the answer, since the sender is to come again; and where nobody's was taken, why the first was not.
 */
import { unreachable } from '../../../base/assert.ts';
import type { SubmissionRefusal } from '../../../delivery/submission.ts';
import type { SipAnswer } from '../sip-answer.ts';

export interface CopyOutcome {
  /** As the list has it. */
  readonly uri: string;
  /** Of the copy alone, as if it had been a request by itself. */
  readonly answer: SipAnswer;
  /** It may be taken later. */
  readonly isPassing: boolean;
}

/** Named in one Warning; of the others it says how many they are. */
export const namedMax = 8;

/** `outcomes`: in the order of the list, at least one. */
export function answerList(outcomes: readonly CopyOutcome[]): SipAnswer {
  const refused = outcomes.filter(({ answer }) => answer.status >= 300);
  const again = refused.find(({ isPassing }) => isPassing);
  if (again !== undefined) return again.answer;
  const [first] = refused;
  if (first === undefined) return { status: 202, headers: [] };
  if (refused.length === outcomes.length) return first.answer;
  const named = refused.slice(0, namedMax).map(({ uri, answer }) => `${uri} (${answer.warning ?? answer.status})`);
  const others = refused.length - named.length;
  const warning = `not sent to ${named.join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
  return { status: 202, warning, headers: [] };
}

/** The sender may be told another thing a moment later. */
export function isPassing({ reason }: SubmissionRefusal): boolean {
  switch (reason) {
    case 'too-many-requests':
    case 'store-unavailable':
      return true;
    case 'malformed-condition':
    case 'too-large':
    case 'unknown-recipient':
    case 'domain-not-served':
    case 'conditional-delivery-not-supported':
    case 'attribute-not-authorised':
    case 'blocked':
    case 'key-used-otherwise':
    case 'not-stored':
    case 'offline-space-full':
    case 'sender-queue-full':
    case 'refused-by-recipient':
      return false;
    default:
      return unreachable(reason);
  }
}
