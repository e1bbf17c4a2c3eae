/** A description as the body of a SIP message. */
import type { SessionContent } from '../../sip/invite/session-words.ts';

export const sdpContentType = 'application/sdp';

export function described(body: Uint8Array): SessionContent {
  return { contentType: sdpContentType, body };
}
