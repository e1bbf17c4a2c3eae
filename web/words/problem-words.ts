/** What went wrong, as a person needs to know it. */
import type { Problem } from '../api/call.ts';
import { wordsOf } from '../conditions/attribute-words.ts';
import { nameOf } from './names.ts';

export interface ProblemFacts {
  readonly kind: string;
  readonly attributes?: readonly string[] | undefined;
  readonly detail?: string | undefined;
}

/** `to`: whom a message was for. */
export function problemWords({ kind, attributes = [], detail }: ProblemFacts, to = ''): string {
  const name = to === '' ? 'They' : nameOf(to);
  switch (kind) {
    case 'unreachable':
      return 'The server cannot be reached. It is tried again by itself.';
    case 'unauthorised':
      return 'Please sign in again.';
    case 'blocked':
      return `${name} does not take messages from you.`;
    case 'unknown-recipient':
      return detail === undefined
        ? `There is nobody called ${to} here.`
        : `There is nobody of that name here: ${detail}.`;
    case 'attribute-not-authorised':
      return `${name} does not let you ask about ${attributes.map((each) => wordsOf(each).label).join(', ')}.`;
    case 'offline-space-full':
      return `There is no room left for messages to ${name}.`;
    case 'sender-queue-full':
      return 'Too many of your messages wait already.';
    case 'not-stored':
      return `${name} cannot be reached now, and nothing is kept here.`;
    case 'too-large':
      return 'It is too long.';
    case 'malformed-address':
      return 'That is no address. One looks like mary@example.com.';
    case 'conditional-delivery-not-supported':
      return 'This server does not hold messages for a condition.';
    case 'refused-by-recipient':
      return `No client of ${name} takes it.`;
    case 'too-many-requests':
      return 'That was too much at once. Please wait a moment.';
    case 'already-ended':
      return 'It is too late for that: it has come to its end.';
    case 'rules-changed':
      return 'The rules were changed elsewhere meanwhile. Here they are as they are now.';
    case 'not-an-operator':
      return 'This account is no operator’s.';
    default:
      return detail ?? 'That did not work.';
  }
}

export function factsOf(fault: unknown): ProblemFacts {
  const problem = fault as Partial<Problem> | undefined;
  if (problem?.name !== 'Problem')
    return { kind: 'unknown', detail: fault instanceof Error ? fault.message : undefined };
  const { kind = 'unknown', attributes, detail, message } = problem;
  return { kind, attributes, detail: detail ?? message };
}
