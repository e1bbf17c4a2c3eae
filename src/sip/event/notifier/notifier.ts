/**
 * The notifier (RFC 6665 4.2): answers SUBSCRIBEs, drives the machine of each subscription, and sends its NOTIFYs over a
 * port. Knows no package, no watcher rule and no transaction; the sender of a SUBSCRIBE is authenticated before.
 */
import type { Clock, Millis } from '../../../base/time/clock.ts';
import type { IdSource } from '../../../base/ids.ts';
import { keepText } from '../../../base/keep-text.ts';
import { StoreFault } from '../../../base/store-fault.ts';
import type { Timers } from '../../../base/time/timers.ts';
import type { DialogRequest } from '../../dialog/dialog-request.ts';
import { Dialog, recordRouteRows } from '../../dialog/dialog.ts';
import type { SipRequest } from '../../message/sip-message.ts';
import type { Flow } from '../../registrar/ports.ts';
import type {
  Authorisation,
  EventPackage,
  NotifyDocument,
  SubscriptionEvent,
  SubscriptionSummary,
} from '../event-package.ts';
import { Rounds } from '../rounds.ts';
import { inputOfOutcome } from './notify-outcome.ts';
import type { NotifyOutcome } from './notify-outcome.ts';
import { createNotify, datagramBodyMax } from './notify-request.ts';
import { readSubscribe, refuse } from './subscribe-request.ts';
import type { SubscribeAnswer, SubscribeWish } from './subscribe-request.ts';
import { Subscription } from './subscription.ts';
import type { Notification, SubscriptionInput, TerminationReason } from './subscription.ts';
import { toldState } from './told-state.ts';
import { defaultWatchLimits, summaryOf, WatchList } from './watch-list.ts';
import type { Watch, WatchLimits } from './watch-list.ts';

/** Sends within a dialog: adds the Via, keeps to the flow, and says once how it ended. */
export interface DialogSender {
  send(request: DialogRequest, flow: Flow, onOutcome: (outcome: NotifyOutcome) => void): void;
}

export interface NotifierPlan {
  readonly packages: readonly EventPackage[];
  readonly sender: DialogSender;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: IdSource;
  readonly limits?: WatchLimits;
  /** For watcher information; called after the fact. */
  readonly onSubscriptionChanged?: (subscription: SubscriptionSummary, event: SubscriptionEvent) => void;
}

export interface IncomingSubscribe {
  readonly request: SipRequest;
  /** Who sent it, authenticated: `user@domain`. */
  readonly subscriber: string;
  /** Whom or what the Request-URI names: `user@domain`. */
  readonly resource: string;
  readonly flow: Flow;
  /** Our Contact value for this flow, with angle brackets. */
  readonly contact: string;
}

/** Seconds after which a client may try again where a limit or the store is in the way. */
const retryAfterSeconds = 30;
/** RFC 3261 19.3 asks for 32. */
const tagBits = 80;

type Respond = (answer: SubscribeAnswer) => void;

export class Notifier {
  readonly #plan: NotifierPlan;
  readonly #packages: ReadonlyMap<string, EventPackage>;
  readonly #watches: WatchList;
  readonly #rounds: Rounds<Watch>;

