/**
 * Offers and answers of one medium of messages (RFC 3264, RFC 4975 8, RFC 6135): which line of the other side's description
 * is meant, and what our side writes. Whatever else is offered is refused in its place. Decides nothing about types.
 */
import { err, ok, type Result } from '../../base/result.ts';
import {
  isMessageMedia,
  type MessageDirection,
  type MessageFile,
  type MessageMedia,
  type MessageSetup,
  readMessageMedia,
  writeMessageMedia,
} from '../../formats/sdp/message-media.ts';
import {
  attributeOf,
  formatSessionDescription,
  parseSessionDescription,
  type SdpMedia,
  type SessionDescription,
} from '../../formats/sdp/session-description.ts';
import { type MsrpUri, parseMsrpPath, parseMsrpUri } from '../../msrp/message/msrp-uri.ts';

/** What the other side says of itself. */
export interface RemoteMedia extends Omit<MessageMedia, 'path'> {
  readonly path: readonly MsrpUri[];
  /** As it was written, to be told apart from a later one. */
  readonly pathText: string;
  /** The octet from which on they want a file or a message, counted from 1 (`a=file-range`, RFC 5547 6). */
  readonly fileStart?: number;
}

/** Both are needed for an answer. */
export interface RemoteDescription {
  readonly description: SessionDescription;
  readonly place: number;
  readonly media: RemoteMedia;
}

/** What is said in a 488 (RFC 3261 20.43). */
export interface DescriptionFault {
  readonly words: string;
  readonly warningCode: number;
}

/** What our side says of itself. */
export interface OwnMedia {
  /** Of our leg. */
  readonly uri: string;
  readonly acceptTypes: readonly string[];
  readonly acceptWrappedTypes: readonly string[];
  readonly maxSize?: number;
  readonly direction: MessageDirection;
  readonly file?: MessageFile;
}

/** RFC 4566 5.2: the same session, and a version that grows with what it says. */
export interface OwnOrigin {
  readonly sessionId: string;
  readonly version: number;
}

const mediaNotAvailable = 304;
const attributeNotUnderstood = 306;
const miscellaneous = 399;

export function readDescription(body: Uint8Array): Result<RemoteDescription, DescriptionFault> {
  const parsed = parseSessionDescription(body);
  if (!parsed.ok) return err({ words: parsed.error, warningCode: miscellaneous });
  const description = parsed.value;
  const place = description.media.findIndex((each) => isMessageMedia(each) && each.port !== 0);
  const line = description.media[place];
  if (line === undefined) return err({ words: 'no medium of messages is offered', warningCode: mediaNotAvailable });
  const media = readMessageMedia(line);
  if (!media.ok) return err({ words: media.error, warningCode: attributeNotUnderstood });
  const path = parseMsrpPath(media.value.path);
  if (!path.ok) return err({ words: path.error, warningCode: attributeNotUnderstood });
  const fileStart = /^\s*(\d{1,15})-/.exec(attributeOf(line, 'file-range') ?? '')?.[1];
  const range = fileStart === undefined || Number(fileStart) < 1 ? {} : { fileStart: Number(fileStart) };
  return ok({ description, place, media: { ...media.value, path: path.value, pathText: media.value.path, ...range } });
}

export function writeOffer(own: OwnMedia, origin: OwnOrigin, setup: MessageSetup = 'actpass'): Uint8Array {
  const media = ownLine(own, setup);
  return formatSessionDescription({ ...head(own, origin), media: [media] });
}

/** The line that was meant is answered, every other one refused (RFC 3264 6). */
export function writeAnswer(
  own: OwnMedia,
  origin: OwnOrigin,
  { description, place, media }: RemoteDescription,
): Uint8Array {
  const lines = description.media.map((line, at): SdpMedia => {
    if (at !== place) return { ...refused, type: line.type, protocol: line.protocol, formats: line.formats };
    return { ...ownLine(own, answeredSetup(media.setup)), protocol: line.protocol };
  });
  return formatSessionDescription({ ...head(own, origin), media: lines });
}

const refused = { port: 0, attributes: [] };

/** Clients connect, wherever they can (RFC 6135 4.2.2). */
export function answeredSetup(offered: MessageSetup | undefined): 'active' | 'passive' {
  return offered === 'passive' ? 'active' : 'passive';
}

/** Our role behind the answer to our own offer; without a word the one who offered connects (RFC 4975 5.4). */
export function roleBehindAnswer(answered: MessageSetup | undefined): 'active' | 'passive' {
  return answered === 'active' ? 'passive' : 'active';
}

/** The other side of a direction (RFC 3264 6.1). */
export function mirrored(direction: MessageDirection): MessageDirection {
  if (direction === 'sendonly') return 'recvonly';
  return direction === 'recvonly' ? 'sendonly' : direction;
}

/** Whether somebody who said so sends messages, and takes them. */
export function sends({ direction }: Pick<MessageMedia, 'direction'>): boolean {
  return direction === 'sendrecv' || direction === 'sendonly';
}

export function receives({ direction }: Pick<MessageMedia, 'direction'>): boolean {
  return direction === 'sendrecv' || direction === 'recvonly';
}

function ownLine(own: OwnMedia, setup: MessageSetup): SdpMedia {
  const { uri, acceptTypes, acceptWrappedTypes, maxSize, direction, file } = own;
  const { scheme, port = 9 } = uriOf(uri);
  return writeMessageMedia({
    isSecure: scheme === 'msrps',
    port,
    path: uri,
    acceptTypes,
    acceptWrappedTypes,
    setup,
    direction,
    ...(maxSize === undefined ? {} : { maxSize }),
    ...(file === undefined ? {} : { file }),
  });
}

function head({ uri }: OwnMedia, { sessionId, version }: OwnOrigin): Omit<SessionDescription, 'media'> {
  const address = uriOf(uri).host.replace(/^\[|\]$/g, '');
  const connection = { addressType: address.includes(':') ? ('IP6' as const) : ('IP4' as const), address };
  return {
    origin: { userName: '-', sessionId, version: String(version), ...connection },
    name: '-',
    connection,
    attributes: [],
  };
}

function uriOf(text: string): MsrpUri {
  const parsed = parseMsrpUri(text);
  return parsed.ok ? parsed.value : { scheme: 'msrp', host: 'localhost', transport: 'tcp', parameters: '' };
}
