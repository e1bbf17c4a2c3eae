/** A NOTIFY (RFC 6665 3.2, 4.2.2) within the dialog of its subscription. */
import { createDialogRequest } from '../../dialog/dialog-request.ts';
import type { DialogRequest } from '../../dialog/dialog-request.ts';
import type { Dialog } from '../../dialog/dialog.ts';
import type { NotifyDocument } from '../event-package.ts';
import type { Notification } from './subscription.ts';

export interface NotifyParts {
  readonly dialog: Dialog;
  /** The value of Event. */
  readonly event: string;
  readonly notification: Notification;
  readonly document: NotifyDocument | undefined;
}

export function createNotify({ dialog, event, notification, document }: NotifyParts): DialogRequest {
  const request = createDialogRequest(dialog, 'NOTIFY', document);
  request.headers.add('Event', event);
  request.headers.add('Subscription-State', formatSubscriptionState(notification));
  return request;
}

/** Octets of a request over UDP, above which a stream is tried first (RFC 3261 18.1.1). */
const datagramBytesMax = 1_300;
/** The Via that is added, Content-Type and Content-Length, and what is written shorter here than there. */
const rowsAddedBytes = 240;

/** What is left for the body of this NOTIFY in a datagram; not below 0. */
export function datagramBodyMax({ dialog, event, notification }: Omit<NotifyParts, 'document'>): number {
  const { remoteTarget, routes, localAddress, remoteAddress, localTag, remoteTag, callId, contact } = dialog;
  const rows = [remoteTarget, localAddress, localTag, remoteAddress, remoteTag, callId, contact, event];
  const written = [...rows, ...routes.values, formatSubscriptionState(notification)].map(bytesOf);
  // Names of rows, their ends, and the start line.
  const names =
    'NOTIFY  SIP/2.0\r\nMax-Forwards: 70\r\nFrom: ;tag=\r\nTo: ;tag=\r\nCall-ID: \r\nCSeq: 0000000000 NOTIFY\r\n'
      .length;
  const more =
    'Contact: \r\nEvent: \r\nSubscription-State: \r\n\r\n'.length + routes.values.length * 'Route: \r\n'.length;
  return Math.max(0, datagramBytesMax - rowsAddedBytes - names - more - written.reduce((sum, bytes) => sum + bytes, 0));
}

/** At most: no UTF-16 unit takes more than three octets. */
function bytesOf(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) bytes += 2;
  return bytes;
}

export function formatSubscriptionState({ state, expiresMs, reason, retryAfterMs }: Notification): string {
  // A subscription that is alive has at least a second left to say.
  if (state !== 'terminated') return `${state};expires=${Math.max(1, Math.floor(expiresMs / 1_000))}`;
  const retryAfter = retryAfterMs === undefined ? '' : `;retry-after=${Math.ceil(retryAfterMs / 1_000)}`;
  return `terminated;reason=${reason ?? 'timeout'}${retryAfter}`;
}
