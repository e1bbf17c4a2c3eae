/**
 * Plain XML documents (XML 1.0, Namespaces in XML 1.0), such as programs write: elements, attributes and text. Knows neither
 * comments nor references nor faults: whatever is anything else is left to a reader that knows all of it.
 */
import type { XmlElement, XmlLimits } from '../xml-reader.ts';

/** The tree that any reader would make of it; undefined for what is not plain, which may be right or wrong. */
export function readPlainXml(text: string, limits: XmlLimits): XmlElement | undefined {
  return notCharacter.test(text) ? undefined : new PlainReader(text, limits).read();
}

const notCharacter = /[^\t\n\r -\ufffd]/;
const declaration = /^<\?xml version="1\.0"(?: encoding="(?:utf-8|UTF-8)")?(?: standalone="(?:yes|no)")? ?\?>/;
/** In the value of an attribute: references, and white space that is read as another. */
const notPlainValue = /[&<\t\n\r]/;
const lineEnds = /\r\n?/g;
const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';
const reserved = 'http://www.w3.org/';
const noAttributes: ReadonlyMap<string, string> = new Map();

/** What a prefix stands for within an element; the empty one is the default. */
interface Scope {
  readonly prefix: string;
  readonly namespace: string;
  readonly outer: Scope | undefined;
}

interface Attribute {
  readonly prefix: string;
  readonly local: string;
  readonly value: string;
}

class PlainReader {
  readonly #text: string;
  readonly #limits: XmlLimits;
  #at = 0;
  #elements = 0;
  /** Where the colon of the name stands that was read last; -1 without. */
  #colon = -1;
  /** Of the start tag that was read last. */
  #scope: Scope | undefined;
  #attributes: Attribute[] | undefined;

