/**
 * A message whose content is the body of the request, with everything else in the query. What can be refused is refused
 * before the body is read; it is taken piece by piece, and of one that ends in the middle nothing stays.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { type z } from 'zod';
import type { DeliveryService } from '../../../../delivery/delivery-service.ts';
import type {
  Submission,
  SubmissionHead,
  SubmissionOutcome,
  SubmissionRefusal,
} from '../../../../delivery/submission.ts';
import { parseContentType } from '../../../../formats/content-type.ts';
import { isComposingNotice } from '../../../../formats/is-composing.ts';
import type { InstantMessage } from '../../../../model/instant-message.ts';
import { ProblemFault } from '../../problem.ts';
import { optional, readAddress } from '../read-words.ts';
import { malformed, problemOfRefusal, tooLarge } from '../refusals.ts';
import type * as shapes from '../schemas/messages.ts';
import { contentTypeLengthMax } from '../schemas/messages.ts';
import type { Caller } from '../sign-in.ts';
import { nameOf, namesOf, type Sending, validityOf } from './message-terms.ts';

type RawQuery = z.output<typeof shapes.rawQuery>;

export interface RawMessage {
  readonly head: SubmissionHead;
  readonly body: Readable;
  /** Of its content, for a repetition: with what else it was sent. */
  readonly terms: RawQuery;
  readonly key: string | undefined;
}

const typeByDefault = 'application/octet-stream';

/** Throws the 400 that says what is wrong with it. */
export function rawMessageOf(
  request: FastifyRequest,
  terms: RawQuery,
  caller: Caller,
  { now, waitMs, key }: Sending,
): RawMessage {
  const { to, deliverWhen, subject, reports } = terms;
  if (to === undefined) throw malformed('malformed-request', 'querystring/to: is missing');
  const { 'content-type': contentType = typeByDefault, 'content-length': length } = request.headers;
  if (contentType.length > contentTypeLengthMax || parseContentType(contentType) === undefined) {
    throw malformed('malformed-request', `Content-Type: "${contentType.slice(0, 100)}" is not a media type`);
  }
  const head: SubmissionHead = {
    message: {
      sender: caller.address,
      recipient: readAddress(to, 'to'),
      origin: 'http',
      sentAt: now - (now % 1000),
      contentType,
      reportsWanted: [...new Set(reports ?? [])],
      ...optional('subject', subject),
    },
    bytes: length === undefined ? undefined : Number(length),
    ...optional('condition', deliverWhen),
    ...optional('validityMs', validityOf(terms, now)),
    duplicateKeys: key === undefined ? [] : [nameOf(key)],
    keepFirst: { waitMs },
    isTrusted: false,
    isTransient: false,
  };
  return { head, body: request.body as Readable, terms, key };
}

export interface RawLimits {
  readonly largeBytesMax: number;
}

/** Throws the problem that refuses it. Rejects with `StoreFault`. */
export async function sendRaw(
  raw: RawMessage,
  delivery: DeliveryService,
  { largeBytesMax }: RawLimits,
): Promise<{ readonly submission: Submission; readonly outcome: SubmissionOutcome }> {
  const preparation = await delivery.prepare(raw.head);
  if (preparation.kind === 'refused') throw refusalOf(preparation.refusal);
  if (preparation.kind === 'repeated') return repeat(raw, delivery, largeBytesMax);
  const spool = delivery.bodies.spool();
  let submission: Submission;
  try {
    const digest = await takeAll(raw.body, largeBytesMax, (octets) => spool.add(octets));
    submission = submissionWith(raw, digest, await spool.finish());
  } catch (fault) {
    await spool.abandon();
    throw fault;
  }
  const outcome = await delivery.submit({ ...submission, prepared: preparation.prepared });
  return { submission, outcome };
}

/** Its content is read for nothing but to see whether it is the same. */
async function repeat(raw: RawMessage, delivery: DeliveryService, bytesMax: number) {
  const digest = await takeAll(raw.body, bytesMax, () => Promise.resolve());
  const submission = submissionWith(raw, digest, { body: new Uint8Array() });
  const again = await delivery.prepare({ ...submission, bytes: undefined, isTrusted: true });
  if (again.kind === 'refused') throw refusalOf(again.refusal);
  // It ended while it was read: whoever sends it once more sends a new one.
  if (again.kind !== 'repeated') throw refusalOf({ reason: 'store-unavailable', retryAfterMs: 1000 });
  return { submission, outcome: again.outcome };
}

/** The whole body in memory, for the assistant, who reads what people write. Throws where it is longer. */
export async function readRaw(raw: RawMessage, bytesMax: number): Promise<Submission> {
  const pieces: Uint8Array[] = [];
  const digest = await takeAll(raw.body, bytesMax, async (octets) => void pieces.push(octets));
  return submissionWith(raw, digest, { body: new Uint8Array(Buffer.concat(pieces)) });
}

function submissionWith(
  { head: { bytes: _, ...head }, terms, key }: RawMessage,
  digest: string,
  content: Pick<InstantMessage, 'body' | 'large'>,
): Submission {
  const message = { ...head.message, ...content };
  const { contentType } = message;
  return {
    ...head,
    message,
    ...namesOf(key, { ...terms, contentType, digest }),
    isTransient: message.large === undefined && isComposingNotice(contentType, message.body),
  };
}

/** Answers the digest of what came. Throws where there is more of it than there may be, or less than was said. */
async function takeAll(body: Readable, bytesMax: number, take: (octets: Uint8Array) => Promise<void>): Promise<string> {
  const digest = createHash('sha256');
  let bytes = 0;
  try {
    // Its end is the end of its connection, over which the answer goes.
    for await (const chunk of body.iterator({ destroyOnReturn: false })) {
      const octets = chunk as Uint8Array;
      bytes += octets.length;
      if (bytes > bytesMax) throw new ProblemFault(tooLarge(bytesMax));
      digest.update(octets);
      await take(octets);
    }
  } catch (fault) {
    if (isAbort(fault)) throw malformed('malformed-request', 'the body ended before its end');
    throw fault;
  }
  return digest.digest('base64url');
}

/** It is refused: so much of the rest is read for nothing, since many clients listen only when they have sent it all. */
export const drainedBytesMax = 8 * 1024 * 1024;

const drainLookMs = 100;

/** Beyond that the connection is cut. What comes after the answer is no event any more, so the connection is asked. */
export function drain(request: IncomingMessage): void {
  if (request.complete) return;
  const { socket } = request;
  const endsAt = socket.bytesRead + drainedBytesMax;
  const timer = setInterval(() => {
    if (socket.bytesRead > endsAt) socket.destroy();
  }, drainLookMs);
  timer.unref();
  const stop = (): void => clearInterval(timer);
  request.once('end', stop);
  socket.once('close', stop);
  request.on('error', () => undefined);
  request.resume();
}

function isAbort(fault: unknown): boolean {
  return fault instanceof Error && 'code' in fault && fault.code === 'ECONNRESET';
}

function refusalOf(refusal: SubmissionRefusal): ProblemFault {
  return new ProblemFault(problemOfRefusal(refusal));
}
