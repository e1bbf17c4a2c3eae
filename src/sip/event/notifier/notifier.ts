/**
 * The notifier (RFC 6665 4.2): answers SUBSCRIBEs, keeps what it accepted durable, and passes on what changes outside to the
 * subscriptions that it concerns. Knows no package, no watcher rule and no transaction; the sender of a SUBSCRIBE is
 * authenticated before.
 */
import type { IdSource } from '../../../base/ids.ts';
import { StoreFault } from '../../../base/store-fault.ts';
import type { Log } from '../../../base/log.ts';
import type { Clock } from '../../../base/time/clock.ts';
import type { Timers } from '../../../base/time/timers.ts';
import { Dialog, recordRouteRows } from '../../dialog/dialog.ts';
import type { SipRequest } from '../../message/sip-message.ts';
import type { Flow } from '../../registrar/ports.ts';
import type { Authorisation, EventPackage, SubscriptionEvent, SubscriptionSummary } from '../event-package.ts';
import type { SubscriptionStore } from '../ports.ts';
import { keptOf, progressOf, type Prospect } from './kept/kept-watch.ts';
import { Restart } from './kept/restart.ts';
import { acceptance, limitAnswer, refusalOf, unavailable, unknownSubscription } from './subscribe-answers.ts';
import { readSubscribe, refuse } from './subscribe-request.ts';
import type { SubscribeAnswer, SubscribeWish } from './subscribe-request.ts';
import type { TerminationReason } from './subscription.ts';
import { SubscriptionWriter } from './kept/subscription-writer.ts';
import { newWatch } from './new-watch.ts';
import { WatchDriver } from './watch-driver.ts';
import type { DialogSender } from './watch-driver.ts';
import { defaultWatchLimits, isOver, summaryOf, WatchList } from './watch-list.ts';
import type { Watch, WatchLimits } from './watch-list.ts';
import { WorkTurns } from './turns/work-turns.ts';
import type { WatchWork } from './turns/work-turns.ts';

export interface NotifierPlan {
  readonly packages: readonly EventPackage[];
  readonly sender: DialogSender;
  readonly store: SubscriptionStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: IdSource;
  readonly log: Log;
  readonly limits?: WatchLimits;
  /** For watcher information; called after the fact. Not for a mere question that is answered at once. */
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

/** RFC 3261 19.3 asks for 32. */
const tagBits = 80;

type Respond = (answer: SubscribeAnswer) => void;

/** A SUBSCRIBE that was read and found possible. */
interface Opening extends IncomingSubscribe {
  readonly wish: SubscribeWish;
  readonly dialog: Dialog;
}

export class Notifier {
  readonly #plan: NotifierPlan;
  readonly #packages: ReadonlyMap<string, EventPackage>;
  readonly #watches: WatchList;
  readonly #writer: SubscriptionWriter;
  readonly #driver: WatchDriver;
  readonly #turns: WorkTurns;
  readonly #restart: Restart;
  /** Being made durable, with what happened to them meanwhile. */
  readonly #opening = new Map<Watch, WatchWork>();

  constructor(plan: NotifierPlan) {
    this.#plan = plan;
    this.#packages = new Map(plan.packages.map((eventPackage) => [eventPackage.name, eventPackage]));
    this.#watches = new WatchList(plan.limits ?? defaultWatchLimits);
    this.#writer = new SubscriptionWriter(plan);
    this.#turns = new WorkTurns(plan.clock, plan.timers, (watch, work) => this.#work(watch, work));
    this.#driver = new WatchDriver({
      ...plan,
      watches: this.#watches,
      writer: this.#writer,
      onDue: (watch) => this.#turns.add(watch, { isDue: true }),
    });
    const { store, clock, timers } = plan;
    const [watches, writer, driver, turns] = [this.#watches, this.#writer, this.#driver, this.#turns];
    this.#restart = new Restart({ store, clock, timers, packages: this.#packages, watches, writer, driver, turns });
  }

  get size(): number {
    return this.#watches.size;
  }

