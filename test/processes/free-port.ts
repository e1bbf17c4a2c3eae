/** Ports for servers of tests, found by asking the system. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

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
