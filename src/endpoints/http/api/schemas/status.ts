/** What `GET /v1/admin/status` says. */
import { z } from 'zod';
import { timeText } from './shared-shapes.ts';

const count = z.number().int();

export const serverStatus = z.object({
  version: z.string(),
  now: timeText,
  startedAt: timeText,
  listeners: z.array(z.object({ protocol: z.string(), at: z.string().describe('HOST:PORT, as set') })),
  counters: z.record(z.string(), z.number()).describe('everything of /metrics that is this program’s own'),
  durations: z.object({
    boundsMs: z.array(z.number()).describe('upper bounds of the steps; one more step for what took longer'),
    counts: z.record(z.string(), z.array(count)).describe('since the start, for each kind of work'),
  }),
  clients: z.object({
    counts: z.record(z.string(), count).describe('by protocol'),
    some: z.array(
      z.object({
        address: z.string(),
        protocol: z.string(),
        style: z.string().optional(),
        agent: z.string().optional(),
        since: timeText.optional(),
      }),
    ),
    whole: z.boolean().describe('false: there are more than were counted'),
  }),
  kept: z.object({
    recipients: count,
    messages: count,
    waiting: count.describe('for a client'),
    conditional: count.describe('with a condition'),
    most: z.array(z.object({ address: z.string(), messages: count })).describe('for whom most is kept'),
    whole: z.boolean(),
  }),
  limits: z.array(z.object({ name: z.string(), used: count, max: count })),
});