  constructor(text: string, limits: XmlLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  read(): XmlElement | undefined {
    this.#at = declaration.exec(this.#text)?.[0].length ?? 0;
    this.#skipSpace();
    if (this.#text[this.#at] !== '<') return undefined;
    const root = this.#element(undefined, 1);
    if (root === undefined) return undefined;
    this.#skipSpace();
    return this.#at === this.#text.length ? root : undefined;
  }

  /** From its `<` to behind its end tag. */
  #element(outer: Scope | undefined, depth: number): XmlElement | undefined {
    this.#elements += 1;
    if (depth > this.#limits.depthMax || this.#elements > this.#limits.elementsMax) return undefined;
    const start = this.#at + 1;
    const end = this.#name(start);
    if (end === undefined) return undefined;
    const colon = this.#colon;
    const prefix = colon < 0 ? '' : this.#text.slice(start, colon);
    const local = this.#text.slice(colon < 0 ? start : colon + 1, end);
    this.#scope = outer;
    const tagEnd = this.#startTag(end, outer);
    const scope = this.#scope;
    const namespace = namespaceOf(scope, prefix);
    const attributes = namesOf(this.#attributes, scope);
    if (tagEnd === undefined || namespace === undefined || attributes === undefined) return undefined;
    const content: (XmlElement | string)[] = [];
    if (tagEnd === '>' && !this.#content(content, scope, { depth, start, end })) return undefined;
    return { namespace, name: local, attributes, content };
  }

  /** Up to behind the end tag of the name that stands from `start` to `end`. */
  #content(
    content: (XmlElement | string)[],
    scope: Scope | undefined,
    { depth, start, end }: { depth: number; start: number; end: number },
  ): boolean {
    const text = this.#text;
    for (;;) {
      const next = text.indexOf('<', this.#at);
      if (next < 0) return false;
      if (next > this.#at) {
        const part = text.slice(this.#at, next);
        if (part.includes('&') || part.includes(']]>')) return false;
        content.push(part.includes('\r') ? part.replace(lineEnds, '\n') : part);
      }
      this.#at = next;
      if (text.charCodeAt(next + 1) === slash) return this.#endTag(text.slice(start, end));
      const child = this.#element(scope, depth + 1);
      if (child === undefined) return false;
      content.push(child);
    }
  }

  #endTag(name: string): boolean {
    if (!this.#text.startsWith(name, this.#at + 2)) return false;
    this.#at += 2 + name.length;
    this.#skipSpace();
    this.#at += 1;
    return this.#text[this.#at - 1] === '>';
  }

  /** How it ends; notes its attributes and what it declares. */
  #startTag(from: number, outer: Scope | undefined): '>' | '/>' | undefined {
    this.#attributes = undefined;
    this.#at = from;
    for (let left = this.#limits.attributesMax; ; left -= 1) {
      const hasSpace = this.#skipSpace();
      const code = this.#text.charCodeAt(this.#at);
      if (code === greater) {
        this.#at += 1;
        return '>';
      }
      if (code === slash && this.#text.charCodeAt(this.#at + 1) === greater) {
        this.#at += 2;
        return '/>';
      }
      if (!hasSpace || left === 0 || !this.#attribute(outer)) return undefined;
    }
  }

  #attribute(outer: Scope | undefined): boolean {
    const text = this.#text;
    const start = this.#at;
    const end = this.#name(start);
    const quote = end === undefined ? '' : text[end + 1];
    if (end === undefined || text[end] !== '=' || (quote !== '"' && quote !== "'")) return false;
    const colon = this.#colon;
    const close = text.indexOf(quote, end + 2);
    if (close < 0) return false;
    const value = text.slice(end + 2, close);
    if (notPlainValue.test(value)) return false;
    this.#at = close + 1;
    const prefix = colon < 0 ? '' : text.slice(start, colon);
    const local = text.slice(colon < 0 ? start : colon + 1, end);
    if (prefix === 'xmlns') return value !== '' && this.#declare(local, value, outer);
    if (prefix === '' && local === 'xmlns') return this.#declare('', value, outer);
    (this.#attributes ??= []).push({ prefix, local, value });
    return true;
  }

  /** Names that are reserved, and what is declared twice, is for those who know the rules. */
  #declare(prefix: string, namespace: string, outer: Scope | undefined): boolean {
    if (prefix === 'xml' || prefix === 'xmlns' || namespace.includes(' ') || namespace.startsWith(reserved))
      return false;
    for (let scope = this.#scope; scope !== outer; scope = scope?.outer) if (scope?.prefix === prefix) return false;
    this.#scope = { prefix, namespace, outer: this.#scope };
    return true;
  }

  /** The end of the name that begins here, and its colon. */
  #name(start: number): number | undefined {
    const text = this.#text;
    let at = start;
    this.#colon = -1;
    if (!startsName(text.charCodeAt(at))) return undefined;
    for (;;) {
      at += 1;
      const code = text.charCodeAt(at);
      if (continuesName(code)) continue;
      if (code !== colonCode) return at;
      if (this.#colon >= 0 || !startsName(text.charCodeAt(at + 1))) return undefined;
      this.#colon = at;
    }
  }

  #skipSpace(): boolean {
    const start = this.#at;
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at += 1;
    return this.#at > start;
  }
}

/** Undefined where nothing declares it. */
function namespaceOf(within: Scope | undefined, prefix: string): string | undefined {
  for (let scope = within; scope !== undefined; scope = scope.outer) {
    if (scope.prefix === prefix) return scope.namespace;
  }
  if (prefix === 'xml') return xmlNamespace;
  return prefix === '' ? '' : undefined;
}

/** As the tree has them; undefined where one stands twice or nothing declares its prefix. */
function namesOf(
  attributes: readonly Attribute[] | undefined,
  scope: Scope | undefined,
): ReadonlyMap<string, string> | undefined {
  if (attributes === undefined) return noAttributes;
  const names = new Map<string, string>();
  for (const { prefix, local, value } of attributes) {
    const namespace = prefix === '' ? '' : namespaceOf(scope, prefix);
    if (namespace === undefined) return undefined;
    const name = prefix === '' ? local : `{${namespace}}${local}`;
    if (names.has(name)) return undefined;
    names.set(name, value);
  }
  return names;
}

const colonCode = 0x3a;
const slash = 0x2f;
const greater = 0x3e;

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Letters and `_`. */
function startsName(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f;
}

/** Those, digits, `-` and `.`. */
function continuesName(code: number): boolean {
  return startsName(code) || (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2e;
}
