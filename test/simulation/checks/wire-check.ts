/**
 * Byte for byte what a MESSAGE towards a recipient may be: written anew from the letter by contract sections 4 and 6, so
 * that nothing in it can tell why it waited.
 */
import { parameterOf, type SipWords } from '../clients/sip-words.ts';
import type { Client } from '../model/lane.ts';
import type { Connection } from '../world/simulated-network.ts';
import type { Books, Instance } from './books.ts';

const dayMs = 86_400_000;

/** The rows in the order in which they come; `?` marks those that need not. */
const rowNames = [
  'Via', 'Max-Forwards', 'From', 'To', 'Call-ID', 'CSeq', 'Date', 'Expires', 'Deferred-Message?',
  'P-Asserted-Identity?', 'Content-Type', 'Content-Length',
]; // prettier-ignore

export interface Sending {
  readonly instance: Instance;
  readonly device: Client;
  readonly connection: Connection | undefined;
}

/** In words; undefined when all is as it must be. */
export function findWireFault(books: Books, sending: Sending, words: SipWords): string | undefined {
  const { instance, device } = sending;
  const { letter } = instance;
  const isPlain = words.row('Content-Type') !== letter.contentType;
  const body = isPlain ? letter.plainBody : letter.body;
  return (
    findNameFault(words) ??
    differs('the request line', words.startLine, `MESSAGE ${device.contact} SIP/2.0`) ??
    // A phone wrote it with 70, and every server that sends it on takes one; what came over HTTP begins here.
    differs('Max-Forwards', words.row('Max-Forwards'), letter.way === 'sip' ? '69' : '70') ??
    differs('From', words.row('From'), `<sip:${letter.sender}>;tag=${parameterOf(words.row('From'), 'tag')}`) ??
    differs('the From tag', parameterOf(words.row('From'), 'tag'), firstFromTag(instance, words)) ??
    differs('To', words.row('To'), `<sip:${letter.recipient}>`) ??
    differs('Call-ID', words.row('Call-ID'), `${instance.id}@localhost`) ??
    differs('the identity', words.row('P-Asserted-Identity'), assertedFor(books, letter.sender)) ??
    differs('Content-Type', words.row('Content-Type'), isPlain ? 'text/plain' : letter.contentType) ??
    differs('the body', words.body, body ?? 'what cannot be converted') ??
    findTimeFault(instance, words) ??
    findMarkFault(books, sending, words.row('Deferred-Message') !== '', isConverted(instance, words)) ??
    findMarkWordsFault(instance, words)
  );
}

function findNameFault(words: SipWords): string | undefined {
  const given = words.rows.map(([name]) => name);
  const wanted = rowNames
    .filter((name) => !name.endsWith('?') || given.includes(name.slice(0, -1)))
    .map((name) => name.replace('?', ''));
  return differs('the rows', given.join(' '), wanted.join(' '));
}

/** The same on every attempt. */
function firstFromTag(instance: Instance, words: SipWords): string {
  const first = instance.attempts.find(({ cseq }) => cseq !== undefined)?.text;
  return first === undefined
    ? parameterOf(words.row('From'), 'tag')
    : (/\r\nFrom: .*;tag=([^\r;]+)/.exec(first)?.[1] ?? '');
}

function assertedFor({ config }: Books, sender: string): string {
  return config.trust.length > 0 ? `<sip:${sender}>` : '';
}

/** Date is the sender's own within a day of ours, else the time of acceptance; Date + Expires is the deadline. */
function findTimeFault(instance: Instance, words: SipWords): string | undefined {
  const { expiresAt, expiresEarliest } = instance;
  const date = Date.parse(words.row('Date'));
  if (!isDatedRight(instance, date) || new Date(date).toUTCString() !== words.row('Date'))
    return `Date is ${words.row('Date')}`;
  const end = date + Number(words.row('Expires')) * 1000;
  // A Date of the sender's may lie behind the end of validity.
  if (date > expiresAt && words.row('Expires') === '0') return undefined;
  if (end > expiresAt || end <= expiresEarliest - 1000) return `Date + Expires is ${end}, the deadline is ${expiresAt}`;
  return undefined;
}

export function isDatedRight({ letter, arrivedWall, datedFrom, datedBy }: Instance, date: number): boolean {
  const { writtenAt } = letter;
  const isOwn = writtenAt !== undefined && Math.abs(writtenAt - arrivedWall) <= dayMs;
  return isOwn ? date === writtenAt : date >= wholeSecond(datedFrom) && date <= wholeSecond(datedBy);
}

function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

/** Marked exactly when its sender was told that it is kept, or cannot be told any more. */
export function findMarkFault(
  { life, time }: Books,
  { instance, connection }: Sending,
  isMarked: boolean,
  isAgain = false,
): string | undefined {
  // It was written before the connection was asked for on which it leaves.
  const isWrittenEarlier = isAgain || connection?.openedByServerIn === time.event;
  const isEither = isWrittenEarlier || instance.keptToldIn === time.event || isTellingLost(instance);
  const isDeferred = instance.keptToldIn !== undefined || instance.life !== life;
  if (!isEither && isDeferred && !isMarked) return 'it is not marked as deferred';
  if (!isMarked) return undefined;
  // Its row may be found before its sender is answered, who must hear then that it is kept.
  if (!isEither && !isDeferred && instance.place === undefined) return 'it is marked as deferred';
  if (!isEither && !isDeferred) instance.isMarkedEarly = true;
  return undefined;
}

function findMarkWordsFault(instance: Instance, words: SipWords): string | undefined {
  const mark = words.row('Deferred-Message');
  if (mark === '') return undefined;
  const accepted = new Date(instance.acceptedAt).toISOString();
  return differs('Deferred-Message', mark, `${instance.id};accepted=${accepted}`);
}

/** The connection on which its sender would be told is gone, so that nobody sees whether that was tried. */
function isTellingLost({ submission }: Instance): boolean {
  return submission.connection?.isOpenAtServer === false;
}

/** The same attempt once more as plain text: marked as it began. */
function isConverted({ letter }: Instance, words: SipWords): boolean {
  return words.row('Content-Type') !== letter.contentType;
}

function differs(what: string, given: string, wanted: string): string | undefined {
  return given === wanted ? undefined : `${what} is "${given}" and not "${wanted}"`;
}
