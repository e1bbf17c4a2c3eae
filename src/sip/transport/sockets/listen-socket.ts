/**
 * UDP and TCP on the same address and port, as RFC 3261 18.2.1 asks, TLS on its own, and the addresses by which others
 * reach them.
 */
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { AcceptStream, DatagramListener, DatagramPort, StreamPort } from '../ports.ts';
import { ListenFault } from './listen-fault.ts';
import { plainAddress } from './socket-address.ts';
import { openTcpSocket } from './tcp-socket.ts';
import { openTlsSocket } from './tls-socket.ts';
import type { TlsSocketPlan } from './tls-socket.ts';
import { openUdpSocket } from './udp-socket.ts';

/** Port 0: so many free UDP ports are tried until one is free for TCP as well. */
const freePortTriesMax = 20;

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
      const streams = await openTcpSocket(address, datagrams.local.port, (connection) => listener.accept(connection));
      return { datagrams, streams };
    } catch (fault) {
      datagrams.close();
      const isTakenByChance = port === 0 && fault instanceof ListenFault && fault.isTemporary;
      if (!isTakenByChance || tries === freePortTriesMax) throw fault;
    }
  }
}

/** Throws `ListenFault`. */
export async function openSipsSocket(host: string, port: number, plan: TlsSocketPlan): Promise<StreamPort> {
  return openTlsSocket(await numericAddress(host, port), port, plan);
}

/** The host may be a name or an IPv6 address in brackets. */
export async function numericAddress(host: string, port: number): Promise<string> {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (isIP(bare) !== 0) return bare;
  try {
    return (await lookup(bare)).address;
  } catch (cause) {
    throw new ListenFault(`${host}:${port}`, cause);
  }
}

/** How many files, sockets among them, this process may have open; undefined where the system does not say so. */
export function readOpenFilesMax(): number | undefined {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

/** The numeric addresses of this machine, loopback last. */
export function readLocalAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const sorted = [...all.filter(({ internal }) => !internal), ...all.filter(({ internal }) => internal)];
  return sorted.map(({ address }) => plainAddress(address));
}
