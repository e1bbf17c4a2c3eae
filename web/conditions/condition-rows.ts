/** Rows of a builder, each one test of a condition, and the one line of text that they make together. */

export type Relation =
  | 'is'
  | 'is not'
  | 'is one of'
  | 'is not one of'
  | 'changes from'
  | 'changes to'
  | 'is known'
  | 'is not known';

export interface AttributeRow {
  readonly kind: 'attribute';
  readonly attribute: string;
  readonly relation: Relation;
  readonly values: readonly string[];
}

export interface TimeRow {
  readonly kind: 'time';
  readonly relation: 'after' | 'before';
  /** Of an input for local time: `2026-11-21T09:00`. */
  readonly at: string;
}

export interface WindowRow {
  readonly kind: 'window';
  readonly from: string;
  readonly to: string;
  readonly days: Days;
  /** IANA. */
  readonly zone: string;
}

export type Days = 'every day' | 'mon-fri' | 'sat-sun';
export type Row = AttributeRow | TimeRow | WindowRow;
export type Joint = 'and' | 'or';

/** Which relations make sense, by whether there can be others than the listed values. */
export const relations: readonly Relation[] = [
  'is',
  'is not',
  'is one of',
  'is not one of',
  'changes from',
  'changes to',
  'is known',
  'is not known',
];

/** Undefined while a row lacks something. */
export function conditionOf(rows: readonly Row[], joint: Joint): string | undefined {
  if (rows.length === 0) return undefined;
  const tests: string[] = [];
  for (const row of rows) {
    const test = testOf(row);
    if (test === undefined) return undefined;
    tests.push(test);
  }
  return tests.join(` ${joint} `);
}

/** `condition`, or a time after which nothing else counts. */
export function withFallback(condition: string, at: string): string | undefined {
  const time = instantOf(at);
  if (time === undefined) return undefined;
  const isOneTest = !/ (?:and|or) /.test(condition.replaceAll(/"(?:\\.|[^"\\])*"/g, ''));
  return `${isOneTest ? condition : `(${condition})`} or time after ${time}`;
}

/** RFC 3339 in UTC of an input for local time; undefined for none. */
export function instantOf(local: string): string | undefined {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? undefined : `${at.toISOString().slice(0, 19)}Z`;
}

/** For such an input; seconds are left out. */
export function localInput(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

function testOf(row: Row): string | undefined {
  switch (row.kind) {
    case 'attribute':
      return attributeTest(row);
    case 'time': {
      const at = instantOf(row.at);
      return at === undefined ? undefined : `time ${row.relation} ${at}`;
    }
    case 'window': {
      const { from, to, days, zone } = row;
      if (!isClock.test(from) || !isClock.test(to)) return undefined;
      return `time within ${from}-${to}${days === 'every day' ? '' : ` on ${days}`} ${zone}`;
    }
    default:
      return row satisfies never;
  }
}

function attributeTest({ attribute, relation, values }: AttributeRow): string | undefined {
  const given = values.map((value) => value.trim()).filter((value) => value !== '');
  if (relation === 'is known' || relation === 'is not known') return `${attribute} ${relation}`;
  const [first] = given;
  if (first === undefined) return undefined;
  if (relation === 'is one of' || relation === 'is not one of') {
    return `${attribute} ${relation} (${given.map(quote).join(', ')})`;
  }
  return `${attribute} ${relation} ${quote(first)}`;
}

const isClock = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const isToken = /^[\w.+-]+$/;
const keywords: ReadonlySet<string> = new Set(
  'and or not is one of known changes from to time after before within on'.split(' '),
);

/** What is no word of its own is quoted. */
function quote(value: string): string {
  const isPlain = isToken.test(value) && !keywords.has(value.toLowerCase());
  return isPlain ? value : `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
