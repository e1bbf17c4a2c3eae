/**
 * What an `m=message` line and its attributes say (RFC 4975 8): the path, the types, the size, who connects (RFC 6135), which
 * way messages go (RFC 3264), and the file that is meant (RFC 5547). Paths stay text: whoever speaks MSRP reads them.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { attributeOf, type SdpAttribute, type SdpConnection, type SdpMedia } from './session-description.ts';

export type MessageDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
export type MessageSetup = 'active' | 'passive' | 'actpass';

export interface MessageMedia {
  readonly isSecure: boolean;
  readonly port: number;
  readonly connection?: SdpConnection;
  /** URIs, the next hop first, as they were written. */
  readonly path: string;
  /** `*`, `text/*` or a type, with parameters. */
  readonly acceptTypes: readonly string[];
  readonly acceptWrappedTypes: readonly string[];
  /** Octets of one message. */
  readonly maxSize?: number;
  /** Undefined for RFC 4975's own rule: who offers connects. */
  readonly setup?: MessageSetup;
  readonly direction: MessageDirection;
  readonly file?: MessageFile;
}

/** RFC 5547 6; the selector as it was written. */
export interface MessageFile {
  readonly selector: string;
  readonly transferId?: string;
  readonly disposition?: string;
  readonly name?: string;
  readonly type?: string;
  readonly size?: number;
}

/** Types of one list. */
export const acceptTypesMax = 64;

const protocols: ReadonlyMap<string, boolean> = new Map([
  ['tcp/msrp', false],
  ['tcp/tls/msrp', true],
  ['tcp/ws/msrp', false],
  ['tcp/wss/msrp', true],
]);

export function isMessageMedia({ type, protocol }: SdpMedia): boolean {
  return type === 'message' && protocols.has(protocol.toLowerCase());
}

/** Of a medium that is one of messages. A refused one (port 0) needs no path. */
export function readMessageMedia(media: SdpMedia): Result<MessageMedia, string> {
  const path = attributeOf(media, 'path')?.trim() ?? '';
  if (path === '' && media.port !== 0) return err('there is no a=path');
  const acceptTypes = listOf(media, 'accept-types');
  if (acceptTypes.length === 0 && media.port !== 0) return err('there is no a=accept-types');
  const acceptWrappedTypes = listOf(media, 'accept-wrapped-types');
  if (Math.max(acceptTypes.length, acceptWrappedTypes.length) > acceptTypesMax) {
    return err(`a list of types has more than ${acceptTypesMax}`);
  }
  const sizeText = attributeOf(media, 'max-size');
  const maxSize = sizeText === undefined || !/^\d{1,15}$/.test(sizeText) ? undefined : Number(sizeText);
  const setup = setups.find((word) => word === attributeOf(media, 'setup')?.toLowerCase());
  const file = readFile(media);
  return ok({
    isSecure: protocols.get(media.protocol.toLowerCase()) === true,
    port: media.port,
    path,
    acceptTypes,
    acceptWrappedTypes,
    direction: directions.find((word) => attributeOf(media, word) !== undefined) ?? 'sendrecv',
    ...(media.connection === undefined ? {} : { connection: media.connection }),
    ...(maxSize === undefined ? {} : { maxSize }),
    // `holdconn` is ignored (RFC 6135 4).
    ...(setup === undefined ? {} : { setup }),
    ...(file === undefined ? {} : { file }),
  });
}

export function writeMessageMedia(message: MessageMedia): SdpMedia {
  const attributes: SdpAttribute[] = [];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') attributes.push({ name, value });
  };
  if (message.direction !== 'sendrecv') attributes.push({ name: message.direction });
  add('accept-types', message.acceptTypes.join(' '));
  add('accept-wrapped-types', message.acceptWrappedTypes.join(' '));
  add('max-size', message.maxSize?.toString());
  add('setup', message.setup);
  add('path', message.path);
  // Also without a selector: it says that files are understood (RFC 5547 8.5).
  if (message.file?.selector === '') attributes.push({ name: 'file-selector' });
  add('file-selector', message.file?.selector);
  add('file-transfer-id', message.file?.transferId);
  add('file-disposition', message.file?.disposition);
  return {
    type: 'message',
    port: message.port,
    protocol: message.isSecure ? 'TCP/TLS/MSRP' : 'TCP/MSRP',
    formats: ['*'],
    attributes,
    ...(message.connection === undefined ? {} : { connection: message.connection }),
  };
}

const setups: readonly MessageSetup[] = ['active', 'passive', 'actpass'];
const directions: readonly MessageDirection[] = ['sendonly', 'recvonly', 'inactive', 'sendrecv'];

function listOf(media: SdpMedia, name: string): string[] {
  const text = attributeOf(media, name)?.trim() ?? '';
  return text === '' ? [] : text.split(/\s+/);
}

function readFile(media: SdpMedia): MessageFile | undefined {
  const selector = attributeOf(media, 'file-selector');
  if (selector === undefined) return undefined;
  const transferId = attributeOf(media, 'file-transfer-id') ?? '';
  const disposition = attributeOf(media, 'file-disposition') ?? '';
  const name = /(?:^|\s)name:"((?:[^"\\]|\\.)*)"/.exec(selector)?.[1];
  const type = /(?:^|\s)type:(\S+)/.exec(selector)?.[1];
  const size = /(?:^|\s)size:(\d{1,15})(?:\s|$)/.exec(selector)?.[1];
  return {
    selector,
    ...(transferId === '' ? {} : { transferId }),
    ...(disposition === '' ? {} : { disposition }),
    ...(name === undefined ? {} : { name: unescapePercent(name) }),
    ...(type === undefined ? {} : { type }),
    ...(size === undefined ? {} : { size: Number(size) }),
  };
}

/** RFC 5547 6: `"`, `%` and controls are percent-encoded. What is no such escape stays. */
function unescapePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
