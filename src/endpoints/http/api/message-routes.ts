/** What a sender does with what they sent: look at what became of it, amend, recall (contract section 7). */
import type { EntrySummary } from '../../../delivery/ports.ts';
import { type z } from 'zod';
import { ProblemFault } from '../problem.ts';
import type { ApiApp, ApiSurroundings } from './api-surroundings.ts';
import { optional, pageOf, readAddress, timeOf } from './read-words.ts';
import { alreadyEnded, problemOfRefusal, unknownMessage } from './refusals.ts';
import { commonProblems, idParams } from './schemas/shared-shapes.ts';
import * as shapes from './schemas/messages.ts';
import { callerOf } from './sign-in.ts';

const amendmentBytesMax = 32_768;

export function addMessageRoutes(app: ApiApp, surroundings: ApiSurroundings): void {
  addLooking(app, surroundings);
  addSecondThoughts(app, surroundings);
}

function addLooking(app: ApiApp, { delivery }: ApiSurroundings): void {
  app.get(
    '/v1/messages',
    {
      schema: {
        summary: 'What I sent',
        querystring: shapes.sentQuery,
        response: { 200: shapes.sentPage, ...commonProblems },
      },
    },
    async (request) => {
      const { limit, after, state, to } = request.query;
      const { messages, hasMore } = await delivery.sent.list(callerOf(request).address, {
        limit,
        ...optional('after', after),
        ...optional('state', state),
        ...(to === undefined ? {} : { recipient: readAddress(to, 'to') }),
      });
      return pageOf(messages.map(summaryOf), hasMore);
    },
  );
  app.get(
    '/v1/messages/:id',
    {
      schema: {
        summary: 'One message that I sent, with its timeline',
        params: idParams,
        response: { 200: shapes.sentStory, ...commonProblems },
      },
    },
    async (request) => {
      const story = await delivery.sent.story(callerOf(request).address, request.params.id);
      if (story === undefined) throw new ProblemFault(unknownMessage);
      const timeline = story.timeline.map(({ state, at }) => ({ state, at: timeOf(at) }));
      return { ...summaryOf(story.message), timeline };
    },
  );
}

function addSecondThoughts(app: ApiApp, { delivery }: ApiSurroundings): void {
  app.patch(
    '/v1/messages/:id',
    {
      bodyLimit: amendmentBytesMax,
      schema: {
        summary: 'Another condition or validity for what is not delivered yet',
        params: idParams,
        body: shapes.amendment,
        response: { 200: shapes.sentMessage, ...commonProblems },
      },
    },
    async (request) => {
      const { address } = callerOf(request);
      const { id } = request.params;
      const { deliverWhen, expiresIn } = request.body;
      const outcome = await delivery.secondThoughts.amend(address, id, {
        ...(deliverWhen === undefined ? {} : { condition: deliverWhen }),
        ...(expiresIn === undefined ? {} : { validityMs: expiresIn * 1000 }),
      });
      if (outcome.kind === 'unknown') throw new ProblemFault(unknownMessage);
      if (outcome.kind === 'refused') throw new ProblemFault(problemOfRefusal(outcome.refusal));
      const story = await delivery.sent.story(address, id);
      if (story === undefined) throw new ProblemFault(unknownMessage);
      if (outcome.kind === 'ended') throw alreadyEnded(story.message.state);
      return sentOf(story.message);
    },
  );
  app.delete(
    '/v1/messages/:id',
    {
      schema: {
        summary: 'Take back what is not delivered yet',
        params: idParams,
        response: { 200: shapes.recalled, ...commonProblems },
      },
    },
    async (request) => {
      const { address } = callerOf(request);
      const { id } = request.params;
      const outcome = await delivery.secondThoughts.recall(address, id);
      const story = outcome === 'ended' ? await delivery.sent.story(address, id) : undefined;
      if (outcome === 'unknown') throw new ProblemFault(unknownMessage);
      if (outcome === 'ended' && story?.message.state !== 'recalled') {
        throw alreadyEnded(story?.message.state ?? 'delivered');
      }
      return { id, state: 'recalled' as const };
    },
  );
}

type Sent = z.output<typeof shapes.sentMessage>;

function sentOf({ id, state, recipient, acceptedAt, expiresAt, condition }: EntrySummary): Sent {
  const times = { acceptedAt: timeOf(acceptedAt), expiresAt: timeOf(expiresAt) };
  return { id, state, to: recipient, ...times, ...optional('deliverWhen', condition) };
}

function summaryOf(summary: EntrySummary): z.output<typeof shapes.sentSummary> {
  const { contentType, bytes, endedAt } = summary;
  return {
    ...sentOf(summary),
    contentType,
    size: bytes,
    ...(endedAt === undefined ? {} : { endedAt: timeOf(endedAt) }),
  };
}
