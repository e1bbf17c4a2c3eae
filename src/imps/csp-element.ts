/**
 * The neutral tree of a CSP document, the same from XML and from WBXML: elements with children, or with a value. Attributes
 * other than xmlns have no meaning in the CSP and are left out. Knows no primitive.
 */
export interface CspElement {
  readonly name: string;
  /** Where it differs from that of the parent; empty for none. */
  readonly namespace?: string;
  /** Empty for an element with children. */
  readonly text: string;
  /** What WBXML carried as opaque data and is no text. */
  readonly octets?: Uint8Array;
  readonly children: readonly CspElement[];
}

/** Why a document is not taken. `too-large`: well-formed as far as it was read, but beyond a limit. */
export interface CspDocumentFault {
  readonly kind: 'malformed' | 'too-large';
  readonly words: string;
}

/** Bounds of what is read, in either syntax. */
export interface CspLimits {
  readonly bytesMax: number;
  readonly depthMax: number;
  /** Of the whole document. */
  readonly elementsMax: number;
  /** Of the whole document, with every reference to a string table spelt out. */
  readonly textCharactersMax: number;
  readonly nameCharactersMax: number;
  /** Of one element. */
  readonly attributesMax: number;
}

export const cspLimits: CspLimits = {
  bytesMax: 131_072,
  depthMax: 32,
  elementsMax: 16_384,
  textCharactersMax: 262_144,
  nameCharactersMax: 64,
  attributesMax: 16,
};

/** Leaves a reader of documents; it never leaves the room. */
export class CspReadFault extends Error {
  readonly kind: CspDocumentFault['kind'];

  constructor(words: string, kind: CspDocumentFault['kind'] = 'malformed') {
    super(words);
    this.kind = kind;
  }
}

export function node(name: string, children: readonly CspElement[], namespace?: string): CspElement {
  const element = { name, text: '', children };
  return namespace === undefined ? element : { ...element, namespace };
}

export function leaf(name: string, value: string | Uint8Array = ''): CspElement {
  if (typeof value === 'string') return { name, text: value, children: noChildren };
  return { name, text: '', octets: value, children: noChildren };
}

/**
 * What a reader has found between two tags. Text beside children is laid aside, and so is the white space around a value,
 * which pretty printing adds, except where the value is somebody's own content.
 */
export function readElement(found: {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly text: string;
  readonly octets: Uint8Array | undefined;
  readonly children: readonly CspElement[];
}): CspElement {
  const { name, namespace, octets, children } = found;
  const hasChildren = children.length > 0;
  let text = hasChildren ? '' : found.text;
  if (!carriesContent(name)) text = trimXmlSpace(text);
  const element = { name: usualNames.get(name) ?? name, text, children };
  return {
    ...element,
    ...(namespace === undefined ? {} : { namespace }),
    ...(octets === undefined || hasChildren ? {} : { octets }),
  };
}

/** Somebody's own content, which is neither trimmed nor taken for a word of the protocol. */
export function carriesContent(name: string): boolean {
  return name === 'ContentData' || name === 'DirectContent';
}

export function childOf(element: CspElement, name: string): CspElement | undefined {
  return element.children.find((child) => child.name === name);
}

const noChildren: readonly CspElement[] = [];

/** Names that differ between the sources of the protocol; all are taken, the second is written. */
const usualNames: ReadonlyMap<string, string> = new Map([
  ['BlockUser-Request', 'BlockEntity-Request'],
  ['Auto-Subscribe', 'AutoSubscribe'],
  ['Extended-Data', 'ExtendedData'],
  ['AcceptedCharset', 'AcceptedCharSet'],
  ['PlainTextCharSet', 'PlainTextCharset'],
  ['PreferredContent', 'ReferredContent'],
  ['PreferredvCard', 'ReferredvCard'],
  ['CName', 'Cname'],
  ['WV-CSP-NSDiscovery-Request', 'WV-CSP-VersionDiscovery-Request'],
  ['WV-CSP-NSDiscovery-Response', 'WV-CSP-VersionDiscovery-Response'],
]);

function trimXmlSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isXmlSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isXmlSpace(text.charCodeAt(end - 1))) end -= 1;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isXmlSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d && code !== 0x0b && code !== 0x0c);
}
