/**
 * Subscriptions over a restart of the server: read back, given their next NOTIFY, and written when it stops. Whoever has
 * missed something is told a moment later and not all at once, when clients have come back over new connections.
 */
import type { Clock, Millis } from '../../../../base/time/clock.ts';
import type { Timers } from '../../../../base/time/timers.ts';
import type { Flow } from '../../../registrar/ports.ts';
import type { EventPackage } from '../../event-package.ts';
import { notifiesPerRun, type KeptSubscription, type SubscriptionStore } from '../../ports.ts';
import { progressOf, prospectOf, watchOf } from './kept-watch.ts';
import type { SubscriptionWriter } from './subscription-writer.ts';
import type { WatchDriver } from '../watch-driver.ts';
import type { Watch, WatchList } from '../watch-list.ts';
import type { WorkTurns } from '../turns/work-turns.ts';

/** After the start, before anybody is told what they missed. */
export const restoredAfterMs: Millis = 5_000;
/** So many of them are told at once, and the next ones after a pause. */
export const restoredPerPart = 100;
export const restoredPauseMs: Millis = 100;
/** Subscriptions that are read at once at the start. */
const pageSize = 2_000;
/** RFC 3261 8.1.1.5. */
const cseqMax = 2 ** 31 - 1;

export interface RestartPlan {
  readonly store: SubscriptionStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly packages: ReadonlyMap<string, EventPackage>;
  readonly watches: WatchList;
  readonly writer: SubscriptionWriter;
  readonly driver: WatchDriver;
  readonly turns: WorkTurns;
}

export class Restart {
  readonly #plan: RestartPlan;
  #restored: Watch[] = [];
  /** Their time was over before the start. */
  #ended: Watch[] = [];

  constructor(plan: RestartPlan) {
    this.#plan = plan;
  }

  async load(): Promise<void> {
    const { store } = this.#plan;
    let after: string | undefined;
    do {
      const page = await store.subscriptions(after, pageSize);
      for (const kept of page) this.#restore(kept);
      after = page.at(-1)?.id;
    } while (after !== undefined);
  }

  begin(contactFor: (flow: Flow, isSecure: boolean) => string): void {
    const { driver, clock, timers } = this.#plan;
    for (const watch of this.#restored) {
      watch.dialog.contact = contactFor(watch.flow, watch.dialog.remoteTarget.startsWith('sips:'));
      driver.arm(watch);
    }
    for (const watch of this.#ended.splice(0)) driver.tell(watch, 'timeout');
    if (this.#restored.length > 0) timers.at(clock.monotonic() + restoredAfterMs, () => this.#tellPart(0));
  }

  /** With what each subscriber was told, so that the next run need not tell it again. */
  writeAll(): void {
    const { watches, writer, clock } = this.#plan;
    for (const watch of watches.all()) {
      const prospect = prospectOf(watch, clock);
      if (prospect === undefined) continue;
      // What is under way may not arrive.
      const told = watch.machine.isTelling ? undefined : watch.told;
      const progress = { ...progressOf(watch, prospect), ...(told === undefined ? {} : { told }) };
      writer.later({ kind: 'refresh', progress });
    }
  }

  #restore(kept: KeptSubscription): void {
    const { packages, watches, writer, clock } = this.#plan;
    const eventPackage = packages.get(kept.packageName);
    const isUsable = eventPackage !== undefined && kept.localCSeq < cseqMax - notifiesPerRun;
    if (eventPackage === undefined || !isUsable || kept.expiresAt <= clock.wall()) {
      writer.later({ kind: 'remove', id: kept.id });
      if (eventPackage !== undefined) this.#ended.push({ ...watchOf(kept, eventPackage, clock), isRemoved: true });
      return;
    }
    const watch = watchOf(kept, eventPackage, clock);
    watches.add(watch);
    this.#restored.push(watch);
  }

  #tellPart(from: number): void {
    const { turns, clock, timers } = this.#plan;
    const end = from + restoredPerPart;
    for (const watch of this.#restored.slice(from, end)) turns.add(watch, { mustBeJudged: true, isChanged: true });
    if (end < this.#restored.length) timers.at(clock.monotonic() + restoredPauseMs, () => this.#tellPart(end));
    else this.#restored = [];
  }
}
