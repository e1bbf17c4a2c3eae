/** Who is told of whose presence, for as long as their session lives: paced, the last state always, never what is hidden. */
import type { Millis } from '../../../base/time/clock.ts';
import type { TimerHandle } from '../../../base/time/timers.ts';
import type { Address } from '../../../model/address.ts';
import type { Watcher } from '../../../presence/watchers/watcher.ts';
import type { ImpsSurroundings } from '../imps-surroundings.ts';
import type { LiveSession } from '../session/live-session.ts';
import { attributesOfState } from '../words/presence-words.ts';
import { userIdOf } from '../words/user-ids.ts';

/** Presentities that one session is told of. */
export const watchedMax = 1_000;

/** As a watcher of somebody else; whoever is blocked is none. */
type Standing = 'pending' | 'active' | 'none';

interface Watched {
  readonly sinceMs: Millis;
  standing: Standing;
  wasPending: boolean;
  asked: readonly string[] | 'all';
  told: string | undefined;
  toldAtMs: Millis;
  timer: TimerHandle | undefined;
}

export class Watching {
  readonly #surroundings: ImpsSurroundings;
  readonly #asks: (presentity: Address, watcher: Address) => void;
  readonly #bySession = new Map<LiveSession, Map<Address, Watched>>();
  readonly #byPresentity = new Map<Address, Set<LiveSession>>();

  /** `asks`: somebody waits for a decision of the presentity. */
  constructor(surroundings: ImpsSurroundings, asks: (presentity: Address, watcher: Address) => void) {
    this.#surroundings = surroundings;
    this.#asks = asks;
  }

  watchersOf(owner: Address): Watcher[] {
    return [...(this.#byPresentity.get(owner) ?? [])].flatMap((session) => {
      const watched = this.#bySession.get(session)?.get(owner);
      return watched === undefined || watched.standing === 'none' ? [] : [shownWatcher(session, owner, watched)];
    });
  }

  /** The present state is told at once; false beyond the limit. */
  add(session: LiveSession, presentity: Address, asked: readonly string[] | 'all'): boolean {
    const watched = this.#bySession.get(session) ?? new Map<Address, Watched>();
    const known = watched.get(presentity);
    if (known === undefined && watched.size >= watchedMax) return false;
    known?.timer?.cancel();
    const standing = known?.standing ?? 'none';
    const sinceMs = known?.sinceMs ?? this.#surroundings.clock.wall();
    const wasPending = known?.wasPending ?? false;
    watched.set(presentity, { sinceMs, standing, wasPending, asked, told: undefined, toldAtMs: 0, timer: undefined });
    this.#bySession.set(session, watched);
    const watchers = this.#byPresentity.get(presentity) ?? new Set();
    this.#byPresentity.set(presentity, watchers.add(session));
    this.#tell(session, presentity);
    return true;
  }

  remove(session: LiveSession, presentity: Address): void {
    const watched = this.#bySession.get(session);
    const ended = watched?.get(presentity);
    ended?.timer?.cancel();
    watched?.delete(presentity);
    if (watched?.size === 0) this.#bySession.delete(session);
    const watchers = this.#byPresentity.get(presentity);
    watchers?.delete(session);
    if (watchers?.size === 0) this.#byPresentity.delete(presentity);
    if (ended === undefined || ended.standing === 'none') return;
    const isUndecided = ended.standing === 'pending';
    const last = {
      ...shownWatcher(session, presentity, ended),
      status: 'terminated',
      event: 'timeout',
      isUndecided,
    } as const;
    this.#surroundings.watchers.changed(presentity, last);
  }

  ended(session: LiveSession): void {
    for (const presentity of this.#bySession.get(session)?.keys() ?? []) this.remove(session, presentity);
  }

  presenceChanged(presentity: Address): void {
    for (const session of this.#byPresentity.get(presentity) ?? []) this.#tell(session, presentity);
  }

  /** What becomes of the session as a watcher, and whether that is news for whoever is told of watchers. */
  #judge(session: LiveSession, presentity: Address, watched: Watched): void {
    if (presentity === session.owner) return;
    const { presence, watchers } = this.#surroundings;
    const { handling } = presence.visibility(presentity, session.owner);
    const before = watched.standing;
    watched.standing = handling === 'confirm' ? 'pending' : handling === 'block' ? 'none' : 'active';
    if (watched.standing === before) return;
    watched.wasPending ||= watched.standing === 'pending';
    const shown = shownWatcher(session, presentity, watched);
    const isGone = watched.standing === 'none';
    const rejected = { ...shown, status: 'terminated', event: 'rejected', isUndecided: false } as const;
    watchers.changed(presentity, isGone ? rejected : shown);
    if (watched.standing === 'pending') this.#asks(presentity, session.owner);
  }

  #tell(session: LiveSession, presentity: Address): void {
    const watched = this.#bySession.get(session)?.get(presentity);
    if (watched === undefined) return;
    this.#judge(session, presentity, watched);
    if (watched.timer !== undefined) return;
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
    // Who has not been allowed yet is told nothing.
    if (watched.standing === 'pending') return;
    const visible = presence.visiblePresence(presentity, session.owner, presence.current(presentity));
    const subList = attributesOfState(visible.state, watched.asked);
    const text = JSON.stringify(subList);
    // A change of what is hidden must not show itself.
    if (text === watched.told) return;
    watched.told = text;
    watched.toldAtMs = now;
    const value = { presence: [{ userId: userIdOf(presentity), subLists: [subList] }] };
    const offer = session.offer(
      { name: 'PresenceNotification-Request', value },
      { replaces: `presence ${presentity}` },
    );
    void offer.end.then((end) => {
      // It has not been told after all; the next change tells it whole.
      if (end.kind === 'unanswered' && end.why !== 'replaced') watched.told = undefined;
    });
  }
}

function shownWatcher(session: LiveSession, presentity: Address, watched: Watched): Watcher {
  const { standing, wasPending, sinceMs } = watched;
  return {
    id: `${session.id} ${presentity}`,
    address: session.owner,
    status: standing === 'pending' ? 'pending' : 'active',
    event: standing === 'active' && wasPending ? 'approved' : 'subscribe',
    isUndecided: standing === 'pending',
    since: sinceMs,
  };
}
