/** The mailbox port over SQLite: writes go to the writer thread, reads are done here, duplicates are mostly no read. */
import type { Log } from '../../../base/log.ts';
import { StoreFault } from '../../../base/store-fault.ts';
import type { MailboxEntry, MailboxStore, NewMailboxEntry, PutOutcome, Quotas } from '../../../delivery/ports.ts';
import { bodyBytesOf } from '../../../model/instant-message.ts';
import type { Reader } from '../reader.ts';
import type { ContentArena } from '../writer/content-arena.ts';
import type { PutRequest } from '../writer/operations.ts';
import type { Writer } from '../writer/writer.ts';
import { DuplicateFilter } from './duplicate-filter.ts';
import { duplicateHashes } from './duplicate-hash.ts';
import { EntryReads } from './entry-reads.ts';
import { formatEnvelope, formatOrigin } from './entry-row.ts';
import { HistoryReads } from './history-reads.ts';
import { stateNumber } from './message-states.ts';

export interface SqliteMailbox extends MailboxStore {
  /** Ends what goes on in the background. */
  stop(): void;
}

export function sqliteMailbox(writer: Writer, reader: Reader, log: Log): SqliteMailbox {
  const filter = new DuplicateFilter(reader.database, log, () => writer.submit('recentDuplicates', undefined));
  const hashesOf = rememberingHashes();
  return {
    ...mailboxReads(reader),
    put(entry, quotas) {
      const hashes = hashesOf(entry.message.sender, entry.message.recipient, entry.duplicateKeys);
      // Asked before the own keys are added: an earlier put that is still under way has added its own.
      const mayBeKnown = filter.mayHaveAny(hashes);
      filter.add(hashes);
      return putEntry(writer, entry, quotas, { hashes, mayBeKnown });
    },
    mayPut: (more, quotas) => writer.submit('mayPut', { more, quotas }),
    mayKnow: (sender, recipient, keys) => filter.mayHaveAny(hashesOf(sender, recipient, keys)),
    findDuplicate: (sender, recipient, keys) => writer.submit('findDuplicate', { sender, recipient, keys }),
    update: (updates) => writer.submit('update', { updates }),
    end: (ends) => writer.submit('end', ends),
    confirm: (confirmation) => writer.submit('confirm', confirmation),
    sweep: (now, historyBefore) => writer.submit('sweep', { now, historyBefore }),
    stop: () => filter.stop(),
  };
}

/** For commands that run beside a server: its counts would be wrong if another process changed a mailbox. */
export function readOnlyMailbox(reader: Reader): SqliteMailbox {
  const refuse = (): Promise<never> =>
    Promise.reject(new StoreFault('only a server changes mailboxes; this store was opened for a command', false));
  const mayKnow = (): boolean => true;
  return {
    ...mailboxReads(reader),
    put: refuse,
    mayPut: refuse,
    mayKnow,
    findDuplicate: refuse,
    update: refuse,
    end: refuse,
    confirm: refuse,
    sweep: refuse,
    stop: () => {},
  };
}

type MailboxWrites = 'put' | 'mayPut' | 'mayKnow' | 'findDuplicate' | 'update' | 'end' | 'confirm' | 'sweep';

function mailboxReads(reader: Reader): Omit<MailboxStore, MailboxWrites> {
  const entries = new EntryReads(reader.database);
  const history = new HistoryReads(reader.database);
  return {
    find: (recipient, id) => reader.read(() => entries.find(recipient, id)),
    ready: (recipient, page) => reader.read(() => entries.ready(recipient, page)),
    mentioning: (recipient, attributes, page) => reader.read(() => entries.mentioning(recipient, attributes, page)),
    due: (now, limit) => reader.read(() => entries.due(now, limit)),
    nextDueAt: () => reader.read(() => entries.nextDueAt()),
    recipients: (after, limit) => reader.read(() => entries.recipients(after, limit)),
    open: (recipient, page) => reader.read(() => entries.open(recipient, page)),
    inbox: (query) => reader.read(() => entries.inbox(query)),
    inboxItems: (query) => reader.read(() => entries.inboxItems(query)),
    waitingBySender: (recipient, now) => reader.read(() => entries.waitingBySender(recipient, now)),
    newestWaiting: (recipient, page) => reader.read(() => entries.newestWaiting(recipient, page)),
    blobs: (after, limit) => reader.read(() => entries.blobs(after, limit)),
    sequenceOf: (id) => reader.read(() => history.sequenceOf(id)),
    list: (query) => reader.read(() => history.list(query)),
    story: (id) => reader.read(() => history.story(id)),
  };
}

/** A message is asked about and then put, mostly with nothing between. */
function rememberingHashes(): typeof duplicateHashes {
  let last: { sender: string; recipient: string; keys: readonly string[]; hashes: number[] } | undefined;
  return (sender, recipient, keys) => {
    if (last?.keys !== keys || last.sender !== sender || last.recipient !== recipient) {
      last = { sender, recipient, keys, hashes: duplicateHashes(sender, recipient, keys) };
    }
    return last.hashes;
  };
}

interface Duplicates {
  readonly hashes: readonly number[];
  readonly mayBeKnown: boolean;
}

function putEntry(writer: Writer, entry: NewMailboxEntry, quotas: Quotas, duplicates: Duplicates): Promise<PutOutcome> {
  return writer.submitPut<PutOutcome>(
    (arena) => putRequest(entry, quotas, duplicates, arena),
    (answer) => {
      if (typeof answer === 'number') return { kind: 'stored', entry: openEntry(entry, answer) };
      if (typeof answer === 'string') return { kind: answer };
      return { kind: 'duplicate', known: answer };
    },
  );
}

function putRequest(
  entry: NewMailboxEntry,
  quotas: Quotas,
  { hashes, mayBeKnown }: Duplicates,
  arena: ContentArena,
): PutRequest {
  const { message, latches, duplicateKeys } = entry;
  const contentAt = arena.used;
  const contentLength = arena.append(formatEnvelope(message), message.body);
  return [
    message.sender,
    message.recipient,
    entry.id,
    stateNumber(entry.state),
    entry.acceptedAt,
    entry.expiresAt,
    entry.turnsAt ?? null,
    entry.condition ?? null,
    message.sentAt,
    message.contentType,
    bodyBytesOf(message),
    contentAt,
    contentLength,
    entry.attributes,
    latches.length === 0 ? null : JSON.stringify(latches),
    duplicateKeys.length === 0 ? null : JSON.stringify(duplicateKeys),
    hashes,
    mayBeKnown,
    quotas.recipientMessages,
    quotas.recipientBytes,
    quotas.pairMessages,
    quotas.senderMessages,
    formatOrigin(message),
    entry.reports ?? null,
    message.large?.blob ?? null,
    quotas.largeBytes,
  ];
}

function openEntry({ reports: _reports, ...entry }: NewMailboxEntry, sequence: number): MailboxEntry {
  const { state } = entry;
  return { ...entry, sequence, acceptedState: state, attempts: 0, messageFailures: 0, isAside: false, refusedBy: [] };
}
