/**
 * Everybody's streams: each is a client of its principal for delivery, and hears of reports, of presence, and of who asks to
 * watch. Remembers for a moment what was acknowledged, since a message that was passed straight on leaves no trace.
 */
import { LRUCache } from 'lru-cache';
import type { ClientDelivery } from '../../../accounts/ports.ts';
import type { Counters } from '../../../base/counters.ts';
import type { IdSource } from '../../../base/ids.ts';
import type { Log } from '../../../base/log.ts';
import type { Clock, Millis } from '../../../base/time/clock.ts';
import type { Timers } from '../../../base/time/timers.ts';
import type { DeliveryService } from '../../../delivery/delivery-service.ts';
import type { ReportDesk } from '../../../delivery/desks/report-desk.ts';
import type { Address } from '../../../model/address.ts';
import type { Watcher } from '../../../presence/watchers/watcher.ts';
import type { PresenceService } from '../../../presence/presence-service.ts';
import { EventStream, heartbeatMs, type EventWire, type StreamPosition } from './event-stream.ts';
import { type OpenStream, OwnEvents, type WatchedPresence } from './own-events.ts';
import { endedWatcher, standingOf, streamWatcher } from './stream-watcher.ts';
import { StreamTarget } from './stream-target.ts';

/** Streams of one principal at once; one more is refused. */
export const streamsPerPrincipalMax = 16;
/** Presentities that one stream is told of. */
export const watchedMax = 100;
/** Acknowledged messages that are remembered, so that an acknowledgement can be repeated. */
const takenMax = 20_000;

export interface EventSurroundings {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: IdSource;
  readonly log: Log;
  readonly counters: Counters;
  readonly delivery: Pick<DeliveryService, 'targetUp' | 'targetDown'>;
  readonly reports: Pick<ReportDesk, 'reports' | 'told'>;
  readonly presence: PresenceService;
  /** The least time between two events about one presentity on one stream; 0 = none. */
  readonly paceMs: Millis;
  /** A stream became a watcher of somebody, or another one, or none. */
  readonly onWatcherChanged: (owner: Address, watcher: Watcher) => void;
}

export interface StreamWish {
  readonly owner: Address;
  readonly style: ClientDelivery;
  /** Besides the owner. */
  readonly watched: readonly Address[];
  readonly position: StreamPosition | undefined;
}

export class EventHub {
  readonly #surroundings: EventSurroundings;
  readonly #own = new Map<Address, OwnEvents>();
  /** Who is told of whose presence. */
  readonly #watchers = new Map<Address, Set<OwnEvents>>();
  readonly #taken = new LRUCache<string, true>({ max: takenMax });
  #streams = 0;