  /** Names for Allow-Events and for checks elsewhere. */
  get packageNames(): string[] {
    return [...this.#packages.keys()];
  }

  /** Reads what is durable, before the first SUBSCRIBE. Rejects with `StoreFault`. */
  load(): Promise<void> {
    return this.#restart.load();
  }

  /** Requests can leave from now on: whoever subscribed before is told what is new. `contactFor`: as in a SUBSCRIBE. */
  begin(contactFor: (flow: Flow, isSecure: boolean) => string): void {
    this.#restart.begin(contactFor);
  }

  /** Nobody is told: subscriptions go on when the server is there again. Resolves when all is durable. */
  async stop(): Promise<void> {
    this.#driver.stop();
    this.#restart.writeAll();
    await this.#writer.stop();
  }

  /** Calls `respond` once, when what it says is durable; the NOTIFY follows it. */
  subscribe(incoming: IncomingSubscribe, respond: Respond): void {
    if (this.#writer.isFull || this.#driver.isStopped) return respond(unavailable('The Store Is Too Slow'));
    return incoming.request.to.tag === undefined ? this.#begin(incoming, respond) : this.#renew(incoming, respond);
  }

  /** Whether a request belongs to the dialog of a subscription that is alive. */
  hasDialog(request: SipRequest): boolean {
    const watch = this.#watches.find(request.to.tag ?? '');
    return watch !== undefined && !isOver(watch) && watch.dialog.has(request);
  }

  /** The state of a resource changed: whoever is active is told, at the pace of the package. */
  resourceChanged(packageName: string, resource: string): void {
    for (const watch of this.#watches.ofResource(packageName, resource)) this.#turns.add(watch, { isChanged: true });
  }

  /** Rules changed: every subscriber of the resource is judged anew and told what that means for it. */
  authorisationChanged(packageName: string, resource: string): void {
    for (const watch of this.#watches.ofResource(packageName, resource)) this.#turns.add(watch, { mustBeJudged: true });
  }

  /** Ends all subscriptions to a resource, as when its account is removed. */
  endResource(packageName: string, resource: string, reason: TerminationReason): void {
    for (const watch of this.#watches.ofResource(packageName, resource)) this.#turns.add(watch, { end: reason });
  }

  /** Ends all subscriptions of one subscriber. */
  endSubscriber(subscriber: string, reason: TerminationReason): void {
    for (const watch of this.#watches.ofSubscriber(subscriber)) this.#turns.add(watch, { end: reason });
  }

  hasSubscriptions(packageName: string, resource: string): boolean {
    return this.#watches.countOf(packageName, resource) > 0;
  }

  /** Those that are alive, in no order. */
  subscriptionsTo(packageName: string, resource: string): SubscriptionSummary[] {
    const summaries: SubscriptionSummary[] = [];
    for (const watch of this.#watches.ofResource(packageName, resource)) {
      if (!isOver(watch) && watch.machine.state !== 'init') summaries.push(summaryOf(watch, this.#plan.clock));
    }
    return summaries;
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
    const { wish, subscriber, resource } = opening;
    const full = this.#watches.fullFor(wish.eventPackage.name, resource, subscriber);
    const refusal = refusalOf(judged) ?? limitAnswer(full);
    if (refusal !== undefined) return respond(refusal);
    const watch = newWatch(opening, judged === 'pending', this.#plan.clock.wall());
    this.#watches.add(watch);
    // What only asks is over with its answer: there is nothing to keep.
    if (watch.isQuestion) return this.#accept(watch, opening, respond);
    this.#opening.set(watch, {});
    void this.#writer.now({ kind: 'put', subscription: keptOf(watch, this.#prospectOf(opening, judged)) }).then(
      () => this.#opened(watch, opening, respond),
      (fault: unknown) => {
        ignoreStoreFault(fault);
        this.#opening.delete(watch);
        this.#drop(watch);
        respond(unavailable('Subscriptions Cannot Be Stored'));
      },
    );
    return undefined;
  }

  /** It is durable; what was decided about it meanwhile comes first. */
  #opened(watch: Watch, opening: Opening, respond: Respond): void {
    const { end, mustBeJudged } = this.#opening.get(watch) ?? {};
    this.#opening.delete(watch);
    const act = (judged: Authorisation): void => {
      const refusal = refusalOf(judged);
      if (refusal === undefined) {
        watch.isPending = judged === 'pending';
        return this.#accept(watch, opening, respond);
      }
      this.#drop(watch);
      this.#writer.later({ kind: 'remove', id: watch.id });
      return respond(refusal);
    };
    if (end !== undefined) return act(end === 'noresource' ? 'no-such-resource' : 'rejected');
    if (mustBeJudged !== true) return act(watch.isPending ? 'pending' : 'active');
    return decide(watch.eventPackage.authorise(watch.subscriber, watch.resource), act, (answer) => {
      this.#drop(watch);
      this.#writer.later({ kind: 'remove', id: watch.id });
      respond(answer);
    });
  }

  #accept(watch: Watch, { wish, contact, request }: Opening, respond: Respond): void {
    respond(acceptance(wish, contact, watch.dialog, recordRouteRows(request)));
    watch.wasPending = watch.isPending;
    const standing = watch.isPending ? 'pending' : 'active';
    this.#driver.run(watch, { kind: 'accepted', standing, expiresMs: wish.expires * 1_000 });
    if (!watch.isQuestion) this.#driver.tell(watch, 'subscribe');
  }

  #drop(watch: Watch): void {
    watch.isRemoved = true;
    this.#watches.remove(watch);
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
    const before = watch.dialog.remoteTarget;
    const refreshed = watch.dialog.refreshTarget(request);
    if (!refreshed.ok) return respond(refuse(400, refreshed.error).answer);
    const isMoved = before !== watch.dialog.remoteTarget;
    const prolong = (judged: Authorisation): void =>
      this.#prolong(watch, { ...incoming, wish, dialog: watch.dialog, isMoved }, judged, respond);
    return decide(watch.eventPackage.authorise(subscriber, resource), prolong, respond);
  }

  #prolong(watch: Watch, opening: Opening & { isMoved: boolean }, judged: Authorisation, respond: Respond): void {
    const { wish, contact, flow } = opening;
    if (isOver(watch)) return respond(unknownSubscription);
    const refusal = refusalOf(judged);
    if (refusal !== undefined) {
      respond(refusal);
      return this.#applyJudgement(watch, judged);
    }
    const isMoved = opening.isMoved || !isSameWay(watch.flow, flow) || wish.contentType !== watch.contentType;
    watch.flow = flow;
    watch.contentType = wish.contentType;
    watch.dialog.contact = contact;
    const prospect = this.#prospectOf(opening, judged);
    if (!isMoved || wish.expires === 0) {
      // What only prolongs may be lost in a crash: its subscriber is told of the end, and comes again.
      if (wish.expires > 0) this.#writer.later({ kind: 'refresh', progress: progressOf(watch, prospect) });
      return this.#prolonged(watch, opening, judged === 'pending', respond);
    }
    // The NOTIFY that follows the answer says all there is to say to whoever stands as before.
    if (watch.isPending !== (judged === 'pending')) this.#applyJudgement(watch, judged);
    void this.#writer.now({ kind: 'put', subscription: keptOf(watch, prospect) }).then(
      // What was decided meanwhile holds.
      () => this.#prolonged(watch, opening, watch.isPending, respond),
      (fault: unknown) => {
        ignoreStoreFault(fault);
        respond(unavailable('Subscriptions Cannot Be Stored'));
      },
    );
    return undefined;
  }

  #prolonged(watch: Watch, { wish, contact }: Opening, isPending: boolean, respond: Respond): void {
    if (isOver(watch)) return respond(unknownSubscription);
    const wasPending = watch.isPending;
    watch.isPending = isPending;
    watch.wasPending ||= isPending;
    respond(acceptance(wish, contact, watch.dialog, []));
    const standing = isPending ? 'pending' : 'active';
    this.#driver.run(watch, { kind: 'refreshed', standing, expiresMs: wish.expires * 1_000 });
    if (wasPending && !isPending) this.#driver.tell(watch, 'approved');
    return undefined;
  }

  #prospectOf({ wish }: Opening, judged: Authorisation): Prospect {
    const standing = judged === 'pending' ? 'pending' : 'active';
    return { standing, expiresAt: this.#plan.clock.wall() + wish.expires * 1_000 };
  }

  /** Its turn has come. */
  #work(watch: Watch, work: WatchWork): void {
    const opening = this.#opening.get(watch);
    if (opening !== undefined) {
      this.#opening.set(watch, { ...opening, ...work });
      return;
    }
    if (watch.isRemoved) return;
    if (work.end !== undefined) this.#driver.run(watch, { kind: 'ended', reason: work.end });
    if (work.isDue === true) this.#driver.run(watch, { kind: 'tick' });
    if (work.mustBeJudged === true) this.#judge(watch);
    // Whoever is being judged is told after that, with what they may see then.
    if (work.isChanged === true && watch.judgements === 0) this.#driver.run(watch, { kind: 'resource-changed' });
  }

  #judge(watch: Watch): void {
    const judged = watch.eventPackage.authorise(watch.subscriber, watch.resource);
    if (judged instanceof Promise) void this.#awaitJudgement(watch, judged);
    else this.#applyJudgement(watch, judged);
  }

