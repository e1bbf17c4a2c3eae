/**
 * The HTTP listener: one fastify application with the limits that hold for all routes. Refusals are problem details (RFC
 * 9457). Knows no route's meaning; what it serves is handed in.
 */
import type { Server } from 'node:http';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import type { Counters } from '../../base/counters.ts';
import type { IdSource } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import { plainAddress } from '../../base/sockets/socket-address.ts';
import { StoreFault } from '../../base/store-fault.ts';
import { addApi } from './api/api.ts';
import type { ApiSurroundings } from './api/api-surroundings.ts';
import { addHealthRoutes } from './health-routes.ts';
import { addImpsRoute, type ImpsDoor } from './imps/imps-route.ts';
import { readJson } from './json-body.ts';
import {
  httpBodyBytesMax,
  httpConnectionsMax,
  httpDrainMsMax,
  httpListenerOptions,
  httpPathPartMax,
} from './http-limits.ts';
import { limitRequestTime } from './request-time.ts';
import { addMetricsPage } from './metrics-page.ts';
import { addFrontPage } from './pages/front-page.ts';
import type { PageFile } from './pages/page-files.ts';
import { addPageRoutes } from './pages/page-routes.ts';
import { type Problem, ProblemFault, sendProblem } from './problem.ts';
import { type ListenerCertificate, listenSecurely } from './secure-listener.ts';
import { WebSocketGate, type WebSocketSurroundings } from './web-sockets/web-socket-gate.ts';

/** Its answer is as long as its reader stays. */
const eventPath = '/v1/events';

/** What a client may call its request; it stands in the answer and in the log. */
const requestIdForm = /^[\w.:-]{1,100}$/;

export interface HttpSurroundings {
  readonly counters: Counters;
  readonly log: Log;
  readonly ids: IdSource;
  /** Of the program, for the page. */
  readonly version: string;
  /** In lower case, for the page. */
  readonly domains: readonly string[];
  /** The rooms behind the calls under `/v1`. */
  readonly api?: ApiSurroundings;
  /** The web client and the console; without them `/` says to a person what answers here. */
  readonly pages?: readonly PageFile[];
  /** Who answers `POST /imps`. */
  readonly imps?: ImpsDoor;
  /** What is spoken to over WebSockets. */
  readonly webSockets?: WebSocketSurroundings;
  /** True from the moment on which everything listens until draining begins. */
  isReady(): boolean;
}

export interface HttpServer extends BoundEndpoint {
  /** The same over TLS, on a port of its own. Rejects with the system's error when it cannot listen there. */
  listenSecurely(endpoint: HttpEndpoint, certificate: ListenerCertificate): Promise<BoundEndpoint>;
  /** Takes no new requests, answers the open ones, and closes all connections, those too whose request never ends. */
  stop(): Promise<void>;
}

export interface HttpEndpoint {
  readonly host: string;
  readonly port: number;
}

export interface BoundEndpoint {
  readonly host: string;
  /** The host as a numeric address. */
  readonly address: string;
  /** The one that was opened, where port 0 was asked for. */
  readonly port: number;
}

/** Rejects with the system's error when the port is taken or the address is not ours. */
export async function startHttpServer(endpoint: HttpEndpoint, surroundings: HttpSurroundings): Promise<HttpServer> {
  const app = await createHttpApp(surroundings);
  const { webSockets, counters } = surroundings;
  const gate =
    webSockets === undefined
      ? undefined
      : new WebSocketGate({ ...webSockets, counters, isReady: () => surroundings.isReady() });
  gate?.guard(app.server, 'ws', httpConnectionsMax);
  await app.listen({ host: endpoint.host, port: endpoint.port });
  const servers: Server[] = [app.server];
  return {
    ...boundTo(app.server, endpoint),
    async listenSecurely(secureEndpoint, certificate) {
      const server = await listenSecurely(app, secureEndpoint, certificate, (opening) => {
        gate?.guard(opening, 'wss', httpConnectionsMax);
      });
      servers.push(server);
      return boundTo(server, secureEndpoint);
    },
    stop: () => stopAll(app, servers, gate),
  };
}

function boundTo(server: Server, { host, port }: HttpEndpoint): BoundEndpoint {
  const bound = server.address();
  return typeof bound === 'object' && bound !== null
    ? { host, address: plainAddress(bound.address), port: bound.port }
    : { host, address: host, port };
}

async function stopAll(app: FastifyInstance, servers: readonly Server[], gate: WebSocketGate | undefined) {
  const cut = setTimeout(() => {
    for (const server of servers) server.closeAllConnections();
    gate?.stop();
  }, httpDrainMsMax);
  const others = servers.filter((server) => server !== app.server);
  await Promise.all([app.close(), ...others.map((server) => closed(server))]);
  clearTimeout(cut);
}

