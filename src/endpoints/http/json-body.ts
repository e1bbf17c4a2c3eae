/** JSON bodies (RFC 8259): UTF-8 and nothing else; an empty one is none, since many clients name the type all the same. */
import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import { ProblemFault } from './problem.ts';

const byteOrderMark = 0xfeff;

export function readJson(
  _request: FastifyRequest,
  body: Buffer,
  done: (fault: Error | null, value?: unknown) => void,
): void {
  if (body.length === 0) {
    done(null, undefined);
    return;
  }
  let value: unknown;
  try {
    value = JSON.parse(textOf(body));
  } catch (fault) {
    done(fault instanceof SyntaxError ? malformed(`the body is not JSON: ${fault.message}`) : (fault as Error));
    return;
  }
  done(null, value);
}

function textOf(body: Buffer): string {
  if (!isUtf8(body)) throw malformed('the body is not UTF-8');
  const text = body.toString();
  return text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text;
}

function malformed(detail: string): ProblemFault {
  return new ProblemFault({ status: 400, name: 'malformed-request', title: 'Malformed request', detail });
}
