/** What delivery asks of open entries. Every answer costs in proportion to itself: each query runs along one index. */
import type { Millis } from '../../../base/time/clock.ts';
import type {
  InboxItem,
  InboxQuery,
  MailboxEntry,
  NewestPage,
  Page,
  ReadyPage,
  RecipientSummary,
  WaitingCount,
} from '../../../delivery/ports.ts';
import type { Address } from '../../../model/address.ts';
import type { DatabaseSync } from 'node:sqlite';
import { addressAt, numberAt, optionalNumberAt, prepare, textAt, type Statement } from '../row-values.ts';
import { joinEntryParts, joinItemParts, readEntry, readItem, selectEntries, selectItems } from './entry-row.ts';
import { HELD, WAITING } from './message-states.ts';

const numberOfAddress = '(SELECT number FROM address WHERE address = ?)';

const sql = {
  find: `${selectEntries} FROM entry e ${joinEntryParts} WHERE e.id = ? AND r.address = ?`,
  bySequence: `${selectEntries} FROM entry e ${joinEntryParts} WHERE e.sequence = ?`,
  // The inner query touches nothing but its index until it has found its page.
  ready: `${selectEntries}
    FROM (SELECT x.sequence FROM entry x INDEXED BY entry_by_recipient
          WHERE x.recipient = ${numberOfAddress} AND x.state = ${WAITING} AND x.sequence > ? AND x.ready_at <= ?
            AND x.expires_at > ? ORDER BY x.sequence LIMIT +?) q
    CROSS JOIN entry e ON e.sequence = q.sequence ${joinEntryParts} ORDER BY q.sequence`,
  openOfState: `${selectEntries}
    FROM (SELECT x.sequence FROM entry x INDEXED BY entry_by_recipient
          WHERE x.recipient = ${numberOfAddress} AND x.state = ? AND x.sequence > ? ORDER BY x.sequence LIMIT +?) q
    CROSS JOIN entry e ON e.sequence = q.sequence ${joinEntryParts} ORDER BY q.sequence`,
  waiting: `${selectEntries}
    FROM (SELECT x.sequence FROM entry x INDEXED BY entry_by_recipient
          JOIN entry y ON y.sequence = x.sequence
          WHERE x.recipient = ${numberOfAddress} AND x.state = ${WAITING} AND x.sequence > ? AND y.expires_at > ?
          ORDER BY x.sequence LIMIT +?) q
    CROSS JOIN entry e ON e.sequence = q.sequence ${joinEntryParts} ORDER BY q.sequence`,
  waitingItems: `${selectItems} FROM entry e INDEXED BY entry_by_recipient ${joinItemParts}
    WHERE e.recipient = ${numberOfAddress} AND e.state = ${WAITING} AND e.sequence > ? AND e.expires_at > ?
    ORDER BY e.sequence LIMIT +?`,
  // What expires by then is found by its time, so that the count touches nothing but indexes.
  waitingBySender: `SELECT a.address, q.number - coalesce(d.number, 0)
    FROM (SELECT x.sender, count(*) AS number FROM entry x INDEXED BY entry_by_recipient
          WHERE x.recipient = ${numberOfAddress} AND x.state = ${WAITING} GROUP BY x.sender) q
    JOIN address a ON a.number = q.sender
    LEFT JOIN (SELECT y.sender, count(*) AS number FROM entry y INDEXED BY entry_by_due
          WHERE y.due_at <= ? AND y.expires_at <= ? AND y.recipient = ${numberOfAddress} AND y.state = ${WAITING}
          GROUP BY y.sender) d ON d.sender = q.sender
    WHERE q.number > coalesce(d.number, 0)`,
  newestWaiting: `${selectEntries}
    FROM (SELECT x.sequence FROM entry x INDEXED BY entry_by_recipient
          JOIN entry y ON y.sequence = x.sequence
          WHERE x.recipient = ${numberOfAddress} AND x.state = ${WAITING} AND x.sequence < ? AND y.expires_at > ?
          ORDER BY x.sequence DESC LIMIT +?) q
    CROSS JOIN entry e ON e.sequence = q.sequence ${joinEntryParts} ORDER BY q.sequence DESC`,
  ofPair: `${selectEntries}
    FROM (SELECT x.sequence FROM entry x INDEXED BY entry_by_sender
          JOIN entry y ON y.sequence = x.sequence
          WHERE x.sender = ${numberOfAddress} AND x.sequence > ? AND x.recipient = ${numberOfAddress} AND y.expires_at > ?
          ORDER BY x.sequence LIMIT +?) q
    CROSS JOIN entry e ON e.sequence = q.sequence ${joinEntryParts} ORDER BY q.sequence`,
  itemsOfPair: `${selectItems} FROM entry e INDEXED BY entry_by_sender ${joinItemParts}
    WHERE e.sender = ${numberOfAddress} AND e.sequence > ? AND e.recipient = ${numberOfAddress} AND e.expires_at > ?
    ORDER BY e.sequence LIMIT +?`,
  mentioning: `SELECT sequence FROM entry_attribute
    WHERE recipient = ${numberOfAddress} AND attribute = ? AND sequence > ? ORDER BY sequence LIMIT +?`,
  due: `${selectEntries}
    FROM (SELECT x.sequence, x.due_at FROM entry x INDEXED BY entry_by_due WHERE x.due_at <= ?
          ORDER BY x.due_at, x.sequence LIMIT +?) q
    CROSS JOIN entry e ON e.sequence = q.sequence ${joinEntryParts} ORDER BY q.due_at, q.sequence`,
  nextDueAt: 'SELECT min(due_at) FROM entry',
  blobs: 'SELECT blob FROM entry INDEXED BY entry_by_blob WHERE blob > ? ORDER BY blob LIMIT +?',
  recipients: `SELECT a.address, count(*), sum(e.state = ${WAITING}), sum(e.has_condition)
    FROM address a CROSS JOIN entry e INDEXED BY entry_by_recipient ON e.recipient = a.number
    WHERE a.address > ? GROUP BY a.address ORDER BY a.address LIMIT +?`,
} as const;

