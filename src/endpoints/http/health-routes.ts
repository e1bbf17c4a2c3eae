/** Whether the process lives (`/healthz`) and whether it takes work (`/readyz`), for whoever runs and balances it. */
import type { FastifyInstance } from 'fastify';
import { sendProblem } from './problem.ts';

export interface HealthSurroundings {
  isReady(): boolean;
}

export function addHealthRoutes(app: FastifyInstance, surroundings: HealthSurroundings): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('cache-control', 'no-store');
    done();
  });
  app.get('/healthz', (_request, reply) => reply.type('text/plain; charset=utf-8').send('alive\n'));
  app.get('/readyz', (_request, reply) => {
    if (surroundings.isReady()) return reply.type('text/plain; charset=utf-8').send('ready\n');
    const detail = 'the server is starting or draining';
    return sendProblem(reply, { status: 503, name: 'not-ready', title: 'Not ready', detail });
  });
}
