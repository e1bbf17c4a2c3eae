/** Bindings of the registrar over SQLite. What a refresh changes has columns, the rest is one JSON text. */
import type { Binding, BindingChange, BindingStore } from '../../../sip/registrar/ports.ts';
import type { Reader } from '../reader.ts';
import { jsonAt, numberAt, prepare, textAt, type Row } from '../row-values.ts';
import type { BindingRowChange } from '../writer/operations.ts';
import type { Writer } from '../writer/writer.ts';

type BindingDetails = Omit<Binding, 'addressOfRecord' | 'key' | 'cseq' | 'expiresAt'>;

export function sqliteBindings(writer: Writer, reader: Reader): BindingStore {
  // A page holds all bindings of `limit` addresses-of-record, so that the next one can go on behind the last of them.
  const page = prepare(
    reader.database,
    `SELECT address_of_record, key, cseq, expires_at, details FROM binding
     WHERE address_of_record IN (
       SELECT DISTINCT address_of_record FROM binding WHERE address_of_record > ? ORDER BY address_of_record LIMIT +?)
     ORDER BY address_of_record, key`,
  );
  return {
    change: (changes) => writer.submit('changeBindings', changes.map(changeRow)),
    bindings: (after, limit) => reader.read(() => page.all(after ?? '', limit).map(readBinding)),
  };
}

function changeRow(change: BindingChange): BindingRowChange {
  if (change.kind === 'put') {
    const { addressOfRecord, key, cseq, expiresAt, ...details } = change.binding;
    return { addressOfRecord, key, times: { cseq, expiresAt }, details: JSON.stringify(details) };
  }
  const { addressOfRecord, key } = change;
  if (change.kind === 'remove') return { addressOfRecord, key };
  const { callId, cseq, expiresAt } = change;
  return { addressOfRecord, key, callId, times: { cseq, expiresAt } };
}

function readBinding(row: Row): Binding {
  return {
    ...(jsonAt(row, 4) as BindingDetails),
    addressOfRecord: textAt(row, 0),
    key: textAt(row, 1),
    cseq: numberAt(row, 2),
    expiresAt: numberAt(row, 3),
  };
}
