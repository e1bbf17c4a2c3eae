/** What operators ask and see. */
import { z } from 'zod';
import { addressText, lineText, nextPage, pageQuery, timeText } from './shared-shapes.ts';
import { messageState } from './messages.ts';

/** Characters of the reason for an act. */
export const reasonLengthMax = 500;

export const queueQuery = z.strictObject({
  ...pageQuery,
  state: messageState.optional(),
  to: addressText.optional(),
  from: addressText.optional(),
});

const queuedMessage = z.object({
  id: z.string(),
  from: z.string(),
  to: z.string(),
  state: messageState,
  acceptedAt: timeText,
  expiresAt: timeText,
  endedAt: timeText.optional(),
  deliverWhen: z.string().optional(),
  contentType: z.string(),
  size: z.number().int().describe('bytes'),
  attempts: z.number().int(),
  retryAt: timeText.optional(),
  setAside: z.boolean().describe('no attempt any more by itself'),
  protocol: z.enum(['sip', 'msrp', 'imps', 'http']).describe('what it came by'),
});

export const queuePage = z.object({ items: z.array(queuedMessage), next: nextPage });

export const queuedStory = queuedMessage.extend({
  steps: z.array(z.object({ at: timeText, what: z.string(), state: messageState.optional() })),
});

export const actReason = z.strictObject({ reason: lineText(reasonLengthMax).optional().describe('is logged') });
