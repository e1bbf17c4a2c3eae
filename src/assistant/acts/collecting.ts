/** `list`, `more`, `get`, `reject`: what waits for the asker, one by one or all of one sender (contract sections 4 and 6). */
import { unreachable } from '../../base/assert.ts';
import type { HandOutcome } from '../../delivery/desks/hand-outs.ts';
import type { MailboxEntry } from '../../delivery/ports.ts';
import type { Address } from '../../model/address.ts';
import { bodyBytesOf } from '../../model/instant-message.ts';
import { shorten } from '../answer-text.ts';
import type { ListPosition } from '../conversation.ts';
import type { Name, Wanted } from '../reading/command.ts';
import type { Asking, Lines, Rooms } from './asking.ts';
import { readAddress, sayCount, sayTime, shortName } from './names.ts';

/** Messages of one list before `more` has to be asked for. */
export const listedMax = 25;
/** Messages sent for one `get all` or `get from NAME`. */
export const sentAtOnceMax = 100;

const subjectMax = 40;

export async function list(from: Name | undefined, asking: Asking, rooms: Rooms): Promise<Lines> {
  const { conversation } = asking;
  const sender = from === undefined ? undefined : readAddress(from, asking);
  if (sender?.ok === false) return [sender.error];
  conversation.begin(conversation.received);
  const listed = await listOn(sender === undefined ? {} : { from: sender.value }, asking, rooms);
  if (listed.length === 0) return [nothingOf(sender?.value, asking)];
  const head = sender === undefined ? 'Waiting for you:' : `From ${shortName(sender.value, asking)}:`;
  return [head, ...listed, 'Say "get 1", "reject 1" or "get all".'];
}

/** What did not fit into the last answer, or into the last list. */
export async function more(asking: Asking, rooms: Rooms): Promise<Lines> {
  const { conversation } = asking;
  if (conversation.rest.length > 0) return conversation.rest;
  const listed = conversation.next === undefined ? [] : await listOn(conversation.next, asking, rooms);
  return listed.length === 0 ? ['There is no more.'] : listed;
}

async function listOn(position: Partial<ListPosition>, asking: Asking, { delivery }: Rooms): Promise<Lines> {
  const { owner, conversation } = asking;
  const { from, after } = position;
  conversation.next = undefined;
  const look = { limit: listedMax, ...(from === undefined ? {} : { sender: from }) };
  const { entries, hasMore } = await delivery.inbox.look(owner, after === undefined ? look : { ...look, after });
  const lines: string[] = [];
  for (const entry of entries.filter((each) => isForReading(each, asking))) {
    const number = conversation.numberOf(conversation.received, entry.id);
    if (number === undefined) return [...lines, 'I count no further: get or reject some of these first.'];
    lines.push(lineOf(number, entry, asking));
  }
  const last = entries.at(-1);
  if (!hasMore || last === undefined) return lines;
  conversation.next = { after: last.id, ...(from === undefined ? {} : { from }) };
  return [...lines, 'Say "more" for those behind them.'];
}

/** Answers of the assistant that wait for a client are not listed among what they speak of. */
function isForReading({ message }: MailboxEntry, { assistant }: Asking): boolean {
  return message.sender !== assistant;
}

function lineOf(number: number, { message }: MailboxEntry, asking: Asking): string {
  const { sender, sentAt, subject, contentType } = message;
  const what = subject === undefined ? (contentType.split(';', 1)[0] ?? contentType) : `"${subject}"`;
  const size = sayCount(bodyBytesOf(message), 'byte');
  return `${number}. ${shortName(sender, asking)}, ${sayTime(sentAt)}, ${shorten(what, subjectMax)}, ${size}`;
}

export function get(what: Wanted, asking: Asking, rooms: Rooms): Promise<Lines> | Lines {
  switch (what.kind) {
    case 'numbers':
      return getNumbers(what.numbers, asking, rooms);
    case 'all':
      return getAll(undefined, asking, rooms);
    case 'from': {
      const sender = readAddress(what.name, asking);
      return sender.ok ? getAll(sender.value, asking, rooms) : [sender.error];
    }
    default:
      return unreachable(what);
  }
}

