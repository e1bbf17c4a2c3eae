/** All subscriptions of the notifier, found by tag, by resource and by subscriber, within limits. Sends nothing. */
import type { Clock, Millis } from '../../../base/time/clock.ts';
import { parseNameAddr } from '../../message/name-addr.ts';
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

/** One subscription with all that its NOTIFYs need. A hundred thousand of them are in memory, so each field counts. */
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
  /** Wall time. */
  readonly subscribedAt: Millis;
  /** It only asked once (RFC 6665 4.4.3). */
  readonly isQuestion: boolean;
  contentType: string;
  flow: Flow;
  /** Documents sent. */
  version: number;
  /** What the last NOTIFY told, see `toldState`; undefined before it and when it failed. */
  told: number | undefined;
  /** The mark of the last document that arrived. */
  mark: number | undefined;
  /** Nobody decided about the subscriber yet; kept for the document that ends it. */
  isPending: boolean;
  wasPending: boolean;
  /** How often it is being asked anew whether its subscriber may watch. */
  judgements: number;
  /** The CSeq that a crash cannot take back. */
  keptCSeq: number;
  /** While it waits to be woken. */
  slot: number | undefined;
  isRemoved: boolean;
}

const nobody: Iterable<Watch> = [];

export class WatchList {
  readonly #limits: WatchLimits;
  readonly #byId = new Map<string, Watch>();
  /** By package. */
  readonly #byResource = new Map<string, WatchIndex>();
  readonly #bySubscriber = new WatchIndex();

  constructor(limits: WatchLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#byId.size;
  }

  find(id: string): Watch | undefined {
    return this.#byId.get(id);
  }

  ofResource(packageName: string, resource: string): Iterable<Watch> {
    return this.#byResource.get(packageName)?.of(resource) ?? nobody;
  }

  ofSubscriber(subscriber: string): Iterable<Watch> {
    return this.#bySubscriber.of(subscriber);
  }

  countOf(packageName: string, resource: string): number {
    return this.#byResource.get(packageName)?.count(resource) ?? 0;
  }

  all(): IterableIterator<Watch> {
    return this.#byId.values();
  }

  /** Which limit one more would pass. */
  fullFor(packageName: string, resource: string, subscriber: string): 'server' | 'subscriber' | 'resource' | undefined {
    if (this.#byId.size >= this.#limits.subscriptionsMax) return 'server';
    if (this.#bySubscriber.count(subscriber) >= this.#limits.perSubscriberMax) return 'subscriber';
    if (this.countOf(packageName, resource) >= this.#limits.perResourceMax) return 'resource';
    return undefined;
  }

  add(watch: Watch): void {
    this.#byId.set(watch.id, watch);
    const { name } = watch.eventPackage;
    const ofPackage = this.#byResource.get(name) ?? new WatchIndex();
    this.#byResource.set(name, ofPackage);
    ofPackage.add(watch.resource, watch);
    this.#bySubscriber.add(watch.subscriber, watch);
  }

  remove(watch: Watch): void {
    this.#byId.delete(watch.id);
    this.#byResource.get(watch.eventPackage.name)?.remove(watch.resource, watch);
    this.#bySubscriber.remove(watch.subscriber, watch);
  }
}

/** Most have one subscription or few; a set for each would weigh as much as the subscription. */
class WatchIndex {
  readonly #watches = new Map<string, Watch | Set<Watch>>();

  of(key: string): Iterable<Watch> {
    const found = this.#watches.get(key);
    if (found === undefined) return nobody;
    return found instanceof Set ? found : [found];
  }

  count(key: string): number {
    const found = this.#watches.get(key);
    if (found === undefined) return 0;
    return found instanceof Set ? found.size : 1;
  }

  add(key: string, watch: Watch): void {
    const found = this.#watches.get(key);
    if (found === undefined) this.#watches.set(key, watch);
    else if (found instanceof Set) found.add(watch);
    else this.#watches.set(key, new Set([found, watch]));
  }

  remove(key: string, watch: Watch): void {
    const found = this.#watches.get(key);
    if (found instanceof Set) found.delete(watch);
    if (found === watch || (found instanceof Set && found.size === 0)) this.#watches.delete(key);
  }
}

/** Nothing more is answered in its dialog, and nothing but what is under way is sent. */
export function isOver(watch: Watch): boolean {
  return watch.isRemoved || watch.machine.state === 'terminated';
}

export function summaryOf(watch: Watch, clock: Clock): SubscriptionSummary {
  const { id, eventPackage, resource, subscriber, subscribedAt, machine, isPending, wasPending, isQuestion } = watch;
  const { state } = machine;
  const status = watch.isRemoved || state === 'init' ? 'terminated' : state;
  const expiresAt = Math.max(clock.wall(), clock.wall() + machine.expiresAt - clock.monotonic());
  const name = parseNameAddr(watch.dialog.remoteAddress);
  const displayName = name.ok ? name.value.displayName : undefined;
  const where = { remoteTarget: watch.dialog.remoteTarget, flow: watch.flow };
  const standing = { status, isUndecided: isPending, wasPending, isQuestion } as const;
  return {
    id,
    packageName: eventPackage.name,
    resource,
    subscriber,
    displayName,
    ...where,
    ...standing,
    subscribedAt,
    expiresAt,
  };
}
