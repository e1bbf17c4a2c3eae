/** What is sent, and what its sender sees of it. */
import { z } from 'zod';
import { conditionCharactersMax } from '../../../../conditions/condition.ts';
import { messageStates } from '../../../../delivery/mailbox-entry.ts';
import { addressText, lineText, nextPage, pageQuery, timeText } from './shared-shapes.ts';

/** Characters of a subject and of a media type. */
export const subjectLengthMax = 998;
export const contentTypeLengthMax = 255;
/** Seconds; what is longer than the server allows is cut, what is longer than this is no number of seconds. */
export const expiresInMax = 2 ** 32;
/** Characters of an Idempotency-Key. */
export const idempotencyKeyLengthMax = 255;

const reportKind = z.enum(['stored', 'delivered', 'displayed', 'failed']);
export const messageState = z.enum(messageStates);

/** Twice the longest: one that is a little too long is refused as a condition, with its position. */
const conditionText = z
  .string()
  .max(2 * conditionCharactersMax)
  .describe('the language of docs/conditions.md');
const expiresIn = z.number().min(0).max(expiresInMax).describe('seconds from the acceptance; 0 is now or never');

export const newMessage = z
  .strictObject({
    to: addressText,
    text: z.string().optional().describe('plain text; or contentType and body'),
    contentType: lineText(contentTypeLengthMax).optional(),
    body: z.string().optional().describe('base64'),
    deliverWhen: conditionText.optional(),
    expiresIn: expiresIn.optional(),
    expiresAt: timeText.optional(),
    subject: lineText(subjectLengthMax).optional(),
    reports: z.array(reportKind).max(4).optional().describe('what to be told of, as `report` events'),
  })
  .refine(({ text, body, contentType }) => (text === undefined) === (body !== undefined && contentType !== undefined), {
    error: 'has either text, or contentType and body',
  })
  .refine(({ text, contentType }) => text === undefined || contentType === undefined, {
    error: 'text comes without contentType',
  })
  .refine(({ expiresIn: inSeconds, expiresAt }) => inSeconds === undefined || expiresAt === undefined, {
    error: 'has expiresIn or expiresAt, not both',
  });

/** Everything but the content, where that is the body of the request. */
export const rawQuery = z
  .strictObject({
    to: addressText.optional().describe('required where the body is not JSON; the others likewise are for that'),
    deliverWhen: conditionText.optional(),
    expiresIn: z.coerce.number().pipe(expiresIn).optional(),
    expiresAt: timeText.optional(),
    subject: lineText(subjectLengthMax).optional(),
    reports: z
      .string()
      .transform((text) => text.split(','))
      .pipe(z.array(reportKind).max(4))
      .optional()
      .describe('with commas between'),
  })
  .refine(({ expiresIn: inSeconds, expiresAt }) => inSeconds === undefined || expiresAt === undefined, {
    error: 'has expiresIn or expiresAt, not both',
  });

export const sendHeaders = z.looseObject({
  'idempotency-key': lineText(idempotencyKeyLengthMax).optional().describe('the same key and body is the same message'),
  prefer: z.string().max(1000).optional().describe('`wait=S`: how long to wait for a delivery'),
});

export const sentMessage = z.object({
  id: z.string().describe('the one that the recipient sees'),
  state: messageState,
  to: z.string(),
  acceptedAt: timeText.optional(),
  expiresAt: timeText,
  deliverWhen: z.string().optional(),
});

export const sentSummary = sentMessage.extend({
  contentType: z.string(),
  size: z.number().int().describe('bytes'),
  endedAt: timeText.optional(),
});

export const sentStory = sentSummary.extend({
  timeline: z.array(z.object({ state: messageState, at: timeText })),
});

export const sentQuery = z.strictObject({ ...pageQuery, state: messageState.optional(), to: addressText.optional() });
export const sentPage = z.object({ items: z.array(sentSummary), next: nextPage });

export const amendment = z
  .strictObject({
    deliverWhen: conditionText.nullable().optional().describe('null takes the condition away'),
    expiresIn: expiresIn.optional(),
  })
  .refine(({ deliverWhen, expiresIn: inSeconds }) => deliverWhen !== undefined || inSeconds !== undefined, {
    error: 'has deliverWhen, expiresIn, or both',
  });

export const recalled = z.object({ id: z.string(), state: z.literal('recalled') });

export const inboxQuery = z.strictObject({
  ...pageQuery,
  from: addressText.optional().describe('everything of this sender, also what is not ready'),
});

const inboxItem = z.object({
  id: z.string(),
  from: z.string(),
  at: timeText.describe('when it was written'),
  subject: z.string().optional(),
  contentType: z.string(),
  size: z.number().int().describe('bytes'),
});

export const inboxPage = z.object({ items: z.array(inboxItem), next: nextPage });

export const inboxMessage = z.object({
  id: z.string(),
  from: z.string(),
  at: timeText.describe('when it was written'),
  deferred: z.boolean().describe('it was not delivered in its sender’s own transaction'),
  subject: z.string().optional(),
  contentType: z.string(),
  contentEncoding: z.string().optional(),
  text: z.string().optional(),
  body: z.string().optional().describe('base64; where it is not plain text'),
  size: z.number().int().optional().describe('bytes, of one that is too large to go along'),
  contentUrl: z.string().optional().describe('where such a one has its content'),
});

export const conditionQuestion = z.strictObject({ condition: conditionText, to: addressText.optional() });
export const conditionAnswer = z.object({
  valid: z.boolean(),
  sentence: z.string().optional(),
  position: z.number().int().optional().describe('of the first wrong character; the first is 0'),
  reason: z.string().optional(),
  notAuthorised: z.array(z.string()).optional(),
});
