/**
 * A message on its way out as a MESSAGE request (RFC 3428). The server is a B2BUA: Call-ID and From tag are its own, one per
 * message and the same on every attempt, and nothing of the sender's request but the message itself goes through.
 */
import type { AnnouncedMessage } from '../../../delivery/ports.ts';
import { type Address, domainOf } from '../../../model/address.ts';
import type { InstantMessage } from '../../../model/instant-message.ts';
import { requestUriOfContact } from '../../../sip/dialog/request-uri.ts';
import { formatSipDate } from '../../../sip/message/grammar/sip-date.ts';
import { formatAddressValue } from '../../../sip/message/name-addr.ts';
import { parseSipUri } from '../../../sip/message/sip-uri.ts';
import type { Binding } from '../../../sip/registrar/ports.ts';
import { SipHeaders } from '../../../sip/message/sip-headers.ts';
import type { Content } from '../../../formats/content-encoding.ts';
import { principalUriOf } from '../principal-address.ts';

/** Where a request begins (RFC 3261 8.1.1.6); more is not believed. */
export const hopsMax = 70;

export interface PagerMessageParts {
  readonly requestUri: string;
  readonly headers: SipHeaders;
  readonly body: Uint8Array;
}

export interface WritingPlan {
  readonly binding: Pick<Binding, 'contactUri' | 'path' | 'isRoute'>;
  /** Towards a trusted peer the asserted identity goes along (RFC 3325 5). */
  readonly isTrusted: boolean;
  /** In place of the message's own content, for a client that does not take that (contract section 4, 415). */
  readonly content?: Content;
  /** The same attempt has sent it in another form before. */
  readonly isSecond?: boolean;
}

export function writePagerMessage(outgoing: AnnouncedMessage, plan: WritingPlan): PagerMessageParts {
  const { message, id } = outgoing;
  const sender = principalUriOf(message.sender);
  const headers = new SipHeaders().add('Max-Forwards', String(hopsLeftOf(message)));
  for (const route of routesOf(plan.binding)) headers.add('Route', route);
  headers.add('From', formatAddressValue(sender, fromTag(id), message.senderName));
  headers.add('To', formatAddressValue(principalUriOf(message.recipient)));
  headers.add('Call-ID', callIdOf(outgoing));
  headers.add('CSeq', `${commandSequence(outgoing, plan)} MESSAGE`);
  headers.add('Date', formatSipDate(message.sentAt));
  // Date + Expires is the deadline, never beyond it (RFC 3428 7; contract section 4).
  headers.add('Expires', String(Math.max(0, Math.floor((outgoing.expiresAt - message.sentAt) / 1000))));
  if (outgoing.isDeferred) {
    headers.add('Deferred-Message', `${id};accepted=${new Date(outgoing.acceptedAt).toISOString()}`);
  }
  if (plan.isTrusted) headers.add('P-Asserted-Identity', formatAddressValue(sender));
  if (message.subject !== undefined) headers.add('Subject', message.subject);
  if (message.priority !== undefined) headers.add('Priority', message.priority);
  // RFC 3834 5: so that no machine answers what a machine wrote.
  if (message.autoSubmitted !== undefined) headers.add('Auto-Submitted', message.autoSubmitted);
  const content = plan.content ?? message;
  addContentRows(headers, outgoing, content);
  return { requestUri: requestUriTo(plan, message.recipient), headers, body: content.body };
}

/**
 * A B2BUA counts hops like a proxy (RFC 7332 4), whether it sends at once or what it kept: a circle leads through the store
 * where a lane is busy with the message that goes round.
 */
function hopsLeftOf({ hopsLeft, origin }: InstantMessage): number {
  return hopsLeft ?? (origin === 'sip' ? hopsMax - 1 : hopsMax);
}

/** Only a core knows where its users are; it finds them by their address. */
function requestUriTo({ binding }: WritingPlan, recipient: Address): string {
  return binding.isRoute === true ? principalUriOf(recipient) : requestUriOfContact(binding.contactUri);
}

/** The Path in order (RFC 3327 5.4), else a core that names itself as a loose router. */
export function routesOf({ path, contactUri, isRoute }: WritingPlan['binding']): readonly string[] {
  if (path.length > 0 || isRoute !== true) return path;
  const uri = parseSipUri(contactUri);
  return uri.ok && uri.value.params.has('lr') ? [`<${contactUri}>`] : [];
}

/** One for each message, and the same on every attempt (contract section 4). */
export function callIdOf({ id, message }: Pick<AnnouncedMessage, 'id' | 'message'>): string {
  return `${id}@${domainOf(message.recipient)}`;
}

/** Two numbers an attempt: the second is for the same attempt with other content. */
function commandSequence(outgoing: AnnouncedMessage, plan: WritingPlan): number {
  return 2 * outgoing.attemptNumber + (plan.isSecond === true ? 1 : 0);
}

function addContentRows(headers: SipHeaders, { message }: AnnouncedMessage, content: Content): void {
  if (content.contentEncoding !== undefined) headers.add('Content-Encoding', content.contentEncoding);
  if (message.contentLanguage !== undefined) headers.add('Content-Language', message.contentLanguage);
  if (message.contentDisposition !== undefined) headers.add('Content-Disposition', message.contentDisposition);
  headers.add('Content-Type', content.contentType);
}

/** The random part of the id, so that it needs no column of its own. */
function fromTag(id: string): string {
  return id.slice(-17).replace('-', '');
}
