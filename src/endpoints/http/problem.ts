/** Problem details (RFC 9457): how every refusal over HTTP reads. */
import type { FastifyReply } from 'fastify';

export interface Problem {
  readonly status: number;
  /** The last part of `type`, by which a program tells problems apart. */
  readonly name: string;
  readonly title: string;
  /** About this occurrence, for a person. */
  readonly detail?: string;
}

const typePrefix = 'urn:restante:problem:';

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const { status, name, title, detail } = problem;
  const body = { type: typePrefix + name, title, status, ...(detail === undefined ? {} : { detail }) };
  return reply.code(status).type('application/problem+json').send(JSON.stringify(body));
}
