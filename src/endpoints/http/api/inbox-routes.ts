/** What a recipient does: look, fetch, acknowledge, say that it was seen, turn away; and how messages are to come. */
import type { Address } from '../../../model/address.ts';
import type { CollectOutcome } from '../../../delivery/desks/inbox.ts';
import type { InboxItem } from '../../../delivery/ports.ts';
import { shownMessage } from '../message-words.ts';
import { ProblemFault } from '../problem.ts';
import { plainWriterOf } from '../schema-compilers.ts';
import type { ApiApp, ApiSurroundings } from './api-surroundings.ts';
import { optional, pageOf, readAddress, timeOf } from './read-words.ts';
import { alreadyEnded, unknownMessage } from './refusals.ts';
import { commonProblems, idParams } from './schemas/shared-shapes.ts';
import * as shapes from './schemas/messages.ts';
import { agreedStyle } from '../events/delivery-style.ts';
import { deliveryStyle, nothing } from './schemas/people.ts';
import { callerOf } from './sign-in.ts';

export function addInboxRoutes(app: ApiApp, surroundings: ApiSurroundings): void {
  addReading(app, surroundings);
  addCollecting(app, surroundings);
  addStyle(app, surroundings);
}

function addReading(app: ApiApp, { delivery }: ApiSurroundings): void {
  app.get(
    '/v1/inbox',
    {
      schema: {
        summary: 'What is ready for me; with `from`, everything of that sender',
        querystring: shapes.inboxQuery,
        response: { 200: shapes.inboxPage, ...commonProblems },
      },
      serializerCompiler: plainWriterOf,
    },
    async (request) => {
      const { limit, after, from } = request.query;
      const look = { limit, ...optional('after', after) };
      const { items, hasMore } = await delivery.inbox.list(
        callerOf(request).address,
        from === undefined ? look : { ...look, sender: readAddress(from, 'from') },
      );
      return pageOf(items.map(shownItem), hasMore);
    },
  );
  app.get(
    '/v1/inbox/:id',
    {
      schema: {
        summary: 'One message with its content, or with where that is; it is not delivered before that is acknowledged',
        params: idParams,
        response: { 200: shapes.inboxMessage, ...commonProblems },
      },
    },
    async (request) => {
      const entry = await delivery.inbox.read(callerOf(request).address, request.params.id);
      if (entry === undefined) throw new ProblemFault(unknownMessage);
      return shownMessage({ ...entry, isDeferred: true });
    },
  );
}

function addCollecting(app: ApiApp, { delivery, events }: ApiSurroundings): void {
  const collected = async (recipient: Address, id: string, collect: () => Promise<CollectOutcome>): Promise<void> => {
    const outcome = await collect();
    if (outcome.kind === 'unknown' && !events.wasTaken(recipient, id)) throw new ProblemFault(unknownMessage);
    if (outcome.kind === 'ended') throw alreadyEnded(outcome.state);
  };
  const answers = { 204: nothing.describe('done, now or before'), ...commonProblems };
  const posts = [
    ['delivered', 'I have it', (recipient: Address, id: string) => delivery.inbox.take(recipient, id)],
    ['displayed', 'I have seen it', (recipient: Address, id: string) => delivery.inbox.show(recipient, id)],
  ] as const;
  for (const [word, summary, collect] of posts) {
    app.post(
      `/v1/inbox/:id/${word}`,
      { schema: { summary, params: idParams, response: answers } },
      async (request, reply) => {
        const { address } = callerOf(request);
        const { id } = request.params;
        // What went straight through to another client has no row that would know it.
        const isOffered = events.isOffered(address, id);
        await collected(address, id, async () => {
          const outcome = await collect(address, id);
          return outcome.kind === 'unknown' && isOffered ? { kind: 'done' } : outcome;
        });
        events.taken(address, id);
        reply.code(204);
        return null;
      },
    );
  }
  app.delete(
    '/v1/inbox/:id',
    { schema: { summary: 'I do not want it', params: idParams, response: answers } },
    async (request, reply) => {
      const { address } = callerOf(request);
      const { id } = request.params;
      await collected(address, id, () => delivery.inbox.reject(address, id));
      events.turnedAway(address, id);
      reply.code(204);
      return null;
    },
  );
}

function addStyle(app: ApiApp, { events, administration, settings }: ApiSurroundings): void {
  app.get(
    '/v1/delivery',
    { schema: { summary: 'How my HTTP clients get what waits', response: { 200: deliveryStyle, ...commonProblems } } },
    (request) => ({ method: agreedStyle(callerOf(request).account.httpDelivery, settings) }),
  );
  app.put(
    '/v1/delivery',
    {
      schema: {
        summary: 'push: each message; notify: a notice of each; pull: nothing before it is asked for',
        body: deliveryStyle,
        response: { 200: deliveryStyle, ...commonProblems },
      },
    },
    async (request) => {
      const { address } = callerOf(request);
      await administration.setHttpDelivery(address, request.body.method);
      const method = agreedStyle(request.body.method, settings);
      events.styleChanged(address, method);
      return { method };
    },
  );
}

function shownItem({ id, sender, sentAt, subject, contentType, bytes }: InboxItem) {
  return { id, from: sender, at: timeOf(sentAt), ...optional('subject', subject), contentType, size: bytes };
}
