/** Sends octets as they are, over UDP or TCP, and hands out what comes back. */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import type { WireAddress } from '../../src/cli/demo/user-agent/wire-socket.ts';

export interface RawClient {
  /** All that came back so far. */
  received(): string;
  isClosed(): boolean;
  send(octets: Uint8Array): void;
  close(): void;
}

export async function openRawUdp(server: WireAddress, local: WireAddress): Promise<RawClient> {
  const socket = createSocket('udp4');
  let received = '';
  socket.on('message', (octets) => {
    received += octets.toString('latin1');
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(local.port, local.host, () => resolve());
  });
  return {
    received: () => received,
    isClosed: () => false,
    send: (octets) => socket.send(octets, server.port, server.host),
    close: () => void socket.close(),
  };
}

export async function openRawTcp(server: WireAddress): Promise<RawClient> {
  const socket = connect({ ...server, noDelay: true });
  let received = '';
  let isClosed = false;
  socket.on('data', (octets) => {
    received += octets.toString('latin1');
  });
  socket.on('close', () => {
    isClosed = true;
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => resolve());
  });
  return {
    received: () => received,
    isClosed: () => isClosed,
    send: (octets) => void socket.write(octets),
    close: () => void socket.destroy(),
  };
}

/** Statuses of the answers in the order of their arrival. */
export function statusesIn(received: string): number[] {
  return [...received.matchAll(/^SIP\/2\.0 (\d{3}) /gm)].map(([, status]) => Number(status));
}
