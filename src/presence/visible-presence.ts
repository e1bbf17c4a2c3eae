/**
 * A presentity's presence as one watcher may see it: what is allowed of the real one, nothing, or the fake that a politely
 * blocked watcher is shown (RFC 5025 3.2.1; contract section 3). Knows no rule; which of the three it is was decided before.
 */
import type { PresenceSnapshot } from '../model/presence-changed.ts';
import { emptyPresenceState, type AttributeName, type PresenceState } from '../model/presence-state.ts';
import { maySee, type Visibility, type VisibleAttributes } from './watcher-rules.ts';

export interface VisiblePresence {
  readonly state: PresenceState;
  readonly lastKnown: PresenceState;
  mayRead(attribute: AttributeName): boolean;
  readonly isSettled: boolean;
}

/** Shown to politely blocked watchers, in documents too. */
export const fakeState: PresenceState = new Map([
  ['online', ['false']],
  ['availability', ['not-available']],
]);

export function showPresence(snapshot: PresenceSnapshot, visibility: Visibility): VisiblePresence {
  const { handling, attributes } = visibility;
  if (handling === 'allow') return new AllowedPresence(snapshot, attributes);
  return handling === 'polite-block' ? fakePresence : hiddenPresence;
}

/** The state alone, for a document. */
export function filterState(state: PresenceState, attributes: VisibleAttributes): PresenceState {
  if (attributes === '*') return state;
  let visible: Map<AttributeName, readonly string[]> | undefined;
  for (const [name, values] of state) {
    if (maySee(attributes, name)) (visible ??= new Map<AttributeName, readonly string[]>()).set(name, values);
  }
  return visible === undefined ? emptyPresenceState : visible.size === state.size ? state : visible;
}

class AllowedPresence implements VisiblePresence {
  readonly #snapshot: PresenceSnapshot;
  readonly #attributes: VisibleAttributes;
  #state: PresenceState | undefined;

  constructor(snapshot: PresenceSnapshot, attributes: VisibleAttributes) {
    this.#snapshot = snapshot;
    this.#attributes = attributes;
  }

  /** Filtered when it is first asked for: a message without a condition needs none of it. */
  get state(): PresenceState {
    return (this.#state ??= filterState(this.#snapshot.state, this.#attributes));
  }

  get lastKnown(): PresenceState {
    return filterState(this.#snapshot.lastKnown, this.#attributes);
  }

  get isSettled(): boolean {
    return this.#snapshot.isSettled;
  }

  mayRead(attribute: AttributeName): boolean {
    return maySee(this.#attributes, attribute);
  }
}

/** What never was otherwise never changes, so the last known values of the fake are its values. */
const fakePresence: VisiblePresence = {
  state: fakeState,
  lastKnown: fakeState,
  isSettled: true,
  mayRead: () => true,
};

const hiddenPresence: VisiblePresence = {
  state: emptyPresenceState,
  lastKnown: emptyPresenceState,
  isSettled: true,
  mayRead: () => false,
};
