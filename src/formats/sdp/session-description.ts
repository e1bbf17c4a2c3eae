/**
 * A session description (RFC 4566) read into its media and written again. Lines that are not understood are kept in their
 * place; line ends and the order of lines are read leniently, what negotiation rests on strictly.
 */
import { err, ok, type Result } from '../../base/result.ts';

/** Octets, media and attributes (of the session and of each medium) of one description. */
export const sdpBytesMax = 16_384;
export const sdpMediaMax = 16;
export const sdpAttributesMax = 128;

export interface SdpAttribute {
  readonly name: string;
  /** Undefined for a flag: `a=sendonly`. */
  readonly value?: string;
}

export interface SdpConnection {
  readonly addressType: 'IP4' | 'IP6';
  /** Also a name. */
  readonly address: string;
}

export interface SdpMedia {
  /** `message`, `audio` and so on, in lower case. */
  readonly type: string;
  /** 0: refused, or not wanted any more (RFC 3264 6). */
  readonly port: number;
  readonly protocol: string;
  readonly formats: readonly string[];
  readonly title?: string;
  /** Its own, else that of the session. */
  readonly connection?: SdpConnection;
  readonly attributes: readonly SdpAttribute[];
}

export interface SessionDescription {
  readonly origin: SdpOrigin;
  readonly name: string;
  readonly connection?: SdpConnection;
  readonly attributes: readonly SdpAttribute[];
  readonly media: readonly SdpMedia[];
}

export interface SdpOrigin {
  readonly userName: string;
  readonly sessionId: string;
  /** Grows with every change (RFC 3264 8). */
  readonly version: string;
  readonly addressType: 'IP4' | 'IP6';
  readonly address: string;
}

interface Builder {
  origin: SdpOrigin | undefined;
  name: string;
  connection: SdpConnection | undefined;
  readonly attributes: SdpAttribute[];
  readonly media: MediaBuilder[];
}

interface MediaBuilder {
  readonly line: Omit<SdpMedia, 'attributes' | 'connection' | 'title'>;
  title: string | undefined;
  connection: SdpConnection | undefined;
  readonly attributes: SdpAttribute[];
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The error says in words what is wrong. */
export function parseSessionDescription(bytes: Uint8Array): Result<SessionDescription, string> {
  if (bytes.length > sdpBytesMax) return err(`the description has more than ${sdpBytesMax} octets`);
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return err('the description is not UTF-8');
  }
  const builder: Builder = { origin: undefined, name: '-', connection: undefined, attributes: [], media: [] };
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines[0]?.trim() !== 'v=0') return err('the first line is not v=0');
  for (const line of lines.slice(1)) {
    const match = /^([a-z])=(.*)$/.exec(line.trimEnd());
    if (match === null) return err(`"${line.slice(0, 40)}" is not a line of a description`);
    const fault = addLine(builder, match[1] ?? '', match[2] ?? '');
    if (fault !== undefined) return err(fault);
  }
  const { origin, name, connection, attributes, media } = builder;
  if (origin === undefined) return err('there is no o= line');
  return ok({
    origin,
    name,
    attributes,
    ...(connection === undefined ? {} : { connection }),
    media: media.map((each) => finishMedia(each, { connection, attributes })),
  });
}

/** The fault, if there is one. */
function addLine(builder: Builder, type: string, value: string): string | undefined {
  const media = builder.media.at(-1);
  switch (type) {
    case 'o':
      builder.origin = parseOrigin(value);
      return builder.origin === undefined ? 'the o= line has not six fields' : undefined;
    case 's':
      builder.name = value.trim() === '' ? '-' : value.trim();
      return undefined;
    case 'i':
      if (media !== undefined) media.title = value;
      return undefined;
    case 'c': {
      const connection = parseConnection(value);
      if (connection === undefined) return 'the c= line is not IN, IP4 or IP6, and an address';
      if (media === undefined) builder.connection = connection;
      else media.connection = connection;
      return undefined;
    }
    case 'a':
      return addAttribute(media?.attributes ?? builder.attributes, value);
    case 'm':
      return addMedia(builder.media, value);
    default:
      return undefined;
  }
}

function parseOrigin(value: string): SdpOrigin | undefined {
  const match = /^(\S+) (\d+) (\d+) IN IP([46]) (\S+)$/.exec(value.trim());
  if (match === null) return undefined;
  const [, userName = '', sessionId = '', version = '', family, address = ''] = match;
  return { userName, sessionId, version, addressType: family === '6' ? 'IP6' : 'IP4', address };
}

