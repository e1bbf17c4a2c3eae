/** Delivery reports over SQLite. */
import type { ReportStore } from '../../delivery/ports.ts';
import type { DeliveryReport } from '../../model/delivery-report.ts';
import type { Reader } from './reader.ts';
import { addressAt, numberAt, optionalTextAt, prepare, textAt, type Row } from './row-values.ts';
import type { Writer } from './writer/writer.ts';

const columns = 'number, owner, protocol, message, recipient, kind, state, at, reference';

export function sqliteReports(writer: Writer, reader: Reader): ReportStore {
  const select = `SELECT ${columns} FROM report WHERE owner = ? AND protocol = ?`;
  const untold = prepare(reader.database, `${select} AND is_told = 0 ORDER BY number LIMIT +?`);
  const after = prepare(reader.database, `${select} AND number > ? ORDER BY number LIMIT +?`);
  const owners = prepare(
    reader.database,
    'SELECT owner FROM report_owner WHERE protocol = ? AND owner > ? AND untold > 0 ORDER BY owner LIMIT +?',
  );
  return {
    reports: ({ owner, protocol, after: number, limit }) =>
      reader.read(() => {
        const rows =
          number === undefined ? untold.all(owner, protocol, limit) : after.all(owner, protocol, number, limit);
        return rows.map(readReport);
      }),
    add: (reports) => writer.submit('addReports', reports),
    owners: (protocol, last, limit) =>
      reader.read(() => owners.all(protocol, last ?? '', limit).map((row) => addressAt(row, 0))),
    told: (owner, protocol, number) => writer.submit('tellReports', { owner, protocol, number }),
  };
}

function readReport(row: Row): DeliveryReport {
  const reference = optionalTextAt(row, 8);
  return {
    number: numberAt(row, 0),
    owner: addressAt(row, 1),
    protocol: textAt(row, 2) as DeliveryReport['protocol'],
    messageId: textAt(row, 3),
    recipient: addressAt(row, 4),
    kind: textAt(row, 5) as DeliveryReport['kind'],
    state: textAt(row, 6) as DeliveryReport['state'],
    at: numberAt(row, 7),
    ...(reference === undefined ? {} : { reference }),
  };
}
