/** Shapes that several calls share. */
import { z } from 'zod';
import { addressLengthMax } from '../../../../model/address.ts';

/** Items of a page when `limit` is absent, and at most. */
export const pageItemsDefault = 50;
export const pageItemsMax = 100;
/** Characters of an id; ours have 36. */
export const idLengthMax = 100;

/** Read by `parseAddress`, which says what is wrong with it. */
export const addressText = z
  .string()
  .max(4 * addressLengthMax)
  .describe('user@domain; the forms sip:, sips:, im:, pres: and wv: name the same principal');

export const timeText = z.iso.datetime({ offset: true }).describe('RFC 3339');

export const idParams = z.strictObject({ id: z.string().max(idLengthMax) });

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(pageItemsMax).default(pageItemsDefault).describe('items of a page'),
  after: z.string().max(idLengthMax).optional().describe('`next` of the page before'),
};

export const nextPage = z.string().optional().describe('`after` of the next page; absent on the last one');

export const problemAnswer = z
  .looseObject({
    type: z.string().describe('ends with the name of the problem'),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().optional(),
  })
  .describe('RFC 9457 problem details');

/** No control characters: it may become a header of another protocol. */
export function lineText(lengthMax: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(lengthMax)
    .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u, 'has control characters');
}

/** The answers of every call besides its own. */
export const commonProblems = { '4xx': problemAnswer, '5xx': problemAnswer };
