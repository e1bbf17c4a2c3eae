/**
 * A presence state as the document that a watcher gets (PIDF, RFC 3863; data model, RFC 4479; RPID, RFC 4480). What no
 * standard element can carry goes into elements of our own, so that reading it again gives the same state. Writes what it
 * is handed: which attributes a watcher may see was decided before.
 */
import { domainOf, userOf, type Address } from '../../model/address.ts';
import { canonicalWord, includesWord, type AttributeName, type PresenceState } from '../../model/presence-state.ts';
import { escapeXml, xmlElement } from '../xml-writer.ts';
import { foreignElements, passedOnMax } from './foreign-elements.ts';
import {
  activityWords,
  dataModelNamespace,
  moodWords,
  omaNamespace,
  pidfNamespace,
  placeIsParts,
  placesNamespace,
  placeWords,
  privacyWords,
  restanteNamespace,
  rpidNamespace,
  sphereWords,
  userInputWords,
  willingnessWords,
  type WordTable,
} from './names.ts';

/**
 * Without `online` in the state there is no tuple, since its `basic` would tell. `documents` are those of the live
 * publications, the newest first, for watchers who may see everything: their foreign elements are passed on as they are.
 */
export function formatPidf(
  presentity: Address,
  state: PresenceState,
  documents: readonly Uint8Array[] = [],
): Uint8Array {
  const uri = sipUriOf(presentity);
  const passedOn = passOn(documents);
  const content = formatTuple(uri, state) + formatPerson(state, passedOn);
  let declarations = `xmlns="${pidfNamespace}"`;
  for (const [tag, declaration] of prefixes) if (content.includes(tag)) declarations += declaration;
  return encoder.encode(
    `<?xml version="1.0" encoding="UTF-8"?>\n<presence ${declarations} entity="${escapeXml(uri)}">${content}</presence>\n`,
  );
}

const encoder = new TextEncoder();

/** How a tag with the prefix begins, and what declares it. */
const prefixes: readonly (readonly [tag: string, declaration: string])[] = [
  ['<dm:', ` xmlns:dm="${dataModelNamespace}"`],
  ['<rpid:', ` xmlns:rpid="${rpidNamespace}"`],
  ['<lt:', ` xmlns:lt="${placesNamespace}"`],
  ['<op:', ` xmlns:op="${omaNamespace}"`],
];

/** RFC 3261 25.1: what userinfo cannot hold is escaped; an address holds no host that needs it. */
export function sipUriOf(address: Address): string {
  return `sip:${userOf(address).replace(/[^\w.!~*'()&=+$,;?/-]+/gu, encodeURIComponent)}@${domainOf(address)}`;
}

/** Of several documents the newest that has an element of a name wins, as it does for attributes. */
function passOn(documents: readonly Uint8Array[]): string {
  let known: Set<string> | undefined;
  let content = '';
  for (const document of documents) {
    const found = foreignElements(document);
    if (found.length === 0) continue;
    const before = new Set(known);
    known ??= new Set();
    for (const { name, xml } of found) {
      if (before.has(name)) continue;
      if (content.length + xml.length > passedOnMax) return content;
      known.add(name);
      content += xml;
    }
  }
  return content;
}

/** The contact is the address of record (RFC 3856 7.2): where a person's devices are is nobody's affair. */
function formatTuple(uri: string, state: PresenceState): string {
  const online = state.get('online');
  if (online === undefined) return '';
  const basic = online[0] === 'true' ? 'open' : 'closed';
  return `<tuple id="im"><status><basic>${basic}</basic></status><contact>${escapeXml(uri)}</contact></tuple>`;
}

function formatPerson(state: PresenceState, passedOn: string): string {
  let content = '';
  let notes = '';
  for (const [name, values] of state) {
    if (name === 'online') continue;
    if (name === 'status-text') for (const value of values) notes += xmlElement('dm:note', escapeXml(value));
    else content += (writers.get(name) ?? writeOwn)(name, values);
  }
  content += passedOn + notes;
  return content === '' ? '' : `<dm:person id="person">${content}</dm:person>`;
}

