/**
 * Presence attributes as they stand in a PresenceSubList: an attribute with a value, or with parts, and whether it is valid.
 * Which attributes there are, in which order, and of what they are made.
 */
import { type CspElement, leaf, node } from '../csp-element.ts';
import { namespaceOf } from '../csp-version.ts';
import type { Shape } from '../shapes/shape.ts';

export interface PresenceAttribute {
  readonly name: string;
  /** Its Qualifier. False: the value is unknown, or no longer valid; undefined in a list of names. */
  readonly isValid?: boolean;
  readonly value?: string;
  readonly parts?: readonly PresencePart[];
}

/** A piece of an attribute that has several. */
export interface PresencePart {
  readonly name: string;
  readonly value?: string;
  readonly parts?: readonly PresencePart[];
}

/** In the order of the DTD. `parts` are the names below, in order; without them the attribute has a PresenceValue. */
const attributes: readonly (readonly [name: string, parts?: string])[] = [
  ['OnlineStatus'],
  ['Registration'],
  ['ClientInfo', 'ClientType DevManufacturer ClientProducer Model ClientVersion Language'],
  ['TimeZone', 'Zone'],
  ['GeoLocation', 'Longitude Latitude Altitude Accuracy'],
  ['Address', 'Country City Street Crossing1 Crossing2 Building NamedArea Accuracy'],
  ['FreeTextLocation'],
  ['PLMN'],
  ['CommCap', 'CommC'],
  ['UserAvailability'],
  ['PreferredContacts', 'AddrPref'],
  ['PreferredLanguage'],
  ['StatusText'],
  ['StatusMood'],
  ['Alias'],
  ['StatusContent', 'DirectContent ReferredContent ContentType'],
  ['ContactInfo', 'ContainedvCard ReferredvCard'],
  ['InfoLink', 'Inf_link'],
];
const partsInside: ReadonlyMap<string, string> = new Map([
  ['CommC', 'Cap Status Contact Note'],
  ['AddrPref', 'PrefC Caddr Cstatus Cname Cpriority'],
  ['Inf_link', 'Link Text ContentType'],
]);
const partsOf = new Map([...attributes, ...partsInside].map(([name, parts]) => [name, parts?.split(' ')] as const));
const places = new Map(attributes.map(([name], place) => [name, place]));

/** Unknown attributes are read as well, so that they can be named when they are refused. */
export const presenceSubList: Shape<readonly PresenceAttribute[]> = {
  read: (element) => element.children.map(readAttribute),
  write(name, value, version) {
    const last = attributes.length;
    const sorted = value.toSorted((a, b) => (places.get(a.name) ?? last) - (places.get(b.name) ?? last));
    return node(name, sorted.map(writeAttribute), namespaceOf(version, 'presence'));
  },
};

function readAttribute(element: CspElement): PresenceAttribute {
  const { name } = element;
  const qualifier = element.children.find((child) => child.name === 'Qualifier')?.text;
  const rest = element.children.filter((child) => child.name !== 'Qualifier');
  const valid = qualifier === undefined || qualifier === '' ? {} : { isValid: /^t/i.test(qualifier) };
  const value = rest.find((child) => child.name === 'PresenceValue');
  if (value !== undefined) return { name, ...valid, value: value.text };
  if (element.children.length === 0) return element.text === '' ? { name } : { name, value: element.text };
  const parts = rest.map(readPart);
  return parts.length === 0 ? { name, ...valid } : { name, ...valid, parts };
}

function readPart({ name, text, children }: CspElement): PresencePart {
  if (children.length > 0) return { name, parts: children.map(readPart) };
  return text === '' ? { name } : { name, value: text };
}

function writeAttribute({ name, isValid, value, parts }: PresenceAttribute): CspElement {
  const content: CspElement[] = [];
  if (isValid !== undefined) content.push(leaf('Qualifier', isValid ? 'T' : 'F'));
  if (value !== undefined) content.push(leaf('PresenceValue', value));
  content.push(...writeParts(name, parts ?? []));
  return node(name, content);
}

function writeParts(name: string, parts: readonly PresencePart[]): CspElement[] {
  const order = partsOf.get(name) ?? [];
  const place = (part: PresencePart): number => {
    const found = order.indexOf(part.name);
    return found < 0 ? order.length : found;
  };
  return parts.toSorted((a, b) => place(a) - place(b)).map(writePart);
}

function writePart({ name, value, parts }: PresencePart): CspElement {
  return parts === undefined ? leaf(name, value) : node(name, writeParts(name, parts));
}
