/**
 * Elements of namespaces that this server does not know, in presence documents: as attributes named `x-NAME`, and as XML
 * to be passed on to watchers who may see everything (RFC 3863 4.2: who does not know an element ignores it whole).
 */
import { childElements, parseXml, textOf, type XmlElement } from '../xml-reader.ts';
import { formatXml } from '../xml-writer.ts';
import { isForeignNamespace, omaNamespace, pidfNamespace } from './names.ts';

/** Visits every foreign element that holds text and no elements, at any depth; an empty one comes with empty text. */
export function readForeignText(element: XmlElement, visit: (name: string, text: string) => void): void {
  if (!isForeignNamespace(element.namespace) || mustUnderstand(element)) return;
  const children = childElements(element);
  if (children.length === 0) visit(element.name, textOf(element));
  // RFC 3863 4.2.3: one child that must be understood and is not makes its parent be ignored whole.
  else if (!children.some((child) => isForeignNamespace(child.namespace) && mustUnderstand(child))) {
    for (const child of children) readForeignText(child, visit);
  }
}

export interface ForeignElement {
  /** `{namespace}name`. */
  readonly name: string;
  /** Stands on its own wherever it is put. */
  readonly xml: string;
}

/** What is passed on of published documents, in characters; what comes after is left out. */
export const passedOnMax = 32_768;

/**
 * The foreign elements of a document's root, tuples, statuses, persons and devices, without those that are read for what
 * they mean; none when it cannot be read. At most `passedOnMax` together. A document is read once, however often it is
 * asked for: with 256 live publications and several watchers, reading them at every change is what takes the time.
 */
export function foreignElements(document: Uint8Array): readonly ForeignElement[] {
  const found = foundIn.get(document);
  if (found !== undefined) return found;
  const parsed = parseXml(document);
  return noteForeignElements(document, parsed.ok ? parsed.value : undefined);
}

/** For whoever has just read the document anyway: undefined where it cannot be read. */
export function noteForeignElements(document: Uint8Array, root: XmlElement | undefined): readonly ForeignElement[] {
  const found = root === undefined ? none : findForeign(root);
  // Most documents have none, and share that.
  const noted = found.length === 0 ? none : found;
  foundIn.set(document, noted);
  return noted;
}

const foundIn = new WeakMap<Uint8Array, readonly ForeignElement[]>();
const none: readonly ForeignElement[] = [];

function findForeign(root: XmlElement): ForeignElement[] {
  const found: ForeignElement[] = [];
  let room = passedOnMax;
  const collect = (element: XmlElement): void => {
    for (const child of childElements(element)) {
      if (containers.has(child.name) && !isForeignNamespace(child.namespace)) collect(child);
      else if (isForeignNamespace(child.namespace) && !isWillingness(child)) {
        const xml = formatXml(child);
        room -= xml.length;
        if (room >= 0) found.push({ name: `{${child.namespace}}${child.name}`, xml });
      }
    }
  };
  collect(root);
  return found;
}

/** OMA 1.0: on the person, or on one service. It is composed, and so never passed on as it came. */
export function isWillingness(element: XmlElement): boolean {
  const { namespace, name } = element;
  return namespace === omaNamespace && (name === 'overriding-willingness' || name === 'willingness');
}

const containers = new Set(['tuple', 'status', 'person', 'device']);

function mustUnderstand(element: XmlElement): boolean {
  const value = element.attributes.get(`{${pidfNamespace}}mustUnderstand`);
  return value === '1' || value === 'true';
}
