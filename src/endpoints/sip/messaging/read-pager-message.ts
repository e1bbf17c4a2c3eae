/**
 * A MESSAGE request (RFC 3428) read into a submission: who, what, on which condition, for how long. The sender is whoever
 * was authenticated; anything in the request that names somebody else is refused. Decides nothing about delivery.
 */
import type { Millis } from '../../../base/time/clock.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { Submission } from '../../../delivery/submission.ts';
import { type Content, encodingOf } from '../../../formats/content-encoding.ts';
import { parseContentType } from '../../../formats/content-type.ts';
import { isComposingNotice } from '../../../formats/is-composing.ts';
import type { InstantMessage } from '../../../model/instant-message.ts';
import { copyOctets } from '../../../sip/message/grammar/octets.ts';
import type { SipRequest } from '../../../sip/message/sip-message.ts';
import type { Identity } from '../identity.ts';
import { principalAddressOf } from '../principal-address.ts';
import { readEnvelope } from '../reports/read-envelope.ts';
import { automaticOrigin } from './automatic-origin.ts';
import {
  conditionOf,
  hopsLeftOf,
  listOf,
  sentAt,
  transactionKey,
  type UnreadableMessage,
  validityOf,
} from './message-words.ts';
import type { Inflation } from './outgoing-content.ts';

export function readPagerMessage(
  request: SipRequest,
  identity: Identity,
  now: Millis,
  inflation: Inflation,
): Result<Submission, UnreadableMessage> {
  const condition = conditionOf(request.headers);
  if (!condition.ok) return condition;
  const validity = validityOf(request.headers);
  if (!validity.ok) return validity;
  const { headers, body } = request;
  const contentType = headers.get('Content-Type') ?? 'text/plain';
  // Nobody could read it: every client of the recipient would refuse it in turn.
  if (parseContentType(contentType) === undefined) return err({ status: 400, words: 'malformed Content-Type' });
  const written = sentAt(headers, now);
  const contentEncoding = listOf(headers, 'Content-Encoding');
  const came = contentEncoding === undefined ? { contentType, body } : { contentType, contentEncoding, body };
  const content = readable(came, inflation);
  if (!content.ok) return content;
  const envelope = readEnvelope(content.value, identity, written);
  if (!envelope.ok) return envelope;
  // What could not be sent on is not taken: kept, it would begin anew each time it comes round (RFC 7332 4).
  if (request.maxForwards === 0) return err({ status: 483, words: 'too many hops' });
  const { isReport, reportsWanted, reportReference, duplicateKeys } = envelope.value;
  const { autoSubmitted, isAutomatic } = automaticOrigin(headers);
  // Behind the syntax (contract section 5).
  const recipient = principalAddressOf(request.uri);
  if (recipient === undefined) return err({ status: 404, words: 'no such recipient' });
  const message: Writable<InstantMessage> = {
    sender: identity.principal,
    recipient,
    origin: 'sip',
    sentAt: written,
    contentType,
    body: copyOctets(body),
    reportsWanted,
  };
  set(message, 'hopsLeft', hopsLeftOf(request));
  set(message, 'senderName', request.from.displayName);
  set(message, 'contentEncoding', contentEncoding);
  set(message, 'contentLanguage', listOf(headers, 'Content-Language'));
  set(message, 'contentDisposition', headers.get('Content-Disposition'));
  set(message, 'subject', headers.get('Subject'));
  set(message, 'priority', headers.get('Priority'));
  set(message, 'autoSubmitted', autoSubmitted);
  set(message, 'reportReference', reportReference);
  const submission: Writable<Submission> = {
    message,
    duplicateKeys: [transactionKey(request), ...duplicateKeys],
    isTrusted: identity.isTrusted,
    isAutomatic: isAutomatic || isReport,
    isTransient: isComposingNotice(contentType, content.value.body),
  };
  set(submission, 'condition', condition.value);
  set(submission, 'validityMs', validity.value);
  return ok(submission);
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** What is not said is left out. */
function set<T, K extends keyof T>(whole: T, key: K, value: T[K] | undefined): void {
  if (value !== undefined) whole[key] = value;
}

/**
 * The content as it is read here: without its encoding, where that can be undone. What becomes too large by that is a bomb,
 * and what is not what it says can be read by nobody.
 */
function readable(content: Content, { inflate, bytesMax }: Inflation): Result<Content, UnreadableMessage> {
  const encoding = encodingOf(content.contentEncoding);
  // Somebody else may know it.
  if (encoding === 'unknown') return ok(content);
  const { contentType, body } = content;
  if (encoding === 'identity' || body.length === 0) return ok({ contentType, body });
  const outcome = inflate(encoding, body, bytesMax);
  if (outcome.kind === 'too-large') return err({ status: 413, words: `too large: at most ${bytesMax} bytes` });
  if (outcome.kind === 'malformed') return err({ status: 400, words: `the body is not in ${encoding}` });
  return ok({ contentType, body: outcome.body });
}
