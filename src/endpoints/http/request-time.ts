/**
 * How long a request may take to come in: its body has as long as its head had, but one that a route takes as a stream may
 * come for as long as it really comes. Node.js knows one limit for both, so that is set aside.
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { httpRequestMsMax, httpStreamedBytesMin } from './http-limits.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** It takes bodies piece by piece, of every type but JSON. */
    readonly takesStream?: boolean;
  }
}

const answer = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

/** Most bodies come with their heads: only what is not whole at the end of the turn is given a clock. */
export function limitRequestTime(app: FastifyInstance): void {
  let begun: FastifyRequest[] = [];
  const lookAtBegun = (): void => {
    const requests = begun;
    begun = [];
    for (const request of requests) watchUnlessWhole(request);
  };
  app.addHook('onRequest', (request, _reply, done) => {
    if (hasBody(request.raw) && begun.push(request) === 1) setImmediate(lookAtBegun);
    done();
  });
}

function watchUnlessWhole({ raw, headers, routeOptions }: FastifyRequest): void {
  if (raw.complete || raw.destroyed) return;
  const isJson = /^application\/json\b/i.test(headers['content-type'] ?? '');
  watch(raw, routeOptions.config.takesStream === true && !isJson);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function watch(request: IncomingMessage, mayTakeLonger: boolean): void {
  const { socket } = request;
  let seen = socket.bytesRead;
  const timer = setInterval(() => {
    const came = socket.bytesRead - seen;
    seen += came;
    // What stands in the buffer waits for us, not for the sender.
    if (mayTakeLonger && (came >= httpStreamedBytesMin || request.readableLength > 0)) return;
    socket.end(answer);
    request.destroy();
  }, httpRequestMsMax);
  timer.unref();
  const stop = (): void => clearInterval(timer);
  request.once('end', stop);
  request.once('close', stop);
}
