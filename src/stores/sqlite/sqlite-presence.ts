/** Publications, last known values and watcher rules over SQLite. A state is a JSON list of pairs: attribute, values. */
import type { PresenceState } from '../../model/presence-state.ts';
import type {
  KnownPresence,
  Publication,
  PublicationChange,
  PublicationStore,
  RuleStore,
  WatcherRule,
} from '../../presence/ports.ts';
import type { Reader } from './reader.ts';
import { addressAt, bytesAt, jsonAt, numberAt, optionalTextAt, prepare, textAt, type Row } from './row-values.ts';
import type { ContentArena } from './writer/content-arena.ts';
import type { PresenceChangeRow, PublicationRow } from './writer/operations.ts';
import type { Writer } from './writer/writer.ts';

export function sqlitePublications(writer: Writer, reader: Reader): PublicationStore {
  // A page holds all publications of `limit` presentities, so that the next one can go on behind the last of them.
  const publications = prepare(
    reader.database,
    `SELECT presentity, entity_tag, expires_at, named_at, state, document FROM publication
     WHERE presentity IN (SELECT DISTINCT presentity FROM publication WHERE presentity > ? ORDER BY presentity LIMIT +?)
     ORDER BY presentity, entity_tag`,
  );
  const known = prepare(
    reader.database,
    'SELECT presentity, version, last_known FROM known_presence WHERE presentity > ? ORDER BY presentity LIMIT +?',
  );
  return {
    change: (changes) =>
      writer.submitWithContents('changePresence', (arena) => changes.map((change) => changeRow(change, arena))),
    refresh: (presentity, entityTag, newTag, expiresAt) =>
      writer.submit('refreshPublication', { presentity, entityTag, newTag, expiresAt }),
    publications: (after, limit) => reader.read(() => publications.all(after ?? '', limit).map(readPublication)),
    knownPresence: (after, limit) => reader.read(() => known.all(after ?? '', limit).map(readKnown)),
  };
}

function changeRow(change: PublicationChange, arena: ContentArena): PresenceChangeRow {
  const { presentity, replaces, publication, version, lastKnown } = change;
  const row = publication === undefined ? null : publicationRow(publication, arena);
  return [presentity, replaces ?? null, row, version, formatState(lastKnown)];
}

function publicationRow(publication: Publication, arena: ContentArena): PublicationRow {
  const { entityTag, expiresAt, namedAt, state, document } = publication;
  return [entityTag, expiresAt, namedAt, formatState(state), arena.add(document), document.length];
}

function readPublication(row: Row): Publication {
  return {
    presentity: addressAt(row, 0),
    entityTag: textAt(row, 1),
    expiresAt: numberAt(row, 2),
    namedAt: numberAt(row, 3),
    state: readState(row, 4),
    document: bytesAt(row, 5),
  };
}

function readKnown(row: Row): KnownPresence {
  return { presentity: addressAt(row, 0), version: numberAt(row, 1), lastKnown: readState(row, 2) };
}

function formatState(state: PresenceState): string {
  return JSON.stringify([...state]);
}

function readState(row: Row, column: number): PresenceState {
  return new Map(jsonAt(row, column) as [string, string[]][]);
}

export function sqliteRules(writer: Writer, reader: Reader): RuleStore {
  const ofOwner = prepare(reader.database, 'SELECT rules FROM rule WHERE owner = ?');
  // In one statement, so that both are of the same commit.
  const stored = prepare(
    reader.database,
    `SELECT (SELECT rules FROM rule WHERE owner = ?1),
      (SELECT content FROM document WHERE owner = ?1 AND application = 'pres-rules' AND name = 'index')`,
  );
  const page = prepare(reader.database, 'SELECT owner, rules FROM rule WHERE owner > ? ORDER BY owner LIMIT +?');
  return {
    rulesOf: (owner) =>
      reader.read(() => {
        const row = ofOwner.get(owner);
        return row === undefined ? [] : (jsonAt(row, 0) as WatcherRule[]);
      }),
    storedRules: (owner) =>
      reader.read(() => {
        const row = stored.get(owner);
        const rules = ((row === undefined ? undefined : jsonAt(row, 0)) ?? []) as WatcherRule[];
        return { rules, document: row === undefined ? undefined : optionalTextAt(row, 1) };
      }),
    setRules: (owner, rules, before, document) => writer.submit('setRules', { owner, rules, before, document }),
    allRules: (after, limit) =>
      reader.read(() =>
        page
          .all(after ?? '', limit)
          .map((row) => ({ owner: addressAt(row, 0), rules: jsonAt(row, 1) as WatcherRule[] })),
      ),
  };
}
