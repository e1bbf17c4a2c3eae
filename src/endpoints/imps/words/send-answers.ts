/** What became of a message that was handed in, in the IMPS column of contract section 5, word for word where it quotes. */
import { unreachable } from '../../../base/assert.ts';
import type { SubmissionOutcome, SubmissionRefusal } from '../../../delivery/submission.ts';
import { type CspResult, makeResult } from '../../../imps/primitives/results.ts';
import { type StatusCode, statusWords } from '../../../imps/status-codes.ts';

/** `success`: clients that take anything but 200 for a failure hear 200 of what is kept (`--imps-offline-answer`). */
export type OfflineAnswer = 'standard' | 'success';

/** For one recipient. */
export interface RecipientAnswer {
  readonly code: StatusCode;
  readonly words: string;
}

export interface SentTo {
  /** As the sender wrote it. */
  readonly userId: string;
  readonly answer: RecipientAnswer;
}

export const keptForOffline = 'IM accepted for offline user';

export function answerOf(outcome: SubmissionOutcome, offlineAnswer: OfflineAnswer): RecipientAnswer {
  switch (outcome.kind) {
    case 'delivered':
    case 'dropped':
      return plain(200);
    case 'accepted':
      if (offlineAnswer === 'success') return plain(200);
      return outcome.isForMoment ? plain(202) : { code: 533, words: keptForOffline };
    case 'refused':
      return answerOfRefusal(outcome.refusal);
    default:
      return unreachable(outcome);
  }
}

function answerOfRefusal(refusal: SubmissionRefusal): RecipientAnswer {
  switch (refusal.reason) {
    case 'malformed-condition':
      return { code: 402, words: `Malformed condition at position ${refusal.position}: ${refusal.detail}` };
    case 'too-large':
      return { code: 402, words: `Too large, at most ${refusal.bytesMax} bytes` };
    case 'unknown-recipient':
      return plain(531);
    case 'domain-not-served':
      return plain(516);
    case 'conditional-delivery-not-supported':
      return { code: 405, words: 'Conditional delivery is not supported' };
    case 'attribute-not-authorised': {
      const names = refusal.attributes.join(', ');
      return { code: 534, words: `Presence attribute needs to be authorised by the recipient: ${names}` };
    }
    case 'blocked':
      return plain(532);
    case 'key-used-otherwise':
      return plain(420);
    case 'not-stored':
      return plain(533);
    case 'offline-space-full':
      return { code: 507, words: 'Unable to deliver IM, offline space is full' };
    case 'sender-queue-full':
      return { code: 507, words: 'Message queue for offline messages is full' };
    case 'refused-by-recipient':
      return plain(isDecline(refusal.status) ? 538 : 410);
    case 'too-many-requests':
    case 'store-unavailable':
      return plain(503);
    default:
      return unreachable(refusal);
  }
}

/** Somebody said no, in the words of whatever protocol their client speaks. */
function isDecline(status: string): boolean {
  return /^(?:sip 603\b|imps 538\b|turned away$)/.test(status);
}

/**
 * All recipients in one result: 200 when everybody has it; their own code when there is one recipient, or all fared alike;
 * else partial success with a detail for each code. What was kept for somebody offline is always a detail.
 */
export function resultOf(sent: readonly SentTo[]): CspResult {
  const groups = new Map<string, { readonly answer: RecipientAnswer; readonly userIds: string[] }>();
  for (const { userId, answer } of sent) {
    const key = `${answer.code} ${answer.words}`;
    const group = groups.get(key) ?? { answer, userIds: [] };
    group.userIds.push(userId);
    groups.set(key, group);
  }
  const all = [...groups.values()];
  const [only] = all;
  if (only === undefined) return makeResult(402, 'The message has no recipient');
  if (all.length === 1 && only.answer.words !== keptForOffline) return makeResult(only.answer.code, only.answer.words);
  const details = all
    .filter(({ answer }) => answer.code !== 200)
    .map(({ answer, userIds }) => ({ ...noNames, code: answer.code, description: answer.words, userIds }));
  const hasSome = all.some(({ answer }) => isTaken(answer));
  return { ...makeResult(hasSome ? 201 : 900), details };
}

const noNames = { groupIds: [], screenNames: [], messageIds: [], contactLists: [], domains: [] };

function isTaken({ code, words }: RecipientAnswer): boolean {
  return code === 200 || code === 202 || words === keptForOffline;
}

function plain(code: StatusCode): RecipientAnswer {
  return { code, words: statusWords[code] };
}
