/**
 * A place in the text of a condition: reads white space, words and quoted strings (contract section 3), and keeps the
 * first fault. Knows the shapes of words, not their meaning.
 */
import { isWordCharacter } from './attribute-words.ts';
import type { ConditionFault } from './condition.ts';

/** Reading methods move past what they find and answer undefined or false, without moving, when it is not there. */
export class TextCursor {
  readonly text: string;
  at = 0;
  fault: ConditionFault | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** The code of the character here; NaN at the end. */
  get code(): number {
    return this.text.charCodeAt(this.at);
  }

  isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** Keeps the first fault only. Answers undefined, so that a reading function can return it. */
  fail(reason: string, position = this.at): undefined {
    this.fault ??= { position, reason };
    return undefined;
  }

  /** Fails with what stands here and what should. */
  expected(what: string): undefined {
    return this.fail(`${this.describeHere()}; expected ${what}`);
  }

  skipSpaces(): void {
    while (this.code === space || this.code === tab) this.at++;
  }

  takeCharacter(code: number): boolean {
    if (this.code !== code) return false;
    this.at++;
    return true;
  }

  /** A whole word, compared without case. `keyword` is in lower case. */
  takeKeyword(keyword: string): boolean {
    const end = this.at + keyword.length;
    for (let i = 0; i < keyword.length; i++) {
      // Every keyword consists of ASCII letters, and this bit is all that tells their cases apart.
      if ((this.text.charCodeAt(this.at + i) | 0x20) !== keyword.charCodeAt(i)) return false;
    }
    if (isWordCharacter(this.text.charCodeAt(end))) return false;
    this.at = end;
    return true;
  }

  peekKeyword(keyword: string): boolean {
    const start = this.at;
    const isHere = this.takeKeyword(keyword);
    this.at = start;
    return isHere;
  }

  readWord(): string | undefined {
    const start = this.at;
    while (isWordCharacter(this.code)) this.at++;
    return this.at === start ? undefined : this.text.slice(start, this.at);
  }

  /** At an opening quotation mark. Fails at the first character that cannot stand in a quoted string. */
  readQuoted(): string | undefined {
    let value = '';
    let from = ++this.at;
    for (; ; this.at++) {
      const code = this.code;
      if (Number.isNaN(code)) return this.fail('the quoted value is never closed; expected "');
      if (isControl(code)) return this.expected('no control character in a quoted value');
      if (code !== quote && code !== backslash) continue;
      value += this.text.slice(from, this.at);
      if (code === quote) break;
      const escaped = this.text.charCodeAt(this.at + 1);
      if (escaped !== quote && escaped !== backslash) {
        return this.fail(String.raw`a backslash may only stand before " or \; write \\ for a backslash`);
      }
      from = ++this.at;
    }
    this.at++;
    return value;
  }

  /** What stands here, for a person. */
  describeHere(): string {
    if (this.isAtEnd()) return 'the condition ends here';
    if (isControl(this.code)) {
      return `a control character (U+${this.code.toString(16).toUpperCase().padStart(4, '0')}) stands here`;
    }
    let end = this.at;
    while (isWordCharacter(this.text.charCodeAt(end))) end++;
    const here =
      end > this.at ? this.text.slice(this.at, end) : String.fromCodePoint(this.text.codePointAt(this.at) ?? 0);
    return `${quoteForReason(here)} stands here`;
  }
}

export const quote = 0x22;
export const backslash = 0x5c;
export const openParenthesis = 0x28;
export const closeParenthesis = 0x29;
export const comma = 0x2c;
const space = 0x20;
const tab = 0x09;

/** Long words are cut, so that a reason stays one line. */
export function quoteForReason(text: string): string {
  const shown = text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}...` : text;
  return shown === '"' ? 'a quotation mark' : `"${shown}"`;
}

const shownCharactersMax = 40;

/** C0, DEL, C1 and the line separators: a condition is one line of text, and no terminal should obey it. */
export function isControl(code: number): boolean {
  return code < space || (code >= 0x7f && code <= 0x9f) || code === 0x2028 || code === 0x2029;
}
