/**
 * What a rule lets its watchers see (RFC 5025 3.3) as attributes of the one presence vocabulary. What a watcher gets has one
 * service and one person, and no devices; permissions for other elements are permissions for nothing.
 */
import { ok, type Result } from '../../base/result.ts';
import { parseAddress, type Address } from '../../model/address.ts';
import { canonicalWord, type AttributeName } from '../../model/presence-state.ts';
import type { WatcherRule } from '../../model/watcher-rule.ts';
import { misfit, type DocumentFault } from '../xcap/document-fault.ts';
import {
  capabilitiesNamespace,
  isRpidNamespace,
  omaNamespace,
  pidfNamespace,
  renamedElements,
  restanteNamespace,
} from '../pidf/names.ts';
import { childElements, textOf, type XmlElement } from '../xml-reader.ts';
import * as names from './names.ts';
import { isShowable } from './read-identity.ts';

export type TransformationPart = Pick<WatcherRule, 'attributes' | 'userInput'>;

export function readTransformations(
  transformations: XmlElement | undefined,
  owner: Address,
): Result<TransformationPart, DocumentFault> {
  const reader = new Permissions(owner);
  for (const child of transformations === undefined ? [] : childElements(transformations)) {
    if (child.namespace === names.commonPolicyNamespace) return misfit(`${child.name} is no transformation`);
    const wrong = reader.read(child);
    if (wrong !== undefined) return misfit(wrong);
  }
  return ok(reader.compose());
}

/** The largest name that an attribute may have in a rule. */
const attributeLengthMax = 64;

class Permissions {
  readonly #owner: Address;
  readonly #ofPerson = new Set<AttributeName>();
  readonly #alone = new Set<AttributeName>();
  readonly #strange = new Set<AttributeName>();
  readonly #provided = { services: false, persons: false, devices: false };
  #isEverything = false;
  #userInput = 0;

  constructor(owner: Address) {
    this.#owner = owner;
  }

  /** What is wrong with it, in words. */
  read(element: XmlElement): string | undefined {
    const { namespace, name } = element;
    if (namespace === names.omaRulesNamespace && name === 'provide-willingness') {
      return this.#readBoolean(element, () => this.#ofPerson.add('willingness'));
    }
    if (namespace !== names.presRulesNamespace) return undefined;
    const attribute = names.personPermissions.get(name);
    if (attribute !== undefined) return this.#readBoolean(element, () => this.#ofPerson.add(attribute));
    switch (name) {
      case 'provide-deviceID':
        return this.#readBoolean(element, () => undefined);
      case 'provide-user-input':
        return this.#readUserInput(textOf(element));
      case 'provide-unknown-attribute':
        return this.#readUnknown(element);
      case 'provide-all-attributes':
        this.#isEverything = true;
        return element.content.length === 0 ? undefined : `${name} is not empty`;
      case 'provide-services':
        return this.#readParts(element, 'services', isOurService(this.#owner));
      case 'provide-persons':
        return this.#readParts(element, 'persons', isOurPerson);
      case 'provide-devices':
        return this.#readParts(element, 'devices', () => false);
      default:
        return undefined;
    }
  }

