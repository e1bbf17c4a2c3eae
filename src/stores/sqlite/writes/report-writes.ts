/** Delivery reports, each made in the transaction of what it tells of; numbered for each owner and protocol. */
import type { DatabaseSync } from 'node:sqlite';
import { reportKeptMs, reportsMax, reportsToldMax } from '../../../delivery/ports.ts';
import type { NewReport, Protocol } from '../../../model/delivery-report.ts';
import type { Address } from '../../../model/address.ts';
import { sweepRowsMax } from '../../store-limits.ts';
import { prepare } from '../row-values.ts';

export interface ToldReports {
  readonly owner: Address;
  readonly protocol: Protocol;
  readonly number: number;
}

export class ReportWrites {
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(database: DatabaseSync) {
    this.#statements = prepareStatements(database);
  }

  /** One beyond `reportsMax` is not made. */
  add(reports: readonly NewReport[] = []): void {
    for (const { owner, protocol, messageId, recipient, kind, state, at } of reports) {
      this.#statements.add.run(owner, protocol, messageId, recipient, kind, state, at, reportsMax - 1);
    }
  }

  told({ owner, protocol, number }: ToldReports): void {
    this.#statements.tell.run(owner, protocol, number);
    this.#statements.forgetTold.run(owner, protocol, number - reportsToldMax);
  }

  /** Forgets what waited too long for its owner. */
  sweep(now: number): { readonly isDone: boolean } {
    const before = now - reportKeptMs + 1;
    const { changes } = this.#statements.forgetLate.run(before, sweepRowsMax);
    this.#statements.tellLate.run(before);
    return { isDone: Number(changes) < sweepRowsMax };
  }

  removeOf(owner: Address): void {
    this.#statements.removeOf.run(owner);
  }
}

const isNotTheNewest = `number < (SELECT max(n.number) FROM report n
  WHERE n.owner = report.owner AND n.protocol = report.protocol)`;

function prepareStatements(database: DatabaseSync) {
  return {
    add: prepare(
      database,
      `INSERT INTO report (owner, protocol, number, message, recipient, kind, state, at, is_told)
       SELECT ?1, ?2, 1 + coalesce((SELECT max(number) FROM report WHERE owner = ?1 AND protocol = ?2), 0),
         ?3, ?4, ?5, ?6, ?7, 0
       WHERE NOT EXISTS (SELECT 1 FROM report WHERE owner = ?1 AND protocol = ?2 AND is_told = 0
         ORDER BY number LIMIT 1 OFFSET ?8)`,
    ),
    tell: prepare(
      database,
      'UPDATE report SET is_told = 1 WHERE owner = ? AND protocol = ? AND number <= ? AND is_told = 0',
    ),
    forgetTold: prepare(
      database,
      `DELETE FROM report WHERE owner = ? AND protocol = ? AND number <= ? AND ${isNotTheNewest}`,
    ),
    forgetLate: prepare(
      database,
      `DELETE FROM report WHERE (owner, protocol, number) IN
         (SELECT owner, protocol, number FROM report WHERE at < ? AND ${isNotTheNewest} LIMIT +?)`,
    ),
    tellLate: prepare(database, 'UPDATE report SET is_told = 1 WHERE at < ? AND is_told = 0'),
    removeOf: prepare(database, 'DELETE FROM report WHERE owner = ?'),
  };
}
