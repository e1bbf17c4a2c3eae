/** What a case is, what it is given, and the phone of the person on its other side. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { SipUserAgent } from '../../src/cli/demo/user-agent/sip-user-agent.ts';
import type { WireAddress } from '../../src/cli/demo/user-agent/wire-socket.ts';
import type { Tool } from './tools.ts';

export interface InteropWorld {
  /** Empty, removed afterwards. */
  readonly folder: string;
  readonly server: WireAddress;
  /** `http://127.0.0.1:PORT` */
  readonly http: string;
  freePort(): Promise<number>;
  /** Runs at the end of the case, whatever happened; the latest first. */
  closeLater(close: () => unknown): void;
}

export interface InteropCase {
  readonly name: string;
  readonly tool: Tool;
  readonly serverFlags?: readonly string[];
  /** Rejects with what went wrong. */
  play(world: InteropWorld): Promise<void>;
}

/** Passwords are those of `--demo`. */
export function passwordOf(user: string): string {
  return `${user}-secret`;
}

export async function startPhone(world: InteropWorld, user: string): Promise<SipUserAgent> {
  const phone = await SipUserAgent.start({
    server: world.server,
    address: `${user}@localhost`,
    password: passwordOf(user),
  });
  world.closeLater(() => phone.stop());
  return phone;
}

export function expectThat(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Error(otherwise);
}

export function expectSame(what: string, actual: unknown, expected: unknown): void {
  expectThat(actual === expected, `${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
}

/** A port of 127.0.0.1 that is free for UDP and TCP at this moment. */
export async function freePort(): Promise<number> {
  for (;;) {
    const tcp = createServer();
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', () => resolve()));
    const address = tcp.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const isFree = await isFreeForUdp(port);
    await new Promise<void>((resolve) => tcp.close(() => resolve()));
    if (isFree) return port;
  }
}

function isFreeForUdp(port: number): Promise<boolean> {
  const udp = createSocket('udp4');
  return new Promise((resolve) => {
    udp.once('error', () => resolve(false));
    udp.bind(port, '127.0.0.1', () => udp.close(() => resolve(true)));
  });
}
