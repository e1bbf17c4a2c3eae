/**
 * The process of the yardstick: the framework's own hello, with the schema for its answer that makes it fastest. Tells its
 * parent the port, and ends with it. Read by anybody but the process that is started with it, it starts nothing.
 */
import { fileURLToPath } from 'node:url';

/** This file is the entry of the process, and tells where it is. */
export const helloServerFile = fileURLToPath(import.meta.url);
export const helloHost = '127.0.0.1';

if (process.argv[1] === helloServerFile && process.send !== undefined) await serveHello();

async function serveHello(): Promise<void> {
  const { fastify } = await import('fastify');
  const app = fastify();
  const answer = { type: 'object', properties: { hello: { type: 'string' } } };
  app.get('/', { schema: { response: { 200: answer } } }, (_request, reply) => reply.send({ hello: 'world' }));
  await app.listen({ host: helloHost, port: 0 });
  const address = app.server.address();
  process.on('disconnect', () => process.exit());
  process.send?.(typeof address === 'object' && address !== null ? address.port : 0);
}
