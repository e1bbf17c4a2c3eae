/**
 * The HTTP listener: one fastify application with the limits that hold for all routes. Refusals are problem details (RFC
 * 9457). Knows no route's meaning; what it serves is handed in.
 */
import { fastify, type FastifyInstance } from 'fastify';
import type { Counters } from '../../base/counters.ts';
import type { Log } from '../../base/log.ts';
import { addFrontPage } from './front-page.ts';
import { addHealthRoutes } from './health-routes.ts';
import { addMetricsPage } from './metrics-page.ts';
import { sendProblem } from './problem.ts';

/** Connections that are open at once; at the limit new ones are closed unanswered. */
export const httpConnectionsMax = 10_000;
/** Of a request, without its body. */
export const httpHeaderBytesMax = 16_384;
/** Nothing here takes a body so far that is longer. */
export const httpBodyBytesMax = 65_536;
/** From the first byte of a request to its last. */
export const httpRequestMsMax = 30_000;
/** How long a stop waits for requests that are being sent or answered; then their connections are cut. */
export const httpDrainMsMax = 1000;

export interface HttpSurroundings {
  readonly counters: Counters;
  readonly log: Log;
  /** Of the program, for the page. */
  readonly version: string;
  /** In lower case, for the page. */
  readonly domains: readonly string[];
  /** True from the moment on which everything listens until draining begins. */
  isReady(): boolean;
}

export interface HttpServer {
  readonly host: string;
  /** The one that was opened, where port 0 was asked for. */
  readonly port: number;
  /** Takes no new requests, answers the open ones, and closes all connections, those too whose request never ends. */
  stop(): Promise<void>;
}

/** Rejects with the system's error when the port is taken or the address is not ours. */
export async function startHttpServer(
  endpoint: { readonly host: string; readonly port: number },
  surroundings: HttpSurroundings,
): Promise<HttpServer> {
  const app = createHttpApp(surroundings);
  await app.listen({ host: endpoint.host, port: endpoint.port });
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : endpoint.port;
  return { host: endpoint.host, port, stop: () => stopApp(app) };
}

async function stopApp(app: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), httpDrainMsMax);
  await app.close();
  clearTimeout(cut);
}

/** All routes without a socket. */
export function createHttpApp(surroundings: HttpSurroundings): FastifyInstance {
  const { log } = surroundings;
  const app = fastify({
    bodyLimit: httpBodyBytesMax,
    requestTimeout: httpRequestMsMax,
    forceCloseConnections: 'idle',
    http: { maxHeaderSize: httpHeaderBytesMax },
  });
  app.server.maxConnections = httpConnectionsMax;
  app.setNotFoundHandler((request, reply) => {
    const detail = `there is nothing at ${request.method} ${request.url.slice(0, 200)}`;
    return sendProblem(reply, { status: 404, name: 'not-found', title: 'Not found', detail });
  });
  app.setErrorHandler((fault: Error & { readonly statusCode?: number }, request, reply) => {
    const status = fault.statusCode ?? 500;
    if (status < 500) {
      return sendProblem(reply, { status, name: 'bad-request', title: 'Bad request', detail: fault.message });
    }
    log.error({ fault: fault.stack ?? String(fault), url: request.url }, 'an HTTP request failed');
    return sendProblem(reply, { status: 500, name: 'internal', title: 'Internal error' });
  });
  addHealthRoutes(app, surroundings);
  addMetricsPage(app, surroundings);
  addFrontPage(app, surroundings);
  return app;
}
