/** SIP over WebSockets (RFC 7118) as HTTP offers it: the transport takes each as one more stream. */
import type { WebSocketDoor } from '../../endpoints/http/web-sockets/web-socket-door.ts';
import type { TransportLayer } from '../../sip/transport/transport-layer.ts';
import type { ServerParts } from '../server-parts.ts';
import { messageLimitsOf } from './transport-side.ts';

export function sipDoor({ config }: ServerParts, transport: TransportLayer): WebSocketDoor {
  const { headerSectionBytesMax, bodyBytesMax } = messageLimitsOf(config);
  return {
    path: '/sip',
    subprotocol: 'sip',
    messageBytesMax: headerSectionBytesMax + bodyBytesMax,
    accept: (connection) => transport.accept(connection),
  };
}