  constructor(plan: NotifierPlan) {
    this.#plan = plan;
    this.#packages = new Map(plan.packages.map((eventPackage) => [eventPackage.name, eventPackage]));
    this.#watches = new WatchList(plan.limits ?? defaultWatchLimits);
    this.#rounds = new Rounds(plan, (watch) => {
      // Whoever is being judged is told after that, with what they may see then.
      if (watch.judgements === 0) this.#run(watch, { kind: 'resource-changed' });
    });
  }

  get size(): number {
    return this.#watches.size;
  }

  /** Names for Allow-Events and for checks elsewhere. */
  get packageNames(): string[] {
    return [...this.#packages.keys()];
  }

  /** Calls `respond` once, at once where the package decides at once; the NOTIFY follows it. */
  subscribe(incoming: IncomingSubscribe, respond: Respond): void {
    if (incoming.request.to.tag === undefined) this.#begin(incoming, respond);
    else this.#renew(incoming, respond);
  }

  /** Whether a request belongs to the dialog of a subscription that is alive. */
  hasDialog(request: SipRequest): boolean {
    const watch = this.#watches.find(request.to.tag ?? '');
    return watch !== undefined && !isOver(watch) && watch.dialog.has(request);
  }

  /** Whose subscriptions to a resource wait for somebody to decide; each once. */
  pendingSubscribers(packageName: string, resource: string): string[] {
    const pending = new Set<string>();
    for (const watch of this.#watches.ofResource(packageName, resource)) {
      if (watch.machine.state === 'pending') pending.add(watch.subscriber);
    }
    return [...pending];
  }

  /** The state of a resource changed: whoever is active is told, at the pace of the package. */
  resourceChanged(packageName: string, resource: string): void {
    this.#rounds.begin(`${packageName} ${resource}`, () => this.#watches.ofResource(packageName, resource));
  }

  /** Rules changed: every subscriber of the resource is judged anew and told what that means for it. */
  authorisationChanged(packageName: string, resource: string): void {
    for (const watch of this.#watches.ofResource(packageName, resource)) {
      const { eventPackage, subscriber } = watch;
      const judged = eventPackage.authorise(subscriber, resource);
      if (judged instanceof Promise) void this.#awaitJudgement(watch, judged);
      else this.#applyJudgement(watch, judged);
    }
  }

  /** Ends all subscriptions to a resource, as when its account is removed. */
  endResource(packageName: string, resource: string, reason: TerminationReason): void {
    for (const watch of this.#watches.ofResource(packageName, resource)) this.#run(watch, { kind: 'ended', reason });
  }

  /** Ends all subscriptions of one subscriber. */
  endSubscriber(subscriber: string, reason: TerminationReason): void {
    for (const watch of this.#watches.ofSubscriber(subscriber)) this.#run(watch, { kind: 'ended', reason });
  }

  /** For a server that stops; `retryAfterMs` says when it expects to be back. */
  endAll(reason: TerminationReason, retryAfterMs?: Millis): void {
    const input = retryAfterMs === undefined ? { reason } : { reason, retryAfterMs };
    for (const watch of this.#watches.all()) this.#run(watch, { kind: 'ended', ...input });
  }

  hasSubscriptions(packageName: string, resource: string): boolean {
    return this.#watches.ofResource(packageName, resource).size > 0;
  }

  subscriptionsTo(packageName: string, resource: string): SubscriptionSummary[] {
    return Array.from(this.#watches.ofResource(packageName, resource), summaryOf);
  }

  subscriptionsOf(subscriber: string): SubscriptionSummary[] {
    return Array.from(this.#watches.ofSubscriber(subscriber), summaryOf);
  }

  #begin(incoming: IncomingSubscribe, respond: Respond): void {
    const wish = readSubscribe(incoming.request, this.#packages);
    if (wish.kind === 'refused') return respond(wish.answer);
    const { request, contact, subscriber, resource } = incoming;
    const dialog = Dialog.accept({ request, localTag: this.#plan.ids.randomToken(tagBits), contact });
    if (!dialog.ok) return respond(refuse(400, dialog.error).answer);
    const open = (judged: Authorisation): void =>
      this.#open({ ...incoming, wish, dialog: dialog.value }, judged, respond);
    decide(wish.eventPackage.authorise(subscriber, resource), open, respond);
  }

  #open(opening: Opening, judged: Authorisation, respond: Respond): void {
    const { request, wish, dialog, contact, subscriber, resource, flow } = opening;
    const full = this.#watches.fullFor(wish.eventPackage.name, resource, subscriber);
    const refusal = refusalOf(judged) ?? limitAnswer(full);
    if (refusal !== undefined) return respond(refusal);
    const watch: Watch = {
      id: dialog.localTag,
      eventPackage: wish.eventPackage,
      resource: keepText(resource),
      subscriber: keepText(subscriber),
      event: wish.event,
      dialog,
      machine: new Subscription(wish.eventPackage.paceMs),
      subscribedAt: this.#plan.clock.monotonic(),
      isQuestion: wish.expires === 0,
      contentType: wish.contentType,
      flow,
      version: 0,
      told: undefined,
      judgements: 0,
      isPending: judged === 'pending',
      timer: undefined,
      isRemoved: false,
    };
    this.#watches.add(watch);
    respond(acceptance(wish, contact, dialog, recordRouteRows(request)));
    const standing = judged === 'pending' ? 'pending' : 'active';
    this.#run(watch, { kind: 'accepted', standing, expiresMs: wish.expires * 1_000 });
    this.#tell(watch, 'subscribe');
  }

  #renew(incoming: IncomingSubscribe, respond: Respond): void {
    const { request, subscriber, resource } = incoming;
    const watch = this.#watches.find(request.to.tag ?? '');
    if (watch === undefined || !watch.dialog.has(request) || isOver(watch)) return respond(unknownSubscription);
    if (watch.dialog.takeRequest(request) === 'out-of-order') return respond(refuse(500, 'CSeq Is Not Higher').answer);
    if (watch.subscriber !== subscriber) return respond(refuse(403, 'Not Your Subscription').answer);
    const wish = readSubscribe(request, this.#packages);
    if (wish.kind === 'refused') return respond(wish.answer);
    if (wish.event !== watch.event) return respond(unknownSubscription);
    const refreshed = watch.dialog.refreshTarget(request);
    if (!refreshed.ok) return respond(refuse(400, refreshed.error).answer);
    const prolong = (judged: Authorisation): void =>
      this.#prolong(watch, { ...incoming, wish, dialog: watch.dialog }, judged, respond);
    decide(watch.eventPackage.authorise(subscriber, resource), prolong, respond);
  }

  #prolong(watch: Watch, opening: Opening, judged: Authorisation, respond: Respond): void {
    const { wish, contact, flow } = opening;
    if (isOver(watch)) return respond(unknownSubscription);
    const refusal = refusalOf(judged);
    if (refusal !== undefined) {
      respond(refusal);
      this.#applyJudgement(watch, judged);
      return undefined;
    }
    watch.flow = flow;
    watch.contentType = wish.contentType;
    const wasPending = watch.isPending;
    watch.isPending = judged === 'pending';
    respond(acceptance(wish, contact, watch.dialog, []));
    const standing = judged === 'pending' ? 'pending' : 'active';
    this.#run(watch, { kind: 'refreshed', standing, expiresMs: wish.expires * 1_000 });
    if (wasPending && standing === 'active') this.#tell(watch, 'approved');
    return undefined;
  }

  async #awaitJudgement(watch: Watch, judged: Promise<Authorisation>): Promise<void> {
    watch.judgements += 1;
    try {
      this.#applyJudgement(watch, await judged);
    } catch (fault) {
      ignoreStoreFault(fault);
      // Where the rules cannot be read, what was decided stays until they change again or the subscription is renewed.
      this.#run(watch, { kind: 'resource-changed' });
    } finally {
      watch.judgements -= 1;
    }
  }

  #applyJudgement(watch: Watch, judged: Authorisation): void {
    if (isOver(watch)) return;
    if (judged === 'rejected') return this.#run(watch, { kind: 'ended', reason: 'rejected' });
    if (judged === 'no-such-resource') return this.#run(watch, { kind: 'ended', reason: 'noresource' });
    const wasPending = watch.isPending;
    watch.isPending = judged === 'pending';
    this.#run(watch, { kind: 'authorised', standing: judged });
    if (wasPending && judged === 'active') this.#tell(watch, 'approved');
  }

  #run(watch: Watch, input: SubscriptionInput): void {
    if (watch.isRemoved) return;
    for (const output of watch.machine.handle(input, this.#plan.clock.monotonic())) {
      if (output.kind === 'notify') this.#notify(watch, output.notification);
      else this.#remove(watch);
    }
    this.#arm(watch);
  }

  #notify(watch: Watch, notification: Notification): void {
    const document = this.#documentFor(watch, notification);
    if (document instanceof Promise) void this.#notifyWhenRead(watch, notification, document);
    else this.#tellState(watch, notification, document);
  }

  /** Nothing else is sent in this subscription meanwhile. */
  async #notifyWhenRead(watch: Watch, notification: Notification, reading: PendingDocument): Promise<void> {
    let document: NotifyDocument | undefined;
    try {
      document = await reading;
    } catch (fault) {
      ignoreStoreFault(fault);
      // Its end is told all the same.
      if (notification.state !== 'terminated') return this.#run(watch, { kind: 'notify-failed', isGone: false });
    }
    return this.#tellState(watch, notification, document);
  }

  #tellState(watch: Watch, notification: Notification, document: NotifyDocument | undefined): void {
    const { dialog, event, flow } = watch;
    const told = toldState(notification.state, document);
    // A change that this watcher may not see is none: a NOTIFY would betray that there was something (RFC 6665 6.2).
    if (told === watch.told && !notification.isAskedFor && notification.reason === undefined) {
      return this.#run(watch, { kind: 'notify-omitted' });
    }
    watch.told = told;
    if (document !== undefined) watch.version += 1;
    const request = createNotify({ dialog, event, notification, document });
    this.#plan.sender.send(request, flow, (outcome) => this.#end(watch, outcome));
    if (notification.reason !== undefined) this.#tell(watch, notification.reason);
    return undefined;
  }

  #end(watch: Watch, outcome: NotifyOutcome): void {
    const input = inputOfOutcome(outcome);
    // What did not arrive was not told: it is sent again although nothing is new.
    if (input.kind === 'notify-failed') watch.told = undefined;
    this.#run(watch, input);
  }

  #documentFor(watch: Watch, notification: Notification): ReturnType<EventPackage['document']> {
    const isLast = notification.state === 'terminated';
    // Who is turned away, or whose resource is gone, is told no state.
    if (isLast && notification.reason !== 'timeout') return undefined;
    const { id, subscriber, resource, contentType, version, isPending, eventPackage, dialog, event, flow } = watch;
    const { isAskedFor } = notification;
    const bodyBytesMax = () =>
      flow.transport === 'udp' ? datagramBodyMax({ dialog, event, notification }) : undefined;
    const view = { subscriptionId: id, subscriber, resource, isPending, contentType, version, isAskedFor, isLast };
    return eventPackage.document({ ...view, bodyBytesMax });
  }

  #arm(watch: Watch): void {
    const deadline = watch.isRemoved ? undefined : watch.machine.deadline();
    if (deadline === watch.timer?.deadline) return;
    watch.timer?.cancel();
    watch.timer = undefined;
    if (deadline === undefined) return;
    watch.timer = this.#plan.timers.at(deadline, () => {
      watch.timer = undefined;
      this.#run(watch, { kind: 'tick' });
    });
  }

  #remove(watch: Watch): void {
    watch.isRemoved = true;
    this.#watches.remove(watch);
    // It ended without a word, because its subscriber is gone.
    if (watch.machine.state !== 'terminated') this.#tell(watch, 'timeout');
  }

  #tell(watch: Watch, event: SubscriptionEvent): void {
    // A mere question that is answered at once is no news for whoever watches the watchers (RFC 3857 4.7.2).
    if (!watch.isQuestion) this.#plan.onSubscriptionChanged?.(summaryOf(watch), event);
  }
}

