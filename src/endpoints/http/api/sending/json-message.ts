/** A message that comes as JSON, with its content in it. */
import { type z } from 'zod';
import type { Submission } from '../../../../delivery/submission.ts';
import { parseContentType } from '../../../../formats/content-type.ts';
import { isComposingNotice } from '../../../../formats/is-composing.ts';
import { optional, readAddress } from '../read-words.ts';
import { malformed } from '../refusals.ts';
import type * as shapes from '../schemas/messages.ts';
import type { Caller } from '../sign-in.ts';
import { namesOf, type Sending, validityOf } from './message-terms.ts';

type NewMessage = z.output<typeof shapes.newMessage>;

/** Throws the 400 that says what is wrong with it. */
export function submissionOf(message: NewMessage, caller: Caller, { now, waitMs, key }: Sending): Submission {
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
