/** The statements of mailbox writes, prepared once. The order of columns and values is known to `mailbox-writes.ts`. */
import type { DatabaseSync } from 'node:sqlite';
import { attemptCount } from '../mailbox/attempt-count.ts';
import { numberAt, prepare, type Statement } from '../row-values.ts';

/** A run begins with the server, so its number is a constant of the statements. */
const sqlOf = (currentRun: number) => ({
  insertEntry: `INSERT INTO entry (sequence, id, recipient, sender, state, accepted_state, accepted_at, expires_at, turns_at,
      retry_at, ready_at, due_at, attempts, run, message_failures, is_aside, has_condition, condition, sent_at,
      content_type, bytes, content, attributes, latches, refused_by, duplicate_keys, origin, blob)
    VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8, NULL, 0, ?9, 0, ${currentRun}, 0, 0, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, NULL, ?18, ?19, ?20)`,
  insertAttribute: 'INSERT OR IGNORE INTO entry_attribute (recipient, attribute, sequence) VALUES (?, ?, ?)',
  deleteAttribute: 'DELETE FROM entry_attribute WHERE recipient = ? AND attribute = ? AND sequence = ?',
  findForUpdate: `SELECT e.sequence, e.recipient, e.sender, e.state, e.bytes, e.has_condition, e.expires_at, e.turns_at,
      e.retry_at, e.is_aside, e.ready_at, e.due_at, ${attemptCount}, e.message_failures, e.latches, e.refused_by,
      e.blob IS NOT NULL
    FROM entry e WHERE e.id = ?`,
  updateRest: `UPDATE entry SET turns_at = ?, retry_at = ?, is_aside = ?, attempts = ?, run = ${currentRun}, message_failures = ?,
      latches = ?, refused_by = ?
    WHERE sequence = ?`,
  updateIndexed: `UPDATE entry SET turns_at = ?, retry_at = ?, is_aside = ?, attempts = ?, run = ${currentRun}, message_failures = ?,
      latches = ?, refused_by = ?, state = ?, ready_at = ?, due_at = ?
    WHERE sequence = ?`,
  findForEnd: `SELECT e.sequence, e.recipient, e.sender, e.state, e.bytes, e.has_condition, e.content, e.accepted_state,
      e.accepted_at, e.expires_at, ${attemptCount}, e.is_aside, e.condition, e.content_type, e.attributes, e.duplicate_keys,
      s.address, e.origin, e.blob IS NOT NULL
    FROM entry e JOIN address s ON s.number = e.sender WHERE e.id = ?`,
  findTerms: `SELECT e.sequence, e.recipient, e.sender, e.state, e.bytes, e.has_condition, e.expires_at, e.condition,
      e.attributes, r.address, e.blob IS NOT NULL
    FROM entry e JOIN address r ON r.number = e.recipient WHERE e.id = ?`,
  changeTerms: 'UPDATE entry SET condition = ?, has_condition = ?, attributes = ?, expires_at = ? WHERE sequence = ?',
  deleteEntry: 'DELETE FROM entry WHERE sequence = ?',
  insertFinished: `INSERT INTO finished (sequence, id, recipient, sender, state, accepted_state, accepted_at, expires_at,
      ended_at, attempts, is_aside, condition, content_type, bytes, duplicate_keys, kept_for, origin, report_reference,
      last_step)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  insertStep: `INSERT INTO step (sequence, number, at, what, state)
    SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?5 FROM step WHERE sequence = ?1
    HAVING coalesce(max(number), 0) < ?4`,
  findFinished: `SELECT f.sequence, f.state, f.origin, f.ended_at, f.last_step FROM finished f JOIN address r ON r.number = f.recipient
    WHERE f.id = ? AND r.address = ? AND f.kept_for < 3`,
  confirm: 'UPDATE finished SET state = ?, origin = ?, last_step = NULL WHERE sequence = ?',
});

export type MailboxStatements = Readonly<Record<keyof ReturnType<typeof sqlOf>, Statement>>;

export function prepareMailboxStatements(database: DatabaseSync): MailboxStatements {
  const run = numberAt(prepare(database, "SELECT value FROM counter WHERE name = 'run'").get() ?? [], 0);
  const pairs = Object.entries(sqlOf(run)).map(([name, text]) => [name, prepare(database, text)]);
  return Object.fromEntries(pairs) as MailboxStatements;
}
