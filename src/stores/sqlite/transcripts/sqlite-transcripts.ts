/** Transcripts over SQLite. */
import type { TranscriptLine, TranscriptStore, TranscriptSummary } from '../../../sessions/transcripts/ports.ts';
import type { Reader } from '../reader.ts';
import { addressAt, numberAt, prepare, type Row, textAt } from '../row-values.ts';
import type { Writer } from '../writer/writer.ts';

const columns = 'id, owner, other, started_at, ended_at, is_missed, messages';

export function sqliteTranscripts(writer: Writer, reader: Reader): TranscriptStore {
  const { database } = reader;
  const keeper = prepare(database, 'SELECT 1 FROM transcript_keeper WHERE owner = ?');
  const list = prepare(
    database,
    `SELECT ${columns} FROM transcript WHERE owner = ? AND (?2 IS NULL OR id < ?2) ORDER BY id DESC LIMIT ?3`,
  );
  const one = prepare(database, `SELECT ${columns}, lines FROM transcript WHERE owner = ? AND id = ?`);
  return {
    isKept: (owner) => reader.read(() => keeper.get(owner) !== undefined),
    setKept: async (owner, isKept) =>
      (await writer.submit('changeTranscripts', { kind: 'keep', owner, isKept })) === 'done',
    add: async (transcript) => {
      const outcome = await writer.submit('changeTranscripts', { kind: 'add', transcript });
      return outcome === 'done' ? 'added' : outcome === 'full' ? 'full' : 'not-kept';
    },
    list: (owner, { before, limit }) => reader.read(() => list.all(owner, before ?? null, limit).map(readSummary)),
    read: (owner, id) =>
      reader.read(() => {
        const row = one.get(owner, id);
        return row === undefined ? undefined : { ...readSummary(row), lines: readLines(textAt(row, 7)) };
      }),
    remove: async (owner, id) => (await writer.submit('changeTranscripts', { kind: 'remove', owner, id })) === 'done',
  };
}

function readSummary(row: Row): TranscriptSummary {
  return {
    id: textAt(row, 0),
    owner: addressAt(row, 1),
    other: addressAt(row, 2),
    startedAt: numberAt(row, 3),
    endedAt: numberAt(row, 4),
    isMissed: numberAt(row, 5) === 1,
    messages: numberAt(row, 6),
  };
}

function readLines(text: string): readonly TranscriptLine[] {
  return JSON.parse(text) as TranscriptLine[];
}
