/**
 * A MESSAGE request (RFC 3428) read into a submission: who, what, on which condition, for how long. The sender is whoever
 * was authenticated; anything in the request that names somebody else is refused. Decides nothing about delivery.
 */
import type { Millis } from '../../../base/time/clock.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { Submission } from '../../../delivery/submission.ts';
import { type Content, encodingOf } from '../../../formats/content-encoding.ts';
import { mediaTypeOf, parseContentType } from '../../../formats/content-type.ts';
import { cpimContentType, cpimFrom, parseCpim, wrappedContentType } from '../../../formats/cpim.ts';
import { imdnContentType, type ImdnRequestWord, readImdnRequest } from '../../../formats/imdn.ts';
import { isComposingNotice } from '../../../formats/is-composing.ts';
import { parseAddress } from '../../../model/address.ts';
import type { ReportKind } from '../../../model/delivery-report.ts';
import { parseSipDate } from '../../../sip/message/grammar/sip-date.ts';
import { parseDeltaSeconds } from '../../../sip/message/header-values.ts';
import type { SipHeaders } from '../../../sip/message/sip-headers.ts';
import type { SipRequest } from '../../../sip/message/sip-message.ts';
import type { Identity } from '../identity.ts';
import { hopsMax } from './write-pager-message.ts';
import { principalAddressOf } from '../principal-address.ts';
import { automaticOrigin } from './automatic-origin.ts';
import { imdnKey } from '../reports/client-report.ts';
import { formatReference, referenceOfMessage } from '../reports/imdn-reference.ts';
import type { Inflation } from './outgoing-content.ts';

/** A Date of the sender's that is further from ours than this is not passed on (contract section 4). */
export const dateTrustedMs: Millis = 24 * 3600 * 1000;

export interface UnreadableMessage {
  readonly status: 400 | 403 | 404 | 413 | 483;
  readonly words: string;
}

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
  const content = readable({ contentType, ...optional('contentEncoding', contentEncoding), body }, inflation);
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
  return ok({
    message: {
      sender: identity.principal,
      recipient,
      origin: 'sip',
      sentAt: written,
      contentType,
      body: new Uint8Array(body),
      reportsWanted,
      ...optional('hopsLeft', hopsLeftOf(request)),
      ...optional('senderName', request.from.displayName),
      ...optional('contentEncoding', contentEncoding),
      ...optional('contentLanguage', listOf(headers, 'Content-Language')),
      ...optional('contentDisposition', headers.get('Content-Disposition')),
      ...optional('subject', headers.get('Subject')),
      ...optional('priority', headers.get('Priority')),
      ...optional('autoSubmitted', autoSubmitted),
      ...optional('reportReference', reportReference),
    },
    ...optional('condition', condition.value),
    ...optional('validityMs', validity.value),
    duplicateKeys: [transactionKey(request), ...duplicateKeys],
    isTrusted: identity.isTrusted,
    isAutomatic: isAutomatic || isReport,
    isTransient: isComposingNotice(contentType, content.value.body),
  });
}

/** Left out for a message straight from a client, which is usual: what is usual takes no space where messages are kept. */
function hopsLeftOf({ maxForwards = hopsMax }: SipRequest): number | undefined {
  return maxForwards < hopsMax ? maxForwards - 1 : undefined;
}

/** Several rows are one list (RFC 3261 7.3.1). */
function listOf(headers: SipHeaders, name: string): string | undefined {
  const rows = headers.getAll(name);
  return rows.length === 0 ? undefined : rows.join(', ');
}

/** The same sender and these three make the same message (RFC 3261 8.2.2.2; contract section 4). */
function transactionKey({ from, callId, cseq }: SipRequest): string {
  return `sip ${from.tag ?? ''} ${callId} ${cseq}`;
}

function conditionOf(headers: SipHeaders): Result<string | undefined, UnreadableMessage> {
  const rows = headers.getAll('Deliver-When');
  if (rows.length > 1) return err({ status: 400, words: 'Deliver-When occurs twice' });
  return ok(rows[0]);
}

function validityOf(headers: SipHeaders): Result<Millis | undefined, UnreadableMessage> {
  const text = headers.get('Expires');
  if (text === undefined) return ok(undefined);
  const seconds = parseDeltaSeconds(text);
  if (seconds === undefined) return err({ status: 400, words: `Expires is not a number of seconds: ${text}` });
  return ok(seconds * 1000);
}

function sentAt(headers: SipHeaders, now: Millis): Millis {
  const date = headers.get('Date');
  const written = date === undefined ? undefined : parseSipDate(date);
  const wholeSecond = now - (now % 1000);
  return written !== undefined && Math.abs(written - now) <= dateTrustedMs ? written : wholeSecond;
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

interface Envelope {
  readonly duplicateKeys: readonly string[];
  readonly reportsWanted: readonly ReportKind[];
  readonly reportReference?: string;
  /** It reports on another message (RFC 5438). */
  readonly isReport: boolean;
}

/** What a CPIM envelope adds. One that is merely odd is passed on as it is; one that names another sender is refused. */
function readEnvelope(
  { contentType, contentEncoding, body }: Content,
  identity: Identity,
  writtenAt: Millis,
): Result<Envelope, UnreadableMessage> {
  const type = mediaTypeOf(contentType);
  const bare = ok({ duplicateKeys: [], reportsWanted: [], isReport: type === imdnContentType });
  if (type !== cpimContentType || contentEncoding !== undefined) return bare;
  const parsed = parseCpim(body);
  if (!parsed.ok) return bare;
  const from = cpimFrom(parsed.value);
  const sender = from === undefined ? undefined : parseAddress(from.uri);
  if (sender?.ok === true && sender.value !== identity.principal) {
    return err({ status: 403, words: 'the CPIM From names another principal' });
  }
  const { messageId, wants } = readImdnRequest(parsed.value);
  // Nobody could tell what a report without a name is about; and none is made of a report (RFC 5438 7.2.1).
  const isReport = mediaTypeOf(wrappedContentType(parsed.value)) === imdnContentType;
  if (messageId === undefined) return ok({ duplicateKeys: [], reportsWanted: [], isReport });
  const duplicateKeys = [imdnKey(messageId)];
  const reportsWanted = isReport ? [] : reportKinds.filter(([word]) => wants.includes(word)).map(([, kind]) => kind);
  if (reportsWanted.length === 0) return ok({ duplicateKeys, reportsWanted, isReport });
  const reportReference = formatReference(referenceOfMessage(parsed.value, messageId, writtenAt));
  if (reportReference === undefined) return ok({ duplicateKeys, reportsWanted: [], isReport });
  return ok({ duplicateKeys, reportsWanted, reportReference, isReport });
}

const reportKinds: readonly (readonly [ImdnRequestWord, ReportKind])[] = [
  ['processing', 'stored'],
  ['positive-delivery', 'delivered'],
  ['negative-delivery', 'failed'],
  ['display', 'displayed'],
];

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });
}
