/**
 * Ordered parameters behind semicolons, `;name=value`, of header values and of URIs (RFC 3261 25.1). A list keeps its
 * text and is taken apart only when somebody asks. Names compare without case; no parameter has a meaning here.
 */
import { assert } from '../../../base/assert.ts';
import { quote } from './scanner.ts';

/** More parameters than this on one value are refused. */
export const paramsMax = 64;

export interface Param {
  readonly name: string;
  /** What it says: without quotes or escapes; undefined for a parameter without a value. */
  readonly value: string | undefined;
  /** How it stands in a message, without the semicolon. */
  readonly text: string;
}

/** Takes the text of a list apart; the text has passed the grammar. */
export type ParamReader = (text: string) => readonly Param[];

/** An immutable list of parameters, in the order of the message. */
export class ParamList implements Iterable<Param> {
  static readonly empty = new ParamList('', () => []);
  readonly #text: string;
  readonly #read: ParamReader;
  #params: readonly Param[] | undefined;

  constructor(text: string, read: ParamReader) {
    this.#text = text;
    this.#read = read;
  }

  /** The list of the given names and values; a value that is neither token nor host is written in quotes. */
  static of(entries: Readonly<Record<string, string | undefined>>): ParamList {
    return listOf(Object.entries(entries).map(([name, value]) => createParam(name, value)));
  }

  get size(): number {
    return this.#list().length;
  }

  /** The value, the empty string for a parameter without one, undefined when there is no such parameter. */
  get(name: string): string | undefined {
    if (this.#text === '') return undefined;
    for (const param of this.#list()) if (isSameName(param.name, name)) return param.value ?? '';
    return undefined;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** A copy with the parameter set in its place, or added at the end. For header parameters only. */
  with(name: string, value?: string): ParamList {
    const added = createParam(name, value);
    const params = this.#list().map((param) => (isSameName(param.name, name) ? added : param));
    if (!params.includes(added)) params.push(added);
    return listOf(params);
  }

  without(name: string): ParamList {
    if (!this.has(name)) return this;
    return listOf(this.#list().filter((param) => !isSameName(param.name, name)));
  }

  [Symbol.iterator](): IterableIterator<Param> {
    return this.#list()[Symbol.iterator]();
  }

  /** As it stands in a message, with the leading semicolon; empty for an empty list. */
  toString(): string {
    return this.#text;
  }

  #list(): readonly Param[] {
    this.#params ??= this.#read(this.#text);
    return this.#params;
  }
}

function listOf(params: readonly Param[]): ParamList {
  return new ParamList(params.map(({ text }) => `;${text}`).join(''), () => params);
}

const TOKEN = /^[\w\-.!%*+`'~]+$/;
const ADDRESS = /^(?:\[[\da-fA-F:.]+\]|[\da-fA-F:.]+)$/;

function createParam(name: string, value: string | undefined): Param {
  assert(TOKEN.test(name), `a parameter name is a token, not ${JSON.stringify(name)}`);
  if (value === undefined) return { name, value, text: name };
  const isPlain = TOKEN.test(value) || ADDRESS.test(value);
  return { name, value, text: `${name}=${isPlain ? value : quote(value)}` };
}

/** Compare without case. */
export function isSameName(a: string, b: string): boolean {
  return a === b || (a.length === b.length && a.toLowerCase() === b.toLowerCase());
}
