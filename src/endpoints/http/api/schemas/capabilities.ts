/** What `GET /v1/capabilities` says. */
import { z } from 'zod';

const count = z.number().int();

export const capabilities = z.object({
  version: z.string(),
  domains: z.array(z.string()),
  conditional: z.boolean().describe('whether messages may carry a condition'),
  storeOffline: z.boolean().describe('whether messages are kept for who is away'),
  delivery: z.array(z.enum(['push', 'notify', 'pull'])),
  reports: z.array(z.enum(['stored', 'delivered', 'displayed', 'failed'])),
  attributes: z.array(z.string()).describe('what conditions can test; every other RPID element and x-NAME too'),
  visibleByDefault: z.union([z.literal('*'), z.array(z.string())]),
  limits: z.object({
    bodyBytes: count.describe('of a pager message, and of what JSON carries'),
    largeBytes: count.describe('of any message'),
    validitySeconds: z.number(),
    validityDefaultSeconds: z.number(),
    conditionCharacters: count,
    conditionTests: count,
    conditionDepth: count,
    recipientMessages: count,
    recipientBytes: count,
    recipientLargeBytes: count,
    pairMessages: count,
    senderMessages: count,
    callsPerPeriod: count,
    callPeriodSeconds: z.number(),
  }),
});
