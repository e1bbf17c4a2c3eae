/** A message that came over MSRP, handed in to be kept: a small one in its row, a large one in the blob that it already is in. */
import { StoreFault } from '../../../../base/store-fault.ts';
import type { DeliveryService } from '../../../../delivery/delivery-service.ts';
import type { SubmissionHead, SubmissionOutcome, SubmissionRefusal } from '../../../../delivery/submission.ts';
import { inlineBytesMax } from '../../../../model/instant-message.ts';
import { envelopeHeadMax } from '../../../../sessions/content/outgoing-form.ts';
import type { IncomingMessage } from '../../../../sessions/transfer/incoming-spools.ts';
import type { UnreadableMessage } from '../../messaging/message-words.ts';
import { withContent } from '../words/read-large-message.ts';

export type StoreOutcome = SubmissionOutcome | { readonly kind: 'unreadable'; readonly fault: UnreadableMessage };

export interface Storing {
  readonly delivery: DeliveryService;
  readonly head: SubmissionHead;
  readonly message: IncomingMessage;
}

const nothing = new Uint8Array(0);

/** Durable when it resolves with `accepted`. The spool is not needed any more. */
export async function storeMessage({ delivery, head, message }: Storing): Promise<StoreOutcome> {
  const { spool } = message;
  try {
    const { contentType = 'application/octet-stream', headers } = message.head;
    const read = withContent(head, { contentType, headers }, await spool.head(envelopeHeadMax));
    if (!read.ok) return { kind: 'unreadable', fault: read.error };
    const { bytes: _bytes, message: words, ...rest } = read.value;
    const isInline = words.ownSession === undefined && (spool.size ?? 0) <= inlineBytesMax;
    const body = isInline ? { body: await spool.whole() } : { body: nothing, large: await spool.keep() };
    return await delivery.submit({ ...rest, message: { ...words, ...body }, keepFirst: { waitMs: 0 } });
  } catch (fault) {
    if (!(fault instanceof StoreFault)) throw fault;
    return { kind: 'refused', refusal: { reason: 'store-unavailable', retryAfterMs: 0 } };
  } finally {
    spool.release();
  }
}

/** What a report over MSRP says of it (RFC 4975 10). */
export function reportStatusOf(outcome: StoreOutcome): number {
  switch (outcome.kind) {
    case 'unreadable':
      return outcome.fault.status === 413 ? 413 : 403;
    case 'refused':
      return statusOfRefusal(outcome.refusal);
    default:
      return 200;
  }
}

function statusOfRefusal({ reason }: SubmissionRefusal): number {
  switch (reason) {
    case 'too-large':
    case 'offline-space-full':
    case 'sender-queue-full':
      return 413;
    case 'store-unavailable':
    case 'too-many-requests':
      return 408;
    default:
      return 403;
  }
}
