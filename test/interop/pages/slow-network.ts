/**
 * A network between the pages and the server that keeps answers to calls back, so that they overtake each other and come when
 * nobody counts on them. What a stream brings stays in its order.
 */
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SlowNetwork {
  /** Where the pages find the server. */
  readonly origin: string;
  close(): void;
}

/** Resolves when the answer to a call, which the server has given, may go on to the page. */
export type HoldBack = (method: string, path: string) => Promise<void> | undefined;

export async function startSlowNetwork(serverOrigin: string, holdBack: HoldBack): Promise<SlowNetwork> {
  const target = new URL(serverOrigin);
  const relay = createServer((asked, answer) => {
    const { method = 'GET', headers, url: path = '/' } = asked;
    const onward = request({ host: target.hostname, port: target.port, method, headers, path }, (given) => {
      void passOn(given, answer, path.startsWith('/v1/') ? holdBack(method, path) : undefined);
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    asked.on('error', () => onward.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const { port } = relay.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close() {
      relay.close();
      relay.closeAllConnections();
    },
  };
}

async function passOn(given: IncomingMessage, answer: ServerResponse, held: Promise<void> | undefined): Promise<void> {
  given.on('error', () => answer.destroy());
  given.pause();
  await held;
  if (answer.destroyed) return;
  answer.writeHead(given.statusCode ?? 502, given.headers);
  answer.flushHeaders();
  given.pipe(answer);
}
