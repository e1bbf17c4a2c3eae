/** Sessions of IMPS clients over SQLite. */
import type { ImpsSessionStore } from '../../../endpoints/imps/ports.ts';
import type { Reader } from '../reader.ts';
import { addressAt, prepare, textAt } from '../row-values.ts';
import type { Writer } from '../writer/writer.ts';

export function sqliteImpsSessions(writer: Writer, reader: Reader): ImpsSessionStore {
  const page = prepare(
    reader.database,
    'SELECT id_hash, owner, details FROM imps_session WHERE id_hash > ? ORDER BY id_hash LIMIT +?',
  );
  return {
    change: (changes) => writer.submit('changeImpsSessions', changes),
    sessions: (after, limit) =>
      reader.read(() =>
        page
          .all(after ?? '', limit)
          .map((row) => ({ idHash: textAt(row, 0), owner: addressAt(row, 1), details: textAt(row, 2) })),
      ),
  };
}
