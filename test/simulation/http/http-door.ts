/**
 * The calls under `/v1` without a framework and without sockets: the routes of the server as they are, with their schemas,
 * their sign-in and their faults, so that everything happens in promises and nothing in ticks of the event loop.
 */
import type { ZodType } from 'zod';
import { StoreFault } from '../../../src/base/store-fault.ts';
import type { ApiApp, ApiSurroundings } from '../../../src/endpoints/http/api/api-surroundings.ts';
import { addInboxRoutes } from '../../../src/endpoints/http/api/inbox-routes.ts';
import { addMessageRoutes } from '../../../src/endpoints/http/api/message-routes.ts';
import { addSendRoute } from '../../../src/endpoints/http/api/sending/send-route.ts';
import { SignIn } from '../../../src/endpoints/http/api/sign-in.ts';
import { addEventRoute } from '../../../src/endpoints/http/events/event-route.ts';
import { readJson } from '../../../src/endpoints/http/json-body.ts';
import { type Problem, problemBody, ProblemFault } from '../../../src/endpoints/http/problem.ts';

export interface HttpAsk {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  /** JSON, parsed again; null where there is none. */
  readonly body: unknown;
}

/** The server's side of an answer that stays open, as the routes use a `ServerResponse`. */
export interface OpenAnswer {
  readonly destroyed: boolean;
  readonly writableEnded: boolean;
  readonly writableLength: number;
  on(event: 'close', run: () => void): void;
  setHeader(name: string, value: string): void;
  writeHead(status: number, headers: Readonly<Record<string, string>>): void;
  flushHeaders(): void;
  write(text: string, onTaken: (fault?: Error) => void): void;
  destroy(): void;
}

interface RouteOptions {
  readonly method?: string | readonly string[];
  readonly url?: string;
  readonly schema: Readonly<Record<string, unknown>> & { readonly response: Readonly<Record<string, ZodType>> };
}

type Handler = (request: object, reply: Reply) => unknown;

interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly options: RouteOptions;
  readonly handler: Handler;
}

class Reply {
  readonly raw: OpenAnswer;
  status = 200;
  isHijacked = false;

  constructor(raw: OpenAnswer) {
    this.raw = raw;
  }

  code(status: number): this {
    this.status = status;
    return this;
  }

  header(): this {
    return this;
  }

  getHeaders(): Readonly<Record<string, string>> {
    return {};
  }

  /** The handler answers with what this answers. */
  send(body: unknown): unknown {
    return body;
  }

  hijack(): void {
    this.isHijacked = true;
  }
}

const notReady: Problem = {
  status: 503,
  name: 'not-ready',
  title: 'The server is starting or draining',
  retryAfter: 1,
};

export class HttpDoor {
  readonly #routes: Route[] = [];
  readonly #signIn: SignIn;
  readonly #isReady: () => boolean;
  /** What threw that is no answer. */
  readonly #onFault: (fault: unknown) => void;

  constructor(api: ApiSurroundings, isReady: () => boolean, onFault: (fault: unknown) => void) {
    this.#signIn = new SignIn(api);
    this.#isReady = isReady;
    this.#onFault = onFault;
    const app = this.#app();
    addSendRoute(app, api);
    addMessageRoutes(app, api);
    addInboxRoutes(app, api);
    addEventRoute(app, api);
  }

  /** Undefined for an answer that stays open, or never was one. */
  async answer(ask: HttpAsk, raw: OpenAnswer): Promise<HttpAnswer | undefined> {
    const reply = new Reply(raw);
    try {
      if (!this.#isReady()) throw new ProblemFault(notReady);
      return await this.#answer(ask, reply);
    } catch (fault) {
      if (fault instanceof ProblemFault) return answerOf(fault.problem);
      if (fault instanceof StoreFault) return answerOf({ status: 503, name: 'store-unavailable', title: 'Store' });
      this.#onFault(fault);
      return answerOf({ status: 500, name: 'internal', title: 'Internal error' });
    }
  }

  async #answer(ask: HttpAsk, reply: Reply): Promise<HttpAnswer | undefined> {
    const { method, path, headers, body: text = '' } = ask;
    const request: Record<string, unknown> = { headers, ip: '198.51.100.200', caller: undefined, raw: {} };
    await this.#signIn.check(request as never, reply as never);
    const found = this.#find(method, path);
    if (found === undefined) throw new Error(`there is nothing at ${method} ${path}`);
    const { route, match } = found;
    const { schema } = route.options;
    let json: unknown;
    readJson(request as never, Buffer.from(text), (fault, value) => {
      if (fault !== null) throw fault;
      json = value;
    });
    request['params'] = checked(schema['params'], match.groups ?? {});
    request['query'] = checked(schema['querystring'], ask.query);
    request['headers'] = checked(schema['headers'], headers);
    request['body'] = checked(schema['body'], json);
    const body = await route.handler(request, reply);
    if (reply.isHijacked) return undefined;
    const shape = schema.response[String(reply.status)];
    if (shape === undefined) throw new Error(`${method} ${path} is not described with ${reply.status}`);
    return { status: reply.status, body: JSON.parse(JSON.stringify(shape.parse(body))) };
  }

  #find(method: string, path: string): { readonly route: Route; readonly match: RegExpExecArray } | undefined {
    for (const route of this.#routes) {
      const match = route.method === method ? route.pattern.exec(path) : null;
      if (match !== null) return { route, match };
    }
    return undefined;
  }

  #app(): ApiApp {
    const add =
      (method: string) =>
      (path: string, options: RouteOptions, handler: Handler): void => {
        const pattern = new RegExp(`^${path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
        this.#routes.push({ method, pattern, options, handler });
      };
    const app = {
      addContentTypeParser: () => undefined,
      get: add('GET'),
      post: add('POST'),
      put: add('PUT'),
      patch: add('PATCH'),
      delete: add('DELETE'),
    };
    return app as unknown as ApiApp;
  }
}

function checked(shape: unknown, value: unknown): unknown {
  if (shape === undefined) return value;
  const read = (shape as ZodType).safeParse(value);
  if (read.success) return read.data;
  const detail = read.error.issues.map(({ path, message }) => `${path.join('/')}: ${message}`).join('; ');
  throw new ProblemFault({ status: 400, name: 'malformed-request', title: 'Malformed request', detail });
}

function answerOf(problem: Problem): HttpAnswer {
  return { status: problem.status, body: JSON.parse(JSON.stringify(problemBody(problem))) };
}
