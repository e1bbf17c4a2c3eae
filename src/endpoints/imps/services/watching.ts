/** Who is told of whose presence, for as long as their session lives: paced, the last state always, never what is hidden. */
import type { Millis } from '../../../base/time/clock.ts';
import type { TimerHandle } from '../../../base/time/timers.ts';
import type { Address } from '../../../model/address.ts';
import type { ImpsSurroundings } from '../imps-surroundings.ts';
import type { LiveSession } from '../session/live-session.ts';
import { attributesOfState } from '../words/presence-words.ts';
import { userIdOf } from '../words/user-ids.ts';

/** Presentities that one session is told of. */
export const watchedMax = 1_000;

interface Watched {
  asked: readonly string[] | 'all';
  told: string | undefined;
  toldAtMs: Millis;
  timer: TimerHandle | undefined;
}

export class Watching {
  readonly #surroundings: ImpsSurroundings;
  readonly #bySession = new Map<LiveSession, Map<Address, Watched>>();
  readonly #byPresentity = new Map<Address, Set<LiveSession>>();

  constructor(surroundings: ImpsSurroundings) {
    this.#surroundings = surroundings;
  }

  /** The present state is told at once; false beyond the limit. */
  add(session: LiveSession, presentity: Address, asked: readonly string[] | 'all'): boolean {
    const watched = this.#bySession.get(session) ?? new Map<Address, Watched>();
    const known = watched.get(presentity);
    if (known === undefined && watched.size >= watchedMax) return false;
    known?.timer?.cancel();
    watched.set(presentity, { asked, told: undefined, toldAtMs: 0, timer: undefined });
    this.#bySession.set(session, watched);
    const watchers = this.#byPresentity.get(presentity) ?? new Set();
    this.#byPresentity.set(presentity, watchers.add(session));
    this.#tell(session, presentity);
    return true;
  }

  remove(session: LiveSession, presentity: Address): void {
    const watched = this.#bySession.get(session);
    watched?.get(presentity)?.timer?.cancel();
    watched?.delete(presentity);
    if (watched?.size === 0) this.#bySession.delete(session);
    const watchers = this.#byPresentity.get(presentity);
    watchers?.delete(session);
    if (watchers?.size === 0) this.#byPresentity.delete(presentity);
  }

  ended(session: LiveSession): void {
    for (const presentity of this.#bySession.get(session)?.keys() ?? []) this.remove(session, presentity);
  }

  presenceChanged(presentity: Address): void {
    for (const session of this.#byPresentity.get(presentity) ?? []) this.#tell(session, presentity);
  }

  #tell(session: LiveSession, presentity: Address): void {
    const watched = this.#bySession.get(session)?.get(presentity);
    if (watched === undefined || watched.timer !== undefined) return;
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
    if (presence.visibility(presentity, session.owner).handling === 'confirm' && presentity !== session.owner) return;
    const visible = presence.visiblePresence(presentity, session.owner, presence.current(presentity));
    const subList = attributesOfState(visible.state, watched.asked);
    const text = JSON.stringify(subList);
    // A change of what is hidden must not show itself.
    if (text === watched.told) return;
    watched.told = text;
    watched.toldAtMs = now;
    const value = { presence: [{ userId: userIdOf(presentity), subLists: [subList] }] };
    const offered = session.offer({ name: 'PresenceNotification-Request', value }, false, `presence ${presentity}`);
    void offered.then((end) => {
      // It has not been told after all; the next change tells it whole.
      if (end.kind === 'unanswered' && end.why !== 'replaced') watched.told = undefined;
    });
  }
}
