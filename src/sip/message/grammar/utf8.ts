/**
 * Octets of a header section as text. What is not UTF-8 becomes U+FFFD, which the grammar takes inside quoted strings
 * and in values that are only kept, so nothing that is compared can hold it.
 */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

export function decodeUtf8(octets: Uint8Array): string {
  return utf8.decode(octets);
}
