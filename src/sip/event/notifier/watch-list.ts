/** All subscriptions of the notifier, found by tag, by resource and by subscriber, within limits. Sends nothing. */
import type { TimerHandle } from '../../../base/time/timers.ts';
import type { Dialog } from '../../dialog/dialog.ts';
import type { Flow } from '../../registrar/ports.ts';
import type { EventPackage, SubscriptionSummary } from '../event-package.ts';
import type { Subscription } from './subscription.ts';

export interface WatchLimits {
  readonly subscriptionsMax: number;
  readonly perSubscriberMax: number;
  readonly perResourceMax: number;
}

export const defaultWatchLimits: WatchLimits = {
  subscriptionsMax: 1_000_000,
  perSubscriberMax: 2_000,
  perResourceMax: 20_000,
};

/** One subscription with all that its NOTIFYs need. */
export interface Watch {
  /** Also the local tag of its dialog. */
  readonly id: string;
  readonly eventPackage: EventPackage;
  readonly resource: string;
  readonly subscriber: string;
  /** The value of Event in its NOTIFYs. */
  readonly event: string;
  readonly dialog: Dialog;
  readonly machine: Subscription;
  readonly subscribedAt: number;
  /** It only asked once (RFC 6665 4.4.3). */
  readonly isQuestion: boolean;
  contentType: string;
  flow: Flow;
  /** Documents sent. */
  version: number;
  /** What the last NOTIFY told, see `toldState`; undefined before it and when it failed. */
  told: number | undefined;
  /** Nobody decided about the subscriber yet; kept for the document that ends it. */
  isPending: boolean;
  /** How often it is being asked anew whether its subscriber may watch. */
  judgements: number;
  timer: TimerHandle | undefined;
  isRemoved: boolean;
}

const nobody: ReadonlySet<Watch> = new Set();

export class WatchList {
  readonly #limits: WatchLimits;
  readonly #byId = new Map<string, Watch>();
  readonly #byResource = new Map<string, Set<Watch>>();
  readonly #bySubscriber = new Map<string, Set<Watch>>();

  constructor(limits: WatchLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#byId.size;
  }

  find(id: string): Watch | undefined {
    return this.#byId.get(id);
  }

  ofResource(packageName: string, resource: string): ReadonlySet<Watch> {
    return this.#byResource.get(`${packageName} ${resource}`) ?? nobody;
  }

  ofSubscriber(subscriber: string): ReadonlySet<Watch> {
    return this.#bySubscriber.get(subscriber) ?? nobody;
  }

  all(): IterableIterator<Watch> {
    return this.#byId.values();
  }

  /** Which limit one more would pass. */
  fullFor(packageName: string, resource: string, subscriber: string): 'server' | 'subscriber' | 'resource' | undefined {
    if (this.#byId.size >= this.#limits.subscriptionsMax) return 'server';
    if (this.ofSubscriber(subscriber).size >= this.#limits.perSubscriberMax) return 'subscriber';
    if (this.ofResource(packageName, resource).size >= this.#limits.perResourceMax) return 'resource';
    return undefined;
  }

  add(watch: Watch): void {
    this.#byId.set(watch.id, watch);
    addTo(this.#byResource, `${watch.eventPackage.name} ${watch.resource}`, watch);
    addTo(this.#bySubscriber, watch.subscriber, watch);
  }

  remove(watch: Watch): void {
    this.#byId.delete(watch.id);
    removeFrom(this.#byResource, `${watch.eventPackage.name} ${watch.resource}`, watch);
    removeFrom(this.#bySubscriber, watch.subscriber, watch);
  }
}

export function summaryOf(watch: Watch): SubscriptionSummary {
  const { id, eventPackage, resource, subscriber, subscribedAt, machine, flow, dialog } = watch;
  const { expiresAt, state } = machine;
  const status = watch.isRemoved || state === 'init' ? 'terminated' : state;
  const { remoteTarget } = dialog;
  const { name: packageName } = eventPackage;
  return { id, packageName, resource, subscriber, remoteTarget, flow, status, subscribedAt, expiresAt };
}

function addTo(index: Map<string, Set<Watch>>, key: string, watch: Watch): void {
  const set = index.get(key);
  if (set === undefined) index.set(key, new Set([watch]));
  else set.add(watch);
}

function removeFrom(index: Map<string, Set<Watch>>, key: string, watch: Watch): void {
  const set = index.get(key);
  set?.delete(watch);
  if (set?.size === 0) index.delete(key);
}
