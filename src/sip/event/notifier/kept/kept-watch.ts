/** A subscription as it is kept, and as it comes back after a restart of the server. */
import type { Clock, Millis } from '../../../../base/time/clock.ts';
import { Dialog } from '../../../dialog/dialog.ts';
import type { Flow } from '../../../registrar/ports.ts';
import type { EventPackage } from '../../event-package.ts';
import type { KeptSubscription, SubscriptionProgress } from '../../ports.ts';
import { Subscription } from '../subscription.ts';
import type { Watch } from '../watch-list.ts';

/** What a SUBSCRIBE makes true as soon as it is durable. */
export interface Prospect {
  readonly standing: 'active' | 'pending';
  /** Wall time. */
  readonly expiresAt: Millis;
}

export function keptOf(watch: Watch, prospect: Prospect): KeptSubscription {
  const { eventPackage, resource, subscriber, event, contentType, dialog, flow, subscribedAt } = watch;
  return {
    ...progressOf(watch, prospect),
    packageName: eventPackage.name,
    resource,
    subscriber,
    event,
    contentType,
    dialog: dialog.keep(),
    flow,
    subscribedAt,
  };
}

export function progressOf({ id, dialog, wasPending }: Watch, prospect: Prospect): SubscriptionProgress {
  return { id, ...prospect, wasPending, ...dialog.numbers };
}

/** How it stands now; undefined for one that has not begun or is over. */
export function prospectOf({ machine }: Watch, clock: Clock): Prospect | undefined {
  const { state, expiresAt } = machine;
  if (state === 'init' || state === 'terminated') return undefined;
  return { standing: state, expiresAt: Math.round(clock.wall() + expiresAt - clock.monotonic()) };
}

export function watchOf(kept: KeptSubscription, eventPackage: EventPackage, clock: Clock): Watch {
  const { id, resource, subscriber, event, contentType, dialog, subscribedAt, standing, wasPending, localCSeq } = kept;
  const expiresAt = clock.monotonic() + kept.expiresAt - clock.wall();
  const { transport, remoteAddress, remotePort } = kept.flow;
  // The number of a connection means nothing, or another one, in a new process.
  const flow: Flow = { transport, remoteAddress, remotePort };
  return {
    id,
    eventPackage,
    resource,
    subscriber,
    event: event === eventPackage.name ? eventPackage.name : event,
    dialog: Dialog.restore({ ...dialog, localTag: id }, kept, ''),
    machine: Subscription.restore(eventPackage.paceMs, standing, expiresAt),
    subscribedAt,
    isQuestion: false,
    contentType,
    flow,
    // No document was sent without a NOTIFY of its own.
    version: localCSeq,
    // Who was reached over a connection has to be found again, and is told whatever they know.
    told: transport === 'udp' ? kept.told : undefined,
    mark: undefined,
    isPending: standing === 'pending',
    wasPending,
    judgements: 0,
    keptCSeq: localCSeq,
    slot: undefined,
    isRemoved: false,
  };
}
