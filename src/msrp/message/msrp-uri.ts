/** MSRP URIs (RFC 4975 6): `msrp://host:port/session;tcp`. Compared by section 6.1. */
import { err, ok, type Result } from '../../base/result.ts';

export interface MsrpUri {
  readonly scheme: 'msrp' | 'msrps';
  readonly userInfo?: string;
  /** In lower case; an IPv6 address in its brackets. */
  readonly host: string;
  readonly port?: number;
  readonly sessionId?: string;
  /** In lower case: `tcp`, `ws` (RFC 7977), or one that is unknown here and passed on (RFC 7977 5.2.2). */
  readonly transport: string;
  /** What follows the transport, with its semicolons. */
  readonly parameters: string;
}

/** Characters of one URI; a longer one is refused. */
export const msrpUriCharactersMax = 1_024;
/** URIs of one path: relays on the way (RFC 4976) and the end. */
export const pathUrisMax = 10;

const PATTERN =
  /^(msrps?):\/\/(?:([\w.!~*'()%&=+$,;?/:-]*)@)?(\[[\da-f:.]+\]|[a-z\d](?:[a-z\d.-]*[a-z\d])?\.?)(?::(\d{1,5}))?(?:\/([\w.~+=/%!$&'()*,:@-]+))?;([a-z\d]+)((?:;[\w.!%*`'~+-]+(?:=[\w.!%*`'~+-]+)?)*)$/i;

export function parseMsrpUri(text: string): Result<MsrpUri, string> {
  if (text.length > msrpUriCharactersMax) return err(`an MSRP URI has more than ${msrpUriCharactersMax} characters`);
  const match = PATTERN.exec(text);
  if (match === null) return err(`"${text.slice(0, 60)}" is not an MSRP URI`);
  const [, scheme = '', userInfo, host = '', port, sessionId, transport = '', parameters = ''] = match;
  if (port !== undefined && Number(port) > 65_535) return err(`${port} is not a port`);
  return ok({
    scheme: scheme.toLowerCase() as MsrpUri['scheme'],
    host: host.toLowerCase(),
    transport: transport.toLowerCase(),
    parameters,
    ...(userInfo === undefined ? {} : { userInfo }),
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(sessionId === undefined ? {} : { sessionId }),
  });
}

export function formatMsrpUri(uri: MsrpUri): string {
  const { scheme, userInfo, host, port, sessionId, transport, parameters } = uri;
  const authority = `${userInfo === undefined ? '' : `${userInfo}@`}${host}${port === undefined ? '' : `:${port}`}`;
  return `${scheme}://${authority}${sessionId === undefined ? '' : `/${sessionId}`};${transport}${parameters}`;
}

/** RFC 4975 6.1: user information and other parameters do not count; a port in one of them only does. */
export function isSameMsrpUri(one: MsrpUri, other: MsrpUri): boolean {
  return (
    one.scheme === other.scheme &&
    one.host === other.host &&
    one.port === other.port &&
    one.sessionId === other.sessionId &&
    one.transport === other.transport
  );
}

/** The URIs of To-Path, From-Path or `a=path`, the next hop first. */
export function parseMsrpPath(text: string): Result<readonly MsrpUri[], string> {
  const parts = text.trim().split(/[ \t]+/);
  if (parts.length > pathUrisMax) return err(`a path has more than ${pathUrisMax} URIs`);
  const uris: MsrpUri[] = [];
  for (const part of parts) {
    const uri = parseMsrpUri(part);
    if (!uri.ok) return uri;
    uris.push(uri.value);
  }
  return ok(uris);
}

export function formatMsrpPath(uris: readonly MsrpUri[]): string {
  return uris.map(formatMsrpUri).join(' ');
}