  compose(): TransformationPart {
    const { services, persons, devices } = this.#provided;
    const isAll = this.#isEverything;
    if (isAll && services && persons && devices) return { attributes: '*' };
    const found = new Set<AttributeName>(this.#alone);
    const add = (more: Iterable<AttributeName>): void => {
      for (const name of more) found.add(name);
    };
    if (services) add(names.serviceAttributes);
    if (services && isAll) add(names.serviceDetails);
    if (persons) add(isAll ? names.personDetails : this.#ofPerson);
    if (persons && this.#userInput > 0) found.add('user-input');
    if (devices && (isAll || this.#ofPerson.has('class'))) found.add('client-type');
    if (services || persons || devices) add(this.#strange);
    const level = userInputLevels[this.#userInput];
    const isLimited = !isAll && persons && (level === 'bare' || level === 'thresholds');
    return { attributes: [...found], ...(isLimited ? { userInput: level } : {}) };
  }

  #readBoolean({ name, content }: XmlElement, allow: () => void): string | undefined {
    const text = content.length === 1 && typeof content[0] === 'string' ? content[0].trim() : '';
    if (text === 'true' || text === '1') allow();
    return ['true', '1', 'false', '0'].includes(text) ? undefined : `${name} is neither true nor false`;
  }

  #readUserInput(text: string): string | undefined {
    const level = userInputLevels.indexOf(text);
    this.#userInput = Math.max(this.#userInput, level);
    return level < 0 ? 'provide-user-input is none of false, bare, thresholds and full' : undefined;
  }

  #readUnknown(element: XmlElement): string | undefined {
    const [namespace, name] = [element.attributes.get('ns'), element.attributes.get('name')];
    if (namespace === undefined || name === undefined) return 'provide-unknown-attribute lacks ns or name';
    return this.#readBoolean(element, () => {
      const attribute = attributeNamed(namespace, name);
      if (attribute === undefined) return;
      (namespace === restanteNamespace ? this.#alone : this.#strange).add(attribute);
    });
  }

  #readParts(
    element: XmlElement,
    what: 'services' | 'persons' | 'devices',
    isOurs: (part: XmlElement) => boolean,
  ): string | undefined {
    const known = partsOf[what];
    const parts = childElements(element).filter(({ namespace }) => namespace === names.presRulesNamespace);
    const stray = parts.find(({ name }) => !known.includes(name));
    if (stray !== undefined) return `${stray.name} is no part of ${element.name}`;
    const isAll = parts.some(({ name }) => name === `all-${what}`);
    if (isAll && childElements(element).length > 1) return `all-${what} does not stand alone`;
    if (isAll || parts.some(isOurs)) this.#provided[what] = true;
    return undefined;
  }
}

const partsOf = {
  services: ['all-services', 'service-uri', 'service-uri-scheme', 'occurrence-id', 'class'],
  persons: ['all-persons', 'occurrence-id', 'class'],
  devices: ['all-devices', 'deviceID', 'occurrence-id', 'class'],
};

/** From the lowest (RFC 5025 3.3.2.11). */
const userInputLevels: readonly string[] = ['false', 'bare', 'thresholds', 'full'];

/** The service that is shown has the owner's address as its contact. */
function isOurService(owner: Address): (part: XmlElement) => boolean {
  return (part) => {
    const text = textOf(part);
    if (part.name === 'occurrence-id') return text === names.serviceOccurrence;
    if (part.name === 'service-uri-scheme') return text.toLowerCase() === 'sip';
    const address = part.name === 'service-uri' ? parseAddress(text) : undefined;
    return address?.ok === true && address.value === owner;
  };
}

function isOurPerson(part: XmlElement): boolean {
  return part.name === 'occurrence-id' && textOf(part) === names.personOccurrence;
}

/** The attribute that an element of this name is read as (`formats/pidf`); undefined where it is none by its own name. */
function attributeNamed(namespace: string, element: string): AttributeName | undefined {
  const word = canonicalWord(element);
  if (word.length > attributeLengthMax - 2 || !isShowable(word) || /\s/.test(word)) return undefined;
  if (namespace === restanteNamespace) return isNamed(word) ? word : undefined;
  if (namespace === pidfNamespace) return word === 'note' ? 'status-text' : undefined;
  if (namespace === capabilitiesNamespace) return word === 'servcaps' ? 'language' : undefined;
  if (namespace === omaNamespace && word.endsWith('willingness')) return 'willingness';
  if (!isRpidNamespace(namespace)) return word.startsWith('x-') ? word : `x-${word}`;
  const name = renamedElements.get(word) ?? word;
  return isNamed(name) ? name : undefined;
}

function isNamed(word: string): boolean {
  return names.namedAttributes.has(word) || /^x-./.test(word);
}
