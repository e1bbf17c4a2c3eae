/** Mailbox entries as rows: which columns a read fetches, and how they and the content become an entry again. */
import type { EntrySummary, InboxItem, MailboxEntry, NewMailboxEntry, TargetRefusal } from '../../../delivery/ports.ts';
import type { Protocol, ReportKind } from '../../../model/delivery-report.ts';
import type { InstantMessage } from '../../../model/instant-message.ts';
import {
  addressAt,
  bytesAt,
  jsonAt,
  numberAt,
  optionalNumberAt,
  optionalTextAt,
  textAt,
  type Row,
} from '../row-values.ts';
import { contentWithEnvelope, readContent } from '../writer/content-arena.ts';
import { attemptCount } from './attempt-count.ts';
import { openStateName, stateName } from './message-states.ts';

/** To be followed by the rest of a query in which `e` is the table of entries. */
export const selectEntries = `SELECT e.sequence, e.id, s.address, r.address, e.state, e.accepted_state, e.accepted_at,
    e.expires_at, e.turns_at, e.retry_at, ${attemptCount}, e.message_failures, e.is_aside, e.condition, e.sent_at,
    e.content_type, e.attributes, e.latches, e.refused_by, e.duplicate_keys, c.bytes, e.origin,
    e.blob, e.bytes`;

export const joinEntryParts = `JOIN content c ON c.number = e.content
  JOIN address s ON s.number = e.sender JOIN address r ON r.number = e.recipient`;

