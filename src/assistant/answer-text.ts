/**
 * An answer cut to what one MESSAGE may carry: below 1,300 bytes on the wire over UDP (RFC 3261 18.1.1), of which the
 * headers take up to 780. Cut between lines where that is possible, else between characters.
 */

/** Bytes of UTF-8, and so no more characters either. */
export const answerBytesMax = 520;

const moreHint = '(say "more" for the rest)';
const encoder = new TextEncoder();

export interface CutAnswer {
  readonly text: string;
  readonly rest: readonly string[];
}

/** As many lines as fit, with a hint where something is left. */
export function cutAnswer(lines: readonly string[]): CutAnswer {
  const whole = lines.join('\n');
  if (bytesOf(whole) <= answerBytesMax) return { text: whole, rest: [] };
  const room = answerBytesMax - bytesOf(`\n${moreHint}`);
  const taken: string[] = [];
  let used = 0;
  for (const [index, line] of lines.entries()) {
    const bytes = bytesOf(line) + 1;
    if (used + bytes > room) {
      if (taken.length > 0) return { text: [...taken, moreHint].join('\n'), rest: lines.slice(index) };
      const [head, tail] = splitLine(line, room - 1);
      return { text: `${head}\n${moreHint}`, rest: [tail, ...lines.slice(index + 1)] };
    }
    taken.push(line);
    used += bytes;
  }
  return { text: taken.join('\n'), rest: [] };
}

/** A part of something that others wrote, on one line. */
export function shorten(text: string, charactersMax: number): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  if (line.length <= charactersMax) return line;
  return `${line.slice(0, charactersMax - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

export function bytesOf(text: string): number {
  return encoder.encode(text).length;
}

function splitLine(line: string, bytesMax: number): [string, string] {
  let head = '';
  let used = 0;
  for (const character of line) {
    used += bytesOf(character);
    if (used > bytesMax) break;
    head += character;
  }
  return [head, line.slice(head.length)];
}
