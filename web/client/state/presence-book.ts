/** How everybody is, as far as this person may see it: asked for, and heard of. */
import { signal } from '@preact/signals';
import { Problem, type ApiClient } from '../../api/call.ts';
import type { Presence } from '../../api/shapes.ts';

export class PresenceBook {
  readonly all = signal<ReadonlyMap<string, Presence>>(new Map());
  /** Those of whom the server knows nothing. */
  readonly strangers = signal<ReadonlySet<string>>(new Set());
  readonly #api: ApiClient;
  /** Those of whom the server knows, so that it can tell of them. */
  readonly #known = new Set<string>();
  /** Counts what was heard of each. */
  readonly #heard = new Map<string, number>();

  constructor(api: ApiClient) {
    this.#api = api;
  }

  of(address: string): Presence | undefined {
    return this.all.value.get(address);
  }

  /** What somebody lets me see, and set conditions on; undefined while that is being found out. */
  visibleOf(address: string): readonly string[] | undefined {
    return this.of(address)?.visible;
  }

  /** It is newer than the answer to any question that is under way. */
  hear(shown: Presence): void {
    this.#heard.set(shown.address, this.#heardOf(shown.address) + 1);
    this.#put(shown);
  }

  /** Those who can be watched. */
  get watchable(): readonly string[] {
    return [...this.#known];
  }

  isUnasked(address: string): boolean {
    return !this.#known.has(address) && !this.strangers.value.has(address);
  }

  /** Whoever is asked about from now on may be somebody else than before. */
  forgetWhoIsKnown(): void {
    this.#known.clear();
    this.strangers.value = new Set();
  }

  /** True when the server knows somebody of that address. */
  async look(address: string): Promise<boolean> {
    const heard = this.#heardOf(address);
    const answer = await this.#ask(address);
    if (answer === 'none') return false;
    const isKnown = answer !== 'stranger';
    if (isKnown) this.#known.add(address);
    this.#beStranger(address, !isKnown);
    if (answer !== 'untold' && heard === this.#heardOf(address)) {
      this.#put(typeof answer === 'object' ? answer : { address, visible: [] });
    }
    return isKnown;
  }

  /** `none`: the server did not answer. `untold`: it is there, and what may be seen was not to be had. */
  async #ask(address: string): Promise<Presence | 'stranger' | 'hidden' | 'untold' | 'none'> {
    try {
      return await this.#api.call<Presence>('GET', `/v1/presence/${encodeURIComponent(address)}`);
    } catch (fault) {
      const status = fault instanceof Problem ? fault.status : 0;
      if (status === 404) return 'stranger';
      if (status === 403) return 'hidden';
      return status === 0 ? 'none' : 'untold';
    }
  }

  #beStranger(address: string, isOne: boolean): void {
    if (this.strangers.value.has(address) === isOne) return;
    const strangers = new Set(this.strangers.value);
    if (isOne) strangers.add(address);
    else strangers.delete(address);
    this.strangers.value = strangers;
  }

  #heardOf(address: string): number {
    return this.#heard.get(address) ?? 0;
  }

  #put(shown: Presence): void {
    this.all.value = new Map(this.all.value).set(shown.address, shown);
  }
}
