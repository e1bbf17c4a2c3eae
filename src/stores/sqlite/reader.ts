/**
 * The reading connection of the main thread. Reads are small and indexed (tens of microseconds), see every write that was
 * awaited before, and never leave a transaction open, which would keep the log from being cut.
 */
import { DatabaseSync } from 'node:sqlite';
import { StoreFault } from '../../base/store-fault.ts';
import { storeFaultOf } from './sqlite-faults.ts';

/** The main thread waits no longer than this for another process that repairs the log after a crash. */
const busyTimeoutMs = 250;
const cacheKibibytes = 16_384;

export class Reader {
  readonly database: DatabaseSync;
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
    try {
      this.database = new DatabaseSync(file, { readOnly: true, returnArrays: true });
      this.database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}; PRAGMA cache_size = -${cacheKibibytes}`);
    } catch (error) {
      throw storeFaultOf(error, file);
    }
  }

  /** Whatever goes wrong in `read` rejects as a StoreFault. */
  async read<T>(read: () => T): Promise<T> {
    if (!this.database.isOpen) throw new StoreFault('the store is closed', false);
    try {
      return read();
    } catch (error) {
      throw storeFaultOf(error, this.#file);
    }
  }

  close(): void {
    if (this.database.isOpen) this.database.close();
  }
}
