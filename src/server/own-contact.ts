/** Our own Contact in dialogs: the address that this peer reaches us by, over the transport that it uses (RFC 3261 8.1.1.8). */
import type { Flow } from '../sip/registrar/ports.ts';
import type { OwnAddresses } from '../sip/transport/own-addresses.ts';
import type { SocketAddress } from '../sip/transport/ports.ts';
import type { ServerParts } from './server-parts.ts';

export interface OwnListeners {
  readonly addresses: OwnAddresses;
  readonly sip: SocketAddress;
  /** Those that there are. */
  readonly sips?: SocketAddress | undefined;
  readonly http: SocketAddress;
  readonly https?: SocketAddress | undefined;
}

/** A value with angle brackets. `isSecure`: what the dialog is about was asked for with a sips URI (RFC 3261 12.1.1). */
export function formatOwnContact(listeners: OwnListeners, flow: Flow, isSecure: boolean): string {
  const text = writeContact(listeners, flow, isSecure);
  const known = shared.get(text);
  if (known === undefined) shared.set(text, text);
  return known ?? text;
}

/** There is one for each of our addresses and transports, and every dialog keeps it. */
const shared = new Map<string, string>();

function writeContact(listeners: OwnListeners, flow: Flow, isSecure: boolean): string {
  const { transport, remoteAddress } = flow;
  const { address, port } = listenerOf(listeners, transport);
  const host = `${listeners.addresses.sentByHost(address, remoteAddress)}:${port}`;
  // RFC 5630 3.1.4, RFC 7118 5.2: over sips neither tls nor wss has to be named, and wss has no name in a sip URI.
  const named = transport === 'wss' ? 'ws' : transport;
  if (isSecure) return named === 'ws' ? `<sips:${host};transport=ws>` : `<sips:${host}>`;
  return named === 'udp' ? `<sip:${host}>` : `<sip:${host};transport=${named}>`;
}

function listenerOf({ sip, sips, http, https }: OwnListeners, transport: Flow['transport']): SocketAddress {
  switch (transport) {
    case 'tls':
      return sips ?? sip;
    case 'ws':
      return http;
    case 'wss':
      return https ?? http;
    default:
      return sip;
  }
}

/** Where people fetch what is too large for their clients: as the operator says, else where HTTP listens, over TLS if it does. */
export function formatHttpUrl({ http, https }: Pick<OwnListeners, 'http' | 'https'>, domain: string): string {
  const { address, port } = https ?? http;
  // A certificate has the name, and so has whoever listens on all addresses.
  const isNamed = https !== undefined || address === '0.0.0.0' || address === '::';
  const host = isNamed ? domain : address.includes(':') ? `[${address}]` : address;
  return `${https === undefined ? 'http' : 'https'}://${host}:${port}`;
}

type UrlParts = Pick<ServerParts, 'config' | 'ownHttpUrl'>;

/** Where its recipient fetches a message over HTTP. */
export function contentUrlOf(parts: UrlParts, id: string): string {
  return `${httpBaseOf(parts)}/v1/inbox/${id}/content`;
}

/** How people reach HTTP, without a slash at the end. */
export function httpBaseOf({ config, ownHttpUrl }: UrlParts): string {
  const { host, port } = config.http;
  return config.httpUrl ?? ownHttpUrl?.() ?? `http://${host}:${port}`;
}
