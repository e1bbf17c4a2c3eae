/**
 * The words of the condition language (contract section 3): keywords, attributes (docs/conditions.md), and which
 * word somebody may have meant. Knows no grammar.
 */
import { err, ok, type Result } from '../base/result.ts';
import { availabilityValues, canonicalWord, knownAttributes } from '../model/presence-state.ts';
import type { AttributeName } from '../model/presence-state.ts';

/** Words with a meaning of their own; as values they are quoted. */
export const keywords: readonly string[] = [
  'and',
  'or',
  'not',
  'is',
  'one',
  'of',
  'known',
  'changes',
  'from',
  'to',
  'time',
  'after',
  'before',
  'within',
  'on',
];

/** Every attribute that a condition may name besides `x-NAME`: the last six are RPID elements (RFC 4480 3.1). */
export const conditionAttributes: readonly AttributeName[] = [
  ...knownAttributes,
  'class',
  'place-is',
  'relationship',
  'service-class',
  'status-icon',
  'time-offset',
];

/** Takes a canonical word. `x-` alone names nothing. */
export function isConditionAttribute(name: AttributeName): boolean {
  return conditionAttributes.includes(name) || (name.startsWith('x-') && name.length > 2);
}

export function isKeyword(canonical: string): boolean {
  return keywords.includes(canonical);
}

/** The values of an attribute that has no others; a misspelled one would wait for ever, so it is refused. */
export function closedValues(attribute: AttributeName): readonly string[] | undefined {
  if (attribute === 'availability') return availabilityValues;
  return attribute === 'online' ? onlineValues : undefined;
}

const onlineValues: readonly string[] = ['true', 'false'];

/** What is wrong with the name of an attribute, in words. Takes a canonical word; undefined when there is such an attribute. */
export function attributeFault(name: AttributeName): string | undefined {
  if (isConditionAttribute(name)) return undefined;
  const meant = suggestAttribute(name);
  return `"${name}" is not an attribute${meant === undefined ? '' : `; did you mean "${meant}"?`}`;
}

/** Undefined when the attribute can have the value. */
export function valueFault(attribute: AttributeName, value: string): string | undefined {
  const values = closedValues(attribute);
  if (values === undefined || values.includes(canonicalWord(value))) return undefined;
  return `"${value}" is none of ${values.join(', ')}`;
}

/** A list of attributes as rules hold them, `*` for all; the error names the first that is none. */
export function parseAttributes(words: readonly string[]): Result<readonly AttributeName[] | '*', string> {
  if (words.includes('*')) return words.length === 1 ? ok('*') : err('"*" means all attributes and stands alone');
  const names = words.flatMap((word) => word.split(',')).map((word) => canonicalWord(word.trim()));
  const wrong = names.find((name) => !isConditionAttribute(name));
  if (wrong !== undefined) {
    const near = suggestAttribute(wrong);
    const hint = near === undefined ? 'take one such as mood or availability' : `did you mean ${near}?`;
    return err(`"${wrong}" is not the name of an attribute; ${hint}`);
  }
  return ok([...new Set(names)]);
}

/** Letters and digits of ASCII, `.`, `_`, `+`, `-`: what a value may consist of without quotation marks. */
export function isWordCharacter(code: number): boolean {
  if (code >= 0x61 && code <= 0x7a) return true;
  if (code >= 0x41 && code <= 0x5a) return true;
  if (code >= 0x30 && code <= 0x39) return true;
  return code === 0x2d || code === 0x5f || code === 0x2e || code === 0x2b;
}

/** The attribute that was probably meant, for a fault's reason. */
export function suggestAttribute(word: string): string | undefined {
  return otherNames.get(canonicalWord(word)) ?? nearestWord(word, conditionAttributes);
}

/** Names that people and other protocols use for the same thing. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ['activities', 'activity'],
  ['available', 'availability'],
  ['user-availability', 'availability'],
  ['note', 'status-text'],
  ['place', 'place-type'],
  ['client', 'client-type'],
]);

/** The candidate that is at most two letters away, and fewer in short words; the first of several. */
export function nearestWord(word: string, candidates: readonly string[]): string | undefined {
  const wanted = canonicalWord(word);
  let nearest: string | undefined;
  let least = Math.min(2, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) >= least) continue;
    const distance = editDistance(wanted, canonicalWord(candidate));
    if (distance >= least) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1];
      let cost = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (isSame ? 0 : 1));
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwap) cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
