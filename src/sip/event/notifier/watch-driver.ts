/**
 * Drives the machine of each subscription: carries out what it puts out, tells it how its NOTIFYs ended, wakes it when its
 * time comes. Answers no SUBSCRIBE and decides about nobody.
 */
import { StoreFault } from '../../../base/store-fault.ts';
import type { Clock } from '../../../base/time/clock.ts';
import type { Timers } from '../../../base/time/timers.ts';
import type { DialogRequest } from '../../dialog/dialog-request.ts';
import type { Flow } from '../../registrar/ports.ts';
import type { DocumentFor, SubscriptionEvent, SubscriptionSummary } from '../event-package.ts';
import { notifiesPerRun } from '../ports.ts';
import { progressOf, prospectOf } from './kept/kept-watch.ts';
import { inputOfOutcome } from './notify-outcome.ts';
import type { NotifyOutcome } from './notify-outcome.ts';
import { createNotify, datagramBodyMax } from './notify-request.ts';
import type { Notification, SubscriptionInput } from './subscription.ts';
import type { SubscriptionWriter } from './kept/subscription-writer.ts';
import { toldState } from './told-state.ts';
import { isOver, summaryOf } from './watch-list.ts';
import { WatchDeadlines } from './turns/watch-deadlines.ts';
import type { Watch, WatchList } from './watch-list.ts';

/** Sends within a dialog: adds the Via, keeps to the flow, and says once how it ended. */
export interface DialogSender {
  send(request: DialogRequest, flow: Flow, onOutcome: (outcome: NotifyOutcome) => void): void;
}

export interface WatchDriverPlan {
  readonly watches: WatchList;
  readonly sender: DialogSender;
  readonly writer: SubscriptionWriter;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly onSubscriptionChanged?: (subscription: SubscriptionSummary, event: SubscriptionEvent) => void;
  /** Its time has come; `run` it with a tick when it is its turn. */
  readonly onDue: (watch: Watch) => void;
}

export class WatchDriver {
  readonly #plan: WatchDriverPlan;
  readonly #deadlines: WatchDeadlines;
  #isStopped = false;

  constructor(plan: WatchDriverPlan) {
    this.#plan = plan;
    this.#deadlines = new WatchDeadlines(plan.timers, plan.onDue);
  }

  /** Nothing is sent any more, and the end of what is under way says nothing. */
  stop(): void {
    this.#isStopped = true;
    this.#deadlines.stop();
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  run(watch: Watch, input: SubscriptionInput): void {
    if (watch.isRemoved || this.#isStopped) return;
    const wasOver = isOver(watch);
    // Whole milliseconds, which V8 keeps in place; a fraction is an object of its own, four for each subscription.
    const now = Math.ceil(this.#plan.clock.monotonic());
    for (const output of watch.machine.handle(input, now)) {
      if (output.kind === 'notify') this.#notify(watch, output.notification);
      else this.#remove(watch);
    }
    if (!wasOver && isOver(watch)) this.#forget(watch);
    this.arm(watch);
  }

  /** Wakes the subscription at its deadline from now on. */
  arm(watch: Watch): void {
    this.#deadlines.set(watch, watch.isRemoved ? undefined : watch.machine.deadline());
  }

  /** What it is now is written a moment later. */
  keep(watch: Watch): void {
    const prospect = prospectOf(watch, this.#plan.clock);
    if (prospect === undefined || watch.isQuestion) return;
    const progress = progressOf(watch, prospect);
    this.#plan.writer.later({ kind: 'refresh', progress }, () => {
      watch.keptCSeq = Math.max(watch.keptCSeq, progress.localCSeq);
    });
  }

  tell(watch: Watch, event: SubscriptionEvent): void {
    // A mere question that is answered is no news for whoever watches the watchers (RFC 3857 4.7.2).
    if (watch.isQuestion && !watch.isPending) return;
    this.#plan.onSubscriptionChanged?.(summaryOf(watch, this.#plan.clock), event);
  }

  #notify(watch: Watch, notification: Notification): void {
    const sentUnkept = watch.dialog.numbers.localCSeq - watch.keptCSeq;
    // After a crash a CSeq would be used twice (RFC 3261 12.2.1.1); the store has had time for thousands of NOTIFYs.
    if (sentUnkept >= notifiesPerRun) return this.run(watch, { kind: 'notify-failed', isGone: false });
    if (sentUnkept === notifiesPerRun / 2) this.keep(watch);
    const document = this.#documentFor(watch, notification);
    if (document instanceof Promise) void this.#notifyWhenRead(watch, notification, document);
    else this.#tellState(watch, notification, document);
    return undefined;
  }

  /** Nothing else is sent in this subscription meanwhile. */
  async #notifyWhenRead(watch: Watch, notification: Notification, reading: Promise<DocumentFor>): Promise<void> {
    let document: DocumentFor;
    try {
      document = await reading;
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      // Its end is told all the same.
      if (notification.state !== 'terminated') return this.run(watch, { kind: 'notify-failed', isGone: false });
    }
    return this.#tellState(watch, notification, document);
  }

  #tellState(watch: Watch, notification: Notification, document: DocumentFor): void {
    if (this.#isStopped) return;
    const isAnswer = notification.isAskedFor || notification.reason !== undefined;
    if (document === 'no-news') return this.run(watch, { kind: 'notify-omitted' });
    const told = toldState(notification.state, document);
    // A change that this watcher may not see is none: a NOTIFY would betray that there was something (RFC 6665 6.2).
    if (told === watch.told && !isAnswer) return this.run(watch, { kind: 'notify-omitted' });
    watch.told = told;
    if (document !== undefined) watch.version += 1;
    const { dialog, event, flow } = watch;
    const request = createNotify({ dialog, event, notification, document });
    this.#plan.sender.send(request, flow, (outcome) => this.#end(watch, outcome, document?.mark));
    if (notification.reason !== undefined) this.tell(watch, notification.reason);
    return undefined;
  }

  #end(watch: Watch, outcome: NotifyOutcome, mark: number | undefined): void {
    const input = inputOfOutcome(outcome);
    const hasArrived = input.kind !== 'notify-failed';
    watch.mark = hasArrived ? mark : undefined;
    // What did not arrive was not told: it is sent again although nothing is new.
    if (!hasArrived) watch.told = undefined;
    this.run(watch, input);
  }

  #documentFor(watch: Watch, notification: Notification): DocumentFor | Promise<DocumentFor> {
    const isLast = notification.state === 'terminated';
    // Who is turned away, or whose resource is gone, is told no state.
    if (isLast && notification.reason !== 'timeout') return undefined;
    const { id, subscriber, resource, contentType, version, isPending, eventPackage, dialog, event, flow } = watch;
    const { isAskedFor } = notification;
    const mark = isAskedFor || isLast || isPending ? undefined : watch.mark;
    const view = {
      subscriptionId: id,
      subscriber,
      resource,
      isPending,
      contentType,
      version,
      isAskedFor,
      isLast,
      mark,
    };
    const bodyBytesMax = () =>
      flow.transport === 'udp' ? datagramBodyMax({ dialog, event, notification }) : undefined;
    return eventPackage.document({ ...view, bodyBytesMax });
  }

  #remove(watch: Watch): void {
    watch.isRemoved = true;
    this.#plan.watches.remove(watch);
    // It ended without a word, because its subscriber is gone.
    if (watch.machine.state !== 'terminated') this.tell(watch, 'timeout');
  }

  #forget({ id, isQuestion }: Watch): void {
    if (!isQuestion) this.#plan.writer.later({ kind: 'remove', id });
  }
}
