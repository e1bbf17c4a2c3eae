/**
 * Finds well-known names in a message without making strings of them: the answer is always the same constant, which
 * costs nothing to keep and compares fast. Names are compared four characters at a time. It knows no name itself.
 */
import { codesOf, wordAt } from './characters.ts';

const SLOTS = 1024;
const WORD_CHARACTERS = 4;
/** Setting this bit makes letters of a token lower case and leaves its other characters distinct. */
const LOWER_CASE = 0x2020_2020;

class Entry<T> {
  readonly codes: Uint8Array;
  readonly length: number;
  readonly first: number;
  readonly last: number;
  readonly value: T;
  /** Of the same slot. */
  readonly next: Entry<T> | undefined;

  constructor(codes: Uint8Array, value: T, next: Entry<T> | undefined) {
    this.codes = codes;
    this.length = codes.length;
    this.first = firstWord(codes, 0, codes.length);
    this.last = lastWord(codes, 0, codes.length);
    this.value = value;
    this.next = next;
  }
}

export class NameTable<T> {
  readonly #slots: (Entry<T> | undefined)[] = Array.from({ length: SLOTS }, () => undefined);

  add(name: string, value: T): this {
    const codes = codesOf(name);
    const slot = slotOf(firstWord(codes, 0, codes.length), lastWord(codes, 0, codes.length));
    this.#slots[slot] = new Entry(codes, value, this.#slots[slot]);
    return this;
  }

  /** What stands under the name, in any case, that is in the range. */
  find(codes: Uint8Array, start: number, end: number): T | undefined {
    const first = firstWord(codes, start, end);
    const last = lastWord(codes, start, end);
    let entry = this.#slots[slotOf(first, last)];
    while (entry !== undefined) {
      if (entry.length === end - start && entry.first === first && entry.last === last) {
        if (entry.length <= 2 * WORD_CHARACTERS || hasMiddle(codes, start, entry.codes)) return entry.value;
      }
      entry = entry.next;
    }
    return undefined;
  }
}

/** Names that stand for themselves. */
export function nameTableOf(names: Iterable<string>): NameTable<string> {
  const table = new NameTable<string>();
  for (const name of names) table.add(name, name);
  return table;
}

function slotOf(first: number, last: number): number {
  const mixed = Math.imul(first, 0x9e37_79b1) ^ Math.imul(last, 0x85eb_ca6b);
  return (mixed >>> 16) & (SLOTS - 1);
}

/** The first four characters of the range as one number; all of a shorter range. */
function firstWord(codes: Uint8Array, start: number, end: number): number {
  return end - start >= WORD_CHARACTERS ? wordAt(codes, start) | LOWER_CASE : shortWord(codes, start, end);
}

function lastWord(codes: Uint8Array, start: number, end: number): number {
  return end - start >= WORD_CHARACTERS ? wordAt(codes, end - WORD_CHARACTERS) | LOWER_CASE : end - start;
}

function shortWord(codes: Uint8Array, start: number, end: number): number {
  const second = end - start > 1 ? (codes[start + 1] ?? 0) : 0;
  const third = end - start > 2 ? (codes[start + 2] ?? 0) : 0;
  return ((codes[start] ?? 0) << 16) | (second << 8) | third | LOWER_CASE;
}

/** Whether the characters between the first and the last word are those of the name. */
function hasMiddle(codes: Uint8Array, start: number, name: Uint8Array): boolean {
  const end = name.length - WORD_CHARACTERS;
  for (let i = WORD_CHARACTERS; i < end; i += WORD_CHARACTERS) {
    if ((wordAt(codes, start + i) | LOWER_CASE) !== (wordAt(name, i) | LOWER_CASE)) return false;
  }
  return true;
}
