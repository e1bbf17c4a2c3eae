/**
 * Presence attributes of the CSP and of the model, in both directions (docs/imps.md section 5). What has no
 * attribute of its own in the model is `x-NAME`, its parts written as a query string, so that it comes back as it was.
 */
import { err, ok, type Result } from '../../../base/result.ts';
import type { PresenceAttribute, PresencePart } from '../../../imps/primitives/presence-attributes.ts';
import type { StatusCode } from '../../../imps/status-codes.ts';
import {
  availabilityValues,
  canonicalWord,
  type AttributeName,
  type PresenceState,
} from '../../../model/presence-state.ts';

/** Of one attribute: contacts, capabilities, links. */
export const attributeValuesMax = 64;
/** Of one value. */
export const attributeCharactersMax = 1_000;

export interface PresenceRefusal {
  readonly code: StatusCode;
  readonly words: string;
}

/** What a client says of itself: values, or null for what is no longer valid. OnlineStatus is derived, and passed over. */
export function wordsOfAttributes(
  attributes: readonly PresenceAttribute[],
): Result<ReadonlyMap<AttributeName, readonly string[] | null>, PresenceRefusal> {
  const words = new Map<AttributeName, readonly string[] | null>();
  for (const attribute of attributes) {
    const found = imageOf(attribute.name);
    if (found === undefined)
      return err({ code: 750, words: `${attribute.name.slice(0, 40)} is no presence attribute` });
    if (found.kind === 'derived') continue;
    const isValid = attribute.isValid === true;
    const values = isValid ? valuesOf(attribute) : [];
    const fault = values.find((value) => value.length > attributeCharactersMax);
    if (fault !== undefined)
      return err({ code: 751, words: `${attribute.name} has more than ${attributeCharactersMax} characters` });
    if (values.length > attributeValuesMax)
      return err({ code: 751, words: `${attribute.name} has more than ${attributeValuesMax} values` });
    const wrong = values.find((value) => !isPossible(found.attribute, value));
    if (wrong !== undefined) return err({ code: 751, words: `${attribute.name} may not be ${wrong.slice(0, 40)}` });
    const type = found.kind === 'client' ? clientTypeOf(attribute) : undefined;
    if (found.kind === 'client') words.set('client-type', isValid && type !== undefined ? [type] : null);
    words.set(found.attribute, values.length === 0 ? null : values);
  }
  return ok(words);
}

/** The attribute of the model that one of the CSP stands for; undefined for a name that is none. */
export function attributeOf(name: string): AttributeName | undefined {
  return imageOf(name)?.attribute;
}

/** The names in the CSP of attributes of the model, in the order of the DTD. */
export function namesOfAttributes(attributes: readonly AttributeName[] | '*'): readonly string[] {
  const named = [...images].filter(([, { attribute }]) => attributes === '*' || attributes.includes(attribute));
  return named.map(([name]) => name);
}

/** What a watcher is shown of a state: of the attributes that are asked for, or of all. What has no word is left out. */
export function attributesOfState(
  state: PresenceState,
  asked: readonly string[] | 'all',
): readonly PresenceAttribute[] {
  const shown: PresenceAttribute[] = [];
  for (const [name, image] of images) {
    if (asked !== 'all' && !asked.includes(name)) continue;
    const attribute = shownAttribute(name, image, state);
    if (attribute !== undefined) shown.push(attribute);
  }
  return shown;
}

type Image = {
  readonly kind: 'derived' | 'word' | 'text' | 'parts' | 'list' | 'client';
  readonly attribute: AttributeName;
};

/** In the order of the DTD. */
const images: ReadonlyMap<string, Image> = new Map<string, Image>([
  ['OnlineStatus', { kind: 'derived', attribute: 'online' }],
  ['Registration', { kind: 'text', attribute: 'x-registration' }],
  ['ClientInfo', { kind: 'client', attribute: 'x-client-info' }],
  ['TimeZone', { kind: 'parts', attribute: 'x-time-zone' }],
  ['GeoLocation', { kind: 'parts', attribute: 'x-geo-location' }],
  ['Address', { kind: 'parts', attribute: 'x-address' }],
  ['FreeTextLocation', { kind: 'text', attribute: 'x-location-text' }],
  ['PLMN', { kind: 'text', attribute: 'x-plmn' }],
  ['CommCap', { kind: 'list', attribute: 'x-communication' }],
  ['UserAvailability', { kind: 'word', attribute: 'availability' }],
  ['PreferredContacts', { kind: 'list', attribute: 'x-preferred-contacts' }],
  ['PreferredLanguage', { kind: 'text', attribute: 'language' }],
  ['StatusText', { kind: 'text', attribute: 'status-text' }],
  ['StatusMood', { kind: 'word', attribute: 'mood' }],
  ['Alias', { kind: 'text', attribute: 'x-alias' }],
  ['StatusContent', { kind: 'parts', attribute: 'x-status-content' }],
  ['ContactInfo', { kind: 'parts', attribute: 'x-contact-info' }],
  ['InfoLink', { kind: 'list', attribute: 'x-links' }],
]);

