/**
 * What a SUBSCRIBE asks for (RFC 6665 3.1, 4.2.1), read and checked against the packages that are offered. Decides nothing
 * about who asks.
 */
import { isAccepted, parseAccept, parseDeltaSeconds, parseEvent } from '../../message/header-values.ts';
import type { HeaderRow } from '../../message/sip-headers.ts';
import type { SipRequest } from '../../message/sip-message.ts';
import type { EventPackage } from '../event-package.ts';

export interface SubscribeAnswer {
  readonly status: number;
  readonly reason: string;
  /** Of a 2xx: Expires, Contact, and Record-Route where the request made a dialog. */
  readonly headers: readonly HeaderRow[];
  /** Of a 2xx: the tag of the To. */
  readonly toTag?: string;
}

export interface SubscribeWish {
  readonly kind: 'wish';
  readonly eventPackage: EventPackage;
  /** The Event of the NOTIFYs: the type, and the `id` if one was given (RFC 6665 8.2.1). */
  readonly event: string;
  readonly expires: number;
  readonly contentType: string;
}

export type Packages = ReadonlyMap<string, EventPackage>;

export function readSubscribe(
  request: SipRequest,
  packages: Packages,
): SubscribeWish | { readonly kind: 'refused'; readonly answer: SubscribeAnswer } {
  const text = request.headers.get('Event');
  const event = text === undefined ? undefined : parseEvent(text);
  if (event?.ok === false) return refuse(400, `Malformed Event: ${event.error}`);
  // RFC 6665 8.2.1 compares octets; a client that writes `Presence` is served all the same.
  const eventPackage = packages.get(event?.value.type.toLowerCase() ?? '');
  if (event === undefined || eventPackage === undefined) return refuse(489, 'Bad Event', [allowEvents(packages)]);
  const expires = readExpires(request, eventPackage);
  if (expires === undefined) {
    return refuse(423, 'Interval Too Brief', [['Min-Expires', String(eventPackage.expiresMin)]]);
  }
  const accept = request.headers.has('Accept') ? parseAccept(request.headers.getAll('Accept')) : undefined;
  if (accept?.ok === false) return refuse(400, `Malformed Accept: ${accept.error}`);
  const contentType =
    accept === undefined
      ? eventPackage.contentTypes[0]
      : eventPackage.contentTypes.find((type) => isAccepted(type, accept.value));
  if (contentType === undefined)
    return refuse(406, 'Not Acceptable', [['Accept', eventPackage.contentTypes.join(', ')]]);
  const { id } = event.value;
  return {
    kind: 'wish',
    eventPackage,
    event: id === undefined ? eventPackage.name : `${eventPackage.name};id=${id}`,
    expires,
    contentType,
  };
}

/** With the packages made of templates, so that a client sees whom it can ask about watchers. */
export function allowEvents(packages: Packages): HeaderRow {
  return ['Allow-Events', [...packages.keys()].join(', ')];
}

export function refuse(
  status: number,
  reason: string,
  headers: readonly HeaderRow[] = [],
): { readonly kind: 'refused'; readonly answer: SubscribeAnswer } {
  return { kind: 'refused', answer: { status, reason, headers } };
}

/** Seconds; undefined when they are too few. A malformed Expires is as none. */
function readExpires(
  request: SipRequest,
  { expiresDefault, expiresMin, expiresMax }: EventPackage,
): number | undefined {
  const asked = parseDeltaSeconds(request.headers.get('Expires') ?? '') ?? expiresDefault;
  if (asked > 0 && asked < expiresMin) return undefined;
  return Math.min(asked, expiresMax);
}
