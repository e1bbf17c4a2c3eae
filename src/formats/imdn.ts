/**
 * Disposition notifications (RFC 5438): what a CPIM envelope asks for (section 6), and the document message/imdn+xml that
 * reports (section 11). Knows nothing of who may report what.
 */
import { err, ok, type Result } from '../base/result.ts';
import { findCpimHeader, type CpimMessage } from './cpim.ts';
import { imdnNamespace } from './cpim-header.ts';
import { childElements, parseXml, textOf, type XmlElement } from './xml-reader.ts';
import { escapeXml, xmlElement } from './xml-writer.ts';

/** The media type of the document (RFC 5438 12.2). */
export const imdnContentType = 'message/imdn+xml';

export type ImdnRequestWord = 'positive-delivery' | 'negative-delivery' | 'processing' | 'display';

export interface ImdnRequest {
  readonly messageId: string | undefined;
  /** What is asked for, of the words that are known; empty for nothing. */
  readonly wants: readonly ImdnRequestWord[];
}

/** The prefix of the headers is whatever `NS` declared. */
export function readImdnRequest(message: CpimMessage): ImdnRequest {
  const messageId = findCpimHeader(message, 'Message-ID', imdnNamespace)?.value.trim();
  const asked = findCpimHeader(message, 'Disposition-Notification', imdnNamespace)?.value ?? '';
  const words = asked.split(',').map((word) => word.replace(/;.*/s, '').trim());
  return {
    messageId: messageId === '' ? undefined : messageId,
    wants: requestWords.filter((word) => words.includes(word)),
  };
}

const requestWords: readonly ImdnRequestWord[] = ['positive-delivery', 'negative-delivery', 'processing', 'display'];

export type ImdnKind = 'delivery' | 'processing' | 'display';

export interface Imdn {
  /** Of the message that is reported on. */
  readonly messageId: string;
  /** The DateTime of that message, as it was. */
  readonly dateTime: string;
  readonly recipientUri?: string;
  readonly originalRecipientUri?: string;
  readonly subject?: string;
  readonly kind: ImdnKind;
  /** `delivered`, `failed`, `processed`, `stored`, `displayed`, `forbidden` or `error`; others as they came. */
  readonly status: string;
}

/** Elements in any order; message-id, one notification and its status are needed. */
export function parseImdn(bytes: Uint8Array): Result<Imdn, string> {
  const parsed = parseXml(bytes);
  if (!parsed.ok) return parsed;
  const root = parsed.value;
  if (root.name !== 'imdn' || root.namespace !== documentNamespace) return err('the document is not an imdn');
  const notification = childElements(root).find((child) => kindOf(child) !== undefined);
  const kind = notification === undefined ? undefined : kindOf(notification);
  const status = notification === undefined ? undefined : child(notification, 'status');
  const word = status === undefined ? undefined : childElements(status)[0]?.name;
  const messageId = childText(root, 'message-id');
  if (kind === undefined || word === undefined) return err('the imdn holds no notification with a status');
  if (messageId === undefined || messageId === '') return err('the imdn names no message');
  const recipientUri = childText(root, 'recipient-uri');
  const originalRecipientUri = childText(root, 'original-recipient-uri');
  const subject = childText(root, 'subject');
  return ok({
    messageId,
    dateTime: childText(root, 'datetime') ?? '',
    ...(recipientUri === undefined ? {} : { recipientUri }),
    ...(originalRecipientUri === undefined ? {} : { originalRecipientUri }),
    ...(subject === undefined ? {} : { subject }),
    kind,
    status: word,
  });
}

export function formatImdn(imdn: Imdn): Uint8Array {
  const { messageId, dateTime, recipientUri, originalRecipientUri = recipientUri, subject, kind, status } = imdn;
  // The printed schema (RFC 5438 11.1.9) has both URIs or none.
  const uris =
    recipientUri === undefined || originalRecipientUri === undefined
      ? ''
      : textElement('recipient-uri', recipientUri) + textElement('original-recipient-uri', originalRecipientUri);
  const content =
    textElement('message-id', messageId) +
    textElement('datetime', dateTime) +
    uris +
    (subject === undefined ? '' : textElement('subject', subject)) +
    xmlElement(`${kind}-notification`, xmlElement('status', xmlElement(status)));
  const document = xmlElement('imdn', content, { xmlns: documentNamespace });
  return new TextEncoder().encode(`<?xml version="1.0" encoding="UTF-8"?>\n${document}\n`);
}

const documentNamespace = 'urn:ietf:params:xml:ns:imdn';

function kindOf(element: XmlElement): ImdnKind | undefined {
  if (element.namespace !== documentNamespace) return undefined;
  switch (element.name) {
    case 'delivery-notification':
      return 'delivery';
    case 'processing-notification':
      return 'processing';
    case 'display-notification':
      return 'display';
    default:
      return undefined;
  }
}

function child(element: XmlElement, name: string): XmlElement | undefined {
  return childElements(element).find((part) => part.name === name && part.namespace === documentNamespace);
}

function childText(element: XmlElement, name: string): string | undefined {
  const found = child(element, name);
  return found === undefined ? undefined : textOf(found);
}

function textElement(name: string, text: string): string {
  return xmlElement(name, escapeXml(text));
}
