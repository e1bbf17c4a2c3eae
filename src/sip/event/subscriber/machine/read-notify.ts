/**
 * What a NOTIFY says (RFC 6665 4.1.3), read whole before anything follows from it: whether it is for this package, what state
 * the subscription is in, and the document. Knows no dialog.
 */
import { err, ok, type Result } from '../../../../base/result.ts';
import { parseEvent, parseMediaType, parseSubscriptionState } from '../../../message/header-values.ts';
import type { SubscriptionState } from '../../../message/header-values.ts';
import type { HeaderRow } from '../../../message/sip-headers.ts';
import type { SipRequest } from '../../../message/sip-message.ts';
import { refuseContent } from '../../../user-agent/content-checks.ts';
import type { SubscriberPackage } from '../subscriber-package.ts';

export interface NotifyAnswer {
  readonly status: number;
  readonly reason?: string;
  /** The text of a Warning. */
  readonly warning?: string;
  readonly headers: readonly HeaderRow[];
}

export interface Notified<Document> {
  readonly subscription: SubscriptionState;
  /** Undefined where there is no body. */
  readonly document: Document | undefined;
}

export const notifyAccepted: NotifyAnswer = { status: 200, headers: [] };
export const notifyUnknown: NotifyAnswer = {
  status: 481,
  reason: 'Subscription Does Not Exist',
  warning: 'there is no such subscription',
  headers: [],
};

export function readNotify<Document>(
  request: SipRequest,
  eventPackage: SubscriberPackage<Document>,
  resource: string,
): Result<Notified<Document>, NotifyAnswer> {
  const event = parseEvent(request.headers.get('Event') ?? '');
  // RFC 6665 8.2.1 compares octets; a notifier that writes `Presence` is understood all the same. We never ask with an id.
  if (!event.ok || event.value.type.toLowerCase() !== eventPackage.name || event.value.id !== undefined) {
    return err(refuse(489, 'the subscription is to another event', [['Allow-Events', eventPackage.name]]));
  }
  const row = request.headers.get('Subscription-State');
  if (row === undefined) return err(refuse(400, 'Subscription-State is missing'));
  const subscription = parseSubscriptionState(row);
  if (!subscription.ok) return err(refuse(400, `malformed Subscription-State: ${subscription.error}`));
  const document = readDocument(request, eventPackage, resource);
  return document.ok ? ok({ subscription: subscription.value, document: document.value }) : document;
}

function readDocument<Document>(
  request: SipRequest,
  eventPackage: SubscriberPackage<Document>,
  resource: string,
): Result<Document | undefined, NotifyAnswer> {
  if (request.body.length === 0) return ok(undefined);
  const { contentTypes } = eventPackage;
  const unread = refuseContent(request, contentTypes);
  if (unread !== undefined) return err({ headers: [], ...unread });
  const type = parseMediaType(request.headers.get('Content-Type') ?? '');
  // What may be ignored is (RFC 3261 20.11).
  if (!type.ok || !contentTypes.includes(type.value.essence)) return ok(undefined);
  const document = eventPackage.read(resource, request.body);
  return document.ok ? document : err(refuse(400, document.error));
}

function refuse(status: number, warning: string, headers: readonly HeaderRow[] = []): NotifyAnswer {
  return { status, warning, headers };
}
