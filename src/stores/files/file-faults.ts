/** What the file system refuses, as the one error that a port may reject with. All of it may be over a moment later. */
import { StoreFault } from '../../base/store-fault.ts';

const words: Readonly<Record<string, string>> = {
  ENOSPC: 'could not grow: the disk is full',
  EDQUOT: 'could not grow: the disk quota is used up',
  EFBIG: 'could not grow: the file system takes no such large file',
  EROFS: 'cannot be written',
  EACCES: 'may not be used',
  EMFILE: 'could not be opened: too many files are open',
  ENFILE: 'could not be opened: too many files are open',
};

export function fileFaultOf(error: unknown, path: string): StoreFault {
  if (error instanceof StoreFault) return error;
  const detail = error instanceof Error ? error.message : String(error);
  const what = words[codeOf(error) ?? ''] ?? 'could not be read or written';
  return new StoreFault(`the file ${path} ${what} (${detail})`, true, { cause: error });
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