  async #awaitJudgement(watch: Watch, judged: Promise<Authorisation>): Promise<void> {
    watch.judgements += 1;
    try {
      this.#applyJudgement(watch, await judged);
    } catch (fault) {
      ignoreStoreFault(fault);
      // Where the rules cannot be read, what was decided stays until they change again or the subscription is renewed.
      this.#driver.run(watch, { kind: 'resource-changed' });
    } finally {
      watch.judgements -= 1;
    }
  }

  #applyJudgement(watch: Watch, judged: Authorisation): void {
    if (isOver(watch)) return;
    if (judged === 'rejected') return this.#driver.run(watch, { kind: 'ended', reason: 'rejected' });
    if (judged === 'no-such-resource') return this.#driver.run(watch, { kind: 'ended', reason: 'noresource' });
    const wasPending = watch.isPending;
    watch.isPending = judged === 'pending';
    watch.wasPending ||= watch.isPending;
    this.#driver.run(watch, { kind: 'authorised', standing: judged });
    if (wasPending === watch.isPending) return;
    this.#driver.keep(watch);
    this.#driver.tell(watch, wasPending ? 'approved' : 'subscribe');
  }
}

function isSameWay(one: Flow, other: Flow): boolean {
  const { transport, remoteAddress, remotePort } = one;
  return transport === other.transport && remoteAddress === other.remoteAddress && remotePort === other.remotePort;
}

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