  constructor(surroundings: EventSurroundings) {
    this.#surroundings = surroundings;
    surroundings.counters.gauge('restante_event_streams', () => this.#streams);
  }

  /** Undefined when the principal has as many as it may. The caller tells when the connection is gone. */
  open({ owner, style, watched, position }: StreamWish, wire: EventWire): { closed(): void } | undefined {
    const own = this.#ownOf(owner);
    if (own.streams.size >= streamsPerPrincipalMax) return undefined;
    const { ids, delivery } = this.#surroundings;
    const stream = new EventStream(ids.timeOrderedId(), wire, position ?? { report: 0, event: 0 });
    const open = this.#openOf(stream, style, [owner, ...watched], position);
    if (!delivery.targetUp(owner, open.target)) {
      this.#dropIfEmpty(own);
      return undefined;
    }
    own.streams.set(stream.id, open);
    this.#streams += 1;
    for (const presentity of open.watched.keys()) {
      this.#watch(own, presentity);
      this.#judge(own, open, presentity);
      own.tellPresence(open, presentity);
    }
    own.tellReports();
    this.#beat(stream);
    return { closed: () => this.#closed(own, open) };
  }

  /** The message is its recipient's; true when a stream was waiting for that. */
  taken(recipient: Address, id: string): void {
    this.#taken.set(`${recipient} ${id}`, true);
    for (const { target } of this.#own.get(recipient)?.streams.values() ?? []) target.taken(id);
  }

  turnedAway(recipient: Address, id: string): void {
    for (const { target } of this.#own.get(recipient)?.streams.values() ?? []) target.turnedAway(id);
  }

  /** A stream has it and has not said yet what becomes of it. */
  isOffered(recipient: Address, id: string): boolean {
    const streams = this.#own.get(recipient)?.streams.values() ?? [];
    return [...streams].some(({ target }) => target.isOffered(id));
  }

  /** It was acknowledged a moment ago. */
  wasTaken(recipient: Address, id: string): boolean {
    return this.#taken.has(`${recipient} ${id}`);
  }

  /** From now on what waits comes in another way. */
  styleChanged(owner: Address, style: ClientDelivery): void {
    const own = this.#own.get(owner);
    for (const [id, open] of own?.streams ?? []) {
      if (open.target.style === style) continue;
      const target = new StreamTarget(open.stream, style, this.#surroundings);
      own?.streams.set(id, { ...open, target });
      // One takes the place of the other, so that its owner is not away in between.
      this.#surroundings.delivery.targetUp(owner, target);
      open.target.closed();
    }
  }

  reportsMade(owner: Address): void {
    this.#own.get(owner)?.tellReports();
  }

  presenceChanged(presentity: Address): void {
    for (const own of this.#watchers.get(presentity) ?? []) {
      for (const open of own.streams.values()) {
        this.#judge(own, open, presentity);
        own.tellPresence(open, presentity);
      }
    }
  }

  /** Streams that are told of somebody's presence, or wait to be. */
  watchersOf(owner: Address): Watcher[] {
    const watchers: Watcher[] = [];
    for (const own of this.#watchers.get(owner) ?? []) {
      for (const open of own.streams.values()) {
        const watched = open.watched.get(owner);
        const watcher = watched === undefined ? undefined : streamWatcher(own.owner, open, watched);
        if (watcher !== undefined) watchers.push(watcher);
      }
    }
    return watchers;
  }

  /** Of the open streams of somebody, as delivery knows them; the newest first. */
  targetsOf(owner: Address): string[] {
    return [...(this.#own.get(owner)?.streams.values() ?? [])].map(({ target }) => target.id).toReversed();
  }

  /** Everybody's, for whoever runs the server. */
  *openStreams(): IterableIterator<{ owner: Address; style: string; openedAt: Millis }> {
    for (const { owner, streams } of this.#own.values()) {
      for (const { target, openedAt } of streams.values()) yield { owner, style: target.style, openedAt };
    }
  }

  /** Somebody asks to watch and was told to wait. */
  watcherAsks(owner: Address, watcher: Address): void {
    this.#own.get(owner)?.tellRequest(watcher);
  }

  /** The account is gone, or its password changed: whoever listens has to sign in again. */
  endOf(owner: Address): void {
    for (const { stream } of this.#own.get(owner)?.streams.values() ?? []) stream.end();
  }

  stop(): void {
    for (const own of this.#own.values()) for (const { stream } of own.streams.values()) stream.end();
  }

  #openOf(
    stream: EventStream,
    style: ClientDelivery,
    presentities: readonly Address[],
    resumeAfter: StreamPosition | undefined,
  ): OpenStream {
    const watched = new Map<Address, WatchedPresence>();
    for (const presentity of presentities) {
      watched.set(presentity, { standing: 'none', wasPending: false, told: undefined, toldAt: 0, timer: undefined });
    }
    const openedAt = this.#surroundings.clock.wall();
    return { stream, openedAt, target: new StreamTarget(stream, style, this.#surroundings), watched, resumeAfter };
  }

  #closed(own: OwnEvents, { stream, watched }: OpenStream): void {
    const open = own.streams.get(stream.id);
    if (open === undefined) return;
    own.streams.delete(stream.id);
    this.#streams -= 1;
    stream.closed();
    this.#surroundings.delivery.targetDown(own.owner, open.target.id);
    open.target.closed();
    for (const [presentity, { timer, standing }] of watched) {
      timer?.cancel();
      this.#unwatch(own, presentity);
      if (standing === 'none') continue;
      const ended = endedWatcher(own.owner, open, 'timeout', standing === 'pending');
      this.#surroundings.onWatcherChanged(presentity, ended);
    }
    this.#dropIfEmpty(own);
  }

  /** What becomes of the stream as a watcher, and whether that is news for whoever is told of watchers. */
  #judge(own: OwnEvents, open: OpenStream, presentity: Address): void {
    const watched = open.watched.get(presentity);
    if (watched === undefined || presentity === own.owner) return;
    const before = watched.standing;
    watched.standing = standingOf(this.#surroundings.presence.visibility(presentity, own.owner).handling);
    if (watched.standing === before) return;
    watched.wasPending ||= watched.standing === 'pending';
    const watcher = streamWatcher(own.owner, open, watched) ?? endedWatcher(own.owner, open, 'rejected', false);
    this.#surroundings.onWatcherChanged(presentity, watcher);
  }

  #ownOf(owner: Address): OwnEvents {
    let own = this.#own.get(owner);
    if (own === undefined) {
      own = new OwnEvents(owner, this.#surroundings);
      this.#own.set(owner, own);
    }
    return own;
  }

  #dropIfEmpty(own: OwnEvents): void {
    if (own.streams.size === 0) this.#own.delete(own.owner);
  }

  #watch(own: OwnEvents, presentity: Address): void {
    const watchers = this.#watchers.get(presentity) ?? new Set();
    const isNew = !watchers.has(own);
    this.#watchers.set(presentity, watchers.add(own));
    const { handling } = this.#surroundings.presence.visibility(presentity, own.owner);
    if (isNew && handling === 'confirm') this.watcherAsks(presentity, own.owner);
  }

  #unwatch(own: OwnEvents, presentity: Address): void {
    if ([...own.streams.values()].some(({ watched }) => watched.has(presentity))) return;
    const watchers = this.#watchers.get(presentity);
    watchers?.delete(own);
    if (watchers?.size === 0) this.#watchers.delete(presentity);
  }

  #beat(stream: EventStream): void {
    const { clock, timers } = this.#surroundings;
    timers.at(clock.monotonic() + heartbeatMs, () => {
      if (stream.hasEnded) return;
      stream.beat();
      this.#beat(stream);
    });
  }
}
