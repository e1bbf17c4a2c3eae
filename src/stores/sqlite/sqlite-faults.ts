/**
 * What SQLite's result codes mean for a caller (sqlite.org/rescode.html): whether the same call may succeed later, whether
 * the whole transaction is lost with it, and a sentence that names the file.
 */
import { StoreFault } from '../../base/store-fault.ts';

export const BUSY = 5;
const LOCKED = 6;
const NO_MEMORY = 7;
const READ_ONLY = 8;
const IO_ERROR = 10;
export const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const PROTOCOL = 15;
export const NOT_A_DATABASE = 26;

const temporaryCodes: Readonly<Record<number, string>> = {
  [BUSY]: 'is locked by another process',
  [LOCKED]: 'is locked',
  [NO_MEMORY]: 'could not be worked on for want of memory',
  [READ_ONLY]: 'cannot be written',
  [IO_ERROR]: 'could not be read or written',
  [FULL]: 'could not grow: the disk is full',
  [CANNOT_OPEN]: 'could not be opened',
  [PROTOCOL]: 'could not be locked',
};

/** Any error that came out of SQLite, or of a call around it, as the one error that a port may reject with. */
export function storeFaultOf(error: unknown, file: string): StoreFault {
  if (error instanceof StoreFault) return error;
  const detail = error instanceof Error ? error.message : String(error);
  const code = primaryCodeOf(error);
  if (code === CORRUPT || code === NOT_A_DATABASE) {
    return new StoreFault(`the database ${file} is damaged (${detail}); restore it from a backup`, false, {
      cause: error,
    });
  }
  const temporary = code === undefined ? undefined : temporaryCodes[code];
  if (temporary !== undefined)
    return new StoreFault(`the database ${file} ${temporary} (${detail})`, true, { cause: error });
  return new StoreFault(`the database ${file} refused a statement (${detail})`, false, { cause: error });
}

/** True when not one statement is to blame but the disk, the file or its lock, so that the others fail too. */
export function concernsWholeFile(error: unknown): boolean {
  const code = primaryCodeOf(error);
  return code !== undefined && (code === CORRUPT || code === NOT_A_DATABASE || code in temporaryCodes);
}

/** The low byte is the primary code; the rest of an extended code says more than anybody here needs. */
export function primaryCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}
