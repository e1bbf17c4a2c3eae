/**
 * XML documents from peers as a small tree of names, namespaces and text (XML 1.0, Namespaces in XML 1.0), behind caps on
 * size, depth and counts. Refuses a document type declaration and with it every entity beyond the five of XML; knows
 * nothing of what a document means.
 */
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { err, ok, type Result } from '../base/result.ts';

export interface XmlElement {
  /** The URI of its namespace; empty for none. */
  readonly namespace: string;
  /** The name without prefix. */
  readonly name: string;
  /** By name, or by `{namespace}name` for a name with a prefix. Declarations of namespaces are left out. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Children and text in document order; comments and processing instructions are left out. */
  readonly content: readonly (XmlElement | string)[];
}

export interface XmlLimits {
  readonly bytesMax: number;
  readonly depthMax: number;
  /** Of one element, declarations of namespaces included. */
  readonly attributesMax: number;
  /** Of the whole document. */
  readonly elementsMax: number;
}

/** The depth is what keeps the cost low: name look-up in the XML library grows with the square of the nesting. */
export const xmlLimits: XmlLimits = { bytesMax: 65_536, depthMax: 64, attributesMax: 64, elementsMax: 4_096 };

/** Reads a whole document of UTF-8 bytes, with or without a byte order mark; the error says in words what is wrong. */
export function parseXml(bytes: Uint8Array, limits: XmlLimits = xmlLimits): Result<XmlElement, string> {
  const text = decode(bytes, limits);
  const parsed = text.ok ? readTree(text.value, limits) : text;
  return parsed.ok ? parsed : err(parsed.error.words);
}

/** A document as its tree, and where in its text each element stands. */
export interface XmlSource {
  /** Without a byte order mark. */
  readonly text: string;
  readonly root: XmlElement;
  readonly spans: ReadonlyMap<XmlElement, XmlSpan>;
}

/** Offsets in the text: the start tag is `start` to `contentStart`, the whole element `start` to `end`. */
export interface XmlSpan {
  readonly start: number;
  contentStart: number;
  /** That of `contentStart` for an element without an end tag. */
  contentEnd: number;
  end: number;
  /** By prefix, empty for the default: what the start tag declares. */
  readonly declared: Readonly<Record<string, string>>;
  readonly parent: XmlElement | undefined;
}

export interface XmlProblem {
  /** `too-much`: beyond a limit, or of a kind that is not taken. */
  readonly kind: 'not-utf-8' | 'not-well-formed' | 'too-much';
  readonly words: string;
}

export function parseXmlSource(bytes: Uint8Array, limits: XmlLimits): Result<XmlSource, XmlProblem> {
  const text = decode(bytes, limits);
  return text.ok ? parseXmlText(text.value, limits) : text;
}

/** The same for what has been decoded. */
export function parseXmlText(text: string, limits: XmlLimits): Result<XmlSource, XmlProblem> {
  const spans = new Map<XmlElement, XmlSpan>();
  const root = readTree(text, limits, spans);
  return root.ok ? ok({ text, root: root.value, spans }) : root;
}

function decode(bytes: Uint8Array, limits: XmlLimits): Result<string, XmlProblem> {
  if (bytes.length > limits.bytesMax) {
    return err({ kind: 'too-much', words: `the document has more than ${limits.bytesMax} bytes` });
  }
  const text = decodeUtf8(bytes);
  return text === undefined ? err({ kind: 'not-utf-8', words: 'the document is not UTF-8' }) : ok(text);
}

function readTree(text: string, limits: XmlLimits, spans?: Map<XmlElement, XmlSpan>): Result<XmlElement, XmlProblem> {
  try {
    return ok(buildTree(text, limits, spans));
  } catch (error) {
    if (error instanceof XmlFault) return err({ kind: error.kind, words: error.message });
    throw error;
  }
}

export function childElements(element: XmlElement): XmlElement[] {
  return element.content.filter((part) => typeof part !== 'string');
}

/** The text directly inside, without that of children, and without white space around it. */
export function textOf(element: XmlElement): string {
  const { content } = element;
  const only = content[0];
  if (content.length === 1 && typeof only === 'string') return only.trim();
  return content
    .filter((part) => typeof part === 'string')
    .join('')
    .trim();
}

