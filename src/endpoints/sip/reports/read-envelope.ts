/**
 * What a CPIM envelope says of a message that comes in one (RFC 3862, RFC 5438 6): who it is from, under which name it is known,
 * and what its sender wants to be told. Reads its first octets only.
 */
import type { Millis } from '../../../base/time/clock.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { Content } from '../../../formats/content-encoding.ts';
import { mediaTypeOf } from '../../../formats/content-type.ts';
import { cpimContentType, cpimFrom, parseCpim, wrappedContentType } from '../../../formats/cpim.ts';
import { imdnContentType, type ImdnRequestWord, readImdnRequest } from '../../../formats/imdn.ts';
import { parseAddress } from '../../../model/address.ts';
import type { ReportKind } from '../../../model/delivery-report.ts';
import type { Identity } from '../identity.ts';
import type { UnreadableMessage } from '../messaging/message-words.ts';
import { imdnKey } from './client-report.ts';
import { formatReference, referenceOfMessage } from './imdn-reference.ts';

export interface Envelope {
  readonly duplicateKeys: readonly string[];
  readonly reportsWanted: readonly ReportKind[];
  readonly reportReference?: string;
  /** It reports on another message (RFC 5438). */
  readonly isReport: boolean;
}

/** What a CPIM envelope adds. One that is merely odd is passed on as it is; one that names another sender is refused. */
export function readEnvelope(
  { contentType, contentEncoding, body }: Content,
  identity: Pick<Identity, 'principal'>,
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