async function getNumbers(numbers: readonly number[], asking: Asking, rooms: Rooms): Promise<Lines> {
  const { conversation, owner, clients } = asking;
  const lines: string[] = [];
  let taken = 0;
  for (const number of numbers) {
    const id = conversation.received[number - 1];
    if (id === undefined) {
      lines.push(unknownNumber(number, asking));
      continue;
    }
    const outcome = await rooms.delivery.handOuts.hand(owner, id, clients);
    if (outcome.kind === 'nobody') return [...lines, noClient];
    if (outcome.kind === 'taken') taken += 1;
    else lines.push(sayOutcome(`Number ${number}`, outcome));
  }
  return taken === 0 ? lines : [sentYou(taken), ...lines];
}

/** With a sender everything of theirs, whatever it waits for; looking like the rest. */
async function getAll(sender: Address | undefined, asking: Asking, { delivery }: Rooms): Promise<Lines> {
  const { owner, clients } = asking;
  const problems: string[] = [];
  const look = { limit: sentAtOnceMax, ...(sender === undefined ? {} : { sender }) };
  const { entries, hasMore } = await delivery.inbox.look(owner, look);
  const wanted = entries.filter((each) => isForReading(each, asking));
  if (wanted.length === 0) return [nothingOf(sender, asking)];
  let taken = 0;
  for (const { id, message } of wanted) {
    const outcome = await delivery.handOuts.hand(owner, id, clients);
    if (outcome.kind === 'nobody') return taken === 0 ? [noClient] : [sentYou(taken), noClient];
    if (outcome.kind === 'taken') taken += 1;
    else if (outcome.kind === 'not-taken' || outcome.kind === 'announced')
      problems.push(sayOutcome(`One from ${shortName(message.sender, asking)}`, outcome));
  }
  return [sentYou(taken), ...problems, ...(hasMore ? ['There is more: say it again.'] : [])];
}

export async function reject(numbers: readonly number[], asking: Asking, rooms: Rooms): Promise<Lines> {
  const lines: string[] = [];
  for (const number of numbers) {
    const id = asking.conversation.received[number - 1];
    if (id === undefined) {
      lines.push(unknownNumber(number, asking));
      continue;
    }
    const outcome = await rooms.delivery.inbox.reject(asking.owner, id);
    if (outcome.kind === 'done') lines.push(`Number ${number} is rejected.`);
    else if (outcome.kind === 'unknown') lines.push(sayOutcome(`Number ${number}`, { kind: 'gone' }));
    else lines.push(`Too late: number ${number} is ${outcome.state} already.`);
  }
  return lines;
}

/** Never the number of something else: a list may have changed since it was given out. */
function unknownNumber(number: number, { conversation }: Asking): string {
  if (conversation.received.length > 0) return `There is no number ${number} in the list that I gave you.`;
  return `I do not know (any more) what number ${number} is. Say "list", and take the number from there.`;
}

function sayOutcome(which: string, outcome: HandOutcome): string {
  if (outcome.kind === 'not-taken') return `${which} was not taken by your client (${shorten(outcome.status, 80)}).`;
  if (outcome.kind === 'announced') return `${which} is too large for your client: I told it how to fetch that.`;
  return `${which} does not wait any more: it was taken, rejected or recalled meanwhile, or its time is over.`;
}

function sentYou(count: number): string {
  return count === 0 ? 'Nothing was sent.' : `Sent you ${sayCount(count, 'message')}.`;
}

function nothingOf(sender: Address | undefined, asking: Asking): string {
  return sender === undefined ? 'Nothing waits for you.' : `Nothing from ${shortName(sender, asking)} waits for you.`;
}

const noClient = 'No client of yours is there that could take it; it stays where it is.';
