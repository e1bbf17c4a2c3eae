/** Reads the first line of a message (RFC 3261 7.1, 7.2 and 25.1). */
import { LESS, SPACE, wordAt, wordOf } from '../grammar/characters.ts';
import { readMethod } from '../grammar/methods.ts';
import type { SipUri } from '../sip-uri.ts';
import { readWholeUri } from '../uri/uri-reader.ts';
import type { MessageDraft } from './message-draft.ts';

const VERSION = 'SIP/2.0';

const SIP = wordOf('sip/');
const LOWER_CASE = 0x2020_2020;

/** Whether the message is a response: no method holds a slash, so none can begin like the version. */
export function isStatusLine(codes: Uint8Array): boolean {
  return codes.length > VERSION.length && (wordAt(codes, 0) | LOWER_CASE) === SIP;
}

export interface RequestLine {
  readonly method: string;
  readonly requestUri: string;
  readonly uri: SipUri;
}

/** One space between the parts and none behind the version (RFC 3261 25.1). */
export function readRequestLine(draft: MessageDraft): RequestLine | undefined {
  const { text, scanner } = draft;
  const lineEnd = text.indexOf('\r');
  draft.at = lineEnd + 2;
  scanner.reset(0, lineEnd);
  const method = readMethod(scanner);
  if (method === undefined || !scanner.take(SPACE)) return draft.fail(400, 'malformed request line');
  draft.method = method;
  const uriStart = scanner.at;
  const uriEnd = text.indexOf(' ', uriStart);
  if (uriEnd === -1 || uriEnd > lineEnd) return draft.fail(400, 'malformed request line');
  if (lineEnd - uriEnd - 1 !== VERSION.length || !text.startsWith(VERSION, uriEnd + 1)) {
    const version = text.slice(uriEnd + 1, lineEnd);
    if (!/^SIP\/\d{1,9}\.\d{1,9}$/i.test(version)) return draft.fail(400, 'misplaced space in the request line');
    if (version.toUpperCase() !== VERSION) return draft.fail(505, `version ${version} is not supported`);
  }
  if (uriEnd - uriStart > draft.limits.requestUriLengthMax) return draft.fail(414, 'Request-URI too long');
  if (draft.codes[uriStart] === LESS) return draft.fail(400, 'Request-URI in angle brackets');
  scanner.reset(uriStart, uriEnd);
  const uri = readWholeUri(scanner);
  if (uri === undefined) return draft.fail(400, `Request-URI: ${scanner.fault}`);
  // RFC 3261 19.1.1, table 1.
  if (uri.headers.length > 0) return draft.fail(400, 'Request-URI with headers');
  return { method, requestUri: uri.text, uri };
}

export function readStatusLine(draft: MessageDraft): { status: number; reason: string } | undefined {
  const { text } = draft;
  const lineEnd = text.indexOf('\r');
  draft.at = lineEnd + 2;
  const line = /^SIP\/2\.0 ([1-6]\d\d) (.*)$/is.exec(text.slice(0, lineEnd));
  if (line === null) return draft.fail(400, 'malformed status line');
  return { status: Number(line[1]), reason: line[2] ?? '' };
}
