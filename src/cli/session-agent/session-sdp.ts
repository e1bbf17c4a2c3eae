/** What two sides say of an MSRP session before it begins (RFC 4975 section 8, RFC 6135), as a client writes and reads it. */

export type Setup = 'active' | 'passive' | 'actpass';
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

export interface SessionSdp {
  /** One URI or more; undefined where there is no a=path. */
  readonly path: string | undefined;
  readonly acceptTypes: string;
  readonly acceptWrappedTypes?: string;
  readonly setup: Setup | undefined;
  readonly direction: Direction;
  readonly maxSize?: number;
  /** Of the m-line; 0 refuses. */
  readonly port: number;
  readonly protocol: string;
  /** Other attributes of the stream, as they stand behind `a=`. */
  readonly more?: readonly string[];
}

export function formatSessionSdp(sdp: SessionSdp, version: number): string {
  const rows = [
    'v=0',
    `o=- 25 ${version} IN IP4 127.0.0.1`,
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=message ${sdp.port} ${sdp.protocol} *`,
    `a=accept-types:${sdp.acceptTypes}`,
    ...(sdp.acceptWrappedTypes === undefined ? [] : [`a=accept-wrapped-types:${sdp.acceptWrappedTypes}`]),
    ...(sdp.path === undefined ? [] : [`a=path:${sdp.path}`]),
    ...(sdp.setup === undefined ? [] : [`a=setup:${sdp.setup}`]),
    ...(sdp.maxSize === undefined ? [] : [`a=max-size:${sdp.maxSize}`]),
    ...(sdp.direction === 'sendrecv' ? [] : [`a=${sdp.direction}`]),
    ...(sdp.more ?? []).map((row) => `a=${row}`),
    '',
  ];
  return rows.join('\r\n');
}

/** The first stream for messages; undefined where there is none. */
export function readSessionSdp(text: string): SessionSdp | undefined {
  const rows = text.split(/\r?\n/);
  const first = rows.findIndex((row) => row.startsWith('m=message '));
  if (first < 0) return undefined;
  const next = rows.findIndex((row, at) => at > first && row.startsWith('m='));
  const own = rows.slice(first, next < 0 ? undefined : next);
  const [, port = '0', protocol = ''] = (own[0] ?? '').split(' ');
  const value = (name: string): string | undefined =>
    own.find((row) => row.startsWith(`a=${name}:`))?.slice(name.length + 3);
  const wrapped = value('accept-wrapped-types');
  const maxSize = value('max-size');
  const setup = value('setup');
  const known = ['a=path:', 'a=accept-', 'a=setup:', 'a=max-size:'];
  return {
    path: value('path'),
    acceptTypes: value('accept-types') ?? '',
    ...(wrapped === undefined ? {} : { acceptWrappedTypes: wrapped }),
    setup: setup === 'active' || setup === 'passive' || setup === 'actpass' ? setup : undefined,
    direction: directions.find((word) => own.includes(`a=${word}`)) ?? 'sendrecv',
    ...(maxSize === undefined ? {} : { maxSize: Number(maxSize) }),
    port: Number(port),
    protocol,
    more: own
      .filter((row) => row.startsWith('a=') && !known.some((word) => row.startsWith(word)))
      .map((row) => row.slice(2)),
  };
}

const directions: readonly Direction[] = ['sendonly', 'recvonly', 'inactive', 'sendrecv'];
