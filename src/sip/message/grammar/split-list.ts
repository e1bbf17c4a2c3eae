/** Splits a header row at the commas of its list, never inside quotes or angle brackets (RFC 3261 7.3.1). */
import { BACKSLASH, COMMA, GREATER, LESS, QUOTE } from './characters.ts';

/** The members in order, trimmed; empty ones are left out. What follows an unterminated quote is one member. */
export function splitList(row: string): string[] {
  const members: string[] = [];
  for (let start = 0; start <= row.length;) {
    const end = firstMemberEnd(row, start);
    const member = row.slice(start, end).trim();
    if (member !== '') members.push(member);
    start = end + 1;
  }
  return members;
}

/** Where the member that begins at `start` ends: at its comma or at the end of the row. */
export function firstMemberEnd(row: string, start = 0): number {
  let isQuoted = false;
  let isBracketed = false;
  for (let at = start; at < row.length; at++) {
    const code = row.charCodeAt(at);
    if (isQuoted) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) isQuoted = false;
    } else if (code === QUOTE) isQuoted = true;
    else if (code === LESS) isBracketed = true;
    else if (code === GREATER) isBracketed = false;
    else if (code === COMMA && !isBracketed) return at;
  }
  return row.length;
}
