/** UDP and TCP on the same address and port, as RFC 3261 18.2.1 asks, and TLS on its own. */
import { ListenFault } from '../../../base/sockets/listen-fault.ts';
import { numericAddress } from '../../../base/sockets/resolver-socket.ts';
import { openTcpSocket } from '../../../base/sockets/tcp-socket.ts';
import { openTlsSocket, type TlsContexts } from '../../../base/sockets/tls-socket.ts';
import type { AcceptStream, DatagramListener, DatagramPort, StreamPort } from '../ports.ts';
import { openUdpSocket } from './udp-socket.ts';

/** Port 0: so many free UDP ports are tried until one is free for TCP as well. */
const freePortTriesMax = 20;
/** As datagrams do: a core may tell by the address who sends. */
const comesFromHere = true;

export interface SipSockets {
  readonly datagrams: DatagramPort;
  readonly streams: StreamPort;
}

/** Both or none. Throws `ListenFault`. */
export async function openSipSockets(
  host: string,
  port: number,
  listener: DatagramListener & { readonly accept: AcceptStream },
): Promise<SipSockets> {
  const address = await numericAddress(host, port);
  for (let tries = 1; ; tries++) {
    const datagrams = await openUdpSocket(address, port, listener);
    try {
      const accept: AcceptStream = (connection) => listener.accept(connection);
      const streams = await openTcpSocket(address, datagrams.local.port, { accept, comesFromHere });
      return { datagrams, streams };
    } catch (fault) {
      datagrams.close();
      const isTakenByChance = port === 0 && fault instanceof ListenFault && fault.isTemporary;
      if (!isTakenByChance || tries === freePortTriesMax) throw fault;
    }
  }
}

/** Throws `ListenFault`. */
export async function openSipsSocket(host: string, port: number, plan: SipsPlan): Promise<StreamPort> {
  return openTlsSocket(await numericAddress(host, port), port, { ...plan, comesFromHere });
}

interface SipsPlan {
  readonly accept: AcceptStream;
  readonly contexts: TlsContexts;
}
