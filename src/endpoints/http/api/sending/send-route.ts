/**
 * `POST /v1/messages` (contract section 7): as JSON, or, with any other type, the content itself. Both have the same answers;
 * durable first, then a short wait for a delivery.
 */
import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { type z } from 'zod';
import type { Millis } from '../../../../base/time/clock.ts';
import type { Submission, SubmissionOutcome } from '../../../../delivery/submission.ts';
import { ProblemFault } from '../../problem.ts';
import { checkerOf, plainWriterOf } from '../../schema-compilers.ts';
import type { ApiApp, ApiSurroundings } from '../api-surroundings.ts';
import { optional, timeOf } from '../read-words.ts';
import { malformed, problemOfRefusal, tooLarge } from '../refusals.ts';
import { commonProblems } from '../schemas/shared-shapes.ts';
import * as shapes from '../schemas/messages.ts';
import { callerOf } from '../sign-in.ts';
import { submissionOf } from './json-message.ts';
import { deliveryWaitMs, type Sending, waitOf } from './message-terms.ts';
import { drain, rawMessageOf, readRaw, sendRaw } from './raw-message.ts';

/** Room for the rest of a request beside its content, and for what JSON makes of characters. */
const requestBytesBeside = 32_768;
const bytesOfJsonMax = 6;
/** Messages that went straight through, whose ids a repetition is told. */
const relayedIdsMax = 10_000;

type Sent = z.output<typeof shapes.sentMessage>;
type NewMessage = z.output<typeof shapes.newMessage>;

/** What was handed in, and what became of it. */
interface Handed {
  readonly submission: Submission;
  readonly outcome: SubmissionOutcome;
}

/** `app` is for this route alone: it takes bodies of every type, and those that are not JSON as they come. */
export function addSendRoute(app: ApiApp, surroundings: ApiSurroundings): void {
  const { settings, clock } = surroundings;
  const relayedIds = new LRUCache<string, string>({ max: relayedIdsMax });
  app.addContentTypeParser('*', (_request, body, done) => done(null, body));
  app.post(
    '/v1/messages',
    {
      bodyLimit: requestBytesBeside + bytesOfJsonMax * settings.bodyBytesMax,
      config: { takesStream: true },
      schema: {
        summary: 'Send a message, as JSON or, with any other type, its content with the rest in the query',
        body: shapes.newMessage,
        querystring: shapes.rawQuery,
        headers: shapes.sendHeaders,
        response: { 200: shapes.sentMessage, 202: shapes.sentMessage, ...commonProblems },
      },
      serializerCompiler: plainWriterOf,
      validatorCompiler: (route) => {
        const check = checkerOf(route as never);
        return route.httpPart === 'body' ? (data) => (data instanceof Readable ? { value: data } : check(data)) : check;
      },
    },
    async (request, reply) => {
      const { 'idempotency-key': key, prefer } = request.headers;
      const waitMs = waitOf(prefer);
      const sending = { now: clock.wall(), waitMs: waitMs ?? deliveryWaitMs, ...optional('key', key) };
      const content: unknown = request.body;
      const { submission, outcome } =
        content instanceof Readable
          ? await takeRaw(request, request.query, sending, surroundings).catch((fault: unknown) => {
              drain(request.raw);
              throw fault;
            })
          : await takeJson(request, request.body, sending, surroundings);
      if (outcome.kind === 'refused') throw new ProblemFault(problemOfRefusal(outcome.refusal));
      if (waitMs !== undefined) void reply.header('preference-applied', `wait=${waitMs / 1000}`);
      const sent = namedIfRelayed(relayedIds, answerOf(outcome, submission, sending.now), submission);
      reply.code(sent.state === 'delivered' ? 200 : 202);
      return sent;
    },
  );
}

async function takeJson(
  request: FastifyRequest,
  message: NewMessage,
  sending: Sending,
  { delivery, assistant, events, settings }: ApiSurroundings,
): Promise<Handed> {
  const [inQuery] = Object.keys(request.query as object);
  if (inQuery !== undefined) throw malformed('malformed-request', `querystring/${inQuery}: belongs into the JSON`);
  const submission = submissionOf(message, callerOf(request), sending);
  const { sender, recipient } = submission.message;
  const outcome = assistant.isMeant(recipient)
    ? await assistant.hear(submission, events.targetsOf(sender))
    : await delivery.submit(submission);
  const isTooLarge = outcome.kind === 'refused' && outcome.refusal.reason === 'too-large';
  if (isTooLarge) throw new ProblemFault(tooLarge(settings.bodyBytesMax));
  return { submission, outcome };
}

async function takeRaw(
  request: FastifyRequest,
  terms: z.output<typeof shapes.rawQuery>,
  sending: Sending,
  { delivery, assistant, events, settings }: ApiSurroundings,
): Promise<Handed> {
  const raw = rawMessageOf(request, terms, callerOf(request), sending);
  const { sender, recipient } = raw.head.message;
  if (!assistant.isMeant(recipient)) return sendRaw(raw, delivery, settings);
  const submission = await readRaw(raw, settings.bodyBytesMax);
  return { submission, outcome: await assistant.hear(submission, events.targetsOf(sender)) };
}

/** What went straight through has no row that would know its id. */
function namedIfRelayed(
  relayedIds: LRUCache<string, string>,
  sent: Sent,
  { message, duplicateKeys: [keyName] }: Submission,
): Sent {
  const relayName = keyName === undefined ? undefined : `${message.sender} ${keyName}`;
  if (relayName !== undefined && sent.id === '') sent.id = relayedIds.get(relayName) ?? '';
  else if (relayName !== undefined && sent.state === 'delivered') relayedIds.set(relayName, sent.id);
  return sent;
}

function answerOf(outcome: SubmissionOutcome, { message, condition }: Submission, now: Millis): Sent {
  const to = message.recipient;
  const rest = optional('deliverWhen', condition);
  if (outcome.kind === 'accepted') {
    const { id, state, acceptedAt, expiresAt } = outcome;
    return { id, state, to, acceptedAt: timeOf(acceptedAt), expiresAt: timeOf(expiresAt), ...rest };
  }
  const expiresAt = outcome.kind === 'delivered' && outcome.expiresAt > 0 ? outcome.expiresAt : now;
  return {
    id: outcome.kind === 'delivered' ? outcome.id : '',
    state: 'delivered',
    to,
    expiresAt: timeOf(expiresAt),
    ...rest,
  };
}
