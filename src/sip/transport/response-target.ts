/**
 * The way back: what the receiving transport adds to the topmost Via (RFC 3261 18.2.1, RFC 3581 4) and where a
 * response goes by it (RFC 3261 18.2.2). It sends nothing.
 */
import { withTopVia } from '../message/sip-message.ts';
import type { SipRequest } from '../message/sip-message.ts';
import { withKeep, withReceived } from '../message/via.ts';
import type { Via } from '../message/via.ts';
import type { Flow } from '../registrar/ports.ts';
import { keepAliveSeconds } from '../registrar/keep-alive-time.ts';
import { bareHost, defaultPortOf, defaultSipPort, isNumericAddress } from './own-addresses.ts';
import type { PeerAddress, SocketAddress } from './ports.ts';

/** The request as the layers above see it. */
export function completeRequest(request: SipRequest, flow: Flow): SipRequest {
  const via = completeVia(request.topVia, flow);
  return via === request.topVia ? request : withTopVia(request, via);
}

/** The same Via when sent-by is the source and nothing was asked for. */
export function completeVia(via: Via, flow: Flow): Via {
  return flow.transport === 'udp' ? completeSource(via, flow) : withKeepAlives(completeSource(via, flow));
}

/** RFC 6223 4.3: who offers keep-alives over a stream is told how often; over datagrams they would be STUN. */
function withKeepAlives(via: Via): Via {
  return KEEP.test(via.params.toString()) ? withKeep(via, keepAliveSeconds) : via;
}

const KEEP = /;[ \t]*keep[ \t]*(?=;|$)/i;

function completeSource(via: Via, flow: Flow): Via {
  const { rport } = via;
  if (rport !== undefined) return withReceived(via, flow.remoteAddress, flow.remotePort);
  // A `received` that the peer wrote itself must not stand: the response would be believed to go there.
  if (via.received === undefined && isSameHost(via.host, flow.remoteAddress)) return via;
  return withReceived(via, flow.remoteAddress, undefined);
}

function isSameHost(host: string, address: string): boolean {
  return host === address || bareHost(host) === address;
}

/** Where a response over datagrams goes. The source address stands for `received`, which is the same by now. */
export function datagramTarget(via: Via, flow: Flow): SocketAddress {
  const port = via.port ?? defaultSipPort;
  if (via.maddr !== undefined) {
    const maddr = bareHost(via.maddr);
    if (isNumericAddress(maddr)) return { address: maddr, port };
  }
  return { address: flow.remoteAddress, port: via.rport === undefined ? port : flow.remotePort };
}

/** Where a stream is opened for a response whose connection is gone; over TLS whoever is there must be the sent-by. */
export function reopenTarget(via: Via, flow: Flow): PeerAddress {
  return { address: flow.remoteAddress, port: via.port ?? defaultPortOf(flow.transport), name: bareHost(via.host) };
}