function parseConnection(value: string): SdpConnection | undefined {
  // A multicast address has a time to live behind it, which is no affair of a message.
  const match = /^IN IP([46]) ([^\s/]+)(?:\/\S+)?$/.exec(value.trim());
  return match === null ? undefined : { addressType: match[1] === '6' ? 'IP6' : 'IP4', address: match[2] ?? '' };
}

function addAttribute(attributes: SdpAttribute[], text: string): string | undefined {
  if (attributes.length >= sdpAttributesMax) return `there are more than ${sdpAttributesMax} attributes`;
  const colon = text.indexOf(':');
  if (colon === -1) attributes.push({ name: text.trim() });
  else attributes.push({ name: text.slice(0, colon).trim(), value: text.slice(colon + 1).trim() });
  return undefined;
}

function addMedia(media: MediaBuilder[], value: string): string | undefined {
  if (media.length >= sdpMediaMax) return `there are more than ${sdpMediaMax} media`;
  const match = /^(\S+) (\d{1,5})(?:\/\d+)? (\S+) (\S.*)$/.exec(value.trim());
  if (match === null) return `"m=${value.slice(0, 40)}" is not a medium`;
  const [, type = '', port = '', protocol = '', formats = ''] = match;
  if (Number(port) > 65_535) return `${port} is not a port`;
  const line = { type: type.toLowerCase(), port: Number(port), protocol, formats: formats.split(/\s+/) };
  media.push({ line, title: undefined, connection: undefined, attributes: [] });
  return undefined;
}

function finishMedia(
  { line, title, connection, attributes }: MediaBuilder,
  ofSession: Pick<SessionDescription, 'attributes'> & { readonly connection: SdpConnection | undefined },
): SdpMedia {
  const own = connection ?? ofSession.connection;
  return {
    ...line,
    attributes: [...attributes, ...inheritable.flatMap((names) => inherited(names, attributes, ofSession.attributes))],
    ...(title === undefined ? {} : { title }),
    ...(own === undefined ? {} : { connection: own }),
  };
}

/** What counts for every medium that does not say it itself, where the session does (RFC 4566 6, RFC 4145 4). */
const inheritable: readonly (readonly string[])[] = [['sendrecv', 'sendonly', 'recvonly', 'inactive'], ['setup']];

function inherited(
  names: readonly string[],
  own: readonly SdpAttribute[],
  ofSession: readonly SdpAttribute[],
): readonly SdpAttribute[] {
  const isNamed = ({ name }: SdpAttribute): boolean => names.includes(name.toLowerCase());
  return own.some(isNamed) ? [] : ofSession.filter(isNamed);
}

export function formatSessionDescription(description: SessionDescription): Uint8Array {
  const { origin, name, connection, attributes, media } = description;
  const { userName, sessionId, version, addressType, address } = origin;
  const lines = ['v=0', `o=${userName} ${sessionId} ${version} IN ${addressType} ${address}`, `s=${name}`];
  if (connection !== undefined) lines.push(formatConnection(connection));
  lines.push('t=0 0', ...attributes.map(formatAttribute));
  for (const each of media) {
    lines.push(`m=${each.type} ${each.port} ${each.protocol} ${each.formats.join(' ')}`);
    if (each.title !== undefined) lines.push(`i=${each.title}`);
    if (each.connection !== undefined && !isSame(each.connection, connection))
      lines.push(formatConnection(each.connection));
    lines.push(...each.attributes.map(formatAttribute));
  }
  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n`);
}

function formatConnection({ addressType, address }: SdpConnection): string {
  return `c=IN ${addressType} ${address}`;
}

function formatAttribute({ name, value }: SdpAttribute): string {
  return value === undefined ? `a=${name}` : `a=${name}:${value}`;
}

function isSame(one: SdpConnection, other: SdpConnection | undefined): boolean {
  return one.addressType === other?.addressType && one.address === other.address;
}

/** The value of the first attribute of that name; an empty text for a flag. */
export function attributeOf({ attributes }: Pick<SdpMedia, 'attributes'>, name: string): string | undefined {
  const found = attributes.find((attribute) => attribute.name.toLowerCase() === name);
  return found === undefined ? undefined : (found.value ?? '');
}
