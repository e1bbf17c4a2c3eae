/**
 * All streams of one principal. Reports go to each of them and are told when one has taken them; a stream that comes back
 * with Last-Event-ID gets again what it may have missed. Presence is paced, the last state always goes out.
 */
import { StoreFault } from '../../../base/store-fault.ts';
import type { Millis } from '../../../base/time/clock.ts';
import type { TimerHandle } from '../../../base/time/timers.ts';
import type { DeliveryReport } from '../../../model/delivery-report.ts';
import type { Address } from '../../../model/address.ts';
import { shownPresence } from '../presence-words.ts';
import type { EventSurroundings } from './event-hub.ts';
import type { EventStream, StreamPosition } from './event-stream.ts';
import type { StreamStanding } from './stream-watcher.ts';
import type { StreamTarget } from './stream-target.ts';

/** Reports read at once. */
const reportPageMax = 100;
/** How soon the store is asked again after it failed. */
const retryMs: Millis = 1000;

export interface OpenStream {
  readonly stream: EventStream;
  /** Wall time. */
  readonly openedAt: Millis;
  readonly target: StreamTarget;
  /** Whose presence it is told of. */
  readonly watched: ReadonlyMap<Address, WatchedPresence>;
  /** From where reports are sent again; undefined for what was not told yet. */
  resumeAfter: StreamPosition | undefined;
}

export interface WatchedPresence {
  /** As a watcher; whoever is told of themself is none. */
  standing: StreamStanding;
  wasPending: boolean;
  told: string | undefined;
  toldAt: Millis;
  timer: TimerHandle | undefined;
}

export class OwnEvents {
  readonly owner: Address;
  readonly streams = new Map<string, OpenStream>();
  readonly #surroundings: EventSurroundings;
  #isTelling = false;
  #isWanted = false;

  constructor(owner: Address, surroundings: EventSurroundings) {
    this.owner = owner;
    this.#surroundings = surroundings;
  }

  /** New reports may be in the store, or a stream came. */
  tellReports(): void {
    this.#isWanted = true;
    if (!this.#isTelling) void this.#tellAll();
  }

  /** `stream` is told of `presentity` as its owner may see it now, unless that is what it was told before. */
  tellPresence(open: OpenStream, presentity: Address): void {
    const watched = open.watched.get(presentity);
    if (watched === undefined || watched.timer !== undefined || open.stream.hasEnded) return;
    const { clock, timers, paceMs } = this.#surroundings;
    const waitMs = watched.told === undefined ? 0 : watched.toldAt + paceMs - clock.monotonic();
    if (waitMs > 0) {
      watched.timer = timers.at(clock.monotonic() + waitMs, () => {
        watched.timer = undefined;
        this.tellPresence(open, presentity);
      });
      return;
    }
    const { presence } = this.#surroundings;
    const isWatchable = presence.visibility(presentity, this.owner).handling !== 'confirm';
    const visible = presence.visiblePresence(presentity, this.owner, presence.current(presentity));
    const shown = isWatchable ? shownPresence(presentity, visible) : { address: presentity, visible: [] };
    const text = JSON.stringify(shown);
    // A change of what is hidden must not show itself.
    if (text === watched.told) return;
    watched.told = text;
    watched.toldAt = clock.monotonic();
    void open.stream.send('presence', shown);
  }

  tellRequest(watcher: Address): void {
    for (const { stream } of this.streams.values()) void stream.send('subscription', { address: watcher });
  }

  async #tellAll(): Promise<void> {
    this.#isTelling = true;
    try {
      while (this.#isWanted && this.streams.size > 0) {
        this.#isWanted = false;
        for (const open of this.streams.values()) if (open.resumeAfter !== undefined) await this.#resume(open);
        await this.#tellNew();
      }
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      const { timers, clock, log } = this.#surroundings;
      log.warn({ owner: this.owner, fault: fault.message }, 'reports wait for the store');
      timers.at(clock.monotonic() + retryMs, () => this.tellReports());
    } finally {
      this.#isTelling = false;
    }
  }

  /** What was told already, to a stream that may not have got it. */
  async #resume(open: OpenStream): Promise<void> {
    let after = open.resumeAfter?.report ?? 0;
    const first = await this.#surroundings.reports.reports({ owner: this.owner, protocol: 'http', limit: 1 });
    const end = first[0]?.number ?? Number.POSITIVE_INFINITY;
    for (;;) {
      const query = { owner: this.owner, protocol: 'http', after, limit: reportPageMax } as const;
      const page = await this.#surroundings.reports.reports(query);
      for (const report of page) {
        if (report.number >= end) break;
        await this.#send(open.stream, report);
        after = report.number;
      }
      if (page.length < reportPageMax || after >= end - 1) break;
    }
    open.resumeAfter = undefined;
  }

  async #tellNew(): Promise<void> {
    for (;;) {
      const page = await this.#surroundings.reports.reports({
        owner: this.owner,
        protocol: 'http',
        limit: reportPageMax,
      });
      const last = page.at(-1);
      if (last === undefined) return;
      let told = 0;
      for (const report of page) {
        const sent = [...this.streams.values()].map(({ stream }) => this.#send(stream, report));
        if (!(await Promise.all(sent)).includes(true)) break;
        told = report.number;
      }
      if (told > 0) await this.#surroundings.reports.told(this.owner, 'http', told);
      if (told < last.number) return;
    }
  }

  #send(stream: EventStream, { number, messageId: id, recipient, kind, state, at }: DeliveryReport): Promise<boolean> {
    const said = state === 'forwarded' ? 'delivered' : state;
    const data = { id, to: recipient, kind, state: said, at: new Date(at).toISOString() };
    return stream.send('report', data, number);
  }
}
