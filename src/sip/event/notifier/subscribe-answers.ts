/** Answers to SUBSCRIBE that follow from what was decided (RFC 6665 4.2.1). */
import type { Dialog } from '../../dialog/dialog.ts';
import type { Authorisation } from '../event-package.ts';
import { refuse } from './subscribe-request.ts';
import type { SubscribeAnswer, SubscribeWish } from './subscribe-request.ts';
import type { WatchList } from './watch-list.ts';

/** Seconds after which a client may try again where a limit or the store is in the way. */
const retryAfterSeconds = 30;

export const unknownSubscription = refuse(481, 'Subscription Does Not Exist').answer;

export function acceptance(
  wish: SubscribeWish,
  contact: string,
  dialog: Dialog,
  more: SubscribeAnswer['headers'],
): SubscribeAnswer {
  const headers = [...more, ['Expires', String(wish.expires)] as const, ['Contact', contact] as const];
  return { status: 200, reason: 'OK', headers, toTag: dialog.localTag };
}

export function refusalOf(judged: Authorisation): SubscribeAnswer | undefined {
  if (judged === 'rejected') return refuse(403, 'Forbidden').answer;
  if (judged === 'no-such-resource') return refuse(404, 'Not Found').answer;
  return undefined;
}

export function limitAnswer(full: ReturnType<WatchList['fullFor']>): SubscribeAnswer | undefined {
  if (full === undefined) return undefined;
  if (full === 'subscriber') return refuse(403, 'Too Many Subscriptions').answer;
  return unavailable(full === 'resource' ? 'Too Many Subscribers' : 'Too Many Subscriptions Here');
}

export function unavailable(reason: string): SubscribeAnswer {
  return refuse(503, reason, [['Retry-After', String(retryAfterSeconds)]]).answer;
}
