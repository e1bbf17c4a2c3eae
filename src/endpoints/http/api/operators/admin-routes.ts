/** What operators see and do: what is kept for whom, one message's story, release and purge (contract section 7). */
import type { FastifyRequest } from 'fastify';
import type { OperatorOutcome } from '../../../../delivery/desks/operator-desk.ts';
import type { EntrySummary } from '../../../../delivery/ports.ts';
import { ProblemFault } from '../../problem.ts';
import type { ApiApp, ApiSurroundings } from '../api-surroundings.ts';
import { optional, pageOf, readAddress, timeOf } from '../read-words.ts';
import { alreadyEnded, unknownMessage } from '../refusals.ts';
import * as shapes from '../schemas/admin.ts';
import { commonProblems, idParams } from '../schemas/shared-shapes.ts';
import { nothing } from '../schemas/people.ts';
import { callerOf, type Caller } from '../sign-in.ts';

export function addAdminRoutes(app: ApiApp, surroundings: ApiSurroundings): void {
  addLooking(app, surroundings);
  addActing(app, surroundings);
}

function addLooking(app: ApiApp, { delivery }: ApiSurroundings): void {
  app.get(
    '/v1/admin/queue',
    {
      schema: {
        summary: 'What is kept; with `state`, also what has ended',
        querystring: shapes.queueQuery,
        response: { 200: shapes.queuePage, ...commonProblems },
      },
    },
    async (request) => {
      operatorOf(request);
      const { limit, after, state, to, from } = request.query;
      const query = {
        after: after === undefined ? 0 : await delivery.operator.sequenceOf(after),
        ...(to === undefined ? {} : { recipient: readAddress(to, 'to') }),
        ...(from === undefined ? {} : { sender: readAddress(from, 'from') }),
      };
      const states = state === undefined ? (['held', 'waiting'] as const) : [state];
      const found: EntrySummary[] = [];
      for (const one of states)
        found.push(...(await delivery.operator.list({ ...query, state: one, limit: limit + 1 })));
      found.sort((a, b) => a.sequence - b.sequence);
      return pageOf(found.slice(0, limit).map(queued), found.length > limit);
    },
  );
  app.get(
    '/v1/admin/messages/:id',
    {
      schema: {
        summary: 'Everything about one message but its content',
        params: idParams,
        response: { 200: shapes.queuedStory, ...commonProblems },
      },
    },
    async (request) => {
      operatorOf(request);
      const story = await delivery.operator.story(request.params.id);
      if (story === undefined) throw new ProblemFault(unknownMessage);
      const steps = story.steps.map(({ at, what, state }) => ({ at: timeOf(at), what, ...optional('state', state) }));
      return { ...queued(story.summary), steps };
    },
  );
}

function addActing(app: ApiApp, { delivery }: ApiSurroundings): void {
  app.post(
    '/v1/admin/messages/:id/release',
    {
      schema: {
        summary: 'Let a message go whatever its condition',
        params: idParams,
        body: shapes.actReason.nullish(),
        response: { 204: nothing, ...commonProblems },
      },
    },
    async (request, reply) => {
      const operator = operatorOf(request).address;
      const reason = request.body?.reason ?? noReason;
      answerAct(await delivery.operator.release(request.params.id, { operator, reason }));
      return reply.code(204).send(null);
    },
  );
  app.delete(
    '/v1/admin/messages/:id',
    {
      schema: {
        summary: 'End a message; its sender is told that it failed',
        params: idParams,
        querystring: shapes.actReason,
        response: { 204: nothing, ...commonProblems },
      },
    },
    async (request, reply) => {
      const operator = operatorOf(request).address;
      const reason = request.query.reason ?? noReason;
      answerAct(await delivery.operator.purge(request.params.id, { operator, reason }));
      return reply.code(204).send(null);
    },
  );
}

const noReason = 'no reason given';

export function operatorOf(request: FastifyRequest): Caller {
  const caller = callerOf(request);
  if (!caller.isOperator) {
    throw new ProblemFault({ status: 403, name: 'not-an-operator', title: 'For operators only' });
  }
  return caller;
}

function answerAct(outcome: OperatorOutcome): void {
  if (outcome === 'unknown') throw new ProblemFault(unknownMessage);
  if (outcome === 'ended') throw alreadyEnded();
}

function queued(summary: EntrySummary) {
  const { id, sender, recipient, state, acceptedAt, expiresAt, endedAt, condition, contentType, bytes } = summary;
  const { attempts, retryAt, isAside, origin } = summary;
  return {
    id,
    from: sender,
    to: recipient,
    state,
    acceptedAt: timeOf(acceptedAt),
    expiresAt: timeOf(expiresAt),
    ...(endedAt === undefined ? {} : { endedAt: timeOf(endedAt) }),
    ...optional('deliverWhen', condition),
    contentType,
    size: bytes,
    attempts,
    ...(retryAt === undefined ? {} : { retryAt: timeOf(retryAt) }),
    setAside: isAside,
    protocol: origin,
  };
}
