/** An adapter under test, and how a suite gets one: for itself, or shared by tests that keep to addresses of their own. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { assert } from '../../src/base/assert.ts';
import type { Stores } from '../../src/stores/stores.ts';

export interface Subject {
  readonly stores: Stores;
  /** Closes the stores and opens what they left behind. */
  reopen(): Promise<void>;
  /** Closes the stores and removes what they left behind. */
  dispose(): Promise<void>;
}

export type OpenSubject = () => Promise<Subject>;

/** What a test sees: the stores of this moment. */
export interface StoresInUse {
  readonly stores: Stores;
  reopen(): Promise<void>;
}

export function useSharedStores(open: OpenSubject): StoresInUse {
  const use = new CurrentSubject(open);
  beforeAll(() => use.begin());
  afterAll(() => use.end());
  return use;
}

export function useFreshStores(open: OpenSubject): StoresInUse {
  const use = new CurrentSubject(open);
  beforeEach(() => use.begin());
  afterEach(() => use.end());
  return use;
}

class CurrentSubject implements StoresInUse {
  readonly #open: OpenSubject;
  #subject: Subject | undefined;

  constructor(open: OpenSubject) {
    this.#open = open;
  }

  get stores(): Stores {
    assert(this.#subject !== undefined, 'there are stores only while a test runs');
    return this.#subject.stores;
  }

  async reopen(): Promise<void> {
    await this.#subject?.reopen();
  }

  async begin(): Promise<void> {
    this.#subject = await this.#open();
  }

  async end(): Promise<void> {
    await this.#subject?.dispose();
    this.#subject = undefined;
  }
}