type PendingDocument = Extract<ReturnType<EventPackage['document']>, Promise<unknown>>;

/** A SUBSCRIBE that was read and found possible. */
interface Opening extends IncomingSubscribe {
  readonly wish: SubscribeWish;
  readonly dialog: Dialog;
}

function isOver(watch: Watch): boolean {
  return watch.isRemoved || watch.machine.state === 'terminated';
}

const unknownSubscription = refuse(481, 'Subscription Does Not Exist').answer;

function decide(
  judged: Authorisation | Promise<Authorisation>,
  act: (judged: Authorisation) => void,
  respond: Respond,
): void {
  if (!(judged instanceof Promise)) return act(judged);
  void judged.then(act, (fault: unknown) => {
    ignoreStoreFault(fault);
    respond(unavailable('Rules Cannot Be Read'));
  });
  return undefined;
}

function ignoreStoreFault(fault: unknown): void {
  if (!(fault instanceof StoreFault)) throw fault;
}

function acceptance(
  wish: SubscribeWish,
  contact: string,
  dialog: Dialog,
  more: SubscribeAnswer['headers'],
): SubscribeAnswer {
  const headers = [...more, ['Expires', String(wish.expires)] as const, ['Contact', contact] as const];
  return { status: 200, reason: 'OK', headers, toTag: dialog.localTag };
}

function refusalOf(judged: Authorisation): SubscribeAnswer | undefined {
  if (judged === 'rejected') return refuse(403, 'Forbidden').answer;
  if (judged === 'no-such-resource') return refuse(404, 'Not Found').answer;
  return undefined;
}

function limitAnswer(full: ReturnType<WatchList['fullFor']>): SubscribeAnswer | undefined {
  if (full === undefined) return undefined;
  if (full === 'subscriber') return refuse(403, 'Too Many Subscriptions').answer;
  return unavailable(full === 'resource' ? 'Too Many Subscribers' : 'Too Many Subscriptions Here');
}

function unavailable(reason: string): SubscribeAnswer {
  return refuse(503, reason, [['Retry-After', String(retryAfterSeconds)]]).answer;
}
