/**
 * The text of a message for clients that take nothing but text/plain: plain text as it is, out of a CPIM envelope
 * (RFC 3862), or the first of several parts. Any other content cannot be converted.
 */
import { type Content, encodingOf } from './content-encoding.ts';
import { mediaTypeOf, parseContentType } from './content-type.ts';
import { type BodyPart, isIdentityTransfer, parseMultipart } from './multipart.ts';
import { contentHeader, cpimContentType, parseCpim, wrappedContentType } from './cpim.ts';

export interface PlainText {
  /** text/plain with the parameters that the text came with. */
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** Undefined where there is no plain text to be had. Encoded content is none: it is decoded before. */
export function plainTextOf({ contentType, contentEncoding, body }: Content): PlainText | undefined {
  if (encodingOf(contentEncoding) !== 'identity') return undefined;
  const type = mediaTypeOf(contentType);
  if (type === 'text/plain') return { contentType, body };
  return type === cpimContentType ? unwrap(body) : textAmongParts(contentType, body);
}

/** The first text of several parts is what there is to read. */
function textAmongParts(contentType: string, body: Uint8Array): PlainText | undefined {
  const part = parseMultipart(contentType, body)?.find(isPlainPart);
  return part === undefined ? undefined : { contentType: part.contentType, body: part.content };
}

function isPlainPart({ contentType, headers }: BodyPart): boolean {
  return mediaTypeOf(contentType) === 'text/plain' && isIdentityTransfer(headers.get('content-transfer-encoding'));
}

/** As characters, by its `charset`; UTF-8 when it names none (RFC 3261 20.15). Undefined for bytes that are not in it. */
export function decodePlainText(text: PlainText): string | undefined {
  const charset = parseContentType(text.contentType)?.parameters.get('charset') ?? 'utf-8';
  try {
    return new TextDecoder(charset, { fatal: true }).decode(text.body);
  } catch {
    return undefined;
  }
}

function unwrap(body: Uint8Array): PlainText | undefined {
  const envelope = parseCpim(body);
  if (!envelope.ok) return undefined;
  const contentType = wrappedContentType(envelope.value);
  const transfer = contentHeader(envelope.value, 'content-transfer-encoding');
  if (mediaTypeOf(contentType) !== 'text/plain' || !isIdentityTransfer(transfer)) return undefined;
  return { contentType, body: envelope.value.content };
}