/** Leaves the library's callbacks; it never leaves this file. */
class XmlFault extends Error {
  readonly kind: XmlProblem['kind'];

  constructor(words: string, kind: XmlProblem['kind']) {
    super(words);
    this.kind = kind;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

interface OpenElement {
  readonly namespace: string;
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly content: (XmlElement | string)[];
}

function buildTree(text: string, limits: XmlLimits, spans?: Map<XmlElement, XmlSpan>): XmlElement {
  const parser = new StrictParser({ xmlns: true, position: true });
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  let depth = 0;
  let elements = 0;
  let attributes = 0;
  let start = 0;
  const addText = (part: string): void => {
    if (part !== '') open.at(-1)?.content.push(part);
  };

  parser.on('doctype', () => refuse('a document type declaration is not accepted'));
  // Before its attributes are read and its names are looked up, which is where deep documents become dear.
  parser.on('opentagstart', () => {
    attributes = 0;
    if (spans !== undefined) start = tagBefore(text, parser.position);
    if (++depth > limits.depthMax) refuse(`elements are nested deeper than ${limits.depthMax}`);
    if (++elements > limits.elementsMax) refuse(`there are more than ${limits.elementsMax} elements`);
  });
  parser.on('attribute', () => {
    if (++attributes > limits.attributesMax) refuse(`an element has more than ${limits.attributesMax} attributes`);
  });
  parser.on('opentag', (tag) => {
    if (tag.prefix !== '') checkLocalPart(tag.local);
    const element = { namespace: tag.uri, name: tag.local, attributes: attributesOf(tag), content: [] };
    root ??= element;
    if (spans !== undefined) {
      const { position } = parser;
      const place = { start, contentStart: position, contentEnd: position, end: position };
      spans.set(element, { ...place, declared: tag.ns, parent: open.at(-1) });
    }
    open.at(-1)?.content.push(element);
    open.push(element);
  });
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    depth -= 1;
    const closed = open.pop();
    const span = closed === undefined ? undefined : spans?.get(closed);
    if (span === undefined || parser.position === span.contentStart) return;
    span.contentEnd = tagBefore(text, parser.position);
    span.end = parser.position;
  });
  parser.write(text);
  const { encoding } = parser.xmlDecl;
  if (encoding !== undefined && !/^(?:utf-8|us-ascii)$/i.test(encoding)) {
    refuse(`encoding ${encoding} is not accepted`, 'not-utf-8');
  }
  parser.close();
  return root ?? refuse('the document is empty', 'not-well-formed');
}

/**
 * The library's faults come with the line and the column. It is a class of its own for speed as well: with more than six
 * handlers the engine turns the library's own class into a dictionary, and reading takes four times as long (measured).
 */
class StrictParser extends SaxesParser<{ xmlns: true; position: boolean }> {
  override fail(message: string): never {
    throw new XmlFault(this.makeError(message).message.slice(0, faultCharactersMax), 'not-well-formed');
  }
}

/** The library repeats the name it stumbled over, however long it is. */
const faultCharactersMax = 200;

function refuse(words: string, kind: XmlProblem['kind'] = 'too-much'): never {
  throw new XmlFault(words, kind);
}

/** Behind a prefix the library takes what may only go on with a name (Namespaces in XML 1.0, 3); without one it is no name. */
function checkLocalPart(name: string): void {
  if (/^(?:[-.\d\u00b7\u203f\u2040]|\p{M})/u.test(name)) refuse(`${name} is not a name`, 'not-well-formed');
}

/** Where the tag begins of which a part stands before `position`. */
function tagBefore(text: string, position: number): number {
  let at = position - 1;
  while (at > 0 && text[at] !== '<') at -= 1;
  return at;
}

const noAttributes: ReadonlyMap<string, string> = new Map();
const declarations = 'http://www.w3.org/2000/xmlns/';

function attributesOf(tag: SaxesTagNS): ReadonlyMap<string, string> {
  let found: Map<string, string> | undefined;
  for (const name in tag.attributes) {
    const attribute = tag.attributes[name];
    if (attribute === undefined || attribute.uri === declarations) continue;
    found ??= new Map();
    if (attribute.prefix !== '') checkLocalPart(attribute.local);
    found.set(attribute.uri === '' ? attribute.local : `{${attribute.uri}}${attribute.local}`, attribute.value);
  }
  return found ?? noAttributes;
}
