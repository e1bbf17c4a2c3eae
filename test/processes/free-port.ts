/** Ports for servers of tests. */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/**
 * Below those that the system hands out by itself (32768 and above on Linux): else a socket of any other test could get the
 * port between the look at it and the start of the server that it is for.
 */
const [portMin, portEnd] = [10_000, 32_000];
const given = new Set<number>();

/** A port of 127.0.0.1 that is free for UDP and TCP at this moment, and that no earlier call answered. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(portMin, portEnd);
    if (given.has(port)) continue;
    given.add(port);
    if ((await isFreeForTcp(port)) && (await isFreeForUdp(port))) return port;
  }
}

function isFreeForTcp(port: number): Promise<boolean> {
  const tcp = createServer();
  return new Promise((resolve) => {
    tcp.once('error', () => resolve(false));
    tcp.listen(port, '127.0.0.1', () => tcp.close(() => resolve(true)));
  });
}

function isFreeForUdp(port: number): Promise<boolean> {
  const udp = createSocket('udp4');
  return new Promise((resolve) => {
    udp.once('error', () => {
      udp.close();
      resolve(false);
    });
    udp.bind(port, '127.0.0.1', () => udp.close(() => resolve(true)));
  });
}
