/**
 * Who is told of whose presence, for as long as their session lives: paced, the last state always, never what is hidden. Each
 * is a watcher like those of other protocols (RFC 3857), and who is to be confirmed first asks the owner.
 */
import type { Millis } from '../../../base/time/clock.ts';
import type { TimerHandle } from '../../../base/time/timers.ts';
import type { Address } from '../../../model/address.ts';
import type { Watcher, WatcherEvent, WatcherSource } from '../../../presence/watchers/watcher.ts';
import type { ImpsSurroundings } from '../imps-surroundings.ts';
import type { LiveSession } from '../session/live-session.ts';
import { attributesOfState } from '../words/presence-words.ts';
import { userIdOf } from '../words/user-ids.ts';

/** Presentities that one session is told of. */
export const watchedMax = 1_000;

/** Who is blocked is told nothing and is no watcher. */
type Standing = 'pending' | 'active' | 'none';

/** Whoever looked once and has to be confirmed, with what they asked for, is remembered so often; the oldest goes. */
export const looksMax = 10_000;

interface Watched {
  readonly asked: readonly string[] | 'all';
  readonly isListed: boolean;
  readonly since: Millis;
  standing: Standing;
  wasPending: boolean;
  told: string | undefined;
  toldAtMs: Millis;
  timer: TimerHandle | undefined;
}

interface Wanted {
  readonly address: Address;
  readonly asked?: readonly string[] | 'all';
  readonly isListed?: boolean;
}

export class Watching implements WatcherSource {
  readonly #surroundings: ImpsSurroundings;
  readonly #bySession = new Map<LiveSession, Map<Address, Watched>>();
  readonly #byPresentity = new Map<Address, Set<LiveSession>>();
  /** By watcher and presentity. */
  readonly #looks = new Map<string, readonly string[]>();

  constructor(surroundings: ImpsSurroundings) {
    this.#surroundings = surroundings;
  }

  /** The present state is told at once; false beyond the limit. */
  add(session: LiveSession, { address: presentity, asked = 'all', isListed = false }: Wanted): boolean {
    const watched = this.#bySession.get(session) ?? new Map<Address, Watched>();
    const known = watched.get(presentity);
    if (known === undefined && watched.size >= watchedMax) return false;
    known?.timer?.cancel();
    const { standing = 'none', wasPending = false, since = this.#surroundings.clock.wall() } = known ?? {};
    watched.set(presentity, {
      asked,
      isListed: isListed && known?.isListed !== false,
      since,
      standing,
      wasPending,
      told: undefined,
      toldAtMs: 0,
      timer: undefined,
    });
    this.#bySession.set(session, watched);
    const watchers = this.#byPresentity.get(presentity) ?? new Set();
    this.#byPresentity.set(presentity, watchers.add(session));
    this.#keep(session);
    this.#update(session, presentity);
    return true;
  }

  remove(session: LiveSession, presentity: Address): void {
    this.#drop(session, presentity);
    this.#keep(session);
  }

  /** Nobody else's list is a reason to be told. */
  isWatchedAsListed(session: LiveSession, presentity: Address): boolean {
    return this.#bySession.get(session)?.get(presentity)?.isListed === true;
  }

  /** Somebody looks once who has to be confirmed first: the owner is asked, once for as long as it is undecided. */
  looked({ owner: watcher, targetId }: LiveSession, presentity: Address, asked: readonly string[] | 'all'): void {
    const { watchers, clock } = this.#surroundings;
    const key = `${watcher} ${presentity}`;
    this.#looks.delete(key);
    if (asked !== 'all') this.#looks.set(key, asked);
    const oldest = this.#looks.size > looksMax ? this.#looks.keys().next().value : undefined;
    if (oldest !== undefined) this.#looks.delete(oldest);
    const isPending = (): boolean => watchers.pendingFor(presentity).includes(watcher);
    if (isPending()) return;
    const once = { id: `${targetId}-once`, address: watcher, since: clock.wall(), isUndecided: true };
    watchers.changed(presentity, { ...once, status: 'terminated', event: 'timeout' });
    // Where nobody remembers who asked, the owner would be asked each time anew.
    if (isPending()) watchers.asks(presentity, watcher);
  }

  /** What the session keeps stays as it is. */
  ended(session: LiveSession): void {
    for (const presentity of this.#bySession.get(session)?.keys() ?? []) this.#drop(session, presentity);
  }

  presenceChanged(presentity: Address): void {
    for (const session of this.#byPresentity.get(presentity) ?? []) this.#update(session, presentity);
  }

  /** Nobody is told of somebody before it is known whom they block; where that cannot be read, not before the next change. */
  #update(session: LiveSession, presentity: Address): void {
    const update = (): void => {
      this.#judge(session, presentity);
      this.#tell(session, presentity);
    };
    const lists = this.#surroundings.blocks.listsOf(presentity);
    if (lists instanceof Promise) lists.then(update, () => undefined);
    else update();
  }

  watchersOf(owner: Address): readonly Watcher[] {
    return [...(this.#byPresentity.get(owner) ?? [])].flatMap((session) => {
      const watched = this.#bySession.get(session)?.get(owner);
      return watched === undefined || watched.standing === 'none' ? [] : [watcherOf(session, watched)];
    });
  }

  /** What somebody asked to see, in the words of the CSP; undefined where that is everything, or not said in these words. */
  askedBy(watcher: Address, presentity: Address): readonly string[] | undefined {
    const names = new Set<string>();
    for (const session of this.#byPresentity.get(presentity) ?? []) {
      if (session.owner !== watcher) continue;
      const asked = this.#bySession.get(session)?.get(presentity)?.asked ?? 'all';
      if (asked === 'all') return undefined;
      for (const name of asked) names.add(name);
    }
    return names.size === 0 ? this.#looks.get(`${watcher} ${presentity}`) : [...names];
  }

  #drop(session: LiveSession, presentity: Address): void {
    const watched = this.#bySession.get(session);
    const gone = watched?.get(presentity);
    gone?.timer?.cancel();
    watched?.delete(presentity);
    if (watched?.size === 0) this.#bySession.delete(session);
    const watchers = this.#byPresentity.get(presentity);
    watchers?.delete(session);
    if (watchers?.size === 0) this.#byPresentity.delete(presentity);
    if (gone === undefined || gone.standing === 'none' || session.owner === presentity) return;
    this.#surroundings.watchers.changed(presentity, endedWatcher(session, gone, 'timeout'));
  }

  /** What becomes of it as a watcher, and whether that is news for whoever is told of watchers. */
  #judge(session: LiveSession, presentity: Address): void {
    const watched = this.#bySession.get(session)?.get(presentity);
    if (watched === undefined) return;
    const before = watched.standing;
    watched.standing = this.#standingOf(session.owner, presentity);
    if (watched.standing === before || session.owner === presentity) return;
    const { watchers } = this.#surroundings;
    if (watched.standing === 'none') {
      watchers.changed(presentity, endedWatcher(session, { ...watched, standing: before }, 'rejected'));
      return;
    }
    watched.wasPending ||= watched.standing === 'pending';
    watchers.changed(presentity, watcherOf(session, watched));
    if (watched.standing === 'pending') watchers.asks(presentity, session.owner);
  }

