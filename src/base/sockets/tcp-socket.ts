/** A stream port on node:net. */
import { connect } from 'node:net';
import { openStreamPort, type StreamPortPlan, type StreamSocketPort } from './stream-port-socket.ts';

/** Listens; port 0 takes a free one. Throws `ListenFault`. */
export function openTcpSocket(host: string, port: number, plan: StreamPortPlan): Promise<StreamSocketPort<'tcp'>> {
  return openStreamPort({ address: host, port }, plan, {
    transport: 'tcp',
    accepted: (raw) => raw,
    connect: (to, from) => connect({ host: to.address, port: to.port, ...from }),
    openEvent: 'connect',
  });
}
