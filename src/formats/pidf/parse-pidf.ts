/**
 * Presence documents of clients (PIDF, RFC 3863; data model, RFC 4479; RPID, RFC 4480; OMA presence) as values of the one
 * presence vocabulary (docs/presence.md section 1). Reads leniently what is well-formed; knows no publication and no rule.
 */
import type { Millis } from '../../base/time/clock.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { parseAddress, type Address } from '../../model/address.ts';
import type { PresenceState } from '../../model/presence-state.ts';
import { childElements, parseXml, textOf, xmlLimits, type XmlElement, type XmlLimits } from '../xml-reader.ts';
import { AttributeBag } from './attribute-bag.ts';
import { deriveAvailability, isDoNotDisturbWord } from './derive-availability.ts';
import {
  capabilitiesNamespace,
  isDataModelNamespace,
  isRpidNamespace,
  pidfNamespace,
  restanteNamespace,
} from './names.ts';
import { isWillingness, noteForeignElements, readForeignText } from './foreign-elements.ts';
import { Moment, readRpidElement } from './read-rpid.ts';

export interface PresenceDocument {
  /** `entity` as it came; undefined where a client leaves it out. */
  readonly entity: string | undefined;
  /** The principal that `entity` names, parameters and port stripped; undefined when it is no address of ours. */
  readonly presentity: Address | undefined;
  /** Never holds `online`, which is derived; always holds `availability`. */
  readonly state: PresenceState;
  /** Wall time from which on the document reads differently, because the range of an element begins or ends. */
  readonly turnsAt: Millis | undefined;
}

/**
 * The error says in words what is wrong: not XML within the limits, or not a presence document. `now` (wall time) decides
 * which elements with a range of time count.
 */
export function parsePidf(
  bytes: Uint8Array,
  now: Millis,
  limits: XmlLimits = xmlLimits,
): Result<PresenceDocument, string> {
  const parsed = parseXml(bytes, limits);
  if (!parsed.ok) return parsed;
  const root = parsed.value;
  if (root.name !== 'presence' || root.namespace !== pidfNamespace) {
    return err(`the document is not a presence element of ${pidfNamespace}`);
  }
  const entity = root.attributes.get('entity');
  const address = entity === undefined ? undefined : parseAddress(entity);
  const presentity = address?.ok === true ? address.value : undefined;
  noteForeignElements(bytes, root);
  const moment = new Moment(now);
  const state = new DocumentReader(moment).read(root);
  return state.ok ? ok({ entity, presentity, state: state.value, turnsAt: moment.turnsAt }) : state;
}

/** The document as it reads at `now` (wall time); undefined where it reads alike at all times, or not at all. */
export function readPidfAt(bytes: Uint8Array, now: Millis): Pick<PresenceDocument, 'state' | 'turnsAt'> | undefined {
  if (!mayHaveRange(bytes) || !hasRange.test(looseDecoder.decode(bytes))) return undefined;
  const parsed = parsePidf(bytes, now);
  return parsed.ok ? parsed.value : undefined;
}

/** Whether an `=` stands behind a letter that `from` or `until` ends with, before anything is made of the bytes. */
function mayHaveRange(bytes: Uint8Array): boolean {
  for (let equals = bytes.indexOf(0x3d); equals >= 0; equals = bytes.indexOf(0x3d, equals + 1)) {
    let at = equals - 1;
    while (isSpace(bytes[at])) at -= 1;
    if (bytes[at] === 0x6d || bytes[at] === 0x6c) return true;
  }
  return false;
}

/** Of XML; other white space that the pattern takes makes no attribute. */
function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

const looseDecoder = new TextDecoder();
/** Cheap, since it is asked of every publication at the start; what only looks like one costs no more than a reading. */
const hasRange = /\b(?:from|until)\s*=/;

/** Where an element stands decides what it counts: the person first, then services, then devices. */
class DocumentReader {
  readonly #moment: Moment;
  readonly #person = new AttributeBag();
  readonly #tuples = new AttributeBag();
  readonly #devices = new AttributeBag();
  readonly #root = new AttributeBag();
  readonly #foreign = new AttributeBag();
  readonly #basic: string[] = [];
  #isDoNotDisturb = false;

  constructor(moment: Moment) {
    this.#moment = moment;
  }

  read(root: XmlElement): Result<PresenceState, string> {
    for (const child of childElements(root)) {
      if (isNamed(child, pidfNamespace, 'tuple')) this.#readTuple(child);
      else if (isDataModelNamespace(child.namespace) && child.name === 'person') this.#readParts(child, this.#person);
      else if (isDataModelNamespace(child.namespace) && child.name === 'device') this.#readDevice(child);
      else this.#readPart(child, this.#root);
    }
    return this.#compose();
  }