  #standingOf(watcher: Address, presentity: Address): Standing {
    const { blocks, presence, settings } = this.#surroundings;
    if (watcher === presentity) return 'active';
    if (settings.blockedAnswer === 'refuse' && blocks.isKnownToBlock(presentity, watcher)) return 'none';
    const { handling } = presence.visibility(presentity, watcher);
    if (handling === 'confirm') return 'pending';
    return handling === 'block' ? 'none' : 'active';
  }

  #keep(session: LiveSession): void {
    const watched = [...(this.#bySession.get(session) ?? [])];
    session.details.watched = watched.map(([address, { asked, isListed }]) => ({
      address,
      ...(asked === 'all' ? {} : { asked }),
      ...(isListed ? { isListed } : {}),
    }));
  }

  #tell(session: LiveSession, presentity: Address): void {
    const watched = this.#bySession.get(session)?.get(presentity);
    if (watched === undefined || watched.timer !== undefined || watched.standing !== 'active') return;
    const { clock, timers, presence, settings } = this.#surroundings;
    const now = clock.monotonic();
    const waitMs = watched.told === undefined ? 0 : watched.toldAtMs + settings.paceMs - now;
    if (waitMs > 0) {
      watched.timer = timers.at(now + waitMs, () => {
        watched.timer = undefined;
        this.#tell(session, presentity);
      });
      return;
    }
    const visible = presence.visiblePresence(presentity, session.owner, presence.current(presentity));
    const subList = attributesOfState(visible.state, watched.asked);
    const text = JSON.stringify(subList);
    // A change of what is hidden must not show itself.
    if (text === watched.told) return;
    watched.told = text;
    watched.toldAtMs = now;
    const value = { presence: [{ userId: userIdOf(presentity), subLists: [subList] }] };
    const replaces = `presence ${presentity}`;
    void session.offer({ name: 'PresenceNotification-Request', value }, { replaces }).end.then((end) => {
      // It has not been told after all; the next change tells it whole.
      if (end.kind === 'unanswered' && end.why !== 'replaced') watched.told = undefined;
    });
  }
}

function watcherOf(session: LiveSession, { standing, wasPending, since }: Watched): Watcher {
  const isPending = standing === 'pending';
  return {
    id: session.targetId,
    address: session.owner,
    since,
    status: isPending ? 'pending' : 'active',
    event: !isPending && wasPending ? 'approved' : 'subscribe',
    isUndecided: isPending,
  };
}

/** `isUndecided`: it waited for a decision until then. */
function endedWatcher(session: LiveSession, watched: Watched, event: WatcherEvent): Watcher {
  const isUndecided = event === 'timeout' && watched.standing === 'pending';
  return { ...watcherOf(session, watched), status: 'terminated', event, isUndecided };
}
