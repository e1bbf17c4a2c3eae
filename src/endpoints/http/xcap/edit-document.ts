/**
 * A document's text with one node put or taken out (RFC 4825 8.2 to 8.4), everything else as it was. What would not be found
 * again by the same selector, or found after it was taken out, is refused; whether the outcome fits its schema is looked at
 * by `check`.
 */
import { escapeXml } from '../../../formats/xml-writer.ts';
import {
  childElements,
  parseXmlText,
  type XmlElement,
  type XmlLimits,
  type XmlSource,
} from '../../../formats/xml-reader.ts';
import { attributeKey, fitsName, namespacesWithin, placeOfAttribute, selectElements, spanOf } from './select-nodes.ts';
import { type XcapConflict, XcapFault } from './xcap-fault.ts';
import type { NodeName, NodeStep } from './xcap-uri.ts';

export interface EditPlan {
  readonly source: XmlSource;
  readonly steps: readonly NodeStep[];
  readonly defaultNamespaces: readonly string[];
  readonly limits: XmlLimits;
  /** To say where there is a parent. */
  readonly documentPath: string;
  /** Throws the fault of a document that may not be. */
  readonly check: (source: XmlSource) => void;
}

export interface Edited {
  readonly source: XmlSource;
  /** It was not there before. */
  readonly isNew: boolean;
}

export function putElement(plan: EditPlan, fragment: string): Edited {
  const { source, steps } = plan;
  const parent = steps.length === 1 ? undefined : theParent(plan);
  const [known, ...more] = select(plan, source);
  if (more.length > 0) throw conflict('cannot-insert', 'the selector names several elements');
  if (known === undefined && parent === undefined) throw conflict('cannot-insert', 'a document has one root');
  checkFragment(plan, fragment, parent);
  if (known !== undefined) {
    const { start, end } = spanOf(source, known);
    return { source: replaced(plan, { start, end, by: fragment }, fragment), isNew: false };
  }
  return { source: insertWhereItFits(plan, parent as XmlElement, fragment), isNew: true };
}

export function deleteElement(plan: EditPlan): XmlSource {
  const { source, steps } = plan;
  const element = theOnly(plan);
  if (element === undefined) throw new Error('what is to be deleted was looked for before');
  if (steps.length === 1) throw conflict('cannot-delete', 'a document has a root');
  const { start, end } = spanOf(source, element);
  const next = parsed(plan, source.text.slice(0, start) + source.text.slice(end));
  if (select(plan, next).length > 0) throw conflict('cannot-delete', 'the selector would name another element then');
  plan.check(next);
  return next;
}

/** `value` is what stands between the quotes. */
export function putAttribute(plan: EditPlan, name: NodeName, value: string): Edited {
  const { source } = plan;
  const element = theOnly(plan);
  if (element === undefined) throw noParent(plan, plan.steps.length - 1);
  if (/[<>]/.test(value)) throw conflict('not-xml-att-value', 'an attribute holds no "<" or ">"');
  const known = placeOfAttribute(source, element, name);
  const quoted = value.replaceAll('"', '&quot;');
  const at = spanOf(source, element);
  const tag = /^<[^\s/>]+/.exec(source.text.slice(at.start))?.[0] ?? '';
  const behind = at.start + tag.length;
  const change =
    known === undefined
      ? { start: behind, end: behind, by: ` ${writtenName(source, element, name)}="${quoted}"` }
      : { start: known.valueStart - 1, end: known.valueEnd + 1, by: `"${quoted}"` };
  const text = source.text.slice(0, change.start) + change.by + source.text.slice(change.end);
  const next = parsed(plan, text, 'not-xml-att-value');
  const [changed] = select(plan, next);
  if (changed?.attributes.has(attributeKey(name)) !== true || spanOf(next, changed).start !== at.start) {
    throw conflict('cannot-insert', 'the selector would name another element then');
  }
  plan.check(next);
  return { source: next, isNew: known === undefined };
}

export function deleteAttribute(plan: EditPlan, name: NodeName): XmlSource {
  const { source } = plan;
  const element = theOnly(plan);
  const place = element === undefined ? undefined : placeOfAttribute(source, element, name);
  if (place === undefined) throw new Error('what is to be deleted was looked for before');
  const next = parsed(plan, source.text.slice(0, place.start) + source.text.slice(place.end));
  if (select(plan, next).some(({ attributes }) => attributes.has(attributeKey(name)))) {
    throw conflict('cannot-delete', 'the selector would name another attribute then');
  }
  plan.check(next);
  return next;
}

function select({ steps, defaultNamespaces }: EditPlan, { root }: XmlSource): XmlElement[] {
  return selectElements(root, steps, defaultNamespaces);
}

function theOnly(plan: EditPlan): XmlElement | undefined {
  const [element, ...more] = select(plan, plan.source);
  return more.length === 0 ? element : undefined;
}

function theParent(plan: EditPlan): XmlElement {
  const { source, steps, defaultNamespaces } = plan;
  const found = selectElements(source.root, steps.slice(0, -1), defaultNamespaces);
  const [parent] = found;
  if (parent === undefined || found.length > 1) throw noParent(plan, steps.length - 2);
  return parent;
}

