/** Which elements of a document a node selector names (RFC 4825 6.3), and where its attributes stand in the text. */
import { childElements, type XmlElement, type XmlSource, type XmlSpan } from '../../../formats/xml-reader.ts';
import type { NodeName, NodeStep } from './xcap-uri.ts';

/** `defaults` are the namespaces that a name without prefix may be of (RFC 4825 5.3). */
export function selectElements(
  root: XmlElement,
  steps: readonly NodeStep[],
  defaults: readonly string[],
): XmlElement[] {
  let found: XmlElement[] = [];
  for (const [index, step] of steps.entries()) {
    const families = index === 0 ? [[root]] : found.map(childElements);
    found = families.flatMap((siblings) => fitting(siblings, step, defaults));
  }
  return found;
}

function fitting(siblings: readonly XmlElement[], step: NodeStep, defaults: readonly string[]): XmlElement[] {
  const named = siblings.filter((each) => fitsName(each, step.name, defaults));
  const placed = step.position === undefined ? named : named.slice(step.position - 1, step.position);
  const { attribute } = step;
  if (attribute === undefined) return placed;
  return placed.filter((each) => each.attributes.get(attributeKey(attribute.name)) === attribute.value);
}

export function fitsName(element: XmlElement, name: NodeName | undefined, defaults: readonly string[]): boolean {
  if (name === undefined) return true;
  const isNamespace =
    name.namespace === undefined ? defaults.includes(element.namespace) : name.namespace === element.namespace;
  return isNamespace && element.name === name.local;
}

/** As attributes are named in the tree. */
export function attributeKey({ namespace, local }: NodeName): string {
  return namespace === undefined ? local : `{${namespace}}${local}`;
}

export function spanOf({ spans }: XmlSource, element: XmlElement): XmlSpan {
  const span = spans.get(element);
  if (span === undefined) throw new Error('an element has no place in its text');
  return span;
}

/** By prefix, empty for the default: every namespace that may be used inside an element. */
export function namespacesWithin(source: XmlSource, element: XmlElement): Map<string, string> {
  const chain: XmlSpan[] = [];
  for (let each: XmlElement | undefined = element; each !== undefined; each = spanOf(source, each).parent) {
    chain.unshift(spanOf(source, each));
  }
  const bindings = new Map<string, string>();
  for (const { declared } of chain) for (const prefix in declared) bindings.set(prefix, declared[prefix] ?? '');
  return bindings;
}

/** An attribute of a start tag: `name="value"` is from `start` to `end`, the value without its quotes between. */
export interface AttributePlace {
  readonly start: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly end: number;
}

export function placeOfAttribute(source: XmlSource, element: XmlElement, name: NodeName): AttributePlace | undefined {
  const { start, contentStart } = spanOf(source, element);
  const tag = source.text.slice(start, contentStart);
  const bindings = namespacesWithin(source, element);
  for (const match of tag.matchAll(/\s([^\s=<>/"']+)\s*=\s*("[^"]*"|'[^']*')/g)) {
    const [all, written = '', quoted = ''] = match;
    const colon = written.indexOf(':');
    const namespace = colon < 0 ? undefined : bindings.get(written.slice(0, colon));
    if (written.slice(colon + 1) !== name.local || namespace !== name.namespace) continue;
    const end = start + match.index + all.length;
    return { start: start + match.index, valueStart: end - quoted.length + 1, valueEnd: end - 1, end };
  }
  return undefined;
}
