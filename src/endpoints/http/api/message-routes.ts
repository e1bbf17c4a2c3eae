/** What a sender does: send, look at what became of it, amend, recall (contract section 7). */
import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Millis } from '../../../base/time/clock.ts';
import type { EntrySummary } from '../../../delivery/ports.ts';
import type { Submission, SubmissionOutcome } from '../../../delivery/submission.ts';
import { parseContentType } from '../../../formats/content-type.ts';
import { isComposingNotice } from '../../../formats/is-composing.ts';
import { senderWidePrefix } from '../../../model/submission-name.ts';
import { type z } from 'zod';
import { ProblemFault } from '../problem.ts';
import type { ApiApp } from './api.ts';
import type { ApiSurroundings } from './api-surroundings.ts';
import { optional, pageOf, readAddress, timeOf } from './read-words.ts';
import { alreadyEnded, malformed, problemOfRefusal, tooLarge, unknownMessage } from './refusals.ts';
import { commonProblems, idParams } from './schemas/shared-shapes.ts';
import * as shapes from './schemas/messages.ts';
import { callerOf, type Caller } from './sign-in.ts';

/** How long a POST waits for a delivery, and how long `Prefer: wait` may make it wait. */
export const deliveryWaitMs: Millis = 500;
export const deliveryWaitMsMax: Millis = 60_000;
/** Room for the rest of a request beside its content, and for what JSON makes of characters. */
const requestBytesBeside = 32_768;
const bytesOfJsonMax = 6;
/** Messages that went straight through, whose ids a repetition is told. */
const relayedIdsMax = 10_000;

type NewMessage = z.output<typeof shapes.newMessage>;

export function addMessageRoutes(app: ApiApp, surroundings: ApiSurroundings): void {
  addSending(app, surroundings);
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
      bodyLimit: requestBytesBeside,
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

function addSending(app: ApiApp, surroundings: ApiSurroundings): void {
  const { delivery, assistant, events, settings, clock } = surroundings;
  const relayedIds = new LRUCache<string, string>({ max: relayedIdsMax });
  app.post(
    '/v1/messages',
    {
      bodyLimit: requestBytesBeside + bytesOfJsonMax * settings.bodyBytesMax,
      schema: {
        summary: 'Send a message',
        body: shapes.newMessage,
        headers: shapes.sendHeaders,
        response: { 200: shapes.sentMessage, 202: shapes.sentMessage, ...commonProblems },
      },
    },
    async (request, reply) => {
      const { 'idempotency-key': key, prefer } = request.headers;
      const waitMs = waitOf(prefer);
      const now = clock.wall();
      const submission = submissionOf(request.body, callerOf(request), {
        now,
        waitMs: waitMs ?? deliveryWaitMs,
        ...optional('key', key),
      });
      const { sender, recipient } = submission.message;
      const outcome = assistant.isMeant(recipient)
        ? await assistant.hear(submission, events.targetsOf(sender))
        : await delivery.submit(submission);
      if (outcome.kind === 'refused') {
        const { refusal } = outcome;
        throw new ProblemFault(
          refusal.reason === 'too-large' ? tooLarge(settings.bodyBytesMax) : problemOfRefusal(refusal),
        );
      }
      if (waitMs !== undefined) void reply.header('preference-applied', `wait=${waitMs / 1000}`);
      const [keyName] = submission.duplicateKeys;
      const relayName = keyName === undefined ? undefined : `${submission.message.sender} ${keyName}`;
      const answer = answerOf(outcome, submission, now);
      if (relayName !== undefined && answer.id === '') answer.id = relayedIds.get(relayName) ?? '';
      else if (relayName !== undefined && answer.state === 'delivered') relayedIds.set(relayName, answer.id);
      return reply.code(answer.state === 'delivered' ? 200 : 202).send(answer);
    },
  );
}

/** RFC 7240 4.3; undefined where it is not asked for. */
function waitOf(prefer: string | undefined): Millis | undefined {
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,9})"?/i.exec(prefer ?? '')?.[1];
  return seconds === undefined ? undefined : Math.min(Number(seconds) * 1000, deliveryWaitMsMax);
}

interface Sending {
  readonly now: Millis;
  readonly waitMs: Millis;
  readonly key?: string;
}

function submissionOf(message: NewMessage, caller: Caller, { now, waitMs, key }: Sending): Submission {
  const { to, deliverWhen, subject, reports } = message;
  const recipient = readAddress(to, 'to');
  const { contentType, body } = contentOf(message);
  const validityMs = validityOf(message, now);
  return {
    message: {
      sender: caller.address,
      recipient,
      origin: 'http',
      sentAt: now - (now % 1000),
      contentType,
      body,
      reportsWanted: [...new Set(reports ?? [])],
      ...optional('subject', subject),
    },
    ...optional('condition', deliverWhen),
    ...optional('validityMs', validityMs),
    ...namesOf(key, message),
    keepFirst: { waitMs },
    isTrusted: false,
    isTransient: isComposingNotice(contentType, body),
  };
}

function contentOf({ text, contentType, body }: NewMessage): { contentType: string; body: Uint8Array } {
  if (text !== undefined) {
    if (!text.isWellFormed()) throw malformed('malformed-request', 'text: is not well-formed Unicode');
    return { contentType: 'text/plain;charset=UTF-8', body: new TextEncoder().encode(text) };
  }
  if (contentType === undefined || body === undefined) throw malformed('malformed-request', 'has no content');
  if (parseContentType(contentType) === undefined) {
    throw malformed('malformed-request', `contentType: "${contentType}" is not a media type`);
  }
  const bytes = Buffer.from(body, 'base64');
  const isBase64 =
    /^[A-Za-z0-9+/_-]*={0,2}$/.test(body) && bytes.length === Math.floor((body.replace(/=+$/, '').length * 3) / 4);
  if (!isBase64) throw malformed('malformed-request', 'body: is not base64');
  return { contentType, body: new Uint8Array(bytes) };
}

function validityOf({ expiresIn, expiresAt }: NewMessage, now: Millis): Millis | undefined {
  if (expiresIn !== undefined) return Math.floor(expiresIn * 1000);
  if (expiresAt === undefined) return undefined;
  const validityMs = Date.parse(expiresAt) - now;
  if (!(validityMs >= 0)) throw malformed('malformed-request', `expiresAt: ${expiresAt} is over`);
  return validityMs;
}

/** The key names the message among all of its sender's; with the content it tells a repetition from another message. */
function namesOf(key: string | undefined, message: NewMessage): Pick<Submission, 'duplicateKeys' | 'contentKey'> {
  if (key === undefined) return { duplicateKeys: [] };
  const name = `${senderWidePrefix}http ${key}`;
  const contentKey = `${name} ${hash('sha256', JSON.stringify(message), 'base64url')}`;
  return { duplicateKeys: [name, contentKey], contentKey };
}

type Sent = z.output<typeof shapes.sentMessage>;

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
