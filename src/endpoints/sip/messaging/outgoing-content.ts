/**
 * In which form a device gets a message: as it came, without its Content-Encoding where the device has not offered to undo
 * that, or as plain text where it refused the type (contract section 4, 415; RFC 3261 8.2.3).
 */
import { type Content, decodeContent, encodingOf, type Inflate } from '../../../formats/content-encoding.ts';
import { mediaTypeOf } from '../../../formats/content-type.ts';
import { plainTextOf } from '../../../formats/plain-text.ts';
import type { DeviceMemory } from './device-memory.ts';

export interface Inflation {
  readonly inflate: Inflate;
  readonly bytesMax: number;
}

export interface OutgoingContent extends Content {
  /** The text without the envelope that it came in. */
  readonly isConverted: boolean;
}

export function firstContent(content: Content, device: DeviceMemory, inflation: Inflation): OutgoingContent {
  if (device.refuses(content.contentType)) {
    const plain = asPlainText(content, inflation);
    if (plain !== undefined) return plain;
  }
  const encoding = encodingOf(content.contentEncoding);
  const goesAsItCame = encoding === 'identity' || encoding === 'unknown' || device.offers(encoding);
  return asIs(goesAsItCame ? content : decodeContent(content, inflation.inflate, inflation.bytesMax));
}

/** After a 415 to `sent`: once more in the simplest form there is; undefined where that is what it got. */
export function secondContent(
  content: Content,
  sent: OutgoingContent,
  inflation: Inflation,
): OutgoingContent | undefined {
  if (sent.isConverted) return undefined;
  const isSentPlain = encodingOf(sent.contentEncoding) === 'identity';
  const plain = asPlainText(content, inflation);
  if (plain !== undefined) return isSentPlain && mediaTypeOf(sent.contentType) === 'text/plain' ? undefined : plain;
  // It may have been the encoding that it did not take.
  if (isSentPlain) return undefined;
  const decoded = decodeContent(content, inflation.inflate, inflation.bytesMax);
  return decoded.contentEncoding === undefined ? asIs(decoded) : undefined;
}

function asPlainText(content: Content, { inflate, bytesMax }: Inflation): OutgoingContent | undefined {
  const plain = plainTextOf(decodeContent(content, inflate, bytesMax));
  return plain === undefined ? undefined : { ...plain, isConverted: mediaTypeOf(content.contentType) !== 'text/plain' };
}

function asIs({ contentType, contentEncoding, body }: Content): OutgoingContent {
  return { contentType, ...(contentEncoding === undefined ? {} : { contentEncoding }), body, isConverted: false };
}
