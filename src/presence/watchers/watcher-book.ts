/**
 * Watcher information (RFC 3857): who watches somebody now, who waits to, and what changed since it was last looked at. Who
 * is there is asked of the sources; only what is listened to is noted.
 */
import type { Millis } from '../../base/time/clock.ts';
import type { TimerHandle } from '../../base/time/timers.ts';
import type { Address } from '../../model/address.ts';
import type { RuleAction, WaitingWatcher } from '../ports.ts';
import { waitingMsMax, WaitingWatchers, type WaitingSurroundings } from './waiting-watchers.ts';
import type { Watcher, WatcherSource } from './watcher.ts';

/** Changes of one owner's watchers that are noted; whoever looked before the oldest of them sees everybody anew. */
export const changesNotedMax = 200;
/** Between two looks for those who have waited long enough. */
const giveUpEveryMs: Millis = 60_000;

export interface WatcherBookSurroundings extends WaitingSurroundings {
  /** What would become of a watcher now. */
  readonly handlingOf: (owner: Address, watcher: Address) => RuleAction;
  /** Whether anybody is told of the watchers of this owner. */
  readonly isListenedTo: (owner: Address) => boolean;
  readonly onChanged: (owner: Address) => void;
}

interface Notes {
  /** By id, the last change of each, in the order of the changes. */
  readonly changes: Map<string, { readonly number: number; readonly watcher: Watcher }>;
  /** The number of the last change that is not noted any more. */
  forgotten: number;
}

export class WatcherBook {
  readonly #surroundings: WatcherBookSurroundings;
  readonly #sources: WatcherSource[] = [];
  readonly #waiting: WaitingWatchers;
  readonly #notes = new Map<Address, Notes>();
  #number = 0;
  #timer: TimerHandle | undefined;

  constructor(surroundings: WatcherBookSurroundings) {
    this.#surroundings = surroundings;
    this.#waiting = new WaitingWatchers(surroundings);
  }

  addSource(source: WatcherSource): void {
    this.#sources.push(source);
  }

  /** Before a source tells of anything. Rejects with `StoreFault`. */
  async load(): Promise<void> {
    await this.#waiting.load();
    this.#giveUp();
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#waiting.stop();
  }

  /** Everybody who watches, asks to, or did: undecided ones first, then the newest. */
  watchersOf(owner: Address): Watcher[] {
    const watchers = this.#sources.flatMap((source) => source.watchersOf(owner));
    for (const waiting of this.#waiting.of(owner)) watchers.push(shownAs(waiting, 'waiting', 'timeout'));
    return watchers.sort(
      (one, other) => Number(other.isUndecided) - Number(one.isUndecided) || other.since - one.since,
    );
  }

  /** Who waits for a decision, each once, also those who have left meanwhile. */
  pendingFor(owner: Address): Address[] {
    const undecided = this.watchersOf(owner).filter(({ isUndecided }) => isUndecided);
    return [...new Set(undecided.map(({ address }) => address))];
  }

  /** Whether somebody asked before, and left. */
  hasAsked(owner: Address, watcher: Address): boolean {
    return [...this.#waiting.of(owner)].some((waiting) => waiting.watcher === watcher);
  }

  /** Stands for all changes so far. */
  get mark(): number {
    return this.#number;
  }

  /** Who changed since then, as they are or ended; undefined where that is not known any more. */
  since(owner: Address, mark: number): Watcher[] | undefined {
    const notes = this.#notes.get(owner);
    if (notes === undefined) return [];
    if (mark < notes.forgotten) return undefined;
    return [...notes.changes.values()].filter(({ number }) => number > mark).map(({ watcher }) => watcher);
  }

  /** A source tells what became of a watcher of its own. */
  changed(owner: Address, watcher: Watcher): void {
    this.#note(owner, watcher.status === 'terminated' ? this.#ended(owner, watcher) : this.#came(owner, watcher));
  }

  /** Rules or blocks changed: whoever waits may have been decided about. Sources see to their own. */
  judge(owner: Address): void {
    for (const waiting of this.#waiting.of(owner)) {
      const handling = this.#surroundings.handlingOf(owner, waiting.watcher);
      if (handling === 'confirm') continue;
      this.#waiting.remove(owner, waiting.watcher);
      this.#note(owner, shownAs(waiting, 'terminated', handling === 'allow' ? 'approved' : 'rejected'));
    }
  }

  /** The account is gone: nobody asks for it or in its name any more. */
  accountRemoved(address: Address): void {
    for (const { watcher } of this.#waiting.of(address)) this.#waiting.remove(address, watcher);
    for (const waiting of this.#waiting.askedBy(address)) {
      this.#waiting.remove(waiting.owner, address);
      this.#note(waiting.owner, shownAs(waiting, 'terminated', 'rejected'));
    }
    this.#notes.delete(address);
  }

  /** Whoever leaves before there was a decision is remembered (RFC 3857 4.7.1, waiting). */
  #ended(owner: Address, watcher: Watcher): Watcher {
    const { address, id, displayName, since, isUndecided, event } = watcher;
    if (!isUndecided || event !== 'timeout' || this.#isPending(owner, watcher)) return watcher;
    const endsAt = this.#surroundings.clock.wall() + waitingMsMax;
    const name = displayName === undefined ? {} : { displayName };
    const waiting: WaitingWatcher = { owner, watcher: address, id, ...name, since, endsAt };
    return this.#waiting.put(waiting) ? shownAs(waiting, 'waiting', 'timeout') : watcher;
  }

  /** Whoever waited and comes again does not wait any more. */
  #came(owner: Address, watcher: Watcher): Watcher {
    const before = this.#waiting.remove(owner, watcher.address);
    if (before !== undefined) this.#note(owner, shownAs(before, 'terminated', 'giveup'));
    return watcher;
  }

  /** By another subscription than this one. */
  #isPending(owner: Address, { address, id }: Watcher): boolean {
    const all = this.#sources.flatMap((source) => source.watchersOf(owner));
    return all.some((other) => other.address === address && other.id !== id && other.status === 'pending');
  }

  #giveUp(): void {
    const { clock, timers } = this.#surroundings;
    for (const waiting of this.#waiting.over(clock.wall())) {
      this.#waiting.remove(waiting.owner, waiting.watcher);
      this.#note(waiting.owner, shownAs(waiting, 'terminated', 'giveup'));
    }
    this.#timer = timers.at(clock.monotonic() + giveUpEveryMs, () => this.#giveUp());
  }

  #note(owner: Address, watcher: Watcher): void {
    this.#number += 1;
    if (!this.#surroundings.isListenedTo(owner)) {
      this.#notes.delete(owner);
      return;
    }
    const notes = this.#notes.get(owner) ?? newNotes(this.#number - 1);
    this.#notes.set(owner, notes);
    notes.changes.delete(watcher.id);
    notes.changes.set(watcher.id, { number: this.#number, watcher });
    for (const [id, { number }] of notes.changes) {
      if (notes.changes.size <= changesNotedMax) break;
      notes.changes.delete(id);
      notes.forgotten = number;
    }
    this.#surroundings.onChanged(owner);
  }
}

function newNotes(forgotten: number): Notes {
  return { changes: new Map(), forgotten };
}

function shownAs(waiting: WaitingWatcher, status: 'waiting' | 'terminated', event: Watcher['event']): Watcher {
  const { id, watcher: address, displayName, since, endsAt } = waiting;
  return { id, address, displayName, status, event, isUndecided: status === 'waiting', since, endsAt };
}
