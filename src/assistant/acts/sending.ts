/** `to`, `when … to`, `outbox`, `recall`, `change`: what the asker sends, and what becomes of it (contract section 4). */
import { unreachable } from '../../base/assert.ts';
import type { EntrySummary, MessageState } from '../../delivery/ports.ts';
import type { Submission, SubmissionOutcome } from '../../delivery/submission.ts';
import type { Address } from '../../model/address.ts';
import { shorten } from '../answer-text.ts';
import type { Command } from '../reading/command.ts';
import type { Asking, Lines, Rooms } from './asking.ts';
import { readAddress, sayTime, shortName } from './names.ts';
import { sayRefusal } from './refusal-words.ts';

/** Messages that `outbox` shows. */
export const outboxMax = 50;

const conditionMax = 120;

export async function send(
  { to, text, condition }: Extract<Command, { kind: 'send' }>,
  asking: Asking,
  { delivery, clock }: Rooms,
): Promise<Lines> {
  const recipient = readAddress(to, asking);
  if (!recipient.ok) return [recipient.error];
  if (recipient.value === asking.assistant) return ['That is me: say what you want without "to".'];
  const { owner, submission } = asking;
  const now = clock.wall();
  const outgoing: Submission = {
    message: {
      sender: owner,
      recipient: recipient.value,
      origin: submission.message.origin,
      sentAt: now - (now % 1000),
      contentType: 'text/plain;charset=UTF-8',
      body: new TextEncoder().encode(text),
      reportsWanted: [],
      ...(submission.message.senderName === undefined ? {} : { senderName: submission.message.senderName }),
    },
    ...(condition === undefined ? {} : { condition }),
    // The same words handed in again, also after a restart, are the same message.
    duplicateKeys: submission.duplicateKeys.map((key) => `assistant ${key}`),
    ...(submission.keepFirst === undefined ? {} : { keepFirst: submission.keepFirst }),
    isTrusted: submission.isTrusted,
    isTransient: false,
  };
  return sayOutcome(await delivery.submit(outgoing), recipient.value, asking, condition);
}

function sayOutcome(
  outcome: SubmissionOutcome,
  recipient: Address,
  asking: Asking,
  condition: string | undefined,
): Lines {
  const name = shortName(recipient, asking);
  switch (outcome.kind) {
    case 'delivered':
    case 'dropped':
      return [`Delivered to ${name}.`];
    case 'refused':
      return [`Not sent to ${name}: ${sayRefusal(outcome.refusal)}.`];
    case 'accepted': {
      const { conversation } = asking;
      const number = conversation.numberOf(conversation.sent, outcome.id);
      const back =
        number === undefined ? '' : ` It is number ${number} of your outbox: "recall ${number}" takes it back.`;
      return [`${sayKept(outcome, name, condition)}${back}`];
    }
    default:
      return unreachable(outcome);
  }
}

function sayKept(
  { state, isForMoment }: Extract<SubmissionOutcome, { kind: 'accepted' }>,
  name: string,
  condition: string | undefined,
): string {
  if (state === 'held') return `Held for ${name} until: ${shorten(condition ?? '', conditionMax)}.`;
  if (isForMoment) return `Accepted; it waits until a client of ${name} takes it.`;
  return `IM accepted for offline user: ${name} gets it later.`;
}

export async function outbox(asking: Asking, { delivery }: Rooms): Promise<Lines> {
  const { owner, conversation } = asking;
  const kept: EntrySummary[] = [];
  let hasMore = false;
  for (const state of ['held', 'waiting'] as const) {
    const page = await delivery.sent.list(owner, { state, limit: outboxMax });
    kept.push(...page.messages);
    hasMore ||= page.hasMore;
  }
  const shown = kept.toSorted((one, other) => one.sequence - other.sequence).slice(0, outboxMax);
  conversation.begin(conversation.sent);
  if (shown.length === 0) return ['Nothing that you sent waits.'];
  const lines = shown.map((summary) => {
    const number = conversation.numberOf(conversation.sent, summary.id) ?? 0;
    return `${number}. to ${shortName(summary.recipient, asking)}, ${sayTime(summary.acceptedAt)}, ${sayState(summary)}`;
  });
  const isCut = hasMore || kept.length > shown.length;
  return [
    'Sent by you and not delivered yet:',
    ...lines,
    ...(isCut ? ['There is more behind these.'] : []),
    'Say "recall 1", or "change 1 to when ...".',
  ];
}

function sayState({ state, condition }: EntrySummary): string {
  return state === 'held' && condition !== undefined ? `held until: ${shorten(condition, conditionMax)}` : state;
}

export async function recall(numbers: readonly number[], asking: Asking, { delivery }: Rooms): Promise<Lines> {
  const lines: string[] = [];
  for (const number of numbers) {
    const id = asking.conversation.sent[number - 1];
    if (id === undefined) {
      lines.push(unknownNumber(number, asking));
      continue;
    }
    const outcome = await delivery.secondThoughts.recall(asking.owner, id);
    const state = outcome === 'recalled' ? 'recalled' : await stateOf(id, asking, delivery);
    lines.push(state === 'recalled' ? `Number ${number} is taken back.` : tooLate(number, state));
  }
  return lines;
}

export async function change(
  { number, condition }: Extract<Command, { kind: 'change' }>,
  asking: Asking,
  { delivery }: Rooms,
): Promise<Lines> {
  const id = asking.conversation.sent[number - 1];
  if (id === undefined) return [unknownNumber(number, asking)];
  const outcome = await delivery.secondThoughts.amend(asking.owner, id, { condition });
  switch (outcome.kind) {
    case 'amended':
      if (outcome.state === 'waiting' || condition === null) return [`Number ${number} goes as soon as it can now.`];
      return [`Number ${number} is held until: ${shorten(condition, conditionMax)}.`];
    case 'refused':
      return [`Number ${number} stays as it was: ${sayRefusal(outcome.refusal)}.`];
    case 'ended':
    case 'unknown':
      return [tooLate(number, await stateOf(id, asking, delivery))];
    default:
      return unreachable(outcome);
  }
}

async function stateOf(id: string, { owner }: Asking, delivery: Rooms['delivery']): Promise<MessageState | undefined> {
  return (await delivery.sent.story(owner, id))?.message.state;
}

function tooLate(number: number, state: MessageState | undefined): string {
  return `Too late: number ${number} is ${state ?? 'gone'} already.`;
}

function unknownNumber(number: number, { conversation }: Asking): string {
  const isKnown = conversation.sent.length > 0;
  return `I do not know${isKnown ? '' : ' (any more)'} what number ${number} of your outbox is. Say "outbox", and take the number from there.`;
}
