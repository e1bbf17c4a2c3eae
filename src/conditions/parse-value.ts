/**
 * Reads one value of a condition (contract section 3): a plain word or a quoted string. Refuses what the attribute can
 * never have, since it would be waited for in vain.
 */
import { canonicalWord } from '../model/presence-state.ts';
import type { AttributeName } from '../model/presence-state.ts';
import { closedValues, isKeyword, isWordCharacter, nearestWord } from './attribute-words.ts';
import { closeParenthesis, comma, isControl, openParenthesis, quote, quoteForReason } from './text-cursor.ts';
import type { TextCursor } from './text-cursor.ts';

/** `what` names for the fault's reason what may stand here. Undefined with the cursor's fault set. */
export function parseValue(cursor: TextCursor, attribute: AttributeName, what: string): string | undefined {
  const start = cursor.at;
  const isQuoted = cursor.code === quote;
  const value = isQuoted ? cursor.readQuoted() : readPlainValue(cursor, what);
  if (value === undefined) return undefined;
  const allowed = closedValues(attribute);
  const canonical = canonicalWord(value);
  if (allowed !== undefined && !allowed.includes(canonical)) {
    const meant = nearestWord(canonical, allowed);
    const hint = meant === undefined ? `expected ${allowed.join(', ')}` : `did you mean "${meant}"?`;
    return cursor.fail(`${attribute} is never ${quoteForReason(value)}; ${hint}`, start);
  }
  return isWord(value) ? canonical : value;
}

function readPlainValue(cursor: TextCursor, what: string): string | undefined {
  const start = cursor.at;
  const word = cursor.readWord();
  if (word === undefined) return cursor.expected(what);
  if (isKeyword(canonicalWord(word))) {
    return cursor.fail(`"${word}" is a keyword; expected ${what} (a value that reads so is quoted)`, start);
  }
  if (mayFollowWord(cursor.code)) return word;
  return cursor.expected(isControl(cursor.code) ? 'a space' : 'quotation marks around a value that contains it');
}

/** Values that need no quotation marks have one spelling; the others are somebody's words and stay as they are. */
function isWord(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (!isWordCharacter(value.charCodeAt(i))) return false;
  return value !== '';
}

/** White space, punctuation of the grammar, or the end. */
function mayFollowWord(code: number): boolean {
  if (Number.isNaN(code) || code === 0x20 || code === 0x09) return true;
  return code === comma || code === closeParenthesis || code === openParenthesis || code === quote;
}
