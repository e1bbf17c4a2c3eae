/** Work for one key at a time, in the order in which it came (RFC 3903 6: publications of one presentity are ordered). */

/**
 * Waiting and running for one key: a burst of several devices is taken, also of more than may live at once, since some are
 * changes and removals. One more is refused.
 */
export const turnsMax = 1_024;
/** What those hold in memory together. */
export const turnBytesMax = 16 * 1_048_576;

interface Queue {
  length: number;
  bytes: number;
  /** Of the last that came. */
  tail: Promise<unknown>;
}

export class Turns {
  readonly #queues = new Map<string, Queue>();

  isBusy(key: string): boolean {
    return this.#queues.has(key);
  }

  /** Undefined when too many wait already, or hold too much. `job` holds so many `bytes`; it starts at once when none does. */
  take<T>(key: string, job: () => Promise<T>, bytes = 0): Promise<T> | undefined {
    const queue = this.#queues.get(key);
    if (queue === undefined) {
      const fresh: Queue = { length: 1, bytes, tail: noWork };
      this.#queues.set(key, fresh);
      const work = start(job);
      fresh.tail = work;
      return this.#ending(key, fresh, work, bytes);
    }
    if (queue.length >= turnsMax || queue.bytes + bytes > turnBytesMax) return undefined;
    queue.length += 1;
    queue.bytes += bytes;
    const work = queue.tail.then(job, job);
    queue.tail = work;
    return this.#ending(key, queue, work, bytes);
  }

  /** Whoever waits for the work finds its turn ended. */
  #ending<T>(key: string, queue: Queue, work: Promise<T>, bytes: number): Promise<T> {
    const end = (): void => {
      queue.length -= 1;
      queue.bytes -= bytes;
      if (queue.length === 0) this.#queues.delete(key);
    };
    return work.then(
      (done) => {
        end();
        return done;
      },
      (fault: unknown) => {
        end();
        throw fault;
      },
    );
  }
}

const noWork = Promise.resolve();

/** So that a job which throws before its first wait ends its turn too. */
function start<T>(job: () => Promise<T>): Promise<T> {
  try {
    return job();
  } catch (fault) {
    return fail(fault);
  }
}

async function fail(fault: unknown): Promise<never> {
  throw fault;
}
