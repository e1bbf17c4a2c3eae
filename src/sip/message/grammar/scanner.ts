/**
 * A position in a piece of text, with the few moves that every reader of the SIP grammar (RFC 3261 25.1) is made of.
 * A reader answers undefined and leaves `fault` when the text does not fit; it never throws.
 */
import { BACKSLASH, codesOf, CR, DIGIT, isOf, isWhite, LF, QUOTE, SPACE, TAB, TOKEN } from './characters.ts';

const DELETE = 127;
const ZERO = 48;

export class Scanner {
  readonly text: string;
  /** `codesOf(text)`, or the octets themselves where each stands for one UTF-16 unit of the text. */
  readonly codes: Uint8Array;
  at = 0;
  end: number;
  fault = '';

  constructor(text: string, codes: Uint8Array = codesOf(text)) {
    this.text = text;
    this.codes = codes;
    this.end = text.length;
  }

  /** Starts over on another range, so that one scanner serves a whole message. */
  reset(at: number, end: number): void {
    this.at = at;
    this.end = end;
    this.fault = '';
  }

  /** Keeps the first fault, which is the nearest to the cause. */
  fail(fault: string): undefined {
    if (this.fault === '') this.fault = fault;
    return undefined;
  }

  isAtEnd(): boolean {
    return this.at >= this.end;
  }

  /** The code at the position; 0, which is no separator, at the end. */
  peek(): number {
    return this.at < this.end ? (this.codes[this.at] ?? 0) : 0;
  }

  skipWhite(): void {
    const { codes, end } = this;
    let { at } = this;
    while (at < end && isWhite(codes[at] ?? 0)) at++;
    this.at = at;
  }

  /** Moves over every character of the class and says how many there were. */
  skipWhile(bits: number): number {
    const { codes, end, at: from } = this;
    let at = from;
    while (at < end && isOf(codes[at] ?? 0, bits)) at++;
    this.at = at;
    return at - from;
  }

  /** Takes one given character, with no white space around it. */
  take(code: number): boolean {
    if (this.peek() !== code) return false;
    this.at++;
    return true;
  }

  /** Takes a separator with the white space that the grammar allows on both sides (SEMI, COMMA, EQUAL, SLASH). */
  takeSeparator(code: number): boolean {
    const from = this.at;
    if (this.peek() !== code) {
      this.skipWhite();
      if (this.peek() !== code) {
        this.at = from;
        return false;
      }
    }
    this.at++;
    this.skipWhite();
    return true;
  }

  readToken(): string | undefined {
    const from = this.at;
    return this.skipWhile(TOKEN) === 0 ? undefined : this.text.slice(from, this.at);
  }

  /** Decimal digits as a number; leading zeros are legal, digits without end make Infinity. */
  readNumber(): number | undefined {
    const { codes, end, at: from } = this;
    let value = 0;
    let at = from;
    for (; at < end; at++) {
      const code = codes[at] ?? 0;
      if (!isOf(code, DIGIT)) break;
      value = value * 10 + (code - ZERO);
    }
    this.at = at;
    return at === from ? undefined : value;
  }

  /** Moves over a quoted string, quotes included; false when it is not one or does not end. */
  skipQuoted(): boolean {
    if (this.peek() !== QUOTE) return false;
    const { codes, end } = this;
    for (let at = this.at + 1; at < end; at++) {
      const code = codes[at] ?? 0;
      if (code === QUOTE) {
        this.at = at + 1;
        return true;
      }
      if (code === BACKSLASH) {
        at++;
        if (at < end && !mayBeEscaped(codes[at] ?? 0)) return false;
      } else if ((code < SPACE && code !== TAB) || code === DELETE) {
        return false;
      }
    }
    return false;
  }
}

/** quoted-pair: any ASCII character but CR and LF. */
function mayBeEscaped(code: number): boolean {
  return code <= DELETE && code !== CR && code !== LF;
}

/** What a quoted string says: without its quotes and escapes. The text must have passed `skipQuoted`. */
export function unquote(quoted: string): string {
  const inner = quoted.slice(1, -1);
  if (!inner.includes('\\')) return inner;
  let plain = '';
  let from = 0;
  for (let slash = inner.indexOf('\\'); slash !== -1; slash = inner.indexOf('\\', slash + 2)) {
    plain += inner.slice(from, slash);
    from = slash + 1;
  }
  return plain + inner.slice(from);
}

/** A quoted string that says `plain`. CR and LF, which no quoted string can hold, become spaces. */
export function quote(plain: string): string {
  let quoted = '"';
  for (let i = 0; i < plain.length; i++) {
    const code = plain.charCodeAt(i);
    if (code === CR || code === LF) quoted += ' ';
    else if (code === QUOTE || code === BACKSLASH || (code < SPACE && code !== TAB) || code === DELETE) {
      quoted += `\\${plain.charAt(i)}`;
    } else quoted += plain.charAt(i);
  }
  return `${quoted}"`;
}

/** Whether the text is one token. */
export function isToken(text: string): boolean {
  const scanner = new Scanner(text);
  return scanner.skipWhile(TOKEN) > 0 && scanner.isAtEnd();
}