export function readEntry(row: Row): MailboxEntry {
  const condition = optionalTextAt(row, 13);
  const turnsAt = optionalNumberAt(row, 8);
  const retryAt = optionalNumberAt(row, 9);
  const entry: Mutable<MailboxEntry> = {
    sequence: numberAt(row, 0),
    id: textAt(row, 1),
    message: readMessage(row),
    state: openStateName(numberAt(row, 4)),
    acceptedState: openStateName(numberAt(row, 5)),
    acceptedAt: numberAt(row, 6),
    expiresAt: numberAt(row, 7),
    attempts: numberAt(row, 10),
    messageFailures: numberAt(row, 11),
    isAside: numberAt(row, 12) === 1,
    attributes: (jsonAt(row, 16) ?? []) as string[],
    latches: (jsonAt(row, 17) ?? []) as NewMailboxEntry['latches'],
    refusedBy: (jsonAt(row, 18) ?? []) as TargetRefusal[],
    duplicateKeys: (jsonAt(row, 19) ?? []) as string[],
  };
  if (condition !== undefined) entry.condition = condition;
  if (turnsAt !== undefined) entry.turnsAt = turnsAt;
  if (retryAt !== undefined) entry.retryAt = retryAt;
  return entry;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What a message came by and what its sender wants to be told, as the tables keep it; null for what is usual. */
export function formatOrigin({ origin, reportsWanted, reportsInWords }: InstantMessage): string | null {
  if (origin === 'sip' && reportsWanted.length === 0) return null;
  return [origin, ...(reportsInWords === true ? [inWords] : []), ...reportsWanted].join(' ');
}

/** Among the kinds of reports: they are told in plain words. */
const inWords = 'words';

function readOrigin(
  text: string | undefined,
): Pick<InstantMessage, 'origin' | 'reportsWanted' | 'reportsInWords'> | undefined {
  if (text === undefined) return undefined;
  const [origin, ...words] = text.split(' ');
  const reportsWanted = words.filter((word) => word !== inWords) as ReportKind[];
  return { origin: origin as Protocol, reportsWanted, ...(words.includes(inWords) ? { reportsInWords: true } : {}) };
}

/** A column of origins as it is when these reports are not wanted any more. */
export function withoutReports(origin: string | undefined, kinds: readonly ReportKind[]): string | null {
  if (origin === undefined) return null;
  const [protocol, ...wanted] = origin.split(' ');
  return [protocol, ...wanted.filter((kind) => !kinds.includes(kind as ReportKind))].join(' ');
}

export function isReportWanted(origin: string | undefined, kind: ReportKind): boolean {
  return origin?.split(' ').includes(kind, 1) === true;
}

/** The fields of a message that have no column, as JSON; empty when there is nothing to say, which is usual. */
export function formatEnvelope(message: InstantMessage): string {
  const { sender: _s, recipient: _r, sentAt: _a, contentType: _c, body: _b, large: _l, ...further } = message;
  const { origin: _o, reportsWanted: _w, reportsInWords: _i, ...rest } = further;
  for (const _name in rest) return JSON.stringify(rest);
  return '';
}

function readMessage(row: Row): InstantMessage {
  const { envelope, body } = readContent(bytesAt(row, 20));
  const rest = envelope === '' ? {} : (JSON.parse(envelope) as Partial<InstantMessage>);
  const blob = optionalTextAt(row, 22);
  return {
    origin: 'sip',
    // Where schema version 1 kept it.
    reportsWanted: [],
    ...rest,
    ...readOrigin(optionalTextAt(row, 21)),
    sender: addressAt(row, 2),
    recipient: addressAt(row, 3),
    sentAt: numberAt(row, 14),
    contentType: textAt(row, 15),
    body,
    ...(blob === undefined ? {} : { large: { blob, bytes: numberAt(row, 23) } }),
  };
}

/** Of lines of an inbox: the content only where its envelope has something to say, such as a subject. */
export const selectItems = `SELECT e.sequence, e.id, s.address, e.sent_at, e.content_type, e.bytes,
    ${contentWithEnvelope('c.bytes')}`;

export const joinItemParts = `CROSS JOIN content c ON c.number = e.content
  CROSS JOIN address s ON s.number = e.sender`;

export function readItem(row: Row): InboxItem {
  const subject = row[6] === null ? undefined : subjectOf(bytesAt(row, 6));
  return {
    id: textAt(row, 1),
    sequence: numberAt(row, 0),
    sender: addressAt(row, 2),
    sentAt: numberAt(row, 3),
    contentType: textAt(row, 4),
    bytes: numberAt(row, 5),
    ...(subject === undefined ? {} : { subject }),
  };
}

function subjectOf(content: Uint8Array): string | undefined {
  return (JSON.parse(readContent(content).envelope) as Partial<InstantMessage>).subject;
}

/** Of open entries. */
export const selectOpenSummaries = `SELECT e.sequence, e.id, s.address, r.address, e.state, e.accepted_at, e.expires_at,
    e.condition, e.content_type, e.bytes, ${attemptCount}, e.is_aside, e.retry_at, NULL, e.accepted_state, e.origin, NULL
  FROM entry e JOIN address s ON s.number = e.sender JOIN address r ON r.number = e.recipient`;

/** Of finished messages, with the same columns. */
export const selectFinishedSummaries = `SELECT e.sequence, e.id, s.address, r.address, e.state, e.accepted_at,
    e.expires_at, e.condition, e.content_type, e.bytes, e.attempts, e.is_aside, NULL, e.ended_at,
    e.accepted_state, e.origin, e.report_reference
  FROM finished e JOIN address s ON s.number = e.sender JOIN address r ON r.number = e.recipient`;

export function readSummary(row: Row): EntrySummary {
  const condition = optionalTextAt(row, 7);
  const retryAt = optionalNumberAt(row, 12);
  const endedAt = optionalNumberAt(row, 13);
  const reportReference = optionalTextAt(row, 16);
  return {
    sequence: numberAt(row, 0),
    id: textAt(row, 1),
    sender: addressAt(row, 2),
    recipient: addressAt(row, 3),
    state: stateName(numberAt(row, 4)),
    acceptedAt: numberAt(row, 5),
    expiresAt: numberAt(row, 6),
    contentType: textAt(row, 8),
    bytes: numberAt(row, 9),
    attempts: numberAt(row, 10),
    isAside: numberAt(row, 11) === 1,
    acceptedState: openStateName(numberAt(row, 14)),
    ...(readOrigin(optionalTextAt(row, 15)) ?? { origin: 'sip', reportsWanted: [] }),
    ...(condition === undefined ? {} : { condition }),
    ...(retryAt === undefined ? {} : { retryAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(reportReference === undefined ? {} : { reportReference }),
  };
}