/** Writes all values of one attribute. */
type AttributeWriter = (name: AttributeName, values: readonly string[]) => string;

const writeOwn: AttributeWriter = (name, values) => {
  if (!isElementName.test(name)) return '';
  let content = '';
  for (const value of values) content += xmlElement(name, escapeXml(value), { xmlns: restanteNamespace });
  return content;
};

const isElementName = /^[\p{L}_][\p{L}\p{N}._-]*$/u;

/** Words of the table as empty elements, others as the text of `other` (RFC 4480 3.2, 3.5). */
function writeWords(element: string, words: WordTable): AttributeWriter {
  return (_name, values) => {
    let content = '';
    for (const value of values) {
      const word = words.get(canonicalWord(value));
      content += word === undefined ? xmlElement('rpid:other', escapeXml(value)) : xmlElement(`rpid:${word}`);
    }
    return xmlElement(element, content);
  };
}

/** Only where every value is a word of the table; RPID has no place for others here. In the order of the table. */
function writeKnownWords(words: WordTable, format: (found: readonly string[]) => string): AttributeWriter {
  return (name, values) => {
    const found: string[] = [];
    for (const [canonical, word] of words) if (includesWord(values, canonical)) found.push(word);
    return found.length === values.length ? format(found) : writeOwn(name, values);
  };
}

function writeOneOf(words: WordTable, format: (word: string) => string): AttributeWriter {
  return (name, values) => {
    const word = values.length === 1 ? words.get(canonicalWord(values[0] ?? '')) : undefined;
    return word === undefined ? writeOwn(name, values) : format(word);
  };
}

/** Only where there is one value that the standard element can hold. */
function writeSingle(element: string, isFit: RegExp): AttributeWriter {
  return (name, values) => {
    const value = values.length === 1 ? (values[0] ?? '') : '';
    return isFit.test(value) ? xmlElement(element, escapeXml(value)) : writeOwn(name, values);
  };
}

const writePlaceType: AttributeWriter = (name, values) => {
  const places = values.map((value) => placeWords.get(canonicalWord(value)));
  const only = values.length === 1 && places[0] === undefined ? values[0] : undefined;
  if (only !== undefined) return xmlElement('rpid:place-type', xmlElement('rpid:other', escapeXml(only)));
  // The schema has either one `other` or any number of foreign words, never both.
  if (places.includes(undefined)) return writeOwn(name, values);
  return xmlElement('rpid:place-type', places.map((place) => xmlElement(`lt:${place}`)).join(''));
};

const writePlaceIs: AttributeWriter = (name, values) => {
  let content = '';
  let written = 0;
  for (const { part, words } of placeIsParts) {
    const word = words.find((word) => includesWord(values, `${part}-${word}`));
    if (word === undefined) continue;
    content += xmlElement(`rpid:${part}`, xmlElement(`rpid:${word}`));
    written += 1;
  }
  return written === values.length ? xmlElement('rpid:place-is', content) : writeOwn(name, values);
};

const writers: ReadonlyMap<AttributeName, AttributeWriter> = new Map([
  ['mood', writeWords('rpid:mood', moodWords)],
  ['activity', writeWords('rpid:activities', activityWords)],
  ['place-type', writePlaceType],
  ['place-is', writePlaceIs],
  ['privacy', writeKnownWords(privacyWords, (found) => xmlElement('rpid:privacy', found.map(rpidWord).join('')))],
  ['sphere', writeOneOf(sphereWords, (word) => xmlElement('rpid:sphere', rpidWord(word)))],
  ['user-input', writeOneOf(userInputWords, (word) => xmlElement('rpid:user-input', word))],
  [
    'willingness',
    writeOneOf(willingnessWords, (word) => xmlElement('op:overriding-willingness', xmlElement('op:basic', word))),
  ],
  ['class', writeSingle('rpid:class', /^\S+$/)],
  ['status-icon', writeSingle('rpid:status-icon', /^[a-z][a-z\d+.-]*:\S+$/i)],
  ['time-offset', writeSingle('rpid:time-offset', /^[+-]?\d{1,9}$/)],
]);

function rpidWord(word: string): string {
  return xmlElement(`rpid:${word}`);
}
