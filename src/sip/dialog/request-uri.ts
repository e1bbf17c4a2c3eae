/** A contact as the Request-URI of a request to it (RFC 3261 19.1.1, 19.1.5): without headers and `method`. */
import { parseSipUri } from '../message/sip-uri.ts';
import type { SipUri } from '../message/sip-uri.ts';

export function requestUriOf(uri: SipUri): string {
  const { text } = uri;
  if (uri.headers.length === 0 && !uri.params.has('method')) return text;
  // A question mark may stand in the user part, an at sign nowhere behind it.
  const host = text.lastIndexOf('@') + 1;
  const question = text.indexOf('?', host);
  const bare = question < 0 ? text : text.slice(0, question);
  return text.slice(0, host) + bare.slice(host).replace(/;method=[^;]*/i, '');
}

/** The same of a contact that was kept as text. */
export function requestUriOfContact(contactUri: string): string {
  // Nearly every contact is one as it stands.
  if (!contactUri.includes('?') && !/;method=/i.test(contactUri)) return contactUri;
  const uri = parseSipUri(contactUri);
  return uri.ok ? requestUriOf(uri.value) : contactUri;
}
