/** The list of parameters behind `Digest` (RFC 7616 3.3, 3.4; RFC 3261 25.1), whether a challenge or credentials. */

/** Parameters in one header value. */
export const digestParametersMax = 32;

const SPACE = 32;
const TAB = 9;
const QUOTE = 34;
const COMMA = 44;
const EQUALS = 61;
const BACKSLASH = 92;

/** `name=value` or `name="value"`, separated by commas; empty members are let through. A string is a fault. */
export function readDigestParameters(text: string, what: 'credentials' | 'challenge'): Map<string, string> | string {
  const params = new Map<string, string>();
  let at = 'digest '.length;
  for (;;) {
    at = skipSeparators(text, at);
    if (at >= text.length) return params;
    const equals = text.indexOf('=', at);
    if (equals <= at) return `a parameter of the ${what} has no value`;
    const name = text.slice(at, equals).trim().toLowerCase();
    if (!isToken(name)) return `a parameter of the ${what} has no name`;
    if (params.has(name)) return `${name} stands twice in the ${what}`;
    if (params.size >= digestParametersMax) return `there are too many parameters in the ${what}`;
    const from = skipWhite(text, equals + 1);
    const end = text.charCodeAt(from) === QUOTE ? endOfQuoted(text, from) : endOfPlain(text, from);
    if (end < 0) return `a quoted string of the ${what} does not end`;
    params.set(name, valueBetween(text, from, end));
    at = skipWhite(text, end);
    if (at < text.length && text.charCodeAt(at) !== COMMA) return `a comma is missing in the ${what}`;
  }
}

function skipWhite(text: string, start: number): number {
  let at = start;
  while (at < text.length && (text.charCodeAt(at) === SPACE || text.charCodeAt(at) === TAB)) at += 1;
  return at;
}

function skipSeparators(text: string, start: number): number {
  let at = skipWhite(text, start);
  while (text.charCodeAt(at) === COMMA) at = skipWhite(text, at + 1);
  return at;
}

function endOfPlain(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === SPACE || code === TAB || code === QUOTE || code === EQUALS) break;
    at += 1;
  }
  return at;
}

/** The position behind the closing quote, or -1. */
function endOfQuoted(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at + 1;
  }
  return -1;
}

function valueBetween(text: string, from: number, end: number): string {
  if (text.charCodeAt(from) !== QUOTE) return text.slice(from, end);
  const inner = text.slice(from + 1, end - 1);
  return inner.includes('\\') ? inner.replaceAll(/\\(.)/g, '$1') : inner;
}

function isToken(name: string): boolean {
  return /^[\w.!%*+`'~-]+$/.test(name);
}
