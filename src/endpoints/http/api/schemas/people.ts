/** Presence, rules, blocks, delivery styles, tokens. */
import { z } from 'zod';
import { grantsPerOwnerMax } from '../../../../accounts/block-lists.ts';
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

/** Of a URI, a domain or a word in a rule. */
const ruleText = lineText(1000);

const watcherRule = z.strictObject({
  watchers: z.union([z.literal('*'), z.array(addressText)]).describe('empty only where somebody is named otherwise'),
  attributes: z
    .union([z.literal('*'), z.array(lineText(64))])
    .optional()
    .describe('counts with allow and none'),
  action: z
    .enum(['allow', 'block', 'polite-block', 'confirm', 'none'])
    .describe('none: says nothing of a subscription, lets its watchers see more where they may see anything'),
  id: ruleText.optional().describe('its name in the presence rules document (XCAP)'),
  domains: z.array(ruleText).min(1).optional().describe('everybody of these domains; "*" is every domain'),
  except: z
    .strictObject({ watchers: z.array(addressText).optional(), domains: z.array(ruleText).optional() })
    .optional()
    .describe('who is taken out of `domains`'),
  otherUris: z.array(ruleText).min(1).optional().describe('URIs that nobody here has'),
  spheres: z
    .array(z.string().max(1000).regex(/^\S*$/))
    .min(1)
    .optional()
    .describe('applies only in one of these spheres'),
  validity: z
    .array(z.strictObject({ from: timeText, until: timeText }))
    .min(1)
    .optional()
    .describe('applies only within one of these'),
  unknownConditions: z.array(ruleText).min(1).optional().describe('conditions that never hold, as {namespace}name'),
  userInput: z.enum(['bare', 'thresholds']).optional().describe('how much of user-input; absent: all'),
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

export const blockedAddresses = z.object({
  items: z.array(z.string()),
  notInUse: z
    .array(z.string())
    .optional()
    .describe('who is on the list while it is not in use and blocks nobody; the next block puts it in use'),
});

export const grantedAddresses = z.object({
  items: z.array(z.string()),
  inUse: z.boolean().describe('whoever is not on the list is kept out as if blocked'),
});
export const grantsPut = z.strictObject({
  inUse: z.boolean(),
  items: z.array(addressText).max(grantsPerOwnerMax).optional().describe('absent: as they were'),
});

export const deliveryStyle = z.strictObject({ method: z.enum(['push', 'notify', 'pull']) });

export const accessToken = z.object({ token: z.string(), expiresAt: timeText });

export const nothing = z.null();
