/**
 * How a message is named in the IMDNs about it (RFC 5438 7.2.1): its Message-ID, DateTime and addresses, taken from its CPIM
 * envelope when it is accepted and kept as text beside it, since the envelope itself is erased at its end.
 */
import type { Millis } from '../../../base/time/clock.ts';
import { type CpimMessage, findCpimHeader } from '../../../formats/cpim.ts';
import { cpimHeadersNamespace, imdnNamespace, parseCpimAddress } from '../../../formats/cpim-header.ts';
import type { Imdn } from '../../../formats/imdn.ts';

export interface ImdnReference {
  readonly messageId: string;
  /** As it was; of our making where there was none. */
  readonly dateTime: string;
  /** URIs of the CPIM From and To: what the report is addressed with. */
  readonly from?: string;
  readonly to?: string;
  /** Before an intermediary changed To. */
  readonly originalTo?: string;
  readonly subject?: string;
  /** Intermediaries that want to see the reports, the next one first (RFC 5438 6.4). */
  readonly route?: readonly string[];
  /** What a client reported in its own words; absent for what this server reports. */
  readonly status?: string;
}

/** Characters of a reference as text. What is longer loses its route, then its subject; what still is gets no reports. */
export const reportReferenceMax = 2_048;

/** Of a message that asks for reports under this Message-ID; `sentAt` where its envelope names no time. */
export function referenceOfMessage(message: CpimMessage, messageId: string, sentAt: Millis): ImdnReference {
  const value = (name: string, namespace?: string): string | undefined =>
    findCpimHeader(message, name, namespace)?.value.trim();
  const uri = (text: string | undefined): string | undefined =>
    text === undefined ? text : parseCpimAddress(text).uri;
  const route = message.headers
    .filter(({ name, namespace }) => name === 'IMDN-Record-Route' && namespace === imdnNamespace)
    .map((header) => header.value.trim());
  return {
    messageId,
    dateTime: value('DateTime') ?? new Date(sentAt).toISOString(),
    ...present('from', uri(value('From'))),
    ...present('to', uri(value('To'))),
    ...present('originalTo', uri(value('Original-To', imdnNamespace))),
    ...present('subject', value('Subject', cpimHeadersNamespace)),
    ...(route.length === 0 ? {} : { route }),
  };
}

/** Of what a client reported: all that there is when the message itself was written nowhere. */
export function referenceOfImdn(imdn: Imdn, envelope: CpimMessage): ImdnReference {
  const uri = (name: string): string | undefined => {
    const header = findCpimHeader(envelope, name);
    return header === undefined ? undefined : parseCpimAddress(header.value).uri;
  };
  return {
    messageId: imdn.messageId,
    dateTime: imdn.dateTime,
    ...present('from', uri('To')),
    ...present('to', imdn.recipientUri ?? uri('From')),
    ...present('originalTo', imdn.originalRecipientUri),
    ...present('subject', imdn.subject),
    status: imdn.status,
  };
}

/** Undefined for one that is too long. */
export function formatReference(reference: ImdnReference): string | undefined {
  const { route: _route, ...direct } = reference;
  const { subject: _subject, ...bare } = direct;
  return [reference, direct, bare]
    .map((each) => JSON.stringify(each))
    .find((text) => text.length <= reportReferenceMax);
}

/** Of a text that `formatReference` made. */
export function parseReference(text: string): ImdnReference {
  return JSON.parse(text) as ImdnReference;
}

function present<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: string });
}
