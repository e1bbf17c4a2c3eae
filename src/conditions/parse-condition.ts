/**
 * Reads the text of a condition (grammar of contract section 3) by recursive descent in one pass. Refuses what could
 * never hold because of a misspelling; knows nothing of when a condition holds.
 */
import { assert } from '../base/assert.ts';
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { canonicalWord } from '../model/presence-state.ts';
import type { AttributeName } from '../model/presence-state.ts';
import { isConditionAttribute, isKeyword, isWordCharacter, suggestAttribute } from './attribute-words.ts';
import { conditionCharactersMax, conditionDepthMax, conditionTestsMax } from './condition.ts';
import type { ChangeTest, Condition, ConditionFault, ConditionNode, Test, TimeTest } from './condition.ts';
import { parseValue } from './parse-value.ts';
import { printCondition } from './print-condition.ts';
import { TextCursor, closeParenthesis, comma, openParenthesis, quoteForReason } from './text-cursor.ts';
import { parseTimeTest } from './time/parse-time-test.ts';

/** Never throws, whatever the text. The time is linear in the length of the text, which is limited. */
export function parseCondition(text: string): Result<Condition, ConditionFault> {
  if (text.length > conditionCharactersMax) {
    const reason = `a condition has at most ${conditionCharactersMax} characters; this one has ${text.length}`;
    return err({ position: conditionCharactersMax, reason });
  }
  const reading = new Reading(text);
  const root = readCondition(reading);
  if (root !== undefined && !reading.cursor.isAtEnd()) reading.cursor.expected('"and", "or" or the end');
  if (reading.cursor.fault !== undefined) return err(reading.cursor.fault);
  assert(root !== undefined, 'a reader that finds nothing says why');
  return ok({
    text: canonicalText(root, text),
    root,
    attributes: reading.attributes,
    hasTimeTest: reading.timeTests.length > 0,
    timeTests: reading.timeTests,
    changeTests: reading.changeTests,
  });
}

/** The printed form may have more spaces than what was read; what is kept must be a condition whenever it is read again. */
function canonicalText(root: ConditionNode, text: string): string {
  const printed = printCondition(root);
  return printed.length <= conditionCharactersMax ? printed : text;
}

/** What is gathered while one text is read. */
class Reading {
  readonly cursor: TextCursor;
  readonly attributes: AttributeName[] = [];
  readonly changeTests: ChangeTest[] = [];
  readonly timeTests: TimeTest[] = [];
  depth = 0;
  tests = 0;

  constructor(text: string) {
    this.cursor = new TextCursor(text);
  }
}

type Read<T> = T | undefined;

/** Leaves the cursor at the next thing that is no white space, as all readers here do. */
function readCondition(reading: Reading): Read<ConditionNode> {
  const first = readAndPart(reading);
  if (first === undefined || !reading.cursor.peekKeyword('or')) return first;
  const parts = first.kind === 'or' ? [...first.parts] : [first];
  while (reading.cursor.takeKeyword('or')) {
    const part = readAndPart(reading);
    if (part === undefined) return undefined;
    // Both connectives are associative: one flat list is the only form, so that printing is unambiguous.
    if (part.kind === 'or') parts.push(...part.parts);
    else parts.push(part);
  }
  return { kind: 'or', parts };
}

function readAndPart(reading: Reading): Read<ConditionNode> {
  const first = readUnary(reading);
  if (first === undefined || !reading.cursor.peekKeyword('and')) return first;
  const parts = first.kind === 'and' ? [...first.parts] : [first];
  while (reading.cursor.takeKeyword('and')) {
    const part = readUnary(reading);
    if (part === undefined) return undefined;
    if (part.kind === 'and') parts.push(...part.parts);
    else parts.push(part);
  }
  return { kind: 'and', parts };
}

function readUnary(reading: Reading): Read<ConditionNode> {
  const { cursor } = reading;
  cursor.skipSpaces();
  const start = cursor.at;
  if (cursor.takeKeyword('not')) {
    if (!enterLevel(reading, start)) return undefined;
    const part = readUnary(reading);
    reading.depth--;
    return part === undefined ? undefined : { kind: 'not', part };
  }
  if (!cursor.takeCharacter(openParenthesis)) return readTest(reading);
  if (!enterLevel(reading, start)) return undefined;
  const inner = readCondition(reading);
  if (inner === undefined) return undefined;
  if (!cursor.takeCharacter(closeParenthesis)) return cursor.expected('"and", "or" or ")"');
  reading.depth--;
  cursor.skipSpaces();
  return inner;
}

function enterLevel(reading: Reading, start: number): boolean {
  if (++reading.depth <= conditionDepthMax) return true;
  reading.cursor.fail(`"not" and parentheses are nested at most ${conditionDepthMax} deep`, start);
  return false;
}