function closed(server: Server): Promise<void> {
  server.closeIdleConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/** All routes without a socket. */
export async function createHttpApp(surroundings: HttpSurroundings): Promise<FastifyInstance> {
  const { ids, api, imps } = surroundings;
  const app = fastify({
    bodyLimit: httpBodyBytesMax,
    requestTimeout: 0,
    forceCloseConnections: 'idle',
    http: httpListenerOptions,
    routerOptions: { maxParamLength: httpPathPartMax },
    genReqId: ({ headers }) => {
      const given = headers['x-request-id'];
      return typeof given === 'string' && requestIdForm.test(given) ? given : ids.timeOrderedId();
    },
  });
  app.server.maxConnections = httpConnectionsMax;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, readJson);
  app.setNotFoundHandler((request, reply) => {
    const detail = `there is nothing at ${request.method} ${request.url.slice(0, 200)}`;
    return sendProblem(reply, { status: 404, name: 'not-found', title: 'Not found', detail });
  });
  app.setErrorHandler((fault: HttpFault, request, reply) => answerFault(fault, request, reply, surroundings.log));
  noteRequests(app, surroundings);
  limitRequestTime(app);
  addHealthRoutes(app, surroundings);
  addMetricsPage(app, surroundings);
  const { pages = [] } = surroundings;
  if (pages.length > 0) addPageRoutes(app, pages);
  else addFrontPage(app, surroundings);
  for (const { path, subprotocol } of surroundings.webSockets?.doors ?? []) addUpgradeHint(app, path, subprotocol);
  if (imps !== undefined) await addImpsRoute(app, imps, () => surroundings.isReady());
  if (api !== undefined) await addApi(app, api, () => surroundings.isReady());
  return app;
}

/** Who asks for the path of a WebSocket as for a page. */
function addUpgradeHint(app: FastifyInstance, path: string, subprotocol: string): void {
  const detail = `this is a WebSocket; its subprotocol is ${subprotocol}`;
  app.get(path, { schema: { hide: true } }, (_request, reply) =>
    sendProblem(reply.header('upgrade', 'websocket'), {
      status: 426,
      name: 'upgrade-required',
      title: 'Upgrade required',
      detail,
    }),
  );
}

type HttpFault = Error & { readonly statusCode?: number; readonly code?: string };

/** Every answer carries the id of its request, is counted, and can be found in the log. */
function noteRequests(app: FastifyInstance, { counters, log }: HttpSurroundings): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  const times = counters.durations('restante_http_answer_seconds');
  const counterOf = answerCounters(counters);
  app.addHook('onResponse', (request, reply, done) => {
    const { method, url } = request;
    const { statusCode: status, elapsedTime: ms } = reply;
    if (!isEventStream(url)) times.add(ms);
    counterOf(method, status).value += 1;
    if (log.isDebugging === true) {
      const route = request.routeOptions.url ?? '';
      log.debug({ requestId: request.id, method, route, status, ms: Math.round(ms) }, 'answered');
    }
    done();
  });
}

function isEventStream(url: string): boolean {
  return url.startsWith(eventPath) && (url.length === eventPath.length || url[eventPath.length] === '?');
}

/** Methods are what the framework routes; their counters are looked up once. */
function answerCounters(counters: Counters): (method: string, status: number) => { value: number } {
  const cells = new Map<string, { value: number }[]>();
  return (method, status) => {
    let ofMethod = cells.get(method);
    if (ofMethod === undefined) cells.set(method, (ofMethod = []));
    const hundreds = Math.floor(status / 100);
    return (ofMethod[hundreds] ??= counters.counter(
      `restante_http_requests_total{method="${method}",status="${hundreds}xx"}`,
    ));
  };
}

function answerFault(fault: HttpFault, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  const problem = problemOf(fault);
  if (problem !== undefined) return sendProblem(reply, problem);
  const fields = { requestId: request.id, url: request.url, fault: fault.stack ?? String(fault) };
  log.error(fields, 'an HTTP request failed');
  return sendProblem(reply, { status: 500, name: 'internal', title: 'Internal error' });
}

/** Undefined for what is our own fault. */
function problemOf(fault: HttpFault): Problem | undefined {
  if (fault instanceof ProblemFault) return fault.problem;
  if (fault instanceof StoreFault) {
    return { status: 503, name: 'store-unavailable', title: 'The store cannot commit', retryAfter: 5 };
  }
  if (hasZodFastifySchemaValidationErrors(fault)) {
    const errors = fault.validation.map(({ instancePath, message }) => ({
      path: instancePath === '' ? '/' : instancePath,
      reason: message ?? 'is not valid',
    }));
    const [first] = errors;
    const where = `${fault.validationContext ?? 'request'}${first === undefined || first.path === '/' ? '' : first.path}`;
    const detail = `${where}: ${first?.reason ?? 'is not valid'}`;
    return { status: 400, name: 'malformed-request', title: 'Malformed request', detail, more: { errors } };
  }
  const { statusCode: status = 500 } = fault;
  if (status === 413) return { status, name: 'too-large', title: 'Too large', detail: fault.message };
  if (status === 415) {
    return { status, name: 'unsupported-media-type', title: 'Unsupported media type', detail: fault.message };
  }
  if (status >= 500) return undefined;
  return { status, name: 'malformed-request', title: 'Malformed request', detail: fault.message };
}
