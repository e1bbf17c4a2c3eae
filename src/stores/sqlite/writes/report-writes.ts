/** Delivery reports, each made in the transaction of what it tells of; numbered for each owner and protocol. */
import type { DatabaseSync } from 'node:sqlite';
import { reportKeptMs, reportsMax, reportsToldMax } from '../../../delivery/ports.ts';
import type { NewReport, ReportChannel } from '../../../model/delivery-report.ts';
import type { Address } from '../../../model/address.ts';
import { sweepRowsMax } from '../../store-limits.ts';
import { numberAt, prepare, textAt } from '../row-values.ts';

export interface ToldReports {
  readonly owner: Address;
  readonly protocol: ReportChannel;
  readonly number: number;
}

export class ReportWrites {
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(database: DatabaseSync) {
    this.#statements = prepareStatements(database);
  }

  /** One beyond `reportsMax` is not made. */
  add(reports: readonly NewReport[] = []): void {
    for (const { owner, protocol, messageId, recipient, kind, state, at, reference } of reports) {
      const next = this.#statements.take.get(owner, protocol, reportsMax);
      if (next === undefined) continue;
      this.#statements.add.run(
        owner,
        protocol,
        numberAt(next, 0),
        messageId,
        recipient,
        kind,
        state,
        at,
        reference ?? null,
      );
    }
  }

  told({ owner, protocol, number }: ToldReports): void {
    const { changes } = this.#statements.tell.run(owner, protocol, number);
    this.#statements.lowerUntold.run(Number(changes), owner, protocol);
    this.#statements.forgetTold.run(owner, protocol, number - reportsToldMax);
  }

  /** Forgets what waited too long for its owner. */
  sweep(now: number): { readonly isDone: boolean } {
    const late = this.#statements.forgetLate.all(now - reportKeptMs + 1, sweepRowsMax);
    for (const row of late) {
      if (numberAt(row, 2) === 0) this.#statements.lowerUntold.run(1, textAt(row, 0), textAt(row, 1));
    }
    return { isDone: late.length < sweepRowsMax };
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    take: prepare(
      database,
      `INSERT INTO report_owner (owner, protocol, last_number, untold) VALUES (?, ?, 1, 1)
       ON CONFLICT DO UPDATE SET last_number = last_number + 1, untold = untold + 1 WHERE untold < ?
       RETURNING last_number`,
    ),
    add: prepare(
      database,
      `INSERT INTO report (owner, protocol, number, message, recipient, kind, state, at, reference, is_told)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
    ),
    tell: prepare(
      database,
      'UPDATE report SET is_told = 1 WHERE owner = ? AND protocol = ? AND number <= ? AND is_told = 0',
    ),
    lowerUntold: prepare(database, 'UPDATE report_owner SET untold = untold - ? WHERE owner = ? AND protocol = ?'),
    forgetTold: prepare(database, 'DELETE FROM report WHERE owner = ? AND protocol = ? AND number <= ?'),
    forgetLate: prepare(
      database,
      `DELETE FROM report WHERE (owner, protocol, number) IN
         (SELECT owner, protocol, number FROM report WHERE at < ? LIMIT +?)
       RETURNING owner, protocol, is_told`,
    ),
  };
}
