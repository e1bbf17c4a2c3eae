/**
 * The same application over TLS (RFC 9110 4.2.2): a second listener on the routes of the first. Where its certificate comes
 * from, and when that changes, is handed in.
 */
import { createServer, type Server } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { httpConnectionsMax, httpListenerOptions } from './http-limits.ts';

/** How long a peer may take for its handshake. */
export const httpsHandshakeMsMax = 10_000;

export interface ListenerCertificate {
  /** Certificate, key and versions, as they are at this moment. */
  options(): SecureContextOptions;
  /** Calls back whenever `options` answers others than before. */
  onChanged(listener: () => void): void;
}

/** Rejects with the system's error when the port is taken or the address is not ours. */
export async function listenSecurely(
  app: FastifyInstance,
  endpoint: { readonly host: string; readonly port: number },
  certificate: ListenerCertificate,
  prepare: (server: Server) => void,
): Promise<Server> {
  const server = createServer(
    { ...httpListenerOptions, ...certificate.options(), handshakeTimeout: httpsHandshakeMsMax },
    (request, response) => app.routing(request, response),
  );
  server.maxConnections = httpConnectionsMax;
  prepare(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: endpoint.host, port: endpoint.port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', () => undefined);
  certificate.onChanged(() => server.setSecureContext(certificate.options()));
  return server;
}
