/** Registration information as bytes (RFC 3680 5.4, in the order of its schema). Writes what it is handed. */
import { escapeXml, xmlElement } from '../xml-writer.ts';
import {
  reginfoNamespace,
  type ContactRecord,
  type RegistrationInfo,
  type RegistrationRecord,
} from './registration-info.ts';

export function formatReginfo({ version, state, registrations }: RegistrationInfo): Uint8Array {
  const attributes = { xmlns: reginfoNamespace, version: String(version), state };
  const root = xmlElement('reginfo', registrations.map(formatRegistration).join(''), attributes);
  return encoder.encode(`<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`);
}

const encoder = new TextEncoder();

function formatRegistration({ aor, id, state, contacts }: RegistrationRecord): string {
  return xmlElement('registration', contacts.map(formatContact).join(''), { aor, id, state });
}

function formatContact(contact: ContactRecord): string {
  const { uri, displayName, parameters = [] } = contact;
  let content = xmlElement('uri', escapeXml(uri));
  if (displayName !== undefined) content += xmlElement('display-name', escapeXml(displayName));
  for (const { name, value } of parameters) content += xmlElement('unknown-param', escapeXml(value), { name });
  return xmlElement('contact', content, attributesOf(contact));
}

function attributesOf(contact: ContactRecord): Record<string, string> {
  const { id, state, event, durationRegistered, expires, retryAfter, q, callId, cseq } = contact;
  const attributes: Record<string, string> = { id, state, event };
  const add = (name: string, value: number | string | undefined): void => {
    if (value !== undefined) attributes[name] = String(value);
  };
  add('duration-registered', durationRegistered);
  add('expires', expires);
  add('retry-after', retryAfter);
  add('q', q);
  add('callid', callId);
  add('cseq', cseq);
  return attributes;
}
