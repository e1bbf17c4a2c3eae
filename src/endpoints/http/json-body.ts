/** JSON bodies (RFC 8259): UTF-8 and nothing else; an empty one is none, since many clients name the type all the same. */
import type { FastifyRequest } from 'fastify';
import { ProblemFault } from './problem.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function readJson(
  _request: FastifyRequest,
  body: Buffer,
  done: (fault: Error | null, value?: unknown) => void,
): void {
  if (body.length === 0) {
    done(null, undefined);
    return;
  }
  try {
    done(null, JSON.parse(utf8.decode(body)));
  } catch (fault) {
    const detail = fault instanceof SyntaxError ? `the body is not JSON: ${fault.message}` : 'the body is not UTF-8';
    done(new ProblemFault({ status: 400, name: 'malformed-request', title: 'Malformed request', detail }));
  }
}