  #readTuple(tuple: XmlElement): void {
    const parts = new AttributeBag();
    const basic: string[] = [];
    for (const child of childElements(tuple)) {
      if (!isNamed(child, pidfNamespace, 'status')) this.#readPart(child, parts);
      else {
        for (const part of childElements(child)) {
          if (isNamed(part, pidfNamespace, 'basic')) basic.push(textOf(part).toLowerCase());
          else this.#readPart(part, parts);
        }
      }
    }
    rename(parts, 'class', 'client-type');
    // RFC 4480 3.9: a tuple of somebody else to turn to says nothing of whether this person is there.
    const relationships = parts.get('relationship');
    if (relationships.length > 0 && !relationships.includes('self')) {
      for (const name of parts.values.keys()) if (!ofAnybody.has(name)) parts.delete(name);
    } else this.#basic.push(...basic.filter((word) => word === 'open' || word === 'closed'));
    this.#tuples.addAll(parts);
  }

  #readDevice(device: XmlElement): void {
    const parts = new AttributeBag();
    this.#readParts(device, parts);
    rename(parts, 'class', 'client-type');
    // The note of a device tells of the device.
    parts.delete('status-text');
    this.#devices.addAll(parts);
  }

  #readParts(element: XmlElement, bag: AttributeBag): void {
    for (const child of childElements(element)) {
      if (isNamed(child, pidfNamespace, 'status')) this.#readParts(child, bag);
      else this.#readPart(child, bag);
    }
  }

  #readPart(element: XmlElement, bag: AttributeBag): void {
    const { namespace, name } = element;
    if (isRpidNamespace(namespace)) readRpidElement(element, bag, this.#moment);
    else if (namespace === restanteNamespace) bag.add(name, textOf(element));
    else if (namespace === pidfNamespace || isDataModelNamespace(namespace)) {
      if (name === 'note') bag.add('status-text', textOf(element));
    } else if (isWillingness(element)) readWillingness(element, bag);
    else if (namespace === capabilitiesNamespace && name === 'servcaps') readLanguages(element, bag);
    else this.#readForeign(element);
  }

  #readForeign(element: XmlElement): void {
    readForeignText(element, (name, text) => {
      if (isDoNotDisturbWord(text) || (isDoNotDisturbWord(name) && !refusals.has(text.toLowerCase()))) {
        this.#isDoNotDisturb = true;
      }
      this.#foreign.add(name.toLowerCase().startsWith('x-') ? name : `x-${name}`, text);
    });
  }

  #compose(): Result<PresenceState, string> {
    const bag = this.#person;
    const services = this.#tuples;
    if (bag.get('user-input').length === 0) composeUserInput(bag, services, this.#devices);
    const clientTypes = this.#devices.values.get('client-type');
    if (clientTypes !== undefined) services.values.set('client-type', clientTypes);
    bag.addMissing(services);
    bag.addMissing(this.#devices);
    bag.addMissing(this.#root);
    bag.addMissing(this.#foreign);
    const availability = deriveAvailability({
      own: bag.get('availability'),
      willingness: bag.get('willingness'),
      basic: this.#basic,
      activity: bag.get('activity'),
      isDoNotDisturb: this.#isDoNotDisturb,
    });
    bag.values.set('availability', [availability]);
    bag.delete('online');
    return bag.excess === undefined ? ok(bag.values) : err(bag.excess);
  }
}

const ofAnybody = new Set(['relationship', 'service-class']);

/** What a client writes beside `dnd` when it means that it is off. */
const refusals = new Set(['false', '0', 'no', 'off']);

function isNamed(element: XmlElement, namespace: string, name: string): boolean {
  return element.name === name && element.namespace === namespace;
}

function rename(bag: AttributeBag, from: string, to: string): void {
  for (const value of bag.get(from)) bag.add(to, value);
  bag.delete(from);
}

/** OMA puts `basic` inside; some clients write the word itself. */
function readWillingness(element: XmlElement, bag: AttributeBag): void {
  const basic = childElements(element).find((child) => child.name === 'basic') ?? element;
  const word = textOf(basic).toLowerCase();
  if (word === 'open' || word === 'closed') bag.add('willingness', word);
}

/** RFC 5196 3.2: servcaps, languages, supported, l. */
function readLanguages(servcaps: XmlElement, bag: AttributeBag): void {
  for (const languages of childrenNamed(servcaps, 'languages')) {
    for (const supported of childrenNamed(languages, 'supported')) {
      for (const language of childrenNamed(supported, 'l')) bag.add('language', textOf(language));
    }
  }
}

function childrenNamed(element: XmlElement, name: string): XmlElement[] {
  return childElements(element).filter((child) => child.name === name);
}

/** A person is at the keys when one of the services or devices says so. */
function composeUserInput(person: AttributeBag, services: AttributeBag, devices: AttributeBag): void {
  const words = [...services.get('user-input'), ...devices.get('user-input')].map((word) => word.toLowerCase());
  const word = words.includes('active') ? 'active' : words[0];
  if (word !== undefined) person.add('user-input', word);
}
