/**
 * Addresses as numbers, and with each what is open for it and from it, so that a quota costs no read. A cache over the
 * tables `address` and `entry`: what is not in it is counted again over a covering index.
 */
import type { DatabaseSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';
import type { RecipientUsage } from '../../quota-rule.ts';
import { HELD } from '../mailbox/message-states.ts';
import { numberAt, prepare, type Statement } from '../row-values.ts';

/** Principals whose counts are kept in memory, about 300 bytes each. */
export const cachedPrincipalsMax = 100_000;

export interface Principal {
  readonly address: string;
  /** 0 while no row mentions the address. */
  number: number;
  received: ReceivedCounts | undefined;
  /** Open messages from it to anybody. */
  sent: number | undefined;
}

export interface ReceivedCounts extends RecipientUsage {
  messages: number;
  bytes: number;
  heldMessages: number;
  heldBytes: number;
  largeBytes: number;
  heldLargeBytes: number;
  conditional: number;
}

export class Principals {
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #byNumber = new Map<number, Principal>();
  readonly #cache: LRUCache<string, Principal>;

  constructor(database: DatabaseSync, cachedMax = cachedPrincipalsMax) {
    this.#statements = prepareStatements(database);
    this.#cache = new LRUCache({ max: cachedMax, dispose: (principal) => this.#byNumber.delete(principal.number) });
  }

  find(address: string): Principal {
    const cached = this.#cache.get(address);
    if (cached !== undefined) return cached;
    const row = this.#statements.findNumber.get(address);
    const number = row === undefined ? 0 : numberAt(row, 0);
    const principal: Principal = { address, number, received: undefined, sent: undefined };
    this.#cache.set(address, principal);
    if (number !== 0) this.#byNumber.set(number, principal);
    return principal;
  }

  /** Its number, which from now on stands for it in rows. */
  intern(principal: Principal): number {
    if (principal.number === 0) {
      const row = this.#statements.insert.get(principal.address);
      principal.number = row === undefined ? 0 : numberAt(row, 0);
      // It may have left the cache meanwhile; counts are only kept right for those that are in it.
      if (this.#cache.peek(principal.address) === principal) this.#byNumber.set(principal.number, principal);
    }
    return principal.number;
  }

  /** Only if it is in memory; else there are no counts to keep right. */
  cached(number: number): Principal | undefined {
    return this.#byNumber.get(number);
  }

  received(principal: Principal): ReceivedCounts {
    principal.received ??= this.#countReceived(principal.number);
    return principal.received;
  }

  sent(principal: Principal): number {
    principal.sent ??= principal.number === 0 ? 0 : count(this.#statements.countSent, principal.number);
    return principal.sent;
  }

  /** Open messages of one principal to another, counted on the side that has fewer. */
  countPair(sender: Principal, recipient: Principal): number {
    const { countPairByRecipient, countPairBySender } = this.#statements;
    const isRecipientSmaller = this.received(recipient).messages <= this.sent(sender);
    return count(isRecipientSmaller ? countPairByRecipient : countPairBySender, recipient.number, sender.number);
  }

  /** Forgets the addresses among `numbers` that no row mentions any more. */
  removeUnused(numbers: Iterable<number>): void {
    for (const number of numbers) {
      const { changes } = this.#statements.removeUnused.run(number);
      const principal = this.#byNumber.get(number);
      if (Number(changes) > 0 && principal !== undefined) this.#cache.delete(principal.address);
    }
  }

  /** Everything in memory may rest on what did not happen. */
  rolledBack(): void {
    this.#cache.clear();
    this.#byNumber.clear();
  }

  #countReceived(number: number): ReceivedCounts {
    const bytes = { bytes: 0, heldBytes: 0, largeBytes: 0, heldLargeBytes: 0 };
    const counts: ReceivedCounts = { messages: 0, heldMessages: 0, conditional: 0, ...bytes };
    if (number === 0) return counts;
    for (const row of this.#statements.countLarge.all(number)) {
      const large = numberAt(row, 1);
      counts.largeBytes += large;
      counts.bytes -= large;
      if (numberAt(row, 0) !== HELD) continue;
      counts.heldLargeBytes += large;
      counts.heldBytes -= large;
    }
    for (const row of this.#statements.countReceived.all(number)) {
      const messages = numberAt(row, 1);
      const bytes = numberAt(row, 2);
      counts.messages += messages;
      counts.bytes += bytes;
      counts.conditional += numberAt(row, 3);
      if (numberAt(row, 0) !== HELD) continue;
      counts.heldMessages += messages;
      counts.heldBytes += bytes;
    }
    return counts;
  }
}

function count(statement: Statement, ...values: number[]): number {
  const row = statement.get(...values);
  return row === undefined ? 0 : numberAt(row, 0);
}

function prepareStatements(database: DatabaseSync) {
  return {
    findNumber: prepare(database, 'SELECT number FROM address WHERE address = ?'),
    insert: prepare(database, 'INSERT INTO address (address) VALUES (?) RETURNING number'),
    countReceived: prepare(
      database,
      `SELECT state, count(*), sum(bytes), sum(has_condition) FROM entry INDEXED BY entry_by_recipient
       WHERE recipient = ? GROUP BY state`,
    ),
    countLarge: prepare(
      database,
      `SELECT state, sum(bytes) FROM entry INDEXED BY entry_with_blob WHERE recipient = ? AND blob IS NOT NULL
       GROUP BY state`,
    ),
    countSent: prepare(database, 'SELECT count(*) FROM entry INDEXED BY entry_by_sender WHERE sender = ?'),
    countPairByRecipient: prepare(
      database,
      'SELECT count(*) FROM entry INDEXED BY entry_by_recipient WHERE recipient = ? AND sender = ?',
    ),
    countPairBySender: prepare(
      database,
      'SELECT count(*) FROM entry INDEXED BY entry_by_sender WHERE recipient = ? AND sender = ?',
    ),
    removeUnused: prepare(
      database,
      `DELETE FROM address WHERE number = ?1
         AND NOT EXISTS (SELECT 1 FROM entry INDEXED BY entry_by_recipient WHERE recipient = ?1)
         AND NOT EXISTS (SELECT 1 FROM entry INDEXED BY entry_by_sender WHERE sender = ?1)
         AND NOT EXISTS (SELECT 1 FROM finished INDEXED BY finished_by_recipient WHERE recipient = ?1)
         AND NOT EXISTS (SELECT 1 FROM finished INDEXED BY finished_by_sender WHERE sender = ?1)`,
    ),
  };
}