/** Names the last element on the way that there is. */
function noParent({ source, steps, defaultNamespaces, documentPath }: EditPlan, most: number): XcapFault {
  let length = Math.max(0, most);
  while (length > 0 && selectElements(source.root, steps.slice(0, length), defaultNamespaces).length !== 1) length -= 1;
  const path = steps.slice(0, length).map(({ text }) => encodeURIComponent(text));
  const ancestor = length === 0 ? documentPath : `${documentPath}/~~/${path.join('/')}`;
  return new XcapFault({ kind: 'no-parent', words: 'there is no such parent', ancestor });
}

/** One element, nothing else, that is well-formed where it is to stand. */
function checkFragment({ source, limits }: EditPlan, fragment: string, parent: XmlElement | undefined): void {
  const bindings = parent === undefined ? new Map<string, string>() : namespacesWithin(source, parent);
  let declarations = '';
  for (const [prefix, uri] of bindings) {
    declarations += ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${escapeXml(uri)}"`;
  }
  const wrapped = parseXmlText(`<fragment${declarations}>${fragment}</fragment>`, limits);
  if (!wrapped.ok)
    throw conflict(wrapped.error.kind === 'too-much' ? 'constraint-failure' : 'not-xml-frag', wrapped.error.words);
  const { content } = wrapped.value.root;
  const isText = content.some((part) => typeof part === 'string' && part.trim() !== '');
  if (isText || childElements(wrapped.value.root).length !== 1) throw conflict('not-xml-frag', 'it is not one element');
}

interface TextChange {
  readonly start: number;
  readonly end: number;
  readonly by: string;
}

/** The document after the change, in which the selector names what was put. */
function replaced(plan: EditPlan, { start, end, by }: TextChange, fragment: string): XmlSource {
  const { text } = plan.source;
  const next = parsed(plan, text.slice(0, start) + by + text.slice(end));
  const [put, ...more] = select(plan, next);
  const from = start + by.indexOf(fragment);
  const place = put === undefined ? undefined : spanOf(next, put);
  const isPut = place !== undefined && place.start >= from && place.end <= from + fragment.length;
  if (!isPut || more.length > 0) throw conflict('cannot-insert', 'the selector does not name what is put');
  plan.check(next);
  return next;
}

/**
 * Behind the last sibling of its name, or at the position that the selector says; else last, or, since a schema may want an
 * order, wherever it fits.
 */
function insertWhereItFits(plan: EditPlan, parent: XmlElement, fragment: string): XmlSource {
  const { source, steps, defaultNamespaces } = plan;
  const step = steps.at(-1);
  const children = childElements(parent);
  const siblings = children.filter((each) => fitsName(each, step?.name, defaultNamespaces));
  const { start, contentStart, contentEnd, end } = spanOf(source, parent);
  if (step?.position !== undefined && step.position > siblings.length + 1) {
    throw conflict('cannot-insert', `there are ${siblings.length} before position ${step.position}`);
  }
  if (contentStart === end) {
    const tag = source.text.slice(start, contentStart);
    const name = /^<([^\s/>]+)/.exec(tag)?.[1] ?? '';
    return replaced(plan, { start, end, by: `${tag.replace(/\/>$/, '>')}${fragment}</${name}>` }, fragment);
  }
  const next = step?.position === undefined ? undefined : siblings[step.position - 1];
  const last = siblings.at(-1);
  const at =
    next === undefined ? (last === undefined ? contentEnd : spanOf(source, last).end) : spanOf(source, next).start;
  const places = [at];
  if (last === undefined && children.length <= placesTriedMax) {
    places.push(...children.map((child) => spanOf(source, child).start));
  }
  return firstThatFits(places, (place) => replaced(plan, { start: place, end: place, by: fragment }, fragment));
}

/** Children before each of which an element is tried that cannot stand last. */
const placesTriedMax = 4;

function firstThatFits(places: readonly number[], attempt: (place: number) => XmlSource): XmlSource {
  let first: XcapFault | undefined;
  for (const place of places) {
    try {
      return attempt(place);
    } catch (fault) {
      if (!(fault instanceof XcapFault)) throw fault;
      first ??= fault;
      if (fault.conflict.kind !== 'schema-validation-error') break;
    }
  }
  throw first ?? new Error('there is always a place to try');
}

/** Attributes of a namespace need a prefix that means it there. */
function writtenName(source: XmlSource, element: XmlElement, { namespace, local }: NodeName): string {
  if (namespace === undefined) return local;
  for (const [prefix, uri] of namespacesWithin(source, element))
    if (uri === namespace && prefix !== '') return `${prefix}:${local}`;
  throw conflict('cannot-insert', 'no prefix stands for the namespace of the attribute there');
}

function parsed({ limits }: EditPlan, text: string, kind: XcapConflict['kind'] = 'not-xml-frag'): XmlSource {
  if (Buffer.byteLength(text) > limits.bytesMax) {
    throw conflict('constraint-failure', `the document would have more than ${limits.bytesMax} bytes`);
  }
  const source = parseXmlText(text, limits);
  if (source.ok) return source.value;
  throw conflict(source.error.kind === 'too-much' ? 'constraint-failure' : kind, source.error.words);
}

function conflict(kind: XcapConflict['kind'], words: string): XcapFault {
  return new XcapFault({ kind, words });
}