export class EntryReads {
  readonly #statements: Readonly<Record<keyof typeof sql, Statement>>;

  constructor(database: DatabaseSync) {
    const pairs = Object.entries(sql).map(([name, text]) => [name, prepare(database, text)]);
    this.#statements = Object.fromEntries(pairs) as Record<keyof typeof sql, Statement>;
  }

  find(recipient: Address, id: string): MailboxEntry | undefined {
    const row = this.#statements.find.get(id, recipient);
    return row === undefined ? undefined : readEntry(row);
  }

  ready(recipient: Address, { after, now, limit }: ReadyPage): MailboxEntry[] {
    return this.#statements.ready.all(recipient, after, now, now, limit).map(readEntry);
  }

  inbox({ recipient, sender, after, now, limit }: InboxQuery): MailboxEntry[] {
    const rows =
      sender === undefined
        ? this.#statements.waiting.all(recipient, after, now, limit)
        : this.#statements.ofPair.all(sender, after, recipient, now, limit);
    return rows.map(readEntry);
  }

  inboxItems({ recipient, sender, after, now, limit }: InboxQuery): InboxItem[] {
    const rows =
      sender === undefined
        ? this.#statements.waitingItems.all(recipient, after, now, limit)
        : this.#statements.itemsOfPair.all(sender, after, recipient, now, limit);
    return rows.map(readItem);
  }

  waitingBySender(recipient: Address, now: Millis): WaitingCount[] {
    const rows = this.#statements.waitingBySender.all(recipient, now, now, recipient);
    return rows.map((row) => ({ sender: addressAt(row, 0), count: numberAt(row, 1) }));
  }

  newestWaiting(recipient: Address, { before = Number.MAX_SAFE_INTEGER, limit, now }: NewestPage): MailboxEntry[] {
    return this.#statements.newestWaiting.all(recipient, before, now, limit).map(readEntry);
  }

  mentioning(recipient: Address, attributes: readonly string[] | 'all', page: Page): MailboxEntry[] {
    const sequences = new Set<number>();
    // The empty name stands for every condition.
    for (const attribute of attributes === 'all' ? [''] : attributes) {
      for (const row of this.#statements.mentioning.all(recipient, attribute, page.after, page.limit)) {
        sequences.add(numberAt(row, 0));
      }
    }
    const entries: MailboxEntry[] = [];
    for (const sequence of [...sequences].sort((a, b) => a - b).slice(0, page.limit)) {
      const row = this.#statements.bySequence.get(sequence);
      if (row !== undefined) entries.push(readEntry(row));
    }
    return entries;
  }

  due(now: Millis, limit: number): MailboxEntry[] {
    return this.#statements.due.all(now, limit).map(readEntry);
  }

  nextDueAt(): Millis | undefined {
    const row = this.#statements.nextDueAt.get();
    return row === undefined ? undefined : optionalNumberAt(row, 0);
  }

  blobs(after: string | undefined, limit: number): string[] {
    return this.#statements.blobs.all(after ?? '', limit).map((row) => textAt(row, 0));
  }

  recipients(after: Address | undefined, limit: number): RecipientSummary[] {
    return this.#statements.recipients.all(after ?? '', limit).map((row) => ({
      recipient: addressAt(row, 0),
      entries: numberAt(row, 1),
      waiting: numberAt(row, 2),
      conditional: numberAt(row, 3),
    }));
  }

  open(recipient: Address, { after, limit }: Page): MailboxEntry[] {
    const held = this.#statements.openOfState.all(recipient, HELD, after, limit);
    const waiting = this.#statements.openOfState.all(recipient, WAITING, after, limit);
    const rows = [...held, ...waiting].sort((a, b) => numberAt(a, 0) - numberAt(b, 0));
    return rows.slice(0, limit).map(readEntry);
  }
}
