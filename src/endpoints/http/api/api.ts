/**
 * All calls under `/v1`: what they share (sign-in, limits, request ids, problems), and their description, which is made of
 * the schemas that check them (`/openapi.json`, readable at `/docs`).
 */
import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import swagger, { type SwaggerTransformObject } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifyPluginOptions, FastifyRequest } from 'fastify';
import { jsonSchemaTransform, serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { ProblemFault } from '../problem.ts';
import { checkerOf } from '../schema-compilers.ts';
import { addXcapRoutes } from '../xcap/xcap-routes.ts';
import type { ApiApp, ApiSurroundings } from './api-surroundings.ts';
import { addAdminRoutes } from './operators/admin-routes.ts';
import { addConditionRoutes } from './condition-routes.ts';
import { addEventRoute } from '../events/event-route.ts';
import { addInboxRoutes } from './inbox-routes.ts';
import { addMessageRoutes } from './message-routes.ts';
import { addPresenceRoutes } from './presence-routes.ts';
import { addContentRoute } from './content/content-route.ts';
import { addSendRoute } from './sending/send-route.ts';
import { addRuleRoutes } from './rule-routes.ts';
import { SignIn } from './sign-in.ts';
import { addTranscriptRoutes } from './transcripts/transcript-routes.ts';
import { addStatusRoute } from './operators/status-routes.ts';
import { addTokenRoutes } from './token-routes.ts';
import { addWelcomeRoute } from './welcome-routes.ts';

/** Principals and addresses whose calls are counted at once; the longest unseen is forgotten first. */
const countedCallersMax = 20_000;

export async function addApi(
  app: FastifyInstance,
  surroundings: ApiSurroundings,
  isReady: () => boolean,
): Promise<void> {
  const { settings } = surroundings;
  app.setValidatorCompiler(checkerOf);
  app.setSerializerCompiler(serializerCompiler);
  app.decorateRequest('caller', undefined);
  if (settings.corsOrigins.length > 0) await app.register(cors, corsOptions(settings.corsOrigins));
  await describeCalls(app, settings.version);
  addWelcomeRoute(app.withTypeProvider<ZodTypeProvider>(), surroundings);
  await app.register(async (guarded: FastifyInstance, _options: FastifyPluginOptions) => {
    const signIn = new SignIn(surroundings);
    guarded.addHook('onRequest', (request, reply, done) => {
      if (!isReady()) throw new ProblemFault(notReady);
      const looking = signIn.check(request, reply);
      if (looking === undefined) done();
      return looking;
    });
    await guarded.register(rateLimit, rateOptions(settings.callRate));
    const calls = guarded.withTypeProvider<ZodTypeProvider>() as unknown as ApiApp;
    await guarded.register(async (sending: FastifyInstance) => {
      addSendRoute(sending.withTypeProvider<ZodTypeProvider>(), surroundings);
    });
    addMessageRoutes(calls, surroundings);
    addContentRoute(calls, surroundings);
    addInboxRoutes(calls, surroundings);
    addPresenceRoutes(calls, surroundings);
    addRuleRoutes(calls, surroundings);
    addConditionRoutes(calls, surroundings);
    addTokenRoutes(calls, surroundings);
    addTranscriptRoutes(calls, surroundings);
    addAdminRoutes(calls, surroundings);
    addStatusRoute(calls, surroundings);
    addEventRoute(calls, surroundings);
    await addXcapRoutes(guarded, surroundings);
  });
}

const notReady = { status: 503, name: 'not-ready', title: 'The server is starting or draining', retryAfter: 1 };

async function describeCalls(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Restante',
        description: 'Instant messages that are delivered at the right moment.',
        version,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: { basic: { type: 'http', scheme: 'basic' }, bearer: { type: 'http', scheme: 'bearer' } },
      },
      security: [{ basic: [] }, { bearer: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: describeRawBody,
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: docsPolicy,
    uiConfig: { docExpansion: 'list', validatorUrl: null },
  });
}

/** Besides JSON, `POST /v1/messages` takes any other content as it is. */
function describeRawBody(document: SwaggerTransformObject extends (document: infer D) => unknown ? D : never) {
  if (!('openapiObject' in document)) return document.swaggerObject;
  const { openapiObject } = document;
  const body = openapiObject.paths?.['/v1/messages']?.post?.requestBody;
  if (body !== undefined && 'content' in body) body.content['*/*'] = { schema: { type: 'string', format: 'binary' } };
  return openapiObject;
}

/** The page brings everything with it and asks no other host. */
const docsPolicy =
  "default-src 'self'; base-uri 'self'; frame-ancestors 'none'; img-src 'self' data:; object-src 'none'; script-src 'self'; style-src 'self'";

const exposedHeaders = [
  'accept-ranges',
  'content-disposition',
  'content-range',
  'etag',
  'preference-applied',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
  'x-request-id',
];

function corsOptions(origins: readonly string[]) {
  return {
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: [
      'authorization',
      'content-type',
      'idempotency-key',
      'if-match',
      'if-range',
      'last-event-id',
      'prefer',
      'range',
    ],
    exposedHeaders,
    maxAge: 600,
  };
}

function rateOptions({ requests, seconds }: ApiSurroundings['settings']['callRate']) {
  return {
    max: requests,
    timeWindow: seconds * 1000,
    cache: countedCallersMax,
    enableDraftSpec: true,
    // Behind the sign-in, so that many people behind one address are counted one by one.
    hook: 'preParsing' as const,
    keyGenerator: (request: FastifyRequest) => request.caller?.address ?? request.ip,
    errorResponseBuilder: (_request: FastifyRequest, { ttl }: { readonly ttl: number }) =>
      new ProblemFault({
        status: 429,
        name: 'too-many-requests',
        title: 'Too many requests',
        retryAfter: Math.max(1, Math.ceil(ttl / 1000)),
      }),
  };
}
