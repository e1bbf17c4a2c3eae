/**
 * The form in which a message goes to somebody: as it came, out of its envelope, or in a new one (RFC 3862, RFC 4975 8.6).
 * An envelope that came is never rewritten.
 */
import type { Millis } from '../../base/time/clock.ts';
import { mediaTypeOf } from '../../formats/content-type.ts';
import {
  contentHeader,
  cpimContentType,
  type CpimMessage,
  formatCpim,
  type MimeHeader,
  parseCpim,
  wrappedContentType,
} from '../../formats/cpim.ts';
import { formatCpimAddress } from '../../formats/cpim-header.ts';
import type { Address } from '../../model/address.ts';
import { type AcceptedTypes, type Form, formFor } from '../media/accepted-types.ts';
import type { View } from './octet-views.ts';

/** Octets from the first on in which the headers of an envelope end, or it is none that can be read. */
export const envelopeHeadMax = 16_384;

export interface ContentHead {
  readonly contentType: string;
  /** MIME headers beside the type. */
  readonly headers: readonly MimeHeader[];
}

export interface OutgoingForm extends ContentHead, View {
  readonly form: Form;
}

/** What a new envelope says. */
export interface EnvelopeWords {
  readonly sender: Address;
  readonly recipient: Address;
  readonly senderName?: string;
  readonly sentAt: Millis;
}

export function isEnvelope({ contentType }: Pick<ContentHead, 'contentType'>): boolean {
  return mediaTypeOf(contentType) === cpimContentType;
}

/**
 * `first`: the first octets of an envelope (`envelopeHeadMax`, or all); nothing of it is looked at otherwise. Undefined where
 * they cannot take it in any form.
 */
export function formOf(
  head: ContentHead,
  first: Uint8Array | undefined,
  types: AcceptedTypes,
  words: EnvelopeWords,
): OutgoingForm | undefined {
  const envelope = first === undefined ? undefined : parseCpim(first);
  const opened = envelope?.ok === true ? envelope.value : undefined;
  const form = formFor(types, head.contentType, opened === undefined ? undefined : wrappedContentType(opened));
  switch (form) {
    case 'as-is':
      return { ...head, form, prefix: nothing, skip: 0 };
    case 'unwrapped':
      return opened === undefined || first === undefined ? undefined : unwrapped(opened, first);
    case 'wrapped':
      return { ...inEnvelope(head, words), form };
    default:
      return undefined;
  }
}

const nothing = new Uint8Array(0);

function unwrapped(envelope: CpimMessage, first: Uint8Array): OutgoingForm {
  const headers = envelope.contentHeaders.filter(({ name }) => name.toLowerCase() !== 'content-type');
  const contentType = contentHeader(envelope, 'content-type') ?? 'text/plain';
  return { contentType, headers, form: 'unwrapped', prefix: nothing, skip: first.length - envelope.content.length };
}

/** A new envelope around content. */
export function inEnvelope(head: ContentHead, words: EnvelopeWords): ContentHead & View {
  const { sender, recipient, senderName = '', sentAt } = words;
  const envelope = formatCpim(
    [
      { name: 'From', value: formatCpimAddress({ name: senderName, uri: `sip:${sender}` }) },
      { name: 'To', value: formatCpimAddress({ name: '', uri: `sip:${recipient}` }) },
      { name: 'DateTime', value: new Date(sentAt).toISOString() },
    ],
    [{ name: 'Content-Type', value: head.contentType }, ...head.headers],
    nothing,
  );
  return { contentType: cpimContentType, headers: [], prefix: envelope, skip: 0 };
}
