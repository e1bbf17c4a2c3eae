/**
 * What is true of one person at a moment: what they publish, which clients they have, whether those can be reached, and
 * what follows from it. Where the contract leaves the moment of a change open, every possibility is a view of its own.
 */
import type { Millis } from '../../../src/base/time/clock.ts';
import type { WatcherRule } from '../../../src/presence/ports.ts';
import type { Lane } from './lane.ts';
import { Recent, type Sharing, sharingOf } from './sharing.ts';
import type { Values } from './wish.ts';

export interface View {
  readonly values: ReadonlyMap<string, Values>;
  readonly isSettled: boolean;
  readonly isPublished: boolean;
}

export interface Publication {
  tag: string;
  readonly meaning: ReadonlyMap<string, Values>;
  /** Of two that name an attribute the later one wins. */
  readonly order: number;
  expiresWall: Millis;
  /** By the wall clock it is over and by the time that passed it is not, or the other way round. */
  isUnsure: boolean;
}

export interface PersonRules {
  readonly deliverOn: 'register' | 'publish';
  readonly blockedAnswer: 'refuse' | 'accept';
  readonly visibleByDefault: '*' | readonly string[];
}

export class Person {
  readonly address: string;
  readonly publications = new Map<string, Publication>();
  readonly lanes = new Map<string, Lane>();
  readonly rules = new Recent<readonly WatcherRule[]>([]);
  readonly blocks = new Recent<ReadonlySet<string>>(new Set());
  /** Between the first login after an absence and what comes first, a publication or the end of the settling time. */
  settling: 'no' | 'yes' | 'unsure' = 'no';
  /** The newest time at which that ends. */
  settlesAt: Millis = 0;
  /** When there were last two clients at once. */
  hadChoiceUntil: Millis = Number.NEGATIVE_INFINITY;
  /** When a client last changed its place among the others: what stood in its line stays there. */
  reorderedAt: Millis = Number.NEGATIVE_INFINITY;
  readonly #policy: PersonRules;
  /** What each attribute may have been when it was last known. */
  #lastKnown: ReadonlyMap<string, readonly (Values | undefined)[]> = new Map();
  #securedLastKnown = this.#lastKnown;
  #views: readonly View[] | undefined;
  #former: { readonly views: readonly View[]; readonly until: Millis }[] = [];

  constructor(address: string, policy: PersonRules) {
    this.address = address;
    this.#policy = policy;
  }

  /** Makes a change; true when it changed anything that anybody could see. */
  change(at: Millis, act: () => void): boolean {
    const before = this.views;
    if (this.lanes.size > 1) this.hadChoiceUntil = at;
    act();
    if (this.lanes.size > 1) this.hadChoiceUntil = Number.POSITIVE_INFINITY;
    this.#views = undefined;
    if (areAlike(before, this.views)) return false;
    this.#former = [...this.#former.filter(({ until }) => until === at), { views: before, until: at }];
    this.#noteKnown();
    return true;
  }

  /** All that can be true now. */
  get views(): readonly View[] {
    return (this.#views ??= this.#compose());
  }

  /** Also what was true until this very moment, since what happens in one moment has no order that shows. */
  viewsWithin(now: Millis): readonly View[] {
    const former = this.#former.filter(({ until }) => until === now).flatMap(({ views }) => views);
    return former.length === 0 ? this.views : [...this.views, ...former];
  }

  lastKnown(attribute: string): readonly (Values | undefined)[] {
    return this.#lastKnown.get(attribute) ?? [undefined];
  }

  secure(): void {
    this.#securedLastKnown = this.#lastKnown;
  }

  forgetUnsecured(): void {
    const both = new Map(this.#lastKnown);
    for (const [name, values] of this.#securedLastKnown) both.set(name, distinct([...this.lastKnown(name), ...values]));
    this.#lastKnown = both;
  }

  /** Whatever `watcher` may be let see now. */
  sharings(watcher: string): Sharing[] {
    const { visibleByDefault: byDefault, blockedAnswer } = this.#policy;
    return this.rules.possible.flatMap((rules) =>
      this.blocks.possible.map((blocks) => {
        const isPolitelyBlocked = blockedAnswer === 'accept' && blocks.has(watcher);
        return sharingOf({ owner: this.address, watcher, rules, isPolitelyBlocked, byDefault });
      }),
    );
  }

  mayHaveBlocked(other: string): boolean {
    return this.blocks.possible.some((blocks) => blocks.has(other));
  }

  hasSurelyBlocked(other: string): boolean {
    return this.blocks.possible.every((blocks) => blocks.has(other));
  }

  #compose(): readonly View[] {
    const reachable = possibleReach([...this.lanes.values()]);
    const settled = this.settling === 'unsure' ? [true, false] : [this.settling === 'no'];
    return subsetsOfUnsure([...this.publications.values()]).flatMap((live) =>
      reachable.flatMap((isReachable) =>
        (live.length > 0 ? [true] : settled).map((isSettled) => this.#view(live, isReachable, isSettled)),
      ),
    );
  }

  #view(live: readonly Publication[], isReachable: boolean, isSettled: boolean): View {
    const values = new Map<string, Values>();
    for (const { meaning } of live.toSorted((a, b) => a.order - b.order)) {
      for (const [name, said] of meaning) values.set(name, said);
    }
    values.set('online', [String(isReachable)]);
    const isPublished = live.length > 0;
    const mayAssume = isReachable && isSettled && (this.#policy.deliverOn === 'register' || isPublished);
    if (mayAssume && !values.has('availability')) values.set('availability', ['available']);
    return { values, isSettled, isPublished };
  }

  #noteKnown(): void {
    const names = new Set(this.views.flatMap(({ values }) => [...values.keys()]));
    const next = new Map(this.#lastKnown);
    for (const name of names) {
      const now = this.views.map(({ values }) => values.get(name));
      const known = now.filter((values) => values !== undefined);
      next.set(name, distinct(known.length === now.length ? known : [...known, ...this.lastKnown(name)]));
    }
    this.#lastKnown = next;
  }
}

function distinct(list: readonly (Values | undefined)[]): readonly (Values | undefined)[] {
  return list.length < 2 ? list : [...new Map(list.map((values) => [JSON.stringify(values), values])).values()];
}

function possibleReach(lanes: readonly Lane[]): readonly boolean[] {
  if (lanes.some(({ state }) => state === 'up')) return [true];
  return lanes.some(({ state }) => state === 'unsure') ? [true, false] : [false];
}

/** At most a handful: clocks are seldom stepped. */
function subsetsOfUnsure(publications: readonly Publication[]): readonly (readonly Publication[])[] {
  let subsets: (readonly Publication[])[] = [publications.filter(({ isUnsure }) => !isUnsure)];
  for (const one of publications) {
    if (one.isUnsure) subsets = subsets.flatMap((subset) => [subset, [...subset, one]]);
  }
  return subsets;
}

function areAlike(one: readonly View[], other: readonly View[]): boolean {
  return one.length === other.length && one.every((view, at) => keyOf(view) === keyOf(other[at]));
}

function keyOf(view: View | undefined): string {
  if (view === undefined) return '';
  return JSON.stringify([[...view.values].toSorted(([a], [b]) => (a < b ? -1 : 1)), view.isSettled, view.isPublished]);
}
