/** How people write to a machine: courtesy, quotation marks and full stops around what they mean. Knows no command. */
import { numberMax, numbersPerCommandMax } from './command.ts';

/** What stands around a command and means nothing. */
const leadingCourtesy =
  /^(?:(?:please|pls|hi|hello|hey|dear|ok|okay|so|now|(?:inbox|assistant|restante)(?=[\s,.!:]+\S)|(?:could|can|would|will) you|i(?:'d| would) like(?: you)? to|i want(?: you)? to|let me)(?=[\s,.!:]|$)[\s,.!:]*)+/i;
const trailingCourtesy = /(?:[\s,.!?;]+(?:please|pls|thanks|thank you|thx|cheers|for me))+[\s,.!?;]*$/i;
const quotePairs: readonly (readonly [string, string])[] = [
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”'],
  ['„', '“'],
  ['‘', '’'],
  ['«', '»'],
];

/** Words between a verb and what it is about. */
const fillers = new Set([
  'the',
  'my',
  'me',
  'a',
  'an',
  'message',
  'messages',
  'msg',
  'number',
  'no',
  'nr',
  'and',
  'of',
]);

/** Without the quotation marks around the whole, and white space. */
export function unquote(text: string): string {
  const trimmed = text.trim();
  for (const [open, close] of quotePairs) {
    const isQuoted = trimmed.length > open.length && trimmed.startsWith(open) && trimmed.endsWith(close);
    // `"a" and "b"` is not quoted as a whole.
    if (isQuoted && !trimmed.slice(1, -1).includes(close)) return unquote(trimmed.slice(1, -1));
  }
  return trimmed;
}

export function withoutGreeting(text: string): string {
  return text.replace(leadingCourtesy, '').trimStart();
}

/** Of a line that is nothing but a command: what is kind about it, and how the sentence ends. */
export function withoutCourtesy(line: string): string {
  const bare = withoutGreeting(line).replace(trailingCourtesy, '');
  return unquote(bare.replace(/[\s.!,;…]+$/u, ''));
}

/** In lower case, without punctuation and fillers. */
export function meaningfulWords(text: string): string[] {
  return allWords(text).filter((word) => !fillers.has(word));
}

export function allWords(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[\s,;!?]+/)
    .map((word) => word.replace(/^["'“”‘’«»(#]+|["'“”‘’«»).:]+$/gu, ''))
    .filter((word) => word !== '');
}

/** `2`, `#2`, `2 and 3`, `2, 3`, `2-4`; undefined where anything else stands there, or too many. */
export function readNumbers(words: readonly string[]): number[] | undefined {
  const numbers = new Set<number>();
  for (const word of words) {
    const [, first, last = first] = /^#?(\d{1,4})(?:(?:-|–|\.\.)#?(\d{1,4}))?$/.exec(word) ?? [];
    if (first === undefined || Number(last) > numberMax) return undefined;
    if (Number(last) - Number(first) >= numbersPerCommandMax) return undefined;
    for (let number = Number(first); number <= Number(last); number += 1) numbers.add(number);
  }
  return numbers.size === 0 || numbers.size > numbersPerCommandMax ? undefined : [...numbers];
}

/** A name out of what people put around it: `<sip:tom@example.com>`, `"tom"`, `Tom.`; undefined where there is not one. */
export function readName(text: string): string | undefined {
  const bare = unquote(text.trim().replace(/^<(.*)>$/s, '$1')).replace(/[.,!?;:]+$/, '');
  return /^[^\s"<>,;]+$/.test(bare) ? bare : undefined;
}
