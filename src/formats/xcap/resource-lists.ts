/**
 * Resource lists (RFC 4826 3): whether a document is one. Nothing here reads what it means: it is kept for clients. Refuses
 * what does not fit the schema and the names and URIs that must be different among siblings.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { breach, misfit, type DocumentFault } from './document-fault.ts';
import { childElements, type XmlElement } from '../xml-reader.ts';

export const resourceListsNamespace = 'urn:ietf:params:xml:ns:resource-lists';
export const resourceListsContentType = 'application/resource-lists+xml';

export function checkResourceLists(root: XmlElement): Result<void, DocumentFault> {
  if (root.name !== 'resource-lists' || root.namespace !== resourceListsNamespace) {
    return misfit(`the document is not a resource-lists element of ${resourceListsNamespace}`);
  }
  return checkChildren(root, 'resource-lists');
}

/** What may stand in each, in the order in which kinds may follow each other; foreign elements come last. */
const kinds: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'resource-lists': [['list']],
  list: [['display-name'], ['list', 'entry', 'entry-ref', 'external']],
  entry: [['display-name']],
  'entry-ref': [['display-name']],
  external: [['display-name']],
  'display-name': [],
};

/** Which attribute tells siblings apart (RFC 4826 3.4.5). */
const keys: ReadonlyMap<string, string> = new Map([
  ['list', 'name'],
  ['entry', 'uri'],
  ['entry-ref', 'ref'],
  ['external', 'anchor'],
]);

const required: ReadonlySet<string> = new Set(['entry', 'entry-ref']);

function checkChildren(element: XmlElement, kind: string): Result<void, DocumentFault> {
  const groups = kinds[kind] ?? [];
  const hasText = element.content.some((part) => typeof part === 'string' && part.trim() !== '');
  if (hasText && kind !== 'display-name') return misfit(`${kind} holds text`);
  const seen = new Set<string>();
  let group = 0;
  let isNamed = false;
  for (const child of childElements(element)) {
    const place =
      child.namespace === resourceListsNamespace
        ? groups.findIndex((each) => each.includes(child.name))
        : groups.length;
    const isAgain = child.name === 'display-name' && place >= 0 && place < groups.length && isNamed;
    if (place < group || isAgain) return misfit(`${child.name} cannot stand here in ${kind}`);
    group = place;
    if (place === groups.length) continue;
    isNamed ||= child.name === 'display-name';
    const checked = checkKey(child, seen);
    if (!checked.ok) return checked;
    const inside = checkChildren(child, child.name);
    if (!inside.ok) return inside;
  }
  return ok(undefined);
}

function checkKey(element: XmlElement, seen: Set<string>): Result<void, DocumentFault> {
  const { name, attributes } = element;
  const key = keys.get(name);
  const value = key === undefined ? undefined : attributes.get(key);
  if (key === undefined) return ok(undefined);
  if (value === undefined) return required.has(name) ? misfit(`${name} has no ${key}`) : ok(undefined);
  if (name === 'entry-ref' && (isAbsolute.test(value) || value.startsWith('/'))) {
    return breach('the ref of an entry-ref is relative to the root of XCAP');
  }
  if (name === 'external' && !isHttp.test(value)) return breach('the anchor of an external is an HTTP URI');
  const word = `${name} ${value}`;
  if (seen.has(word)) {
    const field = `${name}/@${key}`;
    return err({ kind: 'uniqueness-failure', words: `two siblings have the ${key} ${value.slice(0, 200)}`, field });
  }
  seen.add(word);
  return ok(undefined);
}

const isAbsolute = /^[a-z][a-z\d+.-]*:/i;
const isHttp = /^https?:\/\//i;
