/**
 * Registration information from bytes (RFC 3680 5): lenient in what is of no weight, so that one odd attribute loses
 * nobody's registrations; strict in what says who is registered and where.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { childElements, parseXml, textOf, xmlLimits, type XmlElement, type XmlLimits } from '../xml-reader.ts';
import {
  reginfoNamespace,
  reginfoVersionMax,
  type ContactEvent,
  type ContactRecord,
  type ContactState,
  type RegistrationInfo,
  type RegistrationRecord,
  type UnknownParameter,
} from './registration-info.ts';

/** The error says in words what is wrong: not XML within the limits, or not registration information. */
export function parseReginfo(bytes: Uint8Array, limits: XmlLimits = xmlLimits): Result<RegistrationInfo, string> {
  const parsed = parseXml(bytes, limits);
  if (!parsed.ok) return parsed;
  const root = parsed.value;
  if (root.name !== 'reginfo' || root.namespace !== reginfoNamespace) {
    return err(`the document is not a reginfo element of ${reginfoNamespace}`);
  }
  const version = readNumber(root, 'version');
  if (version === undefined || version > reginfoVersionMax) return err('the document has no version');
  const state = root.attributes.get('state');
  if (state !== 'full' && state !== 'partial') return err('the document is neither full nor partial');
  const registrations = readAll(childrenNamed(root, 'registration'), readRegistration);
  return registrations.ok ? ok({ version, state, registrations: registrations.value }) : registrations;
}

function readRegistration(element: XmlElement): Result<RegistrationRecord, string> {
  const { attributes } = element;
  const aor = attributes.get('aor')?.trim() ?? '';
  const id = attributes.get('id') ?? '';
  const state = attributes.get('state');
  if (aor === '') return err('a registration names no address of record');
  if (id === '') return err(`the registration of ${aor} has no id`);
  if (state !== 'init' && state !== 'active' && state !== 'terminated') {
    return err(`the registration of ${aor} has no state`);
  }
  const contacts = readAll(childrenNamed(element, 'contact'), readContact);
  return contacts.ok ? ok({ aor, id, state, contacts: contacts.value }) : contacts;
}

function readContact(element: XmlElement): Result<ContactRecord, string> {
  const { attributes } = element;
  const id = attributes.get('id') ?? '';
  const state = attributes.get('state');
  const uri = childrenNamed(element, 'uri')[0];
  const uriText = uri === undefined ? '' : textOf(uri);
  if (id === '') return err('a contact has no id');
  if (state !== 'active' && state !== 'terminated') return err(`the contact ${id} has no state`);
  if (uriText === '') return err(`the contact ${id} has no URI`);
  const displayName = childrenNamed(element, 'display-name')[0];
  const parameters = childrenNamed(element, 'unknown-param').flatMap(readParameter);
  return ok(
    withoutUndefined({
      id,
      state,
      event: readEvent(attributes.get('event'), state),
      uri: uriText,
      durationRegistered: readNumber(element, 'duration-registered'),
      expires: readNumber(element, 'expires'),
      retryAfter: readNumber(element, 'retry-after'),
      q: readPriority(attributes.get('q')),
      callId: attributes.get('callid'),
      cseq: readNumber(element, 'cseq'),
      displayName: displayName === undefined ? undefined : textOf(displayName),
      parameters: parameters.length === 0 ? undefined : parameters,
    }),
  );
}

/** The state is what counts; an event that is unknown, or does not fit it, says no more than the state does. */
function readEvent(word: string | undefined, state: ContactState): ContactEvent {
  return events[state].find((event) => event === word) ?? (state === 'active' ? 'registered' : 'unregistered');
}

const events: Readonly<Record<ContactState, readonly ContactEvent[]>> = {
  active: ['registered', 'created', 'refreshed', 'shortened'],
  terminated: ['expired', 'deactivated', 'probation', 'unregistered', 'rejected'],
};

function readParameter(element: XmlElement): UnknownParameter[] {
  const name = element.attributes.get('name') ?? '';
  return name === '' ? [] : [{ name, value: textOf(element) }];
}

function readNumber(element: XmlElement, name: string): number | undefined {
  const text = element.attributes.get(name)?.trim() ?? '';
  // More digits are no number of seconds, and no version.
  return /^\+?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Some registrars write -1 for a contact that named no priority. */
function readPriority(text: string | undefined): number | undefined {
  const q = /^\s*(?:\d+(?:\.\d*)?|\.\d+)\s*$/.test(text ?? '') ? Number(text) : undefined;
  return q === undefined || q > 1 ? undefined : q;
}

function readAll<T>(
  elements: readonly XmlElement[],
  read: (element: XmlElement) => Result<T, string>,
): Result<readonly T[], string> {
  const values: T[] = [];
  for (const element of elements) {
    const value = read(element);
    if (!value.ok) return value;
    values.push(value.value);
  }
  return ok(values);
}

function childrenNamed(element: XmlElement, name: string): XmlElement[] {
  return childElements(element).filter((child) => child.name === name && child.namespace === reginfoNamespace);
}

/** A field that is left out is not there at all. */
function withoutUndefined(contact: { [K in keyof ContactRecord]: ContactRecord[K] | undefined }): ContactRecord {
  return Object.fromEntries(
    Object.entries(contact).filter(([, value]) => value !== undefined),
  ) as unknown as ContactRecord;
}
