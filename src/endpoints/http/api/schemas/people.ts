/** Presence, rules, blocks, delivery styles, tokens. */
import { z } from 'zod';
import { addressText, lineText, timeText } from './shared-shapes.ts';

/** Of one published attribute. */
export const publishedValuesMax = 16;
export const publishedValueLengthMax = 256;
/** Attributes named in one call. */
export const publishedNamesMax = 64;
/** Seconds; ten years. */
export const presenceExpiresInMax = 315_360_000;

const publishedValue = lineText(publishedValueLengthMax);
const publishedValues = z.union([publishedValue, z.array(publishedValue).min(1).max(publishedValuesMax)]).nullable();

/** The attributes themselves are looked at by name in `presence-routes`: every RPID element and x-NAME may come. */
export const ownPresence = z
  .object({
    availability: publishedValues.optional(),
    mood: publishedValues.optional(),
    activity: publishedValues.optional(),
    statusText: publishedValues.optional(),
    placeType: publishedValues.optional(),
    expiresIn: z.number().min(1).max(presenceExpiresInMax).optional().describe('seconds; absent: until changed'),
  })
  .catchall(publishedValues)
  .describe('named attributes are set, null removes one, the rest stays');

export const addressParams = z.strictObject({ address: addressText });

export const shownPresence = z
  .object({
    address: z.string(),
    visible: z.array(z.string()).describe('names of the attributes that you may see and set conditions on'),
    online: z.boolean().optional(),
    availability: z.string().optional(),
    mood: z.array(z.string()).optional(),
    activity: z.array(z.string()).optional(),
    statusText: z.string().optional(),
  })
  .catchall(z.union([z.string(), z.array(z.string()), z.boolean()]));

const watcherRule = z.strictObject({
  watchers: z.union([z.literal('*'), z.array(addressText).min(1)]),
  attributes: z
    .union([z.literal('*'), z.array(lineText(64))])
    .optional()
    .describe('counts with allow'),
  action: z.enum(['allow', 'block', 'polite-block', 'confirm']),
});

export const watcherRules = z.array(watcherRule);
export const rulesHeaders = z.looseObject({ 'if-match': z.string().max(1000).optional() });

export const watcherRequests = z.object({ items: z.array(z.object({ address: z.string() })) });
export const watcherDecision = z.strictObject({
  allow: z.boolean(),
  attributes: z
    .union([z.literal('*'), z.array(lineText(64)).min(1)])
    .optional()
    .describe('absent: the usual ones'),
});

export const blockedAddresses = z.object({ items: z.array(z.string()) });

export const deliveryStyle = z.strictObject({ method: z.enum(['push', 'notify', 'pull']) });

export const accessToken = z.object({ token: z.string(), expiresAt: timeText });

export const nothing = z.null();
