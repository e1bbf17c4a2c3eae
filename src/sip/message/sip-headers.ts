/**
 * The header rows of a message in order (RFC 3261 7.3). Names compare without case and compact forms are their long
 * forms; names in the registry come out in canonical case, others keep their spelling. No value in it can break a row
 * open: CR, LF and a bare NUL become spaces when they are put in.
 */
import { assert } from '../../base/assert.ts';
import { isToken } from './grammar/scanner.ts';
import { splitList } from './grammar/split-list.ts';
import { canonicalHeaderName, headerKeyOf, isKnownHeader, knownSpelling } from './header-names.ts';

/** Key, name and value of a row stand one behind the other in one array. */
const STRIDE = 3;

/** `[name, value]`; values are trimmed and unfolded. */
export type HeaderRow = readonly [name: string, value: string];

/** These are never joined with commas, since commas separate their parameters (RFC 3261 7.3.1). */
const UNLISTED = new Set(['WWW-Authenticate', 'Authorization', 'Proxy-Authenticate', 'Proxy-Authorization']);

export class SipHeaders implements Iterable<HeaderRow> {
  #cells: string[];

  constructor(rows: readonly HeaderRow[] = []) {
    this.#cells = [];
    for (const [name, value] of rows) this.add(name, value);
  }

  /** The number of rows. */
  get size(): number {
    return this.#cells.length / STRIDE;
  }

  /** The first value of that name; undefined when there is no row. */
  get(name: string): string | undefined {
    const index = this.#find(headerKeyOf(name));
    return index === -1 ? undefined : this.#cells[index + 2];
  }

  /** The values of all rows of that name; each may hold a comma-separated list. */
  getAll(name: string): string[] {
    const key = headerKeyOf(name);
    const cells = this.#cells;
    const values: string[] = [];
    for (let i = 0; i < cells.length; i += STRIDE) if (cells[i] === key) values.push(cells[i + 2] ?? '');
    return values;
  }

  /** The members of the comma-separated lists of all rows of that name, trimmed; empty ones are left out. */
  values(name: string): string[] {
    const rows = this.getAll(name);
    if (UNLISTED.has(headerKeyOf(name))) return rows;
    return rows.flatMap((row) => splitList(row));
  }

  has(name: string): boolean {
    return this.#find(headerKeyOf(name)) !== -1;
  }

  /** Adds a row at the end; asserts that the name is a token. */
  add(name: string, value: string): this {
    const known = knownSpelling(name);
    if (known === undefined) this.#cells.push(headerKeyOf(name), nameToSend(name), oneLine(value));
    else this.#cells.push(known, known, oneLine(value));
    return this;
  }

  /** For the parser, which has looked the name up (`key` is `headerKeyOf(name)`) and taken the line ends off. */
  addRow(key: string, name: string, value: string): void {
    this.#cells.push(key, name, value);
  }

  /** Puts one row in the place of the first of that name, or at the end, and removes the others. */
  set(name: string, value: string): this {
    const key = headerKeyOf(name);
    const index = this.#find(key);
    if (index === -1) return this.add(name, value);
    this.#cells[index + 2] = oneLine(value);
    this.#removeFrom(key, index + STRIDE);
    return this;
  }

  /** Replaces the value of the first row of that name; false when there is none. */
  replaceFirst(name: string, value: string): boolean {
    const index = this.#find(headerKeyOf(name));
    if (index === -1) return false;
    this.#cells[index + 2] = oneLine(value);
    return true;
  }

  /** Adds a row before all others, as for Via. */
  prepend(name: string, value: string): this {
    this.#cells.unshift(headerKeyOf(name), nameToSend(name), oneLine(value));
    return this;
  }

  /** Removes all rows of that name. */
  remove(name: string): this {
    this.#removeFrom(headerKeyOf(name), 0);
    return this;
  }

  clone(): SipHeaders {
    const copy = new SipHeaders();
    copy.#cells = this.#cells.slice();
    return copy;
  }

  *[Symbol.iterator](): IterableIterator<HeaderRow> {
    for (let i = 0; i < this.#cells.length; i += STRIDE) yield [this.#cells[i + 1] ?? '', this.#cells[i + 2] ?? ''];
  }

  /** Calls `visit` for each row in order; for hot paths, where an iterator costs too much. */
  forEach(visit: (name: string, value: string) => void): void {
    const cells = this.#cells;
    for (let i = 0; i < cells.length; i += STRIDE) visit(cells[i + 1] ?? '', cells[i + 2] ?? '');
  }

  /** Adds the rows of that name from another message, in order (Via, Record-Route). */
  copyRows(name: string, from: SipHeaders): this {
    const key = headerKeyOf(name);
    const cells = from.#cells;
    for (let i = 0; i < cells.length; i += STRIDE) {
      if (cells[i] === key) this.#cells.push(key, cells[i + 1] ?? '', cells[i + 2] ?? '');
    }
    return this;
  }

  #find(key: string): number {
    const cells = this.#cells;
    for (let i = 0; i < cells.length; i += STRIDE) if (cells[i] === key) return i;
    return -1;
  }

  #removeFrom(key: string, start: number): void {
    const cells = this.#cells;
    let kept = start;
    for (let i = start; i < cells.length; i += STRIDE) {
      if (cells[i] === key) continue;
      for (let j = 0; j < STRIDE; j++) cells[kept + j] = cells[i + j] ?? '';
      kept += STRIDE;
    }
    cells.length = kept;
  }
}

/** A name that is no token would break the message open; names of messages have been read as tokens. */
function nameToSend(name: string): string {
  const canonical = canonicalHeaderName(name);
  assert(isKnownHeader(canonical) || isToken(name), `not a header name: ${JSON.stringify(name)}`);
  return canonical;
}

/** The text with what would end or cut its line as spaces. */
export function oneLine(text: string): string {
  if (!text.includes('\r') && !text.includes('\n') && !text.includes('\0')) return text;
  // A NUL behind a backslash is legal in a quoted string (quoted-pair, RFC 3261 25.1).
  return text.replace(/[\r\n]+|(?<!\\)\0/g, ' ');
}
