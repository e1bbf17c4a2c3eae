/** The simple types of the CSP as shapes: text, numbers, T and F, words, dates, content. */
import { type CspElement, leaf } from '../csp-element.ts';
import { PrimitiveFault } from '../status-codes.ts';
import { formatCspDate, parseCspDate } from './csp-date.ts';
import type { Shape } from './shape.ts';

export function text(charactersMax: number): Shape<string> {
  return {
    read(element) {
      if (element.text.length > charactersMax) {
        throw new PrimitiveFault(402, `${element.name} is longer than ${charactersMax} characters`);
      }
      return element.text;
    },
    write: (name, value) => leaf(name, value),
  };
}

/** What is for people to read, and is cut where it is longer. */
export function note(charactersMax: number): Shape<string> {
  const cut = (value: string): string =>
    value.length <= charactersMax ? value : value.slice(0, charactersMax).replace(/[\ud800-\udbff]$/, '');
  return { read: (element) => cut(element.text), write: (name, value) => leaf(name, cut(value)) };
}

export const numberMax = 0xffff_ffff;

export const number: Shape<number> = {
  read(element) {
    if (element.text === '') return undefined;
    const value = /^\d{1,10}$/.test(element.text) ? Number(element.text) : Number.NaN;
    return value <= numberMax ? value : refuse(element);
  },
  write: (name, value) => leaf(name, String(value)),
};

export const flag: Shape<boolean> = {
  read(element) {
    if (element.text === '') return undefined;
    if (/^(?:t|true)$/i.test(element.text)) return true;
    return /^(?:f|false)$/i.test(element.text) ? false : refuse(element);
  },
  write: (name, value) => leaf(name, value ? 'T' : 'F'),
};

export function word<W extends string>(...words: readonly W[]): Shape<W> {
  return {
    read(element) {
      if (element.text === '') return undefined;
      const said = element.text.toUpperCase();
      return words.find((known) => known.toUpperCase() === said) ?? refuse(element);
    },
    write: (name, value) => leaf(name, value),
  };
}

/** Milliseconds since 1970. What is no date counts as none: the time of reception is as good. */
export const date: Shape<number> = {
  read: (element) => parseCspDate(element.text),
  write: (name, value) => leaf(name, formatCspDate(value)),
};

/** Text, or octets where WBXML carried some that are no text. */
export const content: Shape<string | Uint8Array> = {
  read: (element) => element.octets ?? element.text,
  write: (name, value) => leaf(name, value),
};

function refuse({ name, text: said, octets }: CspElement): never {
  const words = octets === undefined ? said.slice(0, shownCharactersMax) : 'octets';
  throw new PrimitiveFault(402, `${name} may not be ${words}`);
}

const shownCharactersMax = 40;
