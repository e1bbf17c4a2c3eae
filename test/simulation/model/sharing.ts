/**
 * Who lets whom see what, by contract section 7. What an operator changes is in effect within a second; until then either
 * answer is right.
 */
import type { WatcherRule } from '../../../src/presence/ports.ts';

/** A value that somebody changed a moment ago may still be the old one. */
export class Recent<T> {
  #now: T;
  #before: readonly { readonly value: T; readonly change: number }[] = [];
  #changes = 0;

  constructor(value: T) {
    this.#now = value;
  }

  /** The newest first. */
  get possible(): readonly T[] {
    return [this.#now, ...this.#before.map(({ value }) => value)];
  }

  get newest(): T {
    return this.#now;
  }

  get isCertain(): boolean {
    return this.#before.length === 0;
  }

  /** Answers the number of this change. */
  set(value: T): number {
    this.#changes += 1;
    this.#before = [{ value: this.#now, change: this.#changes }, ...this.#before];
    this.#now = value;
    return this.#changes;
  }

  /** What this change and those before it took away is not to be met any more; without a number, everything. */
  settle(upTo = Number.POSITIVE_INFINITY): void {
    this.#before = this.#before.filter(({ change }) => change > upTo);
  }
}

/** `fake`: what a politely blocked watcher is shown; a set, or everything, for the others. */
export type Sharing = 'fake' | '*' | ReadonlySet<string>;

export interface SharingFacts {
  readonly owner: string;
  readonly watcher: string;
  readonly rules: readonly WatcherRule[];
  /** Blocked by a list of blocks that is to look like a polite block. */
  readonly isPolitelyBlocked: boolean;
  readonly byDefault: '*' | readonly string[];
}

const nothing: ReadonlySet<string> = new Set();

export function sharingOf({ owner, watcher, rules, isPolitelyBlocked, byDefault }: SharingFacts): Sharing {
  if (owner === watcher) return '*';
  if (isPolitelyBlocked) return 'fake';
  const named = rules.filter(({ watchers }) => watchers !== '*' && (watchers as readonly string[]).includes(watcher));
  if (named.some(({ action }) => action === 'polite-block')) return 'fake';
  if (named.some(({ action }) => action === 'block')) return nothing;
  const forAll = rules.filter(({ watchers }) => watchers === '*');
  const allows = [...named, ...forAll].filter(({ action }) => action === 'allow');
  const blocksAll = forAll.filter(({ action }) => action === 'block' || action === 'polite-block');
  // A block for everybody beats only the default.
  const fromDefault = blocksAll.length > 0 ? [] : byDefault;
  if (allows.length > 0) return union([...allows.map(({ attributes }) => attributes), fromDefault]);
  if (named.some(({ action }) => action === 'confirm')) return nothing;
  if (blocksAll.length > 0) return blocksAll.some(({ action }) => action === 'polite-block') ? 'fake' : nothing;
  if (forAll.some(({ action }) => action === 'confirm')) return nothing;
  return union([byDefault]);
}

export function shares(sharing: Sharing, attribute: string): boolean {
  return sharing === 'fake' || sharing === '*' || sharing.has(attribute);
}

function union(lists: readonly ('*' | readonly string[])[]): Sharing {
  if (lists.includes('*')) return '*';
  return new Set(lists.flat());
}
