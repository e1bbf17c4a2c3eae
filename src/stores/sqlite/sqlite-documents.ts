/** Documents of users over SQLite. */
import type { DocumentStore } from '../../endpoints/http/xcap/ports.ts';
import type { Reader } from './reader.ts';
import { prepare, textAt } from './row-values.ts';
import type { Writer } from './writer/writer.ts';

export function sqliteDocuments(writer: Writer, reader: Reader): DocumentStore {
  const read = prepare(
    reader.database,
    'SELECT content FROM document WHERE owner = ? AND application = ? AND name = ?',
  );
  return {
    read: ({ owner, application, name }) =>
      reader.read(() => {
        const row = read.get(owner, application, name);
        return row === undefined ? undefined : textAt(row, 0);
      }),
    write: (place, change) => writer.submit('writeDocument', { place, change }),
  };
}
