/**
 * Feature tags and service identifiers of messaging (OMA SIMPLE IM, CPM and RCS; RFC 3840, RFC 3841, RFC 6050): in
 * Accept-Contact, Contact and the service headers. Names are compared as tokens without case, never as parts of a text.
 */
import { uncheckedParams } from '../../../../sip/message/grammar/header-params.ts';
import type { ParamList } from '../../../../sip/message/grammar/params.ts';
import { splitList } from '../../../../sip/message/grammar/split-list.ts';
import type { SipHeaders } from '../../../../sip/message/sip-headers.ts';

export type FeatureWord = 'im' | 'large-message' | 'pager' | 'session' | 'file-transfer';

/** Members of Accept-Contact and service headers that are looked at; the rest says nothing. */
export const featureMembersMax = 32;

const services: ReadonlyMap<string, FeatureWord> = new Map([
  ['msg', 'pager'],
  ['largemsg', 'large-message'],
  ['session', 'session'],
  ['session.group', 'session'],
  ['filetransfer', 'file-transfer'],
]);
const servicePrefix = 'urn:urn-7:3gpp-service.ims.icsi.oma.cpm.';
const chatApplication = 'urn:urn-7:3gpp-application.ims.iari.rcse.im';

/** What the parameters behind an Accept-Contact or a Contact name. */
export function featuresIn(parameters: ParamList): ReadonlySet<FeatureWord> {
  const found = new Set<FeatureWord>();
  for (const { name, value } of parameters) {
    switch (name.toLowerCase()) {
      case '+g.oma.sip-im':
        if (isSaid(value)) found.add('im');
        break;
      case '+g.oma.sip-im.large-message':
        if (isSaid(value)) found.add('large-message');
        break;
      case '+g.gsma.rcs.cpm.pager-large':
        if (isSaid(value)) found.add('large-message').add('pager');
        break;
      case '+g.3gpp.icsi-ref':
      case '+g.3gpp.iari-ref':
        for (const each of namesIn(value)) addService(found, each);
        break;
      default:
        break;
    }
  }
  return found;
}

/** What a request asks for: every row and member of Accept-Contact, and both service headers. */
export function featuresAskedFor(headers: SipHeaders): ReadonlySet<FeatureWord> {
  const found = new Set<FeatureWord>();
  for (const member of membersOf(headers, 'Accept-Contact')) {
    const at = member.indexOf(';');
    if (at === -1 || member.slice(0, at).trim() !== '*') continue;
    for (const word of featuresIn(uncheckedParams(member.slice(at)))) found.add(word);
  }
  for (const name of ['P-Asserted-Service', 'P-Preferred-Service']) {
    for (const member of membersOf(headers, name)) addService(found, member);
  }
  return found;
}

function membersOf(headers: SipHeaders, name: string): string[] {
  return headers.getAll(name).flatMap(splitList).slice(0, featureMembersMax);
}

/** RFC 3840 9: a tag without a value is TRUE. */
function isSaid(value: string | undefined): boolean {
  return value === undefined || value.toUpperCase() !== 'FALSE';
}

function namesIn(value: string | undefined): string[] {
  return (value ?? '').split(',').map((each) => unescapeOnce(each.trim()));
}

function addService(found: Set<FeatureWord>, name: string): void {
  const urn = name.toLowerCase();
  if (urn === chatApplication) found.add('im');
  if (!urn.startsWith(servicePrefix)) return;
  const word = services.get(urn.slice(servicePrefix.length));
  if (word !== undefined) found.add(word);
}

function unescapeOnce(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
