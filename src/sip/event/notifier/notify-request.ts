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

export function formatSubscriptionState({ state, expiresMs, reason, retryAfterMs }: Notification): string {
  // A subscription that is alive has at least a second left to say.
  if (state !== 'terminated') return `${state};expires=${Math.max(1, Math.floor(expiresMs / 1_000))}`;
  const retryAfter = retryAfterMs === undefined ? '' : `;retry-after=${Math.ceil(retryAfterMs / 1_000)}`;
  return `terminated;reason=${reason ?? 'timeout'}${retryAfter}`;
}
