/**
 * Character classes of the SIP grammar (RFC 3261 25.1), one table look-up each. It knows single characters only.
 */
export const TOKEN = 1;
export const WORD = 2;
export const USER = 4;
export const PASSWORD = 8;
export const URI_PARAM = 16;
export const URI_HEADER = 32;
export const URIC = 64;
export const DIGIT = 128;
export const HEX = 256;
export const LETTER = 512;
export const ALPHANUM = LETTER | DIGIT;
/** Of a label of a host name. */
export const LABEL = 1024;

const classes = new Uint16Array(256);
const DIGITS = '0123456789';
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const MARK = "-_.!~*'()";

mark(DIGITS, DIGIT | HEX);
mark('abcdefABCDEF', HEX);
mark(LETTERS, LETTER);
mark(`${DIGITS}${LETTERS}-`, LABEL);
mark(DIGITS + LETTERS, TOKEN | WORD | USER | PASSWORD | URI_PARAM | URI_HEADER | URIC);
mark("-.!%*_+`'~", TOKEN);
mark('-.!%*_+`\'~()<>:\\"/[]?{}', WORD);
// The classes of URIs leave "%" out: it begins an escape there and is looked at on its own.
mark(`${MARK}&=+$,;?/`, USER);
mark(`${MARK}&=+$,`, PASSWORD);
mark(`${MARK}[]/:&+$`, URI_PARAM);
mark(`${MARK}[]/?:+$`, URI_HEADER);
mark(`${MARK};/?:@&=+$,`, URIC);

function mark(characters: string, bits: number): void {
  for (let i = 0; i < characters.length; i++) {
    const code = characters.charCodeAt(i);
    classes[code] = (classes[code] ?? 0) | bits;
  }
}

/** Whether the character code, 0 to 255, belongs to one of the classes in `bits`; nothing above ASCII does. */
export function isOf(code: number, bits: number): boolean {
  return ((classes[code] ?? 0) & bits) !== 0;
}

/**
 * One code per UTF-16 unit of the text, everything above ASCII as the same code, since no class tells those apart.
 * Readers look at codes rather than at the text because that is several times faster.
 */
export function codesOf(text: string): Uint8Array {
  const codes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    codes[i] = code < ABOVE_ASCII ? code : ABOVE_ASCII;
  }
  return codes;
}

export const ABOVE_ASCII = 128;
export const TAB = 9;
export const LF = 10;
export const CR = 13;
export const SPACE = 32;
export const QUOTE = 34;
export const PERCENT = 37;
export const AMPERSAND = 38;
export const PLUS = 43;
export const COMMA = 44;
export const DASH = 45;
export const DOT = 46;
export const SLASH = 47;
export const COLON = 58;
export const SEMICOLON = 59;
export const LESS = 60;
export const EQUALS = 61;
export const GREATER = 62;
export const QUESTION = 63;
export const AT = 64;
export const BRACKET_OPEN = 91;
export const BACKSLASH = 92;
export const BRACKET_CLOSE = 93;

export function isWhite(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** The end of the run of characters of the classes in `bits`. */
export function skipAll(codes: Uint8Array, start: number, end: number, bits: number): number {
  let at = start;
  while (at < end && isOf(codes[at] ?? 0, bits)) at++;
  return at;
}

export function skipWhite(codes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isWhite(codes[at] ?? 0)) at++;
  return at;
}

/** Four codes as one number, to compare with `wordOf`; the caller knows that they are there. */
export function wordAt(codes: Uint8Array, at: number): number {
  const high = ((codes[at] ?? 0) << 24) | ((codes[at + 1] ?? 0) << 16);
  return high | ((codes[at + 2] ?? 0) << 8) | (codes[at + 3] ?? 0);
}

/** Four characters as one number. */
export function wordOf(text: string): number {
  return wordAt(codesOf(text), 0);
}
