/** Summaries and timelines, of open entries and of finished messages alike: the operator's view, and a sender's. */
import type { DatabaseSync } from 'node:sqlite';
import type { EntrySummary, ListQuery, Step } from '../../../delivery/ports.ts';
import { numberAt, optionalNumberAt, prepare, textAt, type Row, type Statement } from '../row-values.ts';
import { readSummary, selectFinishedSummaries, selectOpenSummaries } from './entry-row.ts';
import { HELD, stateName, stateNumber, WAITING } from './message-states.ts';

/** `finished.kept_for` is below this while the history is kept. */
const FOR_KEYS_ONLY = 3;

/** The last one may be in the row of what has ended. */
const steps = `SELECT at, what, state, number AS place FROM step WHERE sequence = ?1
  UNION ALL SELECT ended_at, last_step, state, ${Number.MAX_SAFE_INTEGER} FROM finished
    WHERE sequence = ?1 AND last_step IS NOT NULL
  ORDER BY place`;

export class HistoryReads {
  readonly #database: DatabaseSync;
  readonly #lists = new Map<string, Statement>();
  readonly #findOpen: Statement;
  readonly #findFinished: Statement;
  readonly #steps: Statement;
  readonly #sequenceOf: Statement;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#findOpen = prepare(database, `${selectOpenSummaries} WHERE e.id = ?`);
    this.#findFinished = prepare(
      database,
      `${selectFinishedSummaries} WHERE e.id = ? AND e.kept_for < ${FOR_KEYS_ONLY}`,
    );
    this.#steps = prepare(database, steps);
    this.#sequenceOf = prepare(
      database,
      `SELECT sequence FROM entry WHERE id = ?1
       UNION ALL SELECT sequence FROM finished WHERE id = ?1 AND kept_for < ${FOR_KEYS_ONLY}`,
    );
  }

  list(query: ListQuery): EntrySummary[] {
    const { state } = query;
    const states = state === undefined ? [HELD, WAITING] : [stateNumber(state)];
    const rows: Row[] = [];
    // One state at a time lies in order along the index of a recipient.
    for (const one of states) if (one <= WAITING) rows.push(...this.#select(selectOpenSummaries, query, one));
    if (state === undefined) rows.push(...this.#select(selectFinishedSummaries, query, undefined));
    else if (stateNumber(state) > WAITING)
      rows.push(...this.#select(selectFinishedSummaries, query, stateNumber(state)));
    rows.sort((a, b) => numberAt(a, 0) - numberAt(b, 0));
    return rows.slice(0, query.limit).map(readSummary);
  }

  story(id: string): { readonly summary: EntrySummary; readonly steps: readonly Step[] } | undefined {
    const row = this.#findOpen.get(id) ?? this.#findFinished.get(id);
    if (row === undefined) return undefined;
    const steps = this.#steps.all(numberAt(row, 0)).map(readStep);
    return { summary: readSummary(row), steps };
  }

  /** 0 when the message is not known any more. */
  sequenceOf(id: string): number {
    const row = this.#sequenceOf.get(id);
    return row === undefined ? 0 : numberAt(row, 0);
  }

  #select(from: string, query: ListQuery, state: number | undefined): Row[] {
    const { recipient, sender, after = 0, limit } = query;
    const conditions = ['e.sequence > ?'];
    const values: (string | number)[] = [after];
    if (recipient !== undefined) {
      conditions.push('e.recipient = (SELECT number FROM address WHERE address = ?)');
      values.push(recipient);
    }
    if (sender !== undefined) {
      conditions.push('e.sender = (SELECT number FROM address WHERE address = ?)');
      values.push(sender);
    }
    if (state !== undefined) {
      conditions.push('e.state = ?');
      values.push(state);
    }
    if (from === selectFinishedSummaries) conditions.push(`e.kept_for < ${FOR_KEYS_ONLY}`);
    const statement = this.#prepared(`${from} WHERE ${conditions.join(' AND ')} ORDER BY e.sequence LIMIT +?`);
    return statement.all(...values, limit);
  }

  /** There are two tables and eight ways to ask, so the map stays small. */
  #prepared(text: string): Statement {
    let statement = this.#lists.get(text);
    if (statement === undefined) {
      statement = prepare(this.#database, text);
      this.#lists.set(text, statement);
    }
    return statement;
  }
}

function readStep(row: Row): Step {
  const state = optionalNumberAt(row, 2);
  const step = { at: numberAt(row, 0), what: textAt(row, 1) };
  return state === undefined ? step : { ...step, state: stateName(state) };
}