/** What each element of a list is called. */
const listed: Readonly<Record<string, string>> = {
  CommCap: 'CommC',
  PreferredContacts: 'AddrPref',
  InfoLink: 'Inf_link',
};

/** The words that clients know; another mood of a phone of another protocol has none. */
const moods: readonly string[] =
  'ANGRY ANXIOUS ASHAMED BORED EXCITED HAPPY IN_LOVE INVINCIBLE JEALOUS SAD SLEEPY'.split(' ');
const availabilities: readonly string[] = ['AVAILABLE', 'NOT_AVAILABLE', 'DISCREET'];

function imageOf(name: string): Image | undefined {
  return images.get(name);
}

function valuesOf(attribute: PresenceAttribute): string[] {
  const { name, value, parts = [] } = attribute;
  const image = imageOf(name);
  switch (image?.kind) {
    case 'word':
      return value === undefined || value === '' ? [] : [canonicalWord(value)];
    case 'text':
      return value === undefined || value === '' ? [] : [value];
    case 'list':
      return parts.map((part) => formatParts(part.parts ?? [])).filter((text) => text !== '');
    case 'client':
      return [formatParts(parts.filter((part) => part.name !== 'ClientType'))].filter((text) => text !== '');
    default:
      return [formatParts(parts)].filter((text) => text !== '');
  }
}

function clientTypeOf({ parts = [] }: PresenceAttribute): string | undefined {
  const type = parts.find(({ name }) => name === 'ClientType')?.value;
  return type === undefined ? undefined : canonicalWord(type);
}

/** A misspelled availability would be waited for in vain; other words are somebody's own. */
function isPossible(attribute: AttributeName, value: string): boolean {
  const known: readonly string[] = availabilityValues;
  return attribute !== 'availability' || known.includes(value);
}

function shownAttribute(name: string, { kind, attribute }: Image, state: PresenceState): PresenceAttribute | undefined {
  const values = state.get(attribute) ?? [];
  const [first] = values;
  switch (kind) {
    case 'derived':
      return first === undefined ? undefined : valued(name, first === 'true' ? 'T' : 'F');
    case 'word': {
      const word = values
        .map(cspWordOf)
        .find((known) => (name === 'StatusMood' ? moods : availabilities).includes(known));
      return word === undefined ? undefined : valued(name, word);
    }
    case 'text':
      return first === undefined ? undefined : valued(name, name === 'StatusText' ? values.join('\n') : first);
    case 'list': {
      const parts = values.map((value): PresencePart => ({ name: listed[name] ?? name, parts: parseParts(value) }));
      return parts.length === 0 ? undefined : { name, isValid: true, parts };
    }
    case 'client': {
      const [type] = state.get('client-type') ?? [];
      const typed: PresencePart[] = type === undefined ? [] : [{ name: 'ClientType', value: cspWordOf(type) }];
      const parts = [...typed, ...parseParts(first ?? '')];
      return parts.length === 0 ? undefined : { name, isValid: true, parts };
    }
    default: {
      const parts = parseParts(first ?? '');
      return parts.length === 0 ? undefined : { name, isValid: true, parts };
    }
  }
}

function valued(name: string, value: string): PresenceAttribute {
  return { name, isValid: true, value };
}

/** `in-love` is IN_LOVE. */
function cspWordOf(word: string): string {
  return canonicalWord(word).replaceAll('-', '_').toUpperCase();
}

function formatParts(parts: readonly PresencePart[]): string {
  return parts
    .filter(({ value }) => value !== undefined)
    .map(({ name, value = '' }) => `${name}=${encodePart(value)}`)
    .join('&');
}

/** Only names that may stand in a document: another server's `x-` attribute may hold anything. */
function parseParts(text: string): PresencePart[] {
  return text.split('&').flatMap((pair): PresencePart[] => {
    const found = /^([A-Z][\w-]{0,40})=(.*)$/s.exec(pair);
    return found === null ? [] : [{ name: found[1] ?? '', value: decodePart(found[2] ?? '') }];
  });
}

function encodePart(value: string): string {
  return value.replaceAll('%', '%25').replaceAll('&', '%26');
}

function decodePart(text: string): string {
  return text.replaceAll('%26', '&').replaceAll('%25', '%');
}
