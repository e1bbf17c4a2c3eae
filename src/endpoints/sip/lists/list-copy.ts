/**
 * What one recipient of a list gets (RFC 5365 7.3, RFC 5438 8): the request as if it had been sent to them alone, with the names of
 * those who may be known. An envelope names them in its own headers, so that what it asks for is still read; any other content
 * is followed by a part.
 */
import { mediaTypeOf } from '../../../formats/content-type.ts';
import {
  cpimContentType,
  type CpimMessage,
  findCpimHeader,
  formatCpim,
  type NewCpimHeader,
  parseCpim,
} from '../../../formats/cpim.ts';
import { type CpimHeader, cpimHeadersNamespace, imdnNamespace } from '../../../formats/cpim-header.ts';
import { formatMultipart, formatPart } from '../../../formats/multipart.ts';
import {
  formatRecipientHistory,
  type ListedRecipient,
  recipientListContentType,
} from '../../../formats/xcap/recipient-list.ts';
import { SipHeaders } from '../../../sip/message/sip-headers.ts';
import type { SipRequest } from '../../../sip/message/sip-message.ts';
import type { SipUri } from '../../../sip/message/sip-uri.ts';
import type { ListContent, ListRequest } from './list-request.ts';

export interface ListCopies {
  /** `uri`: of the entry `recipient`, read. */
  for(recipient: ListedRecipient, uri: SipUri): SipRequest;
}

/** What all of them have in common is made once. */
export function copiesOf(request: SipRequest, { recipients, content }: ListRequest): ListCopies {
  const rows = [...request.headers].filter(([name]) => !ofContent.has(name.toLowerCase()));
  const contentOf = contentFor(content, recipients);
  return {
    for(recipient, uri) {
      const { contentType, contentDisposition, contentLanguage, body } = contentOf(recipient);
      const headers = new SipHeaders(rows).add('Content-Type', contentType);
      if (contentDisposition !== undefined) headers.add('Content-Disposition', contentDisposition);
      if (contentLanguage !== undefined) headers.add('Content-Language', contentLanguage);
      return { ...request, requestUri: uri.text, uri, headers, body };
    },
  };
}

/** They are about the body with its list; `Content-Encoding` is refused before. */
const ofContent: ReadonlySet<string> = new Set([
  'content-type',
  'content-disposition',
  'content-language',
  'content-length',
]);

function contentFor(
  content: ListContent,
  recipients: readonly ListedRecipient[],
): (recipient: ListedRecipient) => ListContent {
  const others = recipients.filter(({ copyControl }) => copyControl !== 'bcc');
  if (mediaTypeOf(content.contentType) === cpimContentType) {
    const envelope = parseCpim(content.body);
    // One that cannot be read is passed on as it is.
    if (envelope.ok) return ({ uri }) => ({ ...content, body: readdressed(envelope.value, uri, others) });
    return () => content;
  }
  const history = formatRecipientHistory(others);
  const same = history === undefined ? content : withHistory(content, history);
  return () => same;
}

/** RFC 5438 8: who changes To says what it was, so that a report can name both. */
function readdressed(envelope: CpimMessage, uri: string, others: readonly ListedRecipient[]): Uint8Array {
  const { headers, contentHeaders, content } = envelope;
  const isTo = ({ name, namespace }: CpimHeader): boolean => name === 'To' && namespace === cpimHeadersNamespace;
  const to = findCpimHeader(envelope, 'To');
  const ofImdn = headers.findLast(({ namespace }) => namespace === imdnNamespace);
  const hasOriginal = findCpimHeader(envelope, 'Original-To', imdnNamespace) !== undefined;
  const original =
    to === undefined || ofImdn === undefined || hasOriginal
      ? []
      : [{ prefix: ofImdn.prefix, name: 'Original-To', value: to.value }];
  const copies = others.filter((other) => !other.isAnonymous && other.uri !== uri);
  const written: NewCpimHeader[] = [
    { name: 'To', value: `<${uri}>` },
    ...headers.filter((header) => !isTo(header)),
    ...original,
    ...copies.map((other) => ({ name: 'cc', value: `<${other.uri}>` })),
  ];
  return formatCpim(written, contentHeaders, content);
}

function withHistory(content: ListContent, history: Uint8Array): ListContent {
  const { contentType, contentDisposition, contentLanguage, body } = content;
  const headers = [
    { name: 'Content-Type', value: contentType },
    ...(contentDisposition === undefined ? [] : [{ name: 'Content-Disposition', value: contentDisposition }]),
    ...(contentLanguage === undefined ? [] : [{ name: 'Content-Language', value: contentLanguage }]),
  ];
  const ofHistory = [
    { name: 'Content-Type', value: recipientListContentType },
    { name: 'Content-Disposition', value: 'recipient-list-history; handling=optional' },
  ];
  const boundary = boundaryFor(body);
  const parts = [formatPart(headers, body), formatPart(ofHistory, history)];
  return { contentType: `multipart/mixed;boundary=${boundary}`, body: formatMultipart(boundary, parts) };
}

/** Stands nowhere in the content. */
function boundaryFor(body: Uint8Array): string {
  const text = new TextDecoder('latin1').decode(body);
  let boundary = 'list';
  while (text.includes(`--${boundary}`)) boundary += '-';
  return boundary;
}
