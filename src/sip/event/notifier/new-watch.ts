/** A subscription as it begins. */
import { keepText } from '../../../base/keep-text.ts';
import type { Millis } from '../../../base/time/clock.ts';
import type { Dialog } from '../../dialog/dialog.ts';
import type { Flow } from '../../registrar/ports.ts';
import type { SubscribeWish } from './subscribe-request.ts';
import { Subscription } from './subscription.ts';
import type { Watch } from './watch-list.ts';

export interface NewSubscription {
  readonly wish: SubscribeWish;
  readonly dialog: Dialog;
  readonly subscriber: string;
  readonly resource: string;
  readonly flow: Flow;
}

/** `now`: wall time. */
export function newWatch(opening: NewSubscription, isPending: boolean, now: Millis): Watch {
  const { wish, dialog, resource, subscriber, flow } = opening;
  return {
    id: dialog.localTag,
    eventPackage: wish.eventPackage,
    resource: keepText(resource),
    subscriber: keepText(subscriber),
    event: wish.event,
    dialog,
    machine: new Subscription(wish.eventPackage.paceMs),
    subscribedAt: now,
    isQuestion: wish.expires === 0,
    contentType: wish.contentType,
    flow,
    version: 0,
    told: undefined,
    mark: undefined,
    isPending,
    wasPending: isPending,
    judgements: 0,
    keptCSeq: 0,
    slot: undefined,
    isRemoved: false,
  };
}
