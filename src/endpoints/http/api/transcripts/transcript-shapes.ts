/** Shapes of `/v1/transcripts`. */
import { z } from 'zod';
import { nextPage, pageQuery, timeText } from '../schemas/shared-shapes.ts';

export const transcriptQuery = z.strictObject(pageQuery);

export const transcriptSwitch = z.strictObject({
  keep: z.boolean().describe('whether what is said from now on is kept'),
});

const summary = {
  id: z.string(),
  with: z.string().describe('who was at the other side'),
  at: timeText,
  endedAt: timeText,
  missed: z.boolean().describe('you were called and did not answer'),
  messages: z.number().int(),
};

export const transcriptPage = z.object({
  keep: z.boolean(),
  items: z.array(z.object(summary)),
  next: nextPage,
});

export const wholeTranscript = z.object({
  ...summary,
  lines: z.array(
    z.object({
      from: z.string(),
      at: timeText,
      contentType: z.string(),
      size: z.number().int(),
      text: z.string().optional().describe('absent for what is no text, or is too long'),
    }),
  ),
});
