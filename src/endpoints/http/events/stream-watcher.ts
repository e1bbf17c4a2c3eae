/** A stream that is told of somebody's presence, as a watcher among others (RFC 3857 4.7.1). */
import type { Address } from '../../../model/address.ts';
import type { RuleAction } from '../../../presence/ports.ts';
import type { Watcher, WatcherEvent } from '../../../presence/watchers/watcher.ts';
import type { OpenStream, WatchedPresence } from './own-events.ts';

/** Who is blocked is told nothing and is no watcher. */
export type StreamStanding = 'pending' | 'active' | 'none';

export function standingOf(handling: RuleAction): StreamStanding {
  if (handling === 'confirm') return 'pending';
  return handling === 'block' ? 'none' : 'active';
}

/** As it stands; undefined for one that is none. */
export function streamWatcher(address: Address, open: OpenStream, watched: WatchedPresence): Watcher | undefined {
  const { standing, wasPending } = watched;
  if (standing === 'none') return undefined;
  const event = standing === 'active' && wasPending ? 'approved' : 'subscribe';
  return { ...watcherOf(address, open), status: standing, event, isUndecided: standing === 'pending' };
}

/** As it ends; `isUndecided`: it waited for a decision until then. */
export function endedWatcher(address: Address, open: OpenStream, event: WatcherEvent, isUndecided: boolean): Watcher {
  return { ...watcherOf(address, open), status: 'terminated', event, isUndecided };
}

function watcherOf(address: Address, { stream, openedAt }: OpenStream): Pick<Watcher, 'id' | 'address' | 'since'> {
  return { id: stream.id, address, since: openedAt };
}
