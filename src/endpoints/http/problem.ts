/** Problem details (RFC 9457): how every refusal over HTTP reads. */
import type { FastifyReply } from 'fastify';

export interface Problem {
  readonly status: number;
  /** The last part of `type`, by which a program tells problems apart. */
  readonly name: string;
  readonly title: string;
  /** About this occurrence, for a person. */
  readonly detail?: string;
  /** Extension members (RFC 9457 3.2). */
  readonly more?: Readonly<Record<string, unknown>>;
  /** Seconds, for Retry-After. */
  readonly retryAfter?: number;
}

/** Thrown by a route; the error handler of the application sends it. */
export class ProblemFault extends Error {
  override readonly name = 'ProblemFault';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
  }
}

export const problemContentType = 'application/problem+json';

const typePrefix = 'urn:restante:problem:';

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const { status, retryAfter } = problem;
  if (retryAfter !== undefined) void reply.header('retry-after', retryAfter);
  return reply.code(status).type(problemContentType).serializer(JSON.stringify).send(problemBody(problem));
}

/** The document, before it is text. */
export function problemBody({ status, name, title, detail, more }: Problem): Readonly<Record<string, unknown>> {
  return { type: typePrefix + name, title, status, ...(detail === undefined ? {} : { detail }), ...more };
}