const testForms = 'a test, such as: online, mood is happy, mood changes from angry, time after 2026-11-21T09:00:00Z';

function readTest(reading: Reading): Read<Test> {
  const { cursor } = reading;
  const start = cursor.at;
  const word = cursor.readWord();
  if (word === undefined) return cursor.expected(testForms);
  if (++reading.tests > conditionTestsMax) {
    return cursor.fail(`a condition has at most ${conditionTestsMax} tests`, start);
  }
  const name = canonicalWord(word);
  const test = name === 'time' ? readTimeTest(reading) : readAttributeTest(reading, name, start);
  if (test === undefined) return undefined;
  // Words end where they must; a time does not: `23:00and` is a slip.
  if (isWordCharacter(cursor.code) && isWordCharacter(cursor.text.charCodeAt(cursor.at - 1))) {
    return cursor.expected('a space');
  }
  cursor.skipSpaces();
  return test;
}

function readTimeTest(reading: Reading): Read<TimeTest> {
  const test = parseTimeTest(reading.cursor);
  if (test !== undefined) reading.timeTests.push(test);
  return test;
}

function readAttributeTest(reading: Reading, name: AttributeName, start: number): Read<Test> {
  const { cursor } = reading;
  if (!isConditionAttribute(name)) return failAttribute(cursor, name, start);
  if (!reading.attributes.includes(name)) reading.attributes.push(name);
  const end = cursor.at;
  cursor.skipSpaces();
  if (cursor.takeKeyword('is')) return readIsTest(cursor, name);
  if (cursor.takeKeyword('changes')) return readChangeTest(reading, name);
  if (name !== 'online') return cursor.expected(`"is" or "changes" after ${quoteForReason(name)}`);
  cursor.at = end;
  return { kind: 'is', attribute: name, values: ['true'], isNegated: false };
}

function failAttribute(cursor: TextCursor, name: AttributeName, start: number): undefined {
  const shown = quoteForReason(name);
  if (isKeyword(name)) return cursor.fail(`${shown} cannot stand here; expected ${testForms}`, start);
  const meant = suggestAttribute(name);
  const hint = meant === undefined ? 'other names begin with "x-"' : `did you mean "${meant}"?`;
  return cursor.fail(`${shown} is not an attribute; ${hint}`, start);
}

function readIsTest(cursor: TextCursor, attribute: AttributeName): Read<Test> {
  cursor.skipSpaces();
  const isNegated = cursor.takeKeyword('not');
  cursor.skipSpaces();
  if (cursor.takeKeyword('known')) return { kind: 'known', attribute, isNegated };
  if (cursor.takeKeyword('one')) {
    const values = readValueList(cursor, attribute);
    return values === undefined ? undefined : { kind: 'is', attribute, values, isNegated };
  }
  const value = parseValue(cursor, attribute, isNegated ? 'a value' : 'a value, "not", "one of" or "known"');
  return value === undefined ? undefined : { kind: 'is', attribute, values: [value], isNegated };
}

function readValueList(cursor: TextCursor, attribute: AttributeName): Read<string[]> {
  cursor.skipSpaces();
  if (!cursor.takeKeyword('of')) return cursor.expected('"of"; a value that reads "one" is quoted');
  cursor.skipSpaces();
  if (!cursor.takeCharacter(openParenthesis)) return cursor.expected('"(" and a list of values');
  const values: string[] = [];
  do {
    cursor.skipSpaces();
    const value = parseValue(cursor, attribute, 'a value');
    if (value === undefined) return undefined;
    values.push(value);
    cursor.skipSpaces();
  } while (cursor.takeCharacter(comma));
  if (!cursor.takeCharacter(closeParenthesis)) return cursor.expected('"," or ")"');
  return values;
}

function readChangeTest(reading: Reading, attribute: AttributeName): Read<ChangeTest> {
  const { cursor } = reading;
  const from = readBound(cursor, attribute, 'from');
  const to = readBound(cursor, attribute, 'to');
  if (cursor.fault !== undefined) return undefined;
  const index = reading.changeTests.length;
  const bounds = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  const test: ChangeTest = { kind: 'changes', attribute, ...bounds, index };
  reading.changeTests.push(test);
  return test;
}

/** `from V` or `to V` when it stands here; the spaces before it are left alone when it does not. */
function readBound(cursor: TextCursor, attribute: AttributeName, keyword: 'from' | 'to'): Read<string> {
  const start = cursor.at;
  cursor.skipSpaces();
  if (!cursor.takeKeyword(keyword)) {
    cursor.at = start;
    return undefined;
  }
  cursor.skipSpaces();
  return parseValue(cursor, attribute, 'a value');
}
