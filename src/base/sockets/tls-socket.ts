/**
 * A stream port on node:tls (RFC 3261 26.3.1, RFC 5922, RFC 4975 14.1). A connection is shown from the moment it is opened,
 * so that one that never finishes its handshake is counted as a silent one like any other. Where certificates come from is
 * not its business.
 */
import { isIP, type Socket } from 'node:net';
import { connect, TLSSocket, type SecureContext } from 'node:tls';
import { openStreamPort, type StreamPortPlan, type StreamSocketPort } from './stream-port-socket.ts';

/** How long a peer may take for its handshake. */
export const tlsHandshakeMsMax = 10_000;

/** Asked for each connection anew, so that certificates can change while it listens. */
export interface TlsContexts {
  /** For connections that peers open. */
  accepting(): SecureContext;
  /** For connections that we open. */
  opening(): SecureContext;
  /** Whether a peer that we connect to must prove its name (RFC 5922 7.3). */
  readonly verifiesPeers: boolean;
}

export interface TlsPortPlan extends StreamPortPlan {
  readonly contexts: TlsContexts;
  readonly handshakeMsMax?: number;
}

/** Listens; port 0 takes a free one. Throws `ListenFault`. */
export function openTlsSocket(host: string, port: number, plan: TlsPortPlan): Promise<StreamSocketPort<'tls'>> {
  const { contexts, handshakeMsMax = tlsHandshakeMsMax } = plan;
  return openStreamPort({ address: host, port }, plan, {
    transport: 'tls',
    accepted: (raw) => beginHandshake(raw, contexts.accepting(), handshakeMsMax),
    connect: ({ address, name = address, port: to }, from) =>
      connect({
        host: address,
        port: to,
        ...from,
        // What the certificate must be for: the name that was asked for, never what the resolver made of it (RFC 5922 7.1).
        servername: isIP(name) === 0 ? name : '',
        secureContext: contexts.opening(),
        rejectUnauthorized: contexts.verifiesPeers,
      }),
    openEvent: 'secureConnect',
  });
}

function beginHandshake(raw: Socket, secureContext: SecureContext, handshakeMsMax: number): Socket {
  raw.on('error', () => undefined);
  const socket = new TLSSocket(raw, { isServer: true, secureContext });
  const late = setTimeout(() => socket.destroy(), handshakeMsMax);
  const end = (): void => clearTimeout(late);
  socket.once('secure', end);
  socket.once('close', end);
  return socket;
}
