/** What delivery asks of open entries, by looking at all of them. */
import type { Millis } from '../../base/time/clock.ts';
import type {
  InboxItem,
  InboxQuery,
  MailboxEntry,
  MailboxStore,
  Page,
  RecipientSummary,
} from '../../delivery/ports.ts';
import type { Address } from '../../model/address.ts';
import { bodyBytesOf } from '../../model/instant-message.ts';
import type { MemoryCalls } from './memory-calls.ts';
import { pageOf, type MemoryState } from './memory-state.ts';

export type MailboxReads = Pick<
  MailboxStore,
  | 'find'
  | 'ready'
  | 'mentioning'
  | 'due'
  | 'nextDueAt'
  | 'recipients'
  | 'open'
  | 'inbox'
  | 'inboxItems'
  | 'waitingBySender'
  | 'newestWaiting'
  | 'sequenceOf'
  | 'blobs'
>;

export function memoryMailboxReads(state: MemoryState, calls: MemoryCalls): MailboxReads {
  const pick = (recipient: Address, page: Page, test: (entry: MailboxEntry) => boolean): MailboxEntry[] =>
    [...state.entries.values()]
      .filter((entry) => entry.message.recipient === recipient && entry.sequence > page.after && test(entry))
      .slice(0, page.limit);
  const waiting = (recipient: Address, now: Millis): MailboxEntry[] => {
    const isWaiting = ({ state: stands, expiresAt }: MailboxEntry) => stands === 'waiting' && expiresAt > now;
    return pick(recipient, { after: 0, limit: Number.POSITIVE_INFINITY }, isWaiting).toReversed();
  };
  const inbox = ({ recipient, sender, ...page }: InboxQuery): MailboxEntry[] =>
    pick(recipient, page, (entry) => {
      if (entry.expiresAt <= page.now) return false;
      return sender === undefined ? entry.state === 'waiting' : entry.message.sender === sender;
    });
  return {
    find: (recipient, id) =>
      calls.read('mailbox.find', () => {
        const entry = state.entries.get(id);
        return entry?.message.recipient === recipient ? entry : undefined;
      }),
    ready: (recipient, page) =>
      calls.read('mailbox.ready', () => pick(recipient, page, (entry) => mayAttempt(entry, page.now))),
    mentioning: (recipient, attributes, page) =>
      calls.read('mailbox.mentioning', () => pick(recipient, page, (entry) => doesMention(entry, attributes))),
    due: (now, limit) =>
      calls.read('mailbox.due', () => {
        const due = [...state.entries.values()].filter((entry) => dueAt(entry) <= now);
        return due.sort((a, b) => dueAt(a) - dueAt(b) || a.sequence - b.sequence).slice(0, limit);
      }),
    nextDueAt: () =>
      calls.read('mailbox.nextDueAt', () => {
        const times = [...state.entries.values()].map(dueAt);
        return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));
      }),
    recipients: (after, limit) =>
      calls.read('mailbox.recipients', () => pageOf(summarize(state), after, limit).map(([, summary]) => summary)),
    open: (recipient, page) => calls.read('mailbox.open', () => pick(recipient, page, () => true)),
    inbox: (query) => calls.read('mailbox.inbox', () => inbox(query)),
    inboxItems: (query) => calls.read('mailbox.inboxItems', () => inbox(query).map(inboxItem)),
    waitingBySender: (recipient, now) =>
      calls.read('mailbox.waitingBySender', () => {
        const counts = new Map<Address, number>();
        for (const { message } of waiting(recipient, now)) {
          counts.set(message.sender, (counts.get(message.sender) ?? 0) + 1);
        }
        return [...counts].map(([sender, count]) => ({ sender, count }));
      }),
    newestWaiting: (recipient, { before = Number.POSITIVE_INFINITY, limit, now }) =>
      calls.read('mailbox.newestWaiting', () =>
        waiting(recipient, now)
          .filter(({ sequence }) => sequence < before)
          .slice(0, limit),
      ),
    sequenceOf: (id) =>
      calls.read('mailbox.sequenceOf', () => {
        const finished = state.finished.get(id);
        const isKnown = finished?.hasHistory === true;
        return state.entries.get(id)?.sequence ?? (isKnown ? finished.summary.sequence : 0);
      }),
    blobs: (after = '', limit) =>
      calls.read('mailbox.blobs', () => {
        const names = [...state.entries.values()].flatMap(({ message }) => message.large?.blob ?? []);
        return names
          .filter((name) => name > after)
          .sort()
          .slice(0, limit);
      }),
  };
}

function mayAttempt(entry: MailboxEntry, now: Millis): boolean {
  if (entry.state !== 'waiting' || entry.isAside || entry.expiresAt <= now) return false;
  return entry.retryAt === undefined || entry.retryAt <= now;
}

function doesMention(entry: MailboxEntry, attributes: readonly string[] | 'all'): boolean {
  if (attributes === 'all') return entry.condition !== undefined;
  return entry.attributes.some((name) => attributes.includes(name));
}

function dueAt(entry: MailboxEntry): Millis {
  return Math.min(entry.expiresAt, entry.turnsAt ?? entry.expiresAt, entry.retryAt ?? entry.expiresAt);
}

function summarize(state: MemoryState): Map<Address, RecipientSummary> {
  const summaries = new Map<Address, RecipientSummary>();
  for (const entry of state.entries.values()) {
    const { recipient } = entry.message;
    const old = summaries.get(recipient);
    summaries.set(recipient, {
      recipient,
      entries: (old?.entries ?? 0) + 1,
      waiting: (old?.waiting ?? 0) + (entry.state === 'waiting' ? 1 : 0),
      conditional: (old?.conditional ?? 0) + (entry.condition === undefined ? 0 : 1),
    });
  }
  return summaries;
}

function inboxItem({ id, sequence, message }: MailboxEntry): InboxItem {
  const { sender, sentAt, subject, contentType } = message;
  const bytes = bodyBytesOf(message);
  return { id, sequence, sender, sentAt, ...(subject === undefined ? {} : { subject }), contentType, bytes };
}
