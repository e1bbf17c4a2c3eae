/** Work for one key at a time, in the order in which it came (RFC 3903 6: publications of one presentity are ordered). */

/** Waiting and running for one key, so that a burst of as many publications as may live is taken; one more is refused. */
export const turnsMax = 256;

interface Queue {
  length: number;
  tail: Promise<unknown>;
}

export class Turns {
  readonly #queues = new Map<string, Queue>();

  isBusy(key: string): boolean {
    return this.#queues.has(key);
  }

  /** Undefined when too many wait already. `job` starts at once when none does. */
  take<T>(key: string, job: () => Promise<T>): Promise<T> | undefined {
    const queue = this.#queues.get(key);
    if (queue === undefined) {
      const fresh: Queue = { length: 0, tail: Promise.resolve() };
      this.#queues.set(key, fresh);
      return this.#run(key, fresh, start(job));
    }
    if (queue.length >= turnsMax) return undefined;
    return this.#run(key, queue, queue.tail.then(job, job));
  }

  async #run<T>(key: string, queue: Queue, work: Promise<T>): Promise<T> {
    queue.length += 1;
    queue.tail = work;
    try {
      return await work;
    } finally {
      queue.length -= 1;
      if (queue.length === 0) this.#queues.delete(key);
    }
  }
}

/** So that a job which throws before its first wait ends its turn too. */
async function start<T>(job: () => Promise<T>): Promise<T> {
  return job();
}
