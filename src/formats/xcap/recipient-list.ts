/**
 * The list of recipients of one request (RFC 5363, RFC 5364 over RFC 4826), read, and the history that tells each of them who
 * the others are, written. Knows neither who exists nor how a request carries it.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { resourceListsContentType, resourceListsNamespace } from './resource-lists.ts';
import { childElements, parseXml, type XmlElement } from '../xml-reader.ts';
import { xmlElement } from '../xml-writer.ts';

export const recipientListContentType = resourceListsContentType;
/** Entries of one list. */
export const recipientListMax = 100;

/** `bcc` is told to nobody; so is who says nothing, since that can be made good and the opposite cannot. */
export type CopyControl = 'to' | 'cc' | 'bcc';

export interface ListedRecipient {
  /** As it stands in the list, whatever its scheme. */
  readonly uri: string;
  readonly copyControl: CopyControl;
  /** The others learn that there is one, not who. */
  readonly isAnonymous: boolean;
}

/** Of one list that is flat (RFC 5363 4.1); the error says in words what is wrong. */
export function parseRecipientList(bytes: Uint8Array): Result<readonly ListedRecipient[], string> {
  const parsed = parseXml(bytes);
  if (!parsed.ok) return parsed;
  const root = parsed.value;
  if (root.name !== 'resource-lists' || root.namespace !== resourceListsNamespace)
    return err('it is not a resource-lists document');
  const lists = childElements(root).filter(({ namespace }) => namespace === resourceListsNamespace);
  if (lists.length !== 1 || lists[0]?.name !== 'list') return err('it does not hold one list');
  const recipients: ListedRecipient[] = [];
  for (const element of childElements(lists[0])) {
    if (element.namespace !== resourceListsNamespace || element.name === 'display-name') continue;
    if (element.name !== 'entry') return err(`the list is not flat: it holds ${element.name}`);
    const recipient = readEntry(element);
    if (!recipient.ok) return recipient;
    recipients.push(recipient.value);
    if (recipients.length > recipientListMax) return err(`the list has more than ${recipientListMax} entries`);
  }
  return recipients.length === 0 ? err('the list is empty') : ok(recipients);
}

function readEntry({ attributes }: XmlElement): Result<ListedRecipient, string> {
  const uri = attributes.get('uri')?.trim() ?? '';
  if (uri === '') return err('an entry has no uri');
  const copyControl = attributes.get(copyName('copyControl')) ?? 'bcc';
  const anonymize = attributes.get(copyName('anonymize')) ?? 'false';
  if (copyControl !== 'to' && copyControl !== 'cc' && copyControl !== 'bcc')
    return err(`${copyControl.slice(0, 40)} is not a copyControl`);
  return ok({ uri, copyControl, isAnonymous: anonymize === 'true' || anonymize === '1' });
}

function copyName(name: string): string {
  return `{${copyControlNamespace}}${name}`;
}

const copyControlNamespace = 'urn:ietf:params:xml:ns:copycontrol';

/** Those who may be known to each other (RFC 5364 4); undefined where nobody may. */
export function formatRecipientHistory(recipients: readonly ListedRecipient[]): Uint8Array | undefined {
  let entries = '';
  for (const copyControl of ['to', 'cc'] as const) {
    const known = recipients.filter((recipient) => recipient.copyControl === copyControl);
    for (const { uri, isAnonymous } of known) if (!isAnonymous) entries += entry(uri, { copyControl });
    const hidden = known.filter(({ isAnonymous }) => isAnonymous).length;
    if (hidden > 0) entries += entry(anonymousUri, { copyControl, count: String(hidden) });
  }
  if (entries === '') return undefined;
  const namespaces = { xmlns: resourceListsNamespace, 'xmlns:cp': copyControlNamespace };
  const document = xmlElement('resource-lists', xmlElement('list', entries), namespaces);
  return new TextEncoder().encode(`<?xml version="1.0" encoding="UTF-8"?>\n${document}\n`);
}

/** RFC 5364 4. */
const anonymousUri = 'sip:anonymous@anonymous.invalid';

function entry(uri: string, copy: { readonly copyControl: CopyControl; readonly count?: string }): string {
  const count: Record<string, string> = copy.count === undefined ? {} : { 'cp:count': copy.count };
  return xmlElement('entry', '', { uri, 'cp:copyControl': copy.copyControl, ...count });
}
